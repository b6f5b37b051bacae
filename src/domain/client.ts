/**
 * An application that asks for access: an MCP client, a web app, a command line. It enters the
 * log when somebody first consents to it (dynamic registration) or when an operator adds it.
 */
import { type Static, Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import { signingAlgorithms } from './signing-key.ts'

/** A key as RFC 7517 writes it, its public members alone. */
export const PublicJwk = Type.Object({
  kty: Type.String(),
  crv: Type.Optional(Type.String()),
  x: Type.Optional(Type.String()),
  y: Type.Optional(Type.String()),
  n: Type.Optional(Type.String()),
  e: Type.Optional(Type.String()),
  kid: Type.Optional(Type.String()),
  alg: Type.Optional(Type.String()),
})
export type PublicJwk = Static<typeof PublicJwk>

/** What a client says of itself, in our spelling. */
export const ClientMetadata = Type.Object({
  clientName: Type.String(),
  redirectUris: Type.Array(Type.String()),
  grantTypes: Type.Array(Type.String()),
  responseTypes: Type.Array(Type.String()),
  tokenEndpointAuthMethod: Type.Union([
    Type.Literal('none'),
    Type.Literal('client_secret_basic'),
    Type.Literal('client_secret_post'),
    Type.Literal('private_key_jwt'),
  ]),
  /** What it signs with; absent when any algorithm that is offered will do. */
  tokenEndpointAuthSigningAlg: Type.Optional(Type.String()),
  /** Its keys, or where it publishes them: never both. */
  jwks: Type.Optional(Type.Object({ keys: Type.Array(PublicJwk) })),
  jwksUri: Type.Optional(Type.String()),
  applicationType: Type.Union([Type.Literal('web'), Type.Literal('native')]),
  /** Space-separated; absent when the client asked for nothing in particular. */
  scope: Type.Optional(Type.String()),
  clientUri: Type.Optional(Type.String()),
  logoUri: Type.Optional(Type.String()),
  tosUri: Type.Optional(Type.String()),
  policyUri: Type.Optional(Type.String()),
  postLogoutRedirectUris: Type.Optional(Type.Array(Type.String())),
  /** Absent: RS256. */
  idTokenSignedResponseAlg: Type.Optional(
    Type.Union(signingAlgorithms.map((name) => Type.Literal(name))),
  ),
  softwareId: Type.Optional(Type.String()),
  softwareVersion: Type.Optional(Type.String()),
})
export type ClientMetadata = Static<typeof ClientMetadata>

// Events

export const ClientRegistered = defineEvent('ClientRegistered', {
  version: 1,
  subject: 'clientId',
  payload: {
    clientId: open(Type.String()),
    registeredVia: open(Type.Union([Type.Literal('dynamic'), Type.Literal('preregistered')])),
    metadata: open(ClientMetadata),
    /** Addresses of people, as the registration named them. */
    contacts: Type.Array(Type.String()),
    secretHash: Type.Optional(hashed()),
    /** Of the token that reads, changes and deletes this registration; an operator's client has none. */
    managementHash: Type.Optional(hashed()),
    at: open(Type.Integer()),
  },
})

/** All of the metadata as it is from now on, not what became different. */
export const ClientMetadataChanged = defineEvent('ClientMetadataChanged', {
  version: 1,
  subject: 'clientId',
  payload: {
    clientId: open(Type.String()),
    metadata: open(ClientMetadata),
    contacts: Type.Array(Type.String()),
    at: open(Type.Integer()),
  },
})

export const ClientDisabled = defineEvent('ClientDisabled', {
  version: 1,
  subject: 'clientId',
  payload: {
    clientId: open(Type.String()),
    reason: Type.String(),
    at: open(Type.Integer()),
  },
})

export const ClientEnabled = defineEvent('ClientEnabled', {
  version: 1,
  payload: { clientId: open(Type.String()), at: open(Type.Integer()) },
})

export const ClientDeleted = defineEvent('ClientDeleted', {
  version: 1,
  payload: { clientId: open(Type.String()), at: open(Type.Integer()) },
})

export const clientEventTypes = [
  ClientRegistered,
  ClientMetadataChanged,
  ClientDisabled,
  ClientEnabled,
  ClientDeleted,
]

export type ClientEvent = EventOf<
  | typeof ClientRegistered
  | typeof ClientMetadataChanged
  | typeof ClientDisabled
  | typeof ClientEnabled
  | typeof ClientDeleted
>

// State

export type ClientState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'disabled' | 'deleted'
      readonly clientId: string
      /** What it proves itself by; a registration keeps to it, as it would need another. */
      readonly proof: ClientProof
    }

export type ClientProof = 'none' | 'secret' | 'key'

/** What a client that authenticates by this method has to hold. */
export function proofOf(method: ClientMetadata['tokenEndpointAuthMethod']): ClientProof {
  switch (method) {
    case 'none':
      return 'none'
    case 'private_key_jwt':
      return 'key'
    case 'client_secret_basic':
    case 'client_secret_post':
      return 'secret'
    default:
      return method satisfies never
  }
}

function evolve(state: ClientState, event: ClientEvent): ClientState {
  switch (event.type) {
    case 'ClientRegistered':
      return {
        status: 'active',
        clientId: event.payload.clientId,
        proof: proofOf(event.payload.metadata.tokenEndpointAuthMethod),
      }
    case 'ClientMetadataChanged':
      return state
    case 'ClientDisabled':
      return state.status === 'unknown' ? state : { ...state, status: 'disabled' }
    case 'ClientEnabled':
      return state.status === 'unknown' ? state : { ...state, status: 'active' }
    case 'ClientDeleted':
      return state.status === 'unknown' ? state : { ...state, status: 'deleted' }
    default:
      return event satisfies never
  }
}

// Commands

export type ClientCommand =
  | { readonly kind: 'register'; readonly registration: ClientRegistration }
  | ({ readonly kind: 'change metadata' } & ClientChange)
  | { readonly kind: 'disable'; readonly reason: string; readonly now: number }
  | { readonly kind: 'enable'; readonly now: number }
  | { readonly kind: 'delete'; readonly now: number }

export interface ClientRegistration {
  readonly clientId: string
  readonly registeredVia: 'dynamic' | 'preregistered'
  readonly metadata: ClientMetadata
  readonly contacts: string[]
  readonly secretHash?: string
  readonly managementHash?: string
  readonly now: number
}

export interface ClientChange {
  readonly metadata: ClientMetadata
  readonly contacts: string[]
  readonly now: number
}

export type ClientRefusal =
  | 'client_exists'
  | 'client_unknown'
  | 'client_deleted'
  | 'client_disabled'
  | 'client_already_disabled'
  | 'client_not_disabled'
  | 'client_secret_missing'
  | 'client_secret_not_allowed'
  | 'client_authentication_changed'

function register(registration: ClientRegistration) {
  const { metadata, secretHash } = registration
  const needsSecret = proofOf(metadata.tokenEndpointAuthMethod) === 'secret'
  if (!needsSecret && secretHash) return refuse<ClientRefusal>('client_secret_not_allowed')
  if (needsSecret && !secretHash) return refuse<ClientRefusal>('client_secret_missing')
  const { now: at, ...facts } = registration
  return accept(ClientRegistered({ ...facts, at }))
}

function decide(command: ClientCommand, state: ClientState) {
  if (command.kind === 'register') {
    if (state.status !== 'unknown') return refuse<ClientRefusal>('client_exists')
    return register(command.registration)
  }
  if (state.status === 'unknown') return refuse<ClientRefusal>('client_unknown')
  if (state.status === 'deleted') return refuse<ClientRefusal>('client_deleted')
  const { clientId } = state
  const at = command.now
  switch (command.kind) {
    case 'change metadata': {
      if (state.status === 'disabled') return refuse<ClientRefusal>('client_disabled')
      const { metadata, contacts } = command
      if (proofOf(metadata.tokenEndpointAuthMethod) !== state.proof) {
        return refuse<ClientRefusal>('client_authentication_changed')
      }
      return accept(ClientMetadataChanged({ clientId, metadata, contacts, at }))
    }
    case 'disable':
      if (state.status === 'disabled') return refuse<ClientRefusal>('client_already_disabled')
      return accept(ClientDisabled({ clientId, reason: command.reason, at }))
    case 'enable':
      if (state.status === 'active') return refuse<ClientRefusal>('client_not_disabled')
      return accept(ClientEnabled({ clientId, at }))
    case 'delete':
      return accept(ClientDeleted({ clientId, at }))
    default:
      return command satisfies never
  }
}

export const clientDecider: Decider<ClientCommand, ClientState, ClientEvent, ClientRefusal> = {
  noun: 'client',
  stateSchema: 3,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
