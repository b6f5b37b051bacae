/**
 * A client reads, replaces and deletes its own registration, by the token that the registration
 * was answered with. A registration that nobody has consented to yet is an expiring entry and stays
 * one, with its end where it was; one in the log changes by events.
 *
 *   GET     what is registered, without the secret: only its hash is kept
 *   PUT     all of the metadata anew, checked as at registration
 *   DELETE  the client is gone, and with it every token that it holds
 *
 * A consent takes an entry into the log by using it up, so a change and a consent cannot both win:
 * whoever finds the entry gone looks again, and finds the client in the log.
 *
 * @see [RFC 7592 §2 - Client Configuration Endpoint](https://www.rfc-editor.org/rfc/rfc7592.html#section-2)
 * @see [RFC 7592 §3 - Client Information Response](https://www.rfc-editor.org/rfc/rfc7592.html#section-3)
 */
import { type ClientCommand, clientDecider, proofOf } from '../../domain/client.ts'
import { execute } from '../../domain/execute.ts'
import { equalSecrets, sha256 } from '../../domain/keyring.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { hasTokenShape } from '../tokens/token-text.ts'
import {
  clientInformation,
  type Description,
  type Fields,
  readDescription,
  readFields,
  requireFitting,
} from './client-metadata.ts'
import { type KnownClient, lookUpClient, provisionalClientKind } from './known-client.ts'
import { refuseProtectedBrand } from './protected-brand.ts'

export interface ManagementRequest {
  /** As the path names it. */
  readonly clientId: string
  readonly authorization: string | undefined
  readonly correlationId: string
}

interface Managed {
  readonly client: KnownClient
  readonly managementToken: string
}

/** What the server alone says of a registration (RFC 7592 §2.2). */
const serverFields = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

/** @throws {OAuthError} invalid_token (401) */
export async function readRegistration(
  services: Services,
  request: ManagementRequest,
): Promise<Record<string, unknown>> {
  const { client, managementToken } = await authenticate(services, request)
  return clientInformation(services.settings, { ...ownPart(client), managementToken })
}

/**
 * @throws {OAuthError} invalid_token (401), invalid_request, or what registration would refuse
 */
export async function replaceRegistration(
  services: Services,
  request: ManagementRequest,
  body: unknown,
): Promise<Record<string, unknown>> {
  const { client, managementToken } = await authenticate(services, request)
  const fields = readFields(body)
  refuseForeignFields(client, fields)
  const description = readDescription(services.settings, fields)
  refuseOtherAuthentication(client, description)
  refuseProtectedBrand(services.settings, description.metadata)
  const { provisional } = client
  if (provisional) {
    const next = { ...provisional, ...description }
    requireFitting(next)
    const entry = { kind: provisionalClientKind, id: client.clientId, body: next }
    const replaced = await services.expiring.replace(entry)
    if (!replaced) return replaceRegistration(services, request, body)
  } else {
    requireFitting({ ...ownPart(client), ...description })
    const change = { kind: 'change metadata', ...description, now: services.now() } as const
    await record(services, request, change)
  }
  return clientInformation(services.settings, {
    ...ownPart(client),
    ...description,
    managementToken,
  })
}

/** @throws {OAuthError} invalid_token (401) */
export async function deleteRegistration(
  services: Services,
  request: ManagementRequest,
): Promise<void> {
  const { client } = await authenticate(services, request)
  if (client.provisional) {
    const taken = await services.expiring.take(provisionalClientKind, client.clientId)
    if (taken === undefined) return deleteRegistration(services, request)
  } else {
    await record(services, request, { kind: 'delete', now: services.now() })
  }
}

/** One answer to every stranger: whether there is such a client is nothing for them to learn. */
async function authenticate(services: Services, request: ManagementRequest): Promise<Managed> {
  const [, token = ''] =
    /^bearer +([A-Za-z0-9_-]+)$/i.exec(request.authorization?.trim() ?? '') ?? []
  const client = hasTokenShape(token, 'client management')
    ? await lookUpClient(services, request.clientId)
    : undefined
  const expected = client?.managementHash ?? sha256('')
  if (!equalSecrets(sha256(token), expected) || !client) {
    throw unauthorized(services, client ? 'wrong management token' : 'no such client or token')
  }
  return { client, managementToken: token }
}

function unauthorized({ settings }: Services, cause: string): OAuthError {
  const challenge = `Bearer realm="${settings.issuer}", error="invalid_token"`
  return new OAuthError('invalid_token', 'The registration access token is not valid here', {
    cause,
    headers: { 'WWW-Authenticate': challenge },
  })
}

/** The part of a registration that is told back. */
function ownPart({ clientId, registeredAt, metadata, contacts }: KnownClient) {
  return { clientId, registeredAt, metadata, contacts }
}

/** The client repeats its id, may repeat its secret, and chooses neither (RFC 7592 §2.2). */
function refuseForeignFields({ clientId, secretHash }: KnownClient, fields: Fields): void {
  if (fields.client_id !== clientId) {
    throw new OAuthError('invalid_request', 'client_id must be the one of this registration')
  }
  const secret = fields.client_secret
  const isOwn = typeof secret === 'string' && equalSecrets(sha256(secret), secretHash ?? '')
  if (isSaid(secret) && !isOwn) {
    throw new OAuthError('invalid_request', 'client_secret must be the one of this registration')
  }
  const named = serverFields.find((name) => isSaid(fields[name]))
  if (named !== undefined) {
    throw new OAuthError('invalid_request', `${named} cannot be changed, and must not be sent`)
  }
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

/**
 * To a secret a client would need one that was never issued, and to `none` it would lose its proof
 * while its grants go on: what it proves itself by stays, or it is another client.
 */
function refuseOtherAuthentication({ metadata }: KnownClient, next: Description): void {
  const [was, willBe] = [metadata, next.metadata].map((m) => proofOf(m.tokenEndpointAuthMethod))
  if (was === willBe) return
  throw new OAuthError(
    'invalid_client_metadata',
    'token_endpoint_auth_method cannot change to another kind of proof: register anew',
  )
}

async function record(
  services: Services,
  { clientId, correlationId }: ManagementRequest,
  command: ClientCommand,
): Promise<void> {
  const cause = { actor: `client:${clientId}`, correlationId }
  const outcome = await execute<string>(services.log, cause, async (work) => {
    const client = await work.read(clientDecider, clientId)
    // An operator may have disabled it meanwhile, and then its token opens nothing.
    if (client.status !== 'active') return work.reject('client_not_active')
    return work.decide(clientDecider, clientId, command)
  })
  if (outcome.outcome === 'refused') throw unauthorized(services, outcome.reason)
}
