/**
 * DPoP: a client shows with each request that it holds a private key, by signing what it asks for
 * just now. A token that is bound to the key is of no use to whoever steals it.
 *
 *   DPoP: <JWT: jwk in the header; htm, htu, iat, jti, at a resource ath, where asked for nonce>
 *
 * A proof is read first, which leaves no trace; it is used up once it is known to matter.
 *
 * @see [RFC 9449 §4.3 - Checking DPoP Proofs](https://www.rfc-editor.org/rfc/rfc9449.html#section-4.3)
 * @see [RFC 7638 §3 - JSON Web Key (JWK) Thumbprint](https://www.rfc-editor.org/rfc/rfc7638.html#section-3)
 */
import { calculateJwkThumbprint, type JWTPayload } from 'jose'
import { sha256 } from '../../domain/keyring.ts'
import { clientAlgorithms } from '../clients/public-keys.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Presented } from '../presented.ts'
import type { Services } from '../services.ts'
import { JwtRefused, verifyShownKey } from '../signed-jwt.ts'
import { isDpopNonce } from './dpop-nonce.ts'

export const dpopAlgorithms = clientAlgorithms

const proofCharactersMax = 4096
const aheadSecondsMax = 10

export interface DpopProof {
  /** Thumbprint of the key. */
  readonly jkt: string
  readonly jti: string
}

type Parts = Pick<Services, 'settings' | 'keyring' | 'now'>

/** What a proof is for; several URLs where the same endpoint has several. */
export type ProofUse = Pick<Presented, 'method' | 'urls'> & {
  /** At a resource: the token that the proof goes with. */
  readonly accessToken?: string
}

/**
 * @param header the `DPoP` header; a second one would have been joined to it by a comma
 * @throws {OAuthError} invalid_dpop_proof, use_dpop_nonce
 */
export async function readProof(
  services: Parts,
  header: string,
  use: ProofUse,
): Promise<DpopProof> {
  try {
    if (header.length > proofCharactersMax) throw new JwtRefused('too long')
    const { key, claims } = await verifyShownKey(header, ['dpop+jwt'])
    const jti = checkClaims(services, claims, use)
    return { jkt: await calculateJwkThumbprint(key), jti }
  } catch (error) {
    if (!(error instanceof JwtRefused)) throw error
    throw invalidProof(error.message)
  }
}

/**
 * Uses a proof up, for every process that shares the database.
 * @throws {OAuthError} invalid_dpop_proof when it was used before
 */
export async function useProof(
  { expiring, settings }: Pick<Services, 'expiring' | 'settings'>,
  { jkt, jti }: DpopProof,
): Promise<void> {
  const ttlSeconds = settings.dpop.proofMaxAgeSeconds + aheadSecondsMax + 1
  // With the key in it, so that nobody can use up what another is going to say.
  const uses = await expiring.count('dpop-proof', sha256(`${jkt} ${jti}`), ttlSeconds)
  if (uses > 1) throw invalidProof('jti was used before')
}

function invalidProof(cause: string): OAuthError {
  return new OAuthError('invalid_dpop_proof', 'The DPoP proof is not valid for this request', {
    cause: `DPoP proof: ${cause}`,
  })
}

function checkClaims(services: Parts, claims: JWTPayload, use: ProofUse): string {
  const { jti, iat, htm, htu, ath, nonce } = claims
  const { proofMaxAgeSeconds, requireNonce } = services.settings.dpop
  if (typeof jti !== 'string' || jti === '') throw new JwtRefused('jti is missing')
  if (htm !== use.method) throw new JwtRefused('htm is another')
  const asked = typeof htu === 'string' ? comparableUrl(htu) : undefined
  if (asked === undefined || !use.urls.some((url) => comparableUrl(url) === asked)) {
    throw new JwtRefused('htu is another')
  }
  if (use.accessToken !== undefined && ath !== sha256(use.accessToken)) {
    throw new JwtRefused('ath is of another token')
  }
  const now = services.now() / 1000
  if (typeof iat !== 'number') throw new JwtRefused('iat is missing')
  if (iat > now + aheadSecondsMax) throw new JwtRefused('iat is ahead')
  if (iat < now - proofMaxAgeSeconds) throw new JwtRefused('iat is too long ago')
  if (requireNonce && !(typeof nonce === 'string' && isDpopNonce(services, nonce))) {
    throw new OAuthError('use_dpop_nonce', 'The DPoP proof must carry the nonce of this answer', {
      cause: 'DPoP proof: nonce is missing or old',
    })
  }
  return jti
}

/**
 * A URL without query and fragment, as it compares.
 * @see [RFC 3986 §6.2.2 - Syntax-Based Normalization](https://www.rfc-editor.org/rfc/rfc3986.html#section-6.2.2)
 */
export function comparableUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return undefined
  const path = url.pathname.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase()
  })
  return url.origin + path
}
