/**
 * Keys that somebody publishes at a URL, kept for as long as the site says, within limits. An
 * unknown `kid`, or a key that is not among them, means that they were changed there, and is a
 * reason to ask again, but not each time: anybody can write a `kid` into a JWT.
 *
 * @see [RFC 7517 §5 - JWK Set Format](https://www.rfc-editor.org/rfc/rfc7517.html#section-5)
 * @see [OpenID Connect Core 1.0 §10.1.1 - Rotation of Asymmetric Signing Keys](https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys)
 */
import type { PublicJwk } from '../domain/client-events.ts'
import { sha256 } from '../domain/keyring.ts'
import { keyCountMax, readPublicKey } from './clients/public-keys.ts'
import { freshSeconds } from './outbound/freshness.ts'
import type { Services } from './services.ts'
import { JwtRefused, type Signature } from './signed-jwt.ts'

const remoteKeysKind = 'remote-keys'
const keySetBytesMax = 65_536
/** Keys are not asked for anew within this time, whatever somebody names. */
const refetchSeconds = 60
/** For so long the last good answer serves while the site does not answer. */
const keptSeconds = 24 * 60 * 60

interface Kept {
  readonly keys: readonly PublicJwk[]
  readonly fetchedAt: number
  readonly freshUntil: number
}

type Parts = Pick<Services, 'expiring' | 'outbound' | 'now' | 'logger'>

/** @throws {JwtRefused} when there are no keys to be had */
export async function remoteKeys(
  services: Parts,
  uri: string,
  { isWanted, known }: { isWanted: (key: PublicJwk) => boolean; known: boolean },
): Promise<readonly PublicJwk[]> {
  const kept = (await services.expiring.get(remoteKeysKind, sha256(uri))) as Kept | undefined
  const now = services.now()
  if (kept) {
    const isKnown = kept.keys.some(isWanted)
    const mayRefetch = kept.fetchedAt + refetchSeconds * 1000 <= now
    if ((isKnown && kept.freshUntil > now) || !mayRefetch) return kept.keys
  }
  const fetched = await fetchKeys(services, uri, known)
  if (typeof fetched !== 'string') return fetched
  services.logger.warn({ uri, cause: fetched }, 'a key set could not be fetched')
  if (kept) return kept.keys
  throw new JwtRefused(`no keys at ${uri}: ${fetched}`)
}

/** Whether a key is the one that a signature names; any is, if it names none. */
export function namedBy({ kid }: Pick<Signature, 'kid'>): (key: PublicJwk) => boolean {
  return (key) => kid === undefined || key.kid === kid
}

/** The keys that can be used, or why there are none. */
async function fetchKeys(
  services: Parts,
  uri: string,
  known: boolean,
): Promise<readonly PublicJwk[] | string> {
  const answer = await services.outbound.request({
    url: uri,
    headers: { accept: 'application/jwk-set+json, application/json' },
    bytesMax: keySetBytesMax,
    known,
  })
  if (answer.outcome === 'failed') return `${answer.reason}: ${answer.cause}`
  if (answer.status !== 200) return `status ${answer.status}`
  const keys = readKeySet(answer.body)
  if (keys.length === 0) return 'no key that can be used'
  const fetchedAt = services.now()
  const freshUntil = fetchedAt + freshSeconds(answer.headers) * 1000
  const expiresAt = Math.max(freshUntil, fetchedAt + keptSeconds * 1000)
  const body: Kept = { keys, fetchedAt, freshUntil }
  await services.expiring.put({ kind: remoteKeysKind, id: sha256(uri), body, expiresAt })
  return keys
}

/** A set may hold keys for other purposes; those are passed over. */
export function readKeySet(text: string): PublicJwk[] {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch {
    return []
  }
  const { keys } = (typeof set === 'object' && set !== null ? set : {}) as { keys?: unknown }
  if (!Array.isArray(keys)) return []
  return keys
    .map(readPublicKey)
    .filter((key): key is PublicJwk => typeof key !== 'string')
    .slice(0, keyCountMax)
}
