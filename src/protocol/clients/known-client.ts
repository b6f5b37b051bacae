/**
 * Finds a client by its id, whether it has entered the log or is still provisional.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import { type ClientMetadata, type ClientRegistration, clientDecider } from '../../domain/client.ts'
import { streamOf } from '../../domain/decider.ts'
import { type Client, findClient } from '../../projections/clients.ts'
import type { Services } from '../services.ts'

export const provisionalClientKind = 'provisional-client'
export const clientIdCharactersMax = 512

export interface KnownClient {
  readonly clientId: string
  readonly metadata: ClientMetadata
  readonly contacts: string[]
  readonly secretHash: string | undefined
  readonly managementHash: string | undefined
  readonly registeredVia: 'dynamic' | 'preregistered'
  readonly registeredAt: number
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
  const provisional = (await expiring.get(provisionalClientKind, clientId)) as
    | ClientRegistration
    | undefined
  // A consent may have taken it into the log between the two questions.
  if (!provisional) return knownClient(await findClient(reader, clientId))
  // One that an older program wrote outlives the consent, and even the client's deletion.
  const [stream] = await log.load([streamOf(clientDecider.noun, clientId)])
  if (stream && stream.version > 0) return knownClient(await findClient(reader, clientId))
  const { secretHash, managementHash, now: registeredAt, ...rest } = provisional
  return { ...rest, registeredAt, secretHash, managementHash, provisional }
}

function knownClient(client: Client | undefined): KnownClient | undefined {
  if (client?.status !== 'active') return undefined
  const { clientId, metadata, registeredVia, registeredAt } = client
  return {
    clientId,
    metadata,
    registeredVia,
    registeredAt,
    contacts: client.contacts ?? [],
    secretHash: client.secretHash ?? undefined,
    managementHash: client.managementHash ?? undefined,
  }
}
