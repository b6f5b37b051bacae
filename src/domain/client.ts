/**
 * An application that asks for access: an MCP client, a web app, a command line. It enters the
 * log when somebody first consents to it (dynamic registration, or a metadata document at the URL
 * that is its id) or when an operator adds it.
 *
 *   registered ──▶ active ◀──wake / hibernate──▶ hibernating      disable, enable, delete from any
 *
 * A client that hibernates is as good as one that does not; only its row is gone until a consent.
 */
import {
  ClientDeleted,
  ClientDisabled,
  ClientEnabled,
  type ClientEvent,
  ClientHibernated,
  type ClientMetadata,
  ClientMetadataChanged,
  ClientRegistered,
  ClientSecretRotated,
  ClientWoken,
  type RegisteredVia,
} from './client-events.ts'
import { accept, type Decider, refuse } from './decider.ts'
import { sha256 } from './keyring.ts'

// State

export type ClientState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'disabled' | 'deleted'
      readonly clientId: string
      readonly registeredVia: RegisteredVia
      readonly isShared: boolean
      readonly hibernating: boolean
      /** What it proves itself by; a registration keeps to it, as it would need another. */
      readonly proof: ClientProof
      /** Hash of what a consent relies on: where the answer goes, and what the client proves. */
      readonly reliedOn: string
    }

export type ClientProof = 'none' | 'secret' | 'key' | 'certificate'

/** What a client that authenticates by this method has to hold. */
export function proofOf(method: ClientMetadata['tokenEndpointAuthMethod']): ClientProof {
  switch (method) {
    case 'none':
      return 'none'
    case 'private_key_jwt':
      return 'key'
    case 'self_signed_tls_client_auth':
    case 'tls_client_auth':
      return 'certificate'
    case 'client_secret_basic':
    case 'client_secret_post':
      return 'secret'
    default:
      return method satisfies never
  }
}

function reliedOn(metadata: ClientMetadata): string {
  const { redirectUris, tokenEndpointAuthMethod, jwks, jwksUri, certificateName } = metadata
  const keys = jwks?.keys.map(({ kty, crv, x, y, n, e }) => [kty, crv, x, y, n, e])
  const proof = proofOf(tokenEndpointAuthMethod)
  const facts = [[...redirectUris].sort(), proof, keys, jwksUri, certificateName]
  return sha256(JSON.stringify(facts))
}

function evolve(state: ClientState, event: ClientEvent): ClientState {
  switch (event.type) {
    case 'ClientRegistered':
      return {
        status: 'active',
        clientId: event.payload.clientId,
        registeredVia: event.payload.registeredVia,
        isShared: event.payload.shared === true,
        hibernating: false,
        proof: proofOf(event.payload.metadata.tokenEndpointAuthMethod),
        reliedOn: reliedOn(event.payload.metadata),
      }
    case 'ClientMetadataChanged': {
      const { metadata } = event.payload
      const proof = proofOf(metadata.tokenEndpointAuthMethod)
      return state.status === 'unknown' ? state : { ...state, proof, reliedOn: reliedOn(metadata) }
    }
    case 'ClientSecretRotated':
      return state
    case 'ClientHibernated':
      return state.status === 'unknown' ? state : { ...state, hibernating: true }
    case 'ClientWoken':
      return state.status === 'unknown' ? state : { ...state, hibernating: false }
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
  | ({ readonly kind: 'rotate secret' } & SecretRotation)
  | { readonly kind: 'hibernate'; readonly now: number }
  | { readonly kind: 'wake'; readonly client: WholeClient; readonly now: number }
  | { readonly kind: 'disable'; readonly reason: string; readonly now: number }
  | { readonly kind: 'enable'; readonly now: number }
  | { readonly kind: 'delete'; readonly now: number }

interface ClientFacts {
  readonly clientId: string
  readonly registeredVia: RegisteredVia
  readonly metadata: ClientMetadata
  readonly contacts: string[]
  readonly secretHash?: string
  readonly managementHash?: string
  readonly shared?: true
}

export interface ClientRegistration extends ClientFacts {
  readonly now: number
}

/** What a client is by its own stream. */
export interface WholeClient extends ClientFacts {
  readonly registeredAt: number
}

export interface SecretRotation {
  readonly secretHash: string
  /** How long the secret before it stays good. */
  readonly overlapSeconds: number
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
  | 'client_shared'
  | 'client_not_preregistered'
  | 'client_not_dynamic'
  | 'client_hibernating'

function register(registration: ClientRegistration) {
  const { metadata, secretHash } = registration
  const needsSecret = proofOf(metadata.tokenEndpointAuthMethod) === 'secret'
  if (!needsSecret && secretHash) return refuse<ClientRefusal>('client_secret_not_allowed')
  if (needsSecret && !secretHash) return refuse<ClientRefusal>('client_secret_missing')
  const { now: at, ...facts } = registration
  return accept(ClientRegistered({ ...facts, at }))
}

type KnownState = Exclude<ClientState, { status: 'unknown' }>

function changeMetadata({ metadata, contacts, now: at }: ClientChange, state: KnownState) {
  if (state.status === 'disabled') return refuse<ClientRefusal>('client_disabled')
  if (state.isShared) return refuse<ClientRefusal>('client_shared')
  const isProofKept = proofOf(metadata.tokenEndpointAuthMethod) === state.proof
  // A document is its site's own word, and no secret was ever issued for it.
  if (!isProofKept && state.registeredVia !== 'document') {
    return refuse<ClientRefusal>('client_authentication_changed')
  }
  const { clientId } = state
  const voidsConsents = reliedOn(metadata) !== state.reliedOn
  return accept(ClientMetadataChanged({ clientId, metadata, contacts, voidsConsents, at }))
}

function rotateSecret({ secretHash, overlapSeconds, now: at }: SecretRotation, state: KnownState) {
  if (state.registeredVia !== 'preregistered') {
    return refuse<ClientRefusal>('client_not_preregistered')
  }
  if (state.proof !== 'secret') return refuse<ClientRefusal>('client_secret_not_allowed')
  const previousEndsAt = at + overlapSeconds * 1000
  return accept(ClientSecretRotated({ clientId: state.clientId, secretHash, previousEndsAt, at }))
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
    case 'change metadata':
      return changeMetadata(command, state)
    case 'rotate secret':
      return rotateSecret(command, state)
    case 'hibernate':
      if (state.status === 'disabled') return refuse<ClientRefusal>('client_disabled')
      if (state.hibernating) return refuse<ClientRefusal>('client_hibernating')
      // What an operator added stays where the operator can see it.
      if (state.registeredVia !== 'dynamic') return refuse<ClientRefusal>('client_not_dynamic')
      return accept(ClientHibernated({ clientId, at }))
    case 'wake':
      if (state.status === 'disabled') return refuse<ClientRefusal>('client_disabled')
      return accept(ClientWoken({ ...command.client, clientId, at }))
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
  stateSchema: 4,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
