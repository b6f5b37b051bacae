/**
 * Finds a client by its id: in the table, or still provisional, or hibernating in the log, or known
 * by the document at its id.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import {
  type ClientChange,
  type ClientRegistration,
  clientDecider,
  type WholeClient,
} from '../../domain/client.ts'
import { Work } from '../../domain/execute.ts'
import { type Client, findClient } from '../../projections/clients.ts'
import type { Services } from '../services.ts'
import { isDocumentClientId } from './client-document.ts'
import { readHibernating } from './hibernation.ts'
import {
  type DocumentServices,
  type DocumentWanted,
  findDocument,
  saysTheSame,
} from './kept-documents.ts'

export const provisionalClientKind = 'provisional-client'
export const clientIdCharactersMax = 512

export interface KnownClient extends WholeClient {
  /** Of a secret that was rotated away, while it is still good. */
  readonly previousSecret?: { readonly hash: string; readonly endsAt: number }
  /** When somebody last consented to it; absent while it is provisional or hibernates. */
  readonly approvedAt?: number
  /** A consent from before counts for nobody any more; absent if the client never changed. */
  readonly consentVoidedAt?: number
  /** The registration that enters the log with the first consent; absent once it has. */
  readonly provisional?: ClientRegistration
  /** What its document says, and the log does not say yet. */
  readonly changed?: ClientChange
}

export type LookUpServices = DocumentServices & Pick<Services, 'reader' | 'log'>

/**
 * The client of this id, or undefined: unknown, disabled and expired ones look the same. A document
 * is asked for at its site only where `wanted` says so.
 */
export async function lookUpClient(
  services: LookUpServices,
  clientId: string,
  wanted: DocumentWanted = 'kept',
): Promise<KnownClient | undefined> {
  if (clientId.length > clientIdCharactersMax) return undefined
  const { reader, expiring, log } = services
  const client = await findClient(reader, clientId)
  if (client?.registeredVia === 'document') return documentClient(services, client, wanted)
  if (client) return knownClient(client)
  const state = await new Work(log).read(clientDecider, clientId)
  if (state.status === 'active' && state.hibernating) return readHibernating(log, clientId)
  if (state.status === 'unknown' && isDocumentClientId(clientId)) {
    return newDocumentClient(services, clientId, wanted)
  }
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

/** The log says whether it may be used; its document says what it is. */
async function documentClient(
  services: LookUpServices,
  row: Client,
  wanted: DocumentWanted,
): Promise<KnownClient | undefined> {
  const known = knownClient(row)
  if (!known || !services.settings.clientIdDocuments.enabled) return undefined
  const document = await findDocument(services, row.clientId, { wanted, known: true })
  if (!document) return wanted === 'kept' ? known : undefined
  if (saysTheSame(document, known)) return known
  const { metadata, contacts } = document
  return { ...known, metadata, contacts, changed: { metadata, contacts, now: services.now() } }
}

async function newDocumentClient(
  services: LookUpServices,
  clientId: string,
  wanted: DocumentWanted,
): Promise<KnownClient | undefined> {
  if (!services.settings.clientIdDocuments.enabled) return undefined
  const document = await findDocument(services, clientId, { wanted, known: false })
  if (!document) return undefined
  const { metadata, contacts, fetchedAt: registeredAt } = document
  const facts = { clientId, registeredVia: 'document' as const, metadata, contacts }
  return { ...facts, registeredAt, provisional: { ...facts, now: registeredAt } }
}

function knownClient(client: Client | undefined): KnownClient | undefined {
  if (client?.status !== 'active') return undefined
  const { clientId, metadata, registeredVia, registeredAt, approvedAt } = client
  const { secretHash, managementHash, consentVoidedAt, previousSecretHash: hash } = client
  const previousSecret = hash !== null && { hash, endsAt: client.previousSecretEndsAt ?? 0 }
  return {
    clientId,
    metadata,
    registeredVia,
    registeredAt,
    approvedAt,
    contacts: client.contacts ?? [],
    ...(consentVoidedAt === null ? {} : { consentVoidedAt }),
    ...(secretHash === null ? {} : { secretHash }),
    ...(previousSecret && { previousSecret }),
    ...(managementHash === null ? {} : { managementHash }),
    ...(client.shared && { shared: true }),
  }
}
