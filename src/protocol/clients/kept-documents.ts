/**
 * The metadata documents that were fetched, each kept for as long as its site says, within limits.
 * Nothing of it is in the log: a document is known here because somebody named its URL, and that
 * proves nothing yet.
 *
 *   kept        whatever is there, without asking the site: a page that is shown, a decision
 *   last good   asked for anew when it is stale; if that fails the old one serves, for a week
 *   fresh       asked for anew when it is stale, and nothing else will do: before a person is asked
 *
 * What failed is not kept, so that a site that was mended works at once.
 *
 * @see [OAuth Client ID Metadata Document §4.4 - Metadata Caching](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-00#section-4.4)
 */
import { isDeepStrictEqual } from 'node:util'
import { sha256 } from '../../domain/keyring.ts'
import { OAuthError } from '../oauth-error.ts'
import { freshSeconds } from '../outbound/freshness.ts'
import type { Services } from '../services.ts'
import { documentBytesMax, readDocument } from './client-document.ts'
import type { Description } from './client-metadata.ts'
import { pinnedDocument } from './pinned-documents.ts'

const clientDocumentKind = 'client-document'
const lastGoodSeconds = 7 * 24 * 60 * 60

export type DocumentWanted = 'kept' | 'last good' | 'fresh'

export interface KeptDocument extends Description {
  readonly fetchedAt: number
  readonly freshUntil: number
}

export type DocumentServices = Pick<
  Services,
  'settings' | 'expiring' | 'outbound' | 'logger' | 'now'
>

/** What the document at this URL says, or undefined when there is none to go by. */
export async function findDocument(
  services: DocumentServices,
  clientId: string,
  { wanted, known }: { wanted: DocumentWanted; known: boolean },
): Promise<KeptDocument | undefined> {
  const pinned = pinnedDocument(services.settings, clientId)
  if (pinned !== undefined) return readPinned(services, clientId, pinned)
  const kept = (await services.expiring.get(clientDocumentKind, sha256(clientId))) as
    | KeptDocument
    | undefined
  if (wanted === 'kept' || (kept && kept.freshUntil > services.now())) return kept
  const fetched = await fetchDocument(services, clientId, known)
  if (typeof fetched !== 'string') return fetched
  services.logger.warn({ clientId, cause: fetched }, 'a client metadata document cannot be used')
  return wanted === 'last good' ? kept : undefined
}

/** Whether a document says what is known already. Addresses of people do not matter for that. */
export function saysTheSame(one: Pick<Description, 'metadata'>, other: typeof one): boolean {
  return isDeepStrictEqual(one.metadata, other.metadata)
}

function readPinned(services: DocumentServices, clientId: string, text: string) {
  const now = services.now()
  const description = describedBy(services, text, { clientId, pinned: true })
  if (typeof description !== 'string') return { ...description, fetchedAt: now, freshUntil: now }
  services.logger.error({ clientId, cause: description }, 'a pinned document cannot be used')
  return undefined
}

/** The document, or why it cannot be used. */
async function fetchDocument(
  services: DocumentServices,
  clientId: string,
  known: boolean,
): Promise<KeptDocument | string> {
  const answer = await services.outbound.request({
    url: clientId,
    headers: { accept: 'application/json' },
    bytesMax: documentBytesMax,
    known,
  })
  if (answer.outcome === 'failed') return `${answer.reason}: ${answer.cause}`
  if (answer.status !== 200) return `status ${answer.status}`
  if (!isJson(answer.headers.get('content-type'))) return 'the answer is not JSON'
  const description = describedBy(services, answer.body, { clientId, pinned: false })
  if (typeof description === 'string') return description
  const fetchedAt = services.now()
  const freshUntil = fetchedAt + freshSeconds(answer.headers) * 1000
  const kept: KeptDocument = { ...description, fetchedAt, freshUntil }
  await services.expiring.put({
    kind: clientDocumentKind,
    id: sha256(clientId),
    body: kept,
    expiresAt: fetchedAt + lastGoodSeconds * 1000,
  })
  return kept
}

function describedBy(
  { settings }: DocumentServices,
  text: string,
  of: { clientId: string; pinned: boolean },
): Description | string {
  try {
    return readDocument(settings, text, of)
  } catch (error) {
    if (error instanceof OAuthError) return error.message
    throw error
  }
}

function isJson(type: string | null): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type ?? '')
}
