/**
 * Whether a report of leaked tokens was signed by the secret scanner that the operator names, as
 * GitHub signs what it sends: ECDSA over P-256 and SHA-256 of the body, by a key that it publishes.
 *
 * @see [RFC 6750 §5.2 - Threat Mitigation](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.2)
 * @see [GitHub - Secret scanning partner program](https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program)
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { sha256 } from '../../domain/keyring.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'

const keptKind = 'leak-report-keys'
const keysBytesMax = 65_536
const keysMax = 20
const keptSeconds = 60 * 60
/** A key that nobody has heard of is a reason to ask again, but not each time. */
const refetchSeconds = 60
const signatureCharactersMax = 200

interface PublishedKey {
  readonly id: string
  /** PEM. */
  readonly key: string
}

interface Kept {
  readonly keys: readonly PublishedKey[]
  readonly fetchedAt: number
}

export interface SignedReport {
  readonly body: string
  readonly keyId: string | null
  /** Base64 of the DER form. */
  readonly signature: string | null
}

/**
 * Does nothing where the operator names no keys: anybody may then report.
 * @throws {OAuthError} access_denied
 */
export async function requireSignedReport(
  services: Services,
  { body, keyId, signature }: SignedReport,
): Promise<void> {
  const { leakReportKeysUrl: url } = services.settings.apiTokens
  if (url === undefined) return
  if (keyId === null || signature === null || signature.length > signatureCharactersMax) {
    throw refused('it is not signed')
  }
  const key = await findKey(services, url, keyId)
  if (!key) throw refused(`its key is not at ${url}`)
  const isGood = verify('sha256', Buffer.from(body), key, Buffer.from(signature, 'base64'))
  if (!isGood) throw refused('the signature is wrong')
}

function refused(cause: string): OAuthError {
  const words = 'A report must be signed by the secret scanner that this server trusts'
  return new OAuthError('access_denied', words, { cause: `Cannot believe a leak report: ${cause}` })
}

async function findKey(
  services: Services,
  url: string,
  keyId: string,
): Promise<KeyObject | undefined> {
  const found = (await publishedKeys(services, url, keyId)).find(({ id }) => id === keyId)
  return found && p256Key(found.key)
}

async function publishedKeys(
  services: Services,
  url: string,
  keyId: string,
): Promise<readonly PublishedKey[]> {
  const { expiring, outbound, now, logger } = services
  const kept = (await expiring.get(keptKind, sha256(url))) as Kept | undefined
  const isKnown = kept?.keys.some(({ id }) => id === keyId)
  if (kept && (isKnown || kept.fetchedAt + refetchSeconds * 1000 > now())) return kept.keys
  const headers = { accept: 'application/json' }
  const answer = await outbound.request({ url, headers, bytesMax: keysBytesMax, ofOperator: true })
  const keys = answer.outcome === 'answered' && answer.status === 200 ? keysIn(answer.body) : []
  if (keys.length === 0) {
    const cause = answer.outcome === 'failed' ? answer.cause : `status ${answer.status}`
    logger.warn({ url, cause }, 'the keys for leak reports could not be fetched')
  }
  const fetched: Kept = { keys: keys.length > 0 ? keys : (kept?.keys ?? []), fetchedAt: now() }
  const expiresAt = now() + (keys.length > 0 ? keptSeconds : refetchSeconds) * 1000
  await expiring.put({ kind: keptKind, id: sha256(url), body: fetched, expiresAt })
  return fetched.keys
}

/** `{ "public_keys": [{ "key_identifier", "key" }] }` */
function keysIn(text: string): PublishedKey[] {
  try {
    const { public_keys: published } = JSON.parse(text)
    if (!Array.isArray(published)) return []
    return published.slice(0, keysMax).flatMap((each) => {
      const { key_identifier: id, key } = each ?? {}
      return typeof id === 'string' && typeof key === 'string' && p256Key(key) ? [{ id, key }] : []
    })
  } catch {
    return []
  }
}

/** A public key of this curve, and nothing else that a PEM may hold. */
function p256Key(pem: string): KeyObject | undefined {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}
