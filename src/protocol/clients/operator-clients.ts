/**
 * Clients that an operator adds and looks after: those that do not register themselves, and those
 * that may carry a name which nobody may register under. They are in the log at once, because who
 * adds them has proved to be the operator; they have no management token, and never hibernate.
 *
 * A secret is handed out once, when it is made. A rotation leaves the old one good for a while, so
 * that every place that holds it can be given the new one first.
 *
 * @see [RFC 6749 §2 - Client Registration](https://www.rfc-editor.org/rfc/rfc6749.html#section-2)
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import type { Settings } from '../../config/settings.ts'
import {
  type ClientCommand,
  type ClientRefusal,
  clientDecider,
  proofOf,
  type WholeClient,
} from '../../domain/client.ts'
import type { Cause } from '../../domain/event-log.ts'
import { execute, Work } from '../../domain/execute.ts'
import { newId } from '../../domain/ids.ts'
import { sha256 } from '../../domain/keyring.ts'
import { type Client, findClient, findNewestClients } from '../../projections/clients.ts'
import type { Services } from '../services.ts'
import { newToken } from '../tokens/token-text.ts'
import { type Fields, readDescription, requireFitting } from './client-metadata.ts'
import { readHibernating } from './hibernation.ts'

export interface IssuedClient {
  readonly clientId: string
  /** In clear, this once; absent for a client that proves itself otherwise, or not at all. */
  readonly secret?: string
}

interface By {
  /** `cli`, or `user:<id>` of an administrator. */
  readonly actor: string
  /** Of the request that asks for it. */
  readonly correlationId?: string
}

/**
 * @param fields as in a registration (RFC 7591 §2)
 * @param clientId made before, where asking twice must not add two
 * @throws {OAuthError} invalid_redirect_uri or invalid_client_metadata, naming the field
 */
export async function addClient(
  services: Services,
  fields: Fields,
  { clientId = newId('cli'), ...by }: By & { readonly clientId?: string },
): Promise<IssuedClient & WholeClient> {
  const { log, settings, now } = services
  const description = readDescription(asOperator(settings), fields, { byOperator: true })
  const proof = proofOf(description.metadata.tokenEndpointAuthMethod)
  const secret = proof === 'secret' ? newToken(settings.tokenPrefix, 'client secret') : undefined
  const registration = {
    clientId,
    registeredVia: 'preregistered' as const,
    ...description,
    ...(secret === undefined ? {} : { secretHash: sha256(secret) }),
    now: now(),
  }
  requireFitting(registration)
  const { outcome } = await execute<string>(log, causeOf(by), (work) =>
    work.decide(clientDecider, clientId, { kind: 'register', registration }),
  )
  if (outcome === 'refused') throw new ClientAddedAlready(clientId)
  const { now: registeredAt, ...facts } = registration
  return { ...facts, registeredAt, ...(secret === undefined ? {} : { secret }) }
}

/** The same form came twice; the secret was told to whoever came first. */
export class ClientAddedAlready extends Error {
  override name = 'ClientAddedAlready'
  constructor(clientId: string) {
    super(`Cannot add client "${clientId}": it was added already`)
  }
}

function causeOf({ actor, correlationId = newId('cor') }: By): Cause {
  return { actor, correlationId }
}

/** What is refused to strangers is the operator's to decide; a slip is told instead of dropped. */
function asOperator(settings: Settings): Settings {
  const registration: Settings['registration'] = {
    ...settings.registration,
    defaultTokenEndpointAuthMethod: 'client_secret_basic',
    privateSchemes: true,
    unknownScope: 'refuse',
  }
  return { ...settings, registration }
}

export interface ClientView extends WholeClient {
  readonly status: 'active' | 'disabled' | 'hibernating'
  readonly previousSecretEndsAt?: number
}

/** The newest clients in the table; those that hibernate are not among them. */
export async function listClients({ reader, settings }: Services): Promise<ClientView[]> {
  const rows = await findNewestClients(reader, { rowsMax: settings.limits.pageRowsMax })
  return rows.map(viewOf)
}

/** Any client in the log that was not deleted. */
export async function showClient(
  { reader, log }: Services,
  clientId: string,
): Promise<ClientView | undefined> {
  const row = await findClient(reader, clientId)
  if (row) return viewOf(row)
  const state = await new Work(log).read(clientDecider, clientId)
  if (state.status === 'unknown' || state.status === 'deleted') return undefined
  const client = await readHibernating(log, clientId)
  const status = state.status === 'disabled' ? 'disabled' : 'hibernating'
  return client && { ...client, status }
}

function viewOf(row: Client): ClientView {
  const { clientId, status, registeredVia, registeredAt, metadata, secretHash } = row
  const { previousSecretEndsAt: endsAt } = row
  return {
    clientId,
    status,
    registeredVia,
    registeredAt,
    metadata,
    contacts: row.contacts ?? [],
    ...(secretHash === null ? {} : { secretHash }),
    ...(endsAt === null ? {} : { previousSecretEndsAt: endsAt }),
    ...(row.shared && { shared: true }),
  }
}

interface RefusedChange {
  readonly outcome: 'refused'
  readonly reason: ClientRefusal | 'secret_changed'
}

export type ClientChangeResult = { readonly outcome: 'accepted' } | RefusedChange

export async function rotateClientSecret(
  services: Services,
  { clientId, overlapSeconds, replacing }: AskedRotation,
  by: By,
): Promise<{ outcome: 'accepted'; secret: string } | RefusedChange> {
  const { log, reader, settings, now } = services
  const secret = newToken(settings.tokenPrefix, 'client secret')
  const rotation = { secretHash: sha256(secret), overlapSeconds, now: now() }
  const command = { kind: 'rotate secret', ...rotation } as const
  const result = await execute<ClientRefusal | 'secret_changed'>(log, causeOf(by), async (work) => {
    await work.read(clientDecider, clientId)
    const held = (await findClient(reader, clientId))?.secretHash
    if (replacing !== undefined && held !== replacing) return work.reject('secret_changed')
    return work.decide(clientDecider, clientId, command)
  })
  if (result.outcome === 'refused') return { outcome: 'refused', reason: result.reason }
  return { outcome: 'accepted', secret }
}

interface AskedRotation {
  readonly clientId: string
  readonly overlapSeconds: number
  /** Hash of the secret that is meant: asked twice, there is one rotation. */
  readonly replacing?: string
}

/** Its tokens stop at once, and work again if it is enabled before they expire. */
export function disableClient(
  services: Services,
  { clientId, reason }: { clientId: string; reason: string },
  by: By,
): Promise<ClientChangeResult> {
  const command = { kind: 'disable', reason, now: services.now() } as const
  return change(services, { clientId, command }, by)
}

export function enableClient(
  services: Services,
  { clientId }: { clientId: string },
  by: By,
): Promise<ClientChangeResult> {
  return change(services, { clientId, command: { kind: 'enable', now: services.now() } }, by)
}

/** For ever: its id is never used again. */
export function deleteClient(
  services: Services,
  { clientId }: { clientId: string },
  by: By,
): Promise<ClientChangeResult> {
  return change(services, { clientId, command: { kind: 'delete', now: services.now() } }, by)
}

async function change(
  { log }: Services,
  { clientId, command }: { clientId: string; command: ClientCommand },
  by: By,
): Promise<ClientChangeResult> {
  const result = await execute<ClientRefusal>(log, causeOf(by), (work) =>
    work.decide(clientDecider, clientId, command),
  )
  if (result.outcome === 'accepted') return { outcome: 'accepted' }
  return { outcome: 'refused', reason: result.reason }
}
