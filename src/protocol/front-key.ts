/**
 * The word of a front: each request that it makes of the API is, or carries, a JWT that it has
 * signed with its own Ed25519 key. The type of a JWT says what it may be used for, so that one
 * that was made to ask can never be taken for one that answers.
 *
 * @see [RFC 7519 §4.1 - Registered Claim Names](https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1)
 * @see [RFC 8725 §3.11 - Use Explicit Typing](https://www.rfc-editor.org/rfc/rfc8725.html#section-3.11)
 * @see [RFC 8037 §2 - Key Type "OKP"](https://www.rfc-editor.org/rfc/rfc8037.html#section-2)
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import type { Settings } from '../config/settings.ts'
import type { PublicJwk } from '../domain/client-events.ts'
import { sha256 } from '../domain/keyring.ts'
import type { Services } from './services.ts'
import { clockSkewSeconds, JwtRefused, verifyJwt } from './signed-jwt.ts'

/** What a front may say. */
export type FrontWord = 'relay' | 'question' | 'acceptance' | 'denial'

export const frontWordSecondsMax = 60
/** What the front of this program writes: long enough for a slow network. */
const lifetimeSeconds = 30
const algorithm = 'EdDSA'

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 §7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

export function readFrontKey(privateKey: string): KeyObject {
  const key = Buffer.concat([pkcs8Prefix, Buffer.from(privateKey, 'base64url')])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** The half that the API is told: `x` of the JWK. */
export function publicFrontKey(privateKey: string): string {
  const { x } = createPublicKey(readFrontKey(privateKey)).export({ format: 'jwk' })
  return String(x)
}

type Parties = Pick<Settings, 'issuer' | 'apiUrl'>

export function signAsFront(
  word: FrontWord,
  claims: JWTPayload,
  { parties, key, now }: { parties: Parties; key: KeyObject; now: number },
): Promise<string> {
  const issuedAt = Math.floor(now / 1000)
  return new SignJWT({ ...claims, jti: randomUUID() })
    .setProtectedHeader({ alg: algorithm, typ: typeOf(word) })
    .setIssuer(parties.issuer)
    .setAudience(parties.apiUrl)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .sign(key)
}

/**
 * What a front says, if it is one of ours, says it to us, and now.
 * @throws {JwtRefused}
 */
export function hearFront(
  { settings, now }: Pick<Services, 'settings' | 'now'>,
  word: FrontWord,
  jwt: string,
): Promise<JWTPayload> {
  const keys = settings.frontKeys.map((x): PublicJwk => ({ kty: 'OKP', crv: 'Ed25519', x }))
  return verifyJwt(jwt, async () => keys, {
    types: [typeOf(word)],
    issuer: settings.issuer,
    audiences: [settings.apiUrl],
    algorithm,
    lifetimeSecondsMax: frontWordSecondsMax,
    now: now(),
  })
}

/**
 * Uses a JWT up: what decides something counts once.
 * @throws {JwtRefused}
 */
export async function useOnce(
  { expiring }: Pick<Services, 'expiring'>,
  { jti }: JWTPayload,
): Promise<void> {
  if (typeof jti !== 'string' || jti === '') throw new JwtRefused('jti is missing')
  const ttlSeconds = frontWordSecondsMax + 2 * clockSkewSeconds
  if ((await expiring.count('front-jti', sha256(jti), ttlSeconds)) > 1) {
    throw new JwtRefused('jti was used before')
  }
}

function typeOf(word: FrontWord): string {
  return `grantlog-${word}+jwt`
}
