/**
 * Which ids are URLs of metadata documents, and what such a document may say. The id is believed
 * because it could be fetched from there and says so itself; what it says is read like a
 * registration. A secret cannot be in it, as everybody can read it.
 *
 * @see [OAuth Client ID Metadata Document §3 - Client Identifier](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-00#section-3)
 * @see [OAuth Client ID Metadata Document §4.1 - Client Metadata](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-00#section-4.1)
 */
import type { Settings } from '../../config/settings.ts'
import type { ClientMetadata } from '../../domain/client-events.ts'
import { OAuthError } from '../oauth-error.ts'
import { type Description, type Fields, readDescription, readFields } from './client-metadata.ts'
import { refuseProtectedBrand } from './protected-brand.ts'

export const documentBytesMax = 5 * 1024

const documentMethods = ['none', 'private_key_jwt'] as const

/** `.` and `..`, also where slashes or dots are encoded. */
const dotSegment = /(^|\/|%2f|%5c)(\.|%2e){1,2}(\/|%2f|%5c|$)/i

/**
 * Only a URL that is written in its one normal form: then it says the same to every parser, and
 * two ids that differ are two clients. A query is refused, because no client needs one there, and
 * many sites answer one with what it holds.
 *
 * ```ts
 * import { equal } from 'node:assert/strict'
 *
 * equal(isDocumentClientId('https://app.example/client.json'), true)
 * equal(isDocumentClientId('https://app.example/'), false)
 * equal(isDocumentClientId('https://app.example/a/../client.json'), false)
 * ```
 */
export function isDocumentClientId(clientId: string): boolean {
  if (!clientId.startsWith('https://')) return false
  const url = URL.parse(clientId)
  if (url?.href !== clientId || url.pathname === '/') return false
  if (url.username !== '' || url.password !== '' || /[?#]/.test(clientId)) return false
  return !dotSegment.test(url.pathname)
}

/**
 * What a document says of its client; a pinned one is the operator's own word.
 * @throws {OAuthError} for our log: whoever waits has not written the document
 */
export function readDocument(
  settings: Settings,
  text: string,
  { clientId, pinned }: { clientId: string; pinned: boolean },
): Description {
  const fields = readFields(parse(text))
  if (fields.client_id !== clientId) throw invalid('client_id is not the URL of the document')
  const secret = Object.keys(fields).find((name) => name.startsWith('client_secret'))
  if (secret !== undefined) throw invalid(`${secret} must not be in a document`)
  const method = readMethod(settings, fields)
  const description = readDescription(settings, { ...fields, token_endpoint_auth_method: method })
  if (!pinned) refuseProtectedBrand(settings, description.metadata)
  return description
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('not JSON')
  }
}

/** Without one it is `none`: the default of a registration would need a secret. */
function readMethod(
  { registration }: Settings,
  fields: Fields,
): ClientMetadata['tokenEndpointAuthMethod'] {
  const said = fields.token_endpoint_auth_method || 'none'
  const method = documentMethods.find((known) => known === said)
  if (method && registration.tokenEndpointAuthMethods.includes(method)) return method
  throw invalid('token_endpoint_auth_method is not offered to documents')
}

function invalid(words: string): OAuthError {
  return new OAuthError('invalid_client_metadata', words)
}
