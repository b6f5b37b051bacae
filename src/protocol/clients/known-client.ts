/**
 * Finds a client by its id: in the table, or still provisional, or hibernating in the log.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import { type ClientRegistration, clientDecider, type WholeClient } from '../../domain/client.ts'
import { Work } from '../../domain/execute.ts'
import { type Client, findClient } from '../../projections/clients.ts'
import type { Services } from '../services.ts'
import { readHibernating } from './hibernation.ts'

export const provisionalClientKind = 'provisional-client'
export const clientIdCharactersMax = 512

export interface KnownClient extends WholeClient {
  /** Of a secret that was rotated away, while it is still good. */
  readonly previousSecret?: { readonly hash: string; readonly endsAt: number }
  /** When somebody last consented to it; absent while it is provisional or hibernates. */
  readonly approvedAt?: number
  /** The registration that enters the log with the first consent; absent once it has. */
  readonly provisional?: ClientRegistration
}

/** The client of this id, or undefined: unknown, disabled and expired ones look the same. */
export async function lookUpClient(
  { reader, expiring, log }: Pick<Services, 'reader' | 'expiring' | 'log'>,
  clientId: string,
): Promise<KnownClient | undefined> {
  if (clientId.length > clientIdCharactersMax) return undefined
  const client = await findClient(reader, clientId)
  if (client) return knownClient(client)
  const state = await new Work(log).read(clientDecider, clientId)
  if (state.status === 'active' && state.hibernating) return readHibernating(log, clientId)
  // The log says more than an entry that outlived the consent, or the client's deletion.
  const provisional = state.status === 'unknown' && (await findProvisional(expiring, clientId))
  // A consent may have taken it into the log between the questions.
  if (!provisional) return knownClient(await findClient(reader, clientId))
  const { now: registeredAt, ...rest } = provisional
  return { ...rest, registeredAt, provisional }
}

async function findProvisional(expiring: Services['expiring'], clientId: string) {
  return (await expiring.get(provisionalClientKind, clientId)) as ClientRegistration | undefined
}

function knownClient(client: Client | undefined): KnownClient | undefined {
  if (client?.status !== 'active') return undefined
  const { clientId, metadata, registeredVia, registeredAt, approvedAt } = client
  const { secretHash, managementHash, previousSecretHash: hash } = client
  const previousSecret = hash !== null && { hash, endsAt: client.previousSecretEndsAt ?? 0 }
  return {
    clientId,
    metadata,
    registeredVia,
    registeredAt,
    approvedAt,
    contacts: client.contacts ?? [],
    ...(secretHash === null ? {} : { secretHash }),
    ...(previousSecret && { previousSecret }),
    ...(managementHash === null ? {} : { managementHash }),
    ...(client.shared && { shared: true }),
  }
}
