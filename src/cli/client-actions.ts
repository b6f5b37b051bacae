/** What `grantlog client …` asks of the services; the words for it are in `client.ts`. */
import { type Static, Type } from '@sinclair/typebox'
import type { ClientRefusal } from '../domain/client.ts'
import { readCertificate } from '../protocol/clients/certificate.ts'
import {
  addClient,
  type ClientChangeResult,
  type ClientView,
  deleteClient,
  disableClient,
  enableClient,
  listClients,
  rotateClientSecret,
  showClient,
} from '../protocol/clients/operator-clients.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { readClientCertificate } from '../protocol/tokens/client-certificate.ts'
import { controlAction } from './control.ts'

const by = { actor: 'cli' }
const secondsMax = 365 * 24 * 60 * 60

function input<P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

const clientId = Type.String({ maxLength: 512 })
const refused = Type.Object({ outcome: Type.Literal('refused'), reason: Type.String() })
const done = Type.Union([Type.Object({ outcome: Type.Literal('accepted') }), refused])

const shownClient = Type.Object({
  clientId: Type.String(),
  status: Type.String(),
  registeredVia: Type.String(),
  registeredAt: Type.Integer(),
  name: Type.String(),
  redirectUris: Type.Array(Type.String()),
  grantTypes: Type.Array(Type.String()),
  authMethod: Type.String(),
  certificateName: Type.Optional(Type.String()),
  scope: Type.Optional(Type.String()),
  shared: Type.Optional(Type.Boolean()),
  previousSecretEndsAt: Type.Optional(Type.Integer()),
})
export type ShownClient = Static<typeof shownClient>

export const createClientAction = controlAction({
  path: '/client/create',
  input: input({
    name: Type.String(),
    redirectUris: Type.Array(Type.String()),
    authMethod: Type.String(),
    scope: Type.Optional(Type.String()),
    grantTypes: Type.Optional(Type.Array(Type.String())),
    jwksUri: Type.Optional(Type.String()),
    /** PEM. */
    certificate: Type.Optional(Type.String({ maxLength: 16_384 })),
    certificateName: Type.Optional(Type.String()),
    notifyAt: Type.Optional(Type.String()),
  }),
  output: Type.Union([
    Type.Object({
      outcome: Type.Literal('accepted'),
      client: shownClient,
      secret: Type.Optional(Type.String()),
    }),
    refused,
  ]),
  run: async (services, asked) => {
    const fields = () => ({
      client_name: asked.name,
      redirect_uris: asked.redirectUris,
      token_endpoint_auth_method: asked.authMethod,
      scope: asked.scope,
      grant_types: asked.grantTypes,
      jwks_uri: asked.jwksUri,
      ...keysOf(asked.certificate),
      ...certificateNameOf(asked.certificateName),
      ...deliveryOf(asked.notifyAt),
    })
    try {
      const { secret, ...client } = await addClient(services, fields(), by)
      const added = shown({ ...client, status: 'active' })
      const outcome = { outcome: 'accepted', client: added } as const
      return secret === undefined ? outcome : { ...outcome, secret }
    } catch (error) {
      if (error instanceof OAuthError) return { outcome: 'refused' as const, reason: error.message }
      throw error
    }
  },
})

/** @throws {OAuthError} invalid_client_metadata unless it is one certificate, with a key of a known kind */
function keysOf(pem: string | undefined): Record<string, unknown> {
  if (pem === undefined) return {}
  const file = readClientCertificate(pem.trim(), { isVerified: false })
  const key = file && readCertificate(file.der)?.key
  if (key) return { jwks: { keys: [key] } }
  throw new OAuthError('invalid_client_metadata', 'the file must hold one certificate, as PEM')
}

/** `san_dns=agent.example`, as the registration would have it. */
function certificateNameOf(said: string | undefined): Record<string, string> {
  const [, kind, name] = /^([a-z_]+)=(.*)$/s.exec(said ?? '') ?? []
  return kind === undefined || name === undefined ? {} : { [`tls_client_auth_${kind}`]: name }
}

/** How a client that asks people elsewhere (OpenID Connect CIBA) learns of an answer; to others it means nothing. */
function deliveryOf(notifyAt: string | undefined): Record<string, string> {
  if (notifyAt === undefined) return { backchannel_token_delivery_mode: 'poll' }
  return {
    backchannel_token_delivery_mode: 'ping',
    backchannel_client_notification_endpoint: notifyAt,
  }
}

export const listClientsAction = controlAction({
  path: '/client/list',
  input: input({}),
  output: Type.Array(shownClient),
  run: async (services) => (await listClients(services)).map(shown),
})

export const showClientAction = controlAction({
  path: '/client/show',
  input: input({ clientId }),
  output: Type.Union([shownClient, Type.Null()]),
  run: async (services, asked) => {
    const client = await showClient(services, asked.clientId)
    return client ? shown(client) : null
  },
})

export const rotateClientSecretAction = controlAction({
  path: '/client/rotate-secret',
  input: input({ clientId, overlapSeconds: Type.Integer({ minimum: 0, maximum: secondsMax }) }),
  output: Type.Union([
    Type.Object({ outcome: Type.Literal('accepted'), secret: Type.String() }),
    refused,
  ]),
  run: async (services, asked) => {
    const result = await rotateClientSecret(services, asked, by)
    if ('secret' in result) return result
    return { outcome: 'refused' as const, reason: reasonOf(result.reason) }
  },
})

export const disableClientAction = controlAction({
  path: '/client/disable',
  input: input({ clientId, reason: Type.String({ maxLength: 1000 }) }),
  output: done,
  run: async (services, asked) => explained(await disableClient(services, asked, by)),
})

export const enableClientAction = controlAction({
  path: '/client/enable',
  input: input({ clientId }),
  output: done,
  run: async (services, asked) => explained(await enableClient(services, asked, by)),
})

export const deleteClientAction = controlAction({
  path: '/client/delete',
  input: input({ clientId }),
  output: done,
  run: async (services, asked) => explained(await deleteClient(services, asked, by)),
})

function shown({ metadata, ...client }: ClientView): ShownClient {
  const { clientId: id, status, registeredVia, registeredAt } = client
  return {
    clientId: id,
    status,
    registeredVia,
    registeredAt,
    name: metadata.clientName,
    redirectUris: metadata.redirectUris,
    grantTypes: metadata.grantTypes,
    authMethod: metadata.tokenEndpointAuthMethod,
    ...(metadata.certificateName && {
      certificateName: Object.values(metadata.certificateName).join('='),
    }),
    ...(metadata.scope === undefined ? {} : { scope: metadata.scope }),
    ...(client.shared && { shared: true }),
    ...(client.previousSecretEndsAt === undefined
      ? {}
      : { previousSecretEndsAt: client.previousSecretEndsAt }),
  }
}

/** What a refusal means, for the person at the terminal. */
const reasons: Partial<Record<ClientRefusal | 'secret_changed', string>> = {
  client_unknown: 'there is no such client in the log',
  client_deleted: 'it was deleted, and stays so',
  client_already_disabled: 'it is disabled already',
  client_not_disabled: 'it is not disabled',
  client_not_preregistered: 'it registered itself, and its secret is its own',
  client_secret_not_allowed: 'it has no secret',
}

function reasonOf(reason: ClientRefusal | 'secret_changed'): string {
  return reasons[reason] ?? reason
}

function explained(result: ClientChangeResult): Static<typeof done> {
  if (result.outcome === 'accepted') return { outcome: 'accepted' }
  return { outcome: 'refused', reason: reasonOf(result.reason) }
}
