/**
 * A JWT that somebody else has signed, read without believing anything of it: the header names an
 * algorithm and a key, and neither brings one along. What it says is checked here too, because a
 * good signature under a statement that is old, or meant for somebody else, is worth nothing.
 *
 * @see [RFC 7515 §4.1 - Registered Header Parameter Names](https://www.rfc-editor.org/rfc/rfc7515.html#section-4.1)
 * @see [RFC 8725 §3 - Best Practices](https://www.rfc-editor.org/rfc/rfc8725.html#section-3)
 */
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload } from 'jose'
import type { PublicJwk } from '../domain/client-events.ts'
import {
  type ClientAlgorithm,
  fits,
  isClientAlgorithm,
  oneName,
  readPublicKey,
} from './clients/public-keys.ts'

export const jwtCharactersMax = 16_384
const keysTriedMax = 10
/** A clock may be ahead of ours by this much (FAPI 2.0 asks for 10 at least and 60 at most). */
export const clockSkewSeconds = 60

/** Why a JWT is not believed; for our log. */
export class JwtRefused extends Error {
  override name = 'JwtRefused'
}

/** What a signature says of itself. */
export interface Signature {
  readonly alg: ClientAlgorithm
  readonly kid?: string
}

/** The keys of whoever is said to have signed; not those that the JWT brings along. */
export type KeysFor = (signature: Signature) => Promise<readonly PublicJwk[]>

export interface ExpectedJwt {
  /** What may stand in `typ`; undefined among them means that it may be missing. */
  readonly types: readonly (string | undefined)[]
  readonly issuer: string
  readonly subject?: string
  /** `aud` must be one of these, alone and not in a list. */
  readonly audiences: readonly string[]
  /** Whether it may also be the one member of a list, as Kubernetes writes it. */
  readonly audienceMayBeList?: true
  /** The one algorithm that was agreed on, if any was. */
  readonly algorithm?: string
  /** How far ahead `exp` may be. */
  readonly lifetimeSecondsMax: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Each of them would have us use a key, or a rule, that the sender chose. */
const foreignHeaders = ['jku', 'x5u', 'x5c', 'crit', 'b64', 'zip']

/** @throws {JwtRefused} */
export async function verifyJwt(
  jwt: string,
  keysFor: KeysFor,
  expected: ExpectedJwt,
): Promise<JWTPayload> {
  const { signature } = readHeader(jwt, { ...expected, foreign: ['jwk', ...foreignHeaders] })
  if (expected.algorithm !== undefined && oneName(signature.alg) !== oneName(expected.algorithm)) {
    throw new JwtRefused(`algorithm ${signature.alg} is not the registered one`)
  }
  const keys = (await keysFor(signature)).filter((key) => fits(key, signature))
  if (keys.length === 0) throw new JwtRefused(`no key for ${signature.alg} ${signature.kid ?? ''}`)
  for (const key of keys.slice(0, keysTriedMax)) {
    if (!(await isSignedBy(jwt, key, signature))) continue
    const claims = claimsOf(jwt)
    checkClaims(claims, expected)
    return claims
  }
  throw new JwtRefused('the signature is by none of the keys')
}

/**
 * A JWT that shows the key it is signed with: that says nothing of who sent it, and all of which
 * key they hold.
 * @throws {JwtRefused}
 */
export async function verifyShownKey(
  jwt: string,
  types: ExpectedJwt['types'],
): Promise<{ key: PublicJwk; claims: JWTPayload }> {
  const { signature, header } = readHeader(jwt, { types, foreign: foreignHeaders })
  const key = readPublicKey(header.jwk)
  if (typeof key === 'string') throw new JwtRefused(`the key ${key}`)
  if (!fits(key, signature)) throw new JwtRefused(`the key is not for ${signature.alg}`)
  if (!(await isSignedBy(jwt, key, signature))) throw new JwtRefused('the signature is by another')
  return { key, claims: claimsOf(jwt) }
}

/** What a JWT claims before anybody has checked it: good for finding out whose keys to try. */
export function unverifiedClaims(jwt: string): JWTPayload | undefined {
  if (jwt.length > jwtCharactersMax) return undefined
  try {
    return decodeJwt(jwt)
  } catch {
    return undefined
  }
}

type Header = Readonly<Record<string, unknown>>

function readHeader(
  jwt: string,
  { types, foreign }: Pick<ExpectedJwt, 'types'> & { foreign: readonly string[] },
): { signature: Signature; header: Header } {
  if (jwt.length > jwtCharactersMax) throw new JwtRefused('too long')
  let header: Header
  try {
    header = decodeProtectedHeader(jwt) as Header
  } catch {
    throw new JwtRefused('no JWT')
  }
  const { alg, kid, typ } = header
  const brought = foreign.find((name) => header[name] !== undefined)
  if (brought !== undefined) throw new JwtRefused(`header ${brought}`)
  if (!isClientAlgorithm(alg)) throw new JwtRefused(`algorithm ${String(alg).slice(0, 20)}`)
  if (kid !== undefined && typeof kid !== 'string') throw new JwtRefused('kid is no text')
  if (!types.includes(normalType(typ))) throw new JwtRefused(`typ ${String(typ).slice(0, 50)}`)
  return { signature: { alg, ...(kid === undefined ? {} : { kid }) }, header }
}

/** RFC 7515 §4.1.9: in any case, and with `application/` left out or not. */
function normalType(typ: unknown): string | undefined {
  if (typ === undefined) return undefined
  return String(typ)
    .toLowerCase()
    .replace(/^application\//, '')
}

async function isSignedBy(jwt: string, key: PublicJwk, { alg }: Signature): Promise<boolean> {
  try {
    await compactVerify(jwt, await importJWK({ ...key, alg }, alg), { algorithms: [alg] })
    return true
  } catch {
    return false
  }
}

function claimsOf(jwt: string): JWTPayload {
  try {
    return decodeJwt(jwt)
  } catch {
    throw new JwtRefused('the payload is no JSON object')
  }
}

function checkClaims(claims: JWTPayload, expected: ExpectedJwt): void {
  const { iss, sub, exp } = claims
  const isList = Array.isArray(claims.aud) && claims.aud.length === 1
  const aud = expected.audienceMayBeList && isList ? claims.aud?.[0] : claims.aud
  if (iss !== expected.issuer) throw new JwtRefused('iss is another')
  if (expected.subject !== undefined && sub !== expected.subject) {
    throw new JwtRefused('sub is another')
  }
  if (typeof aud !== 'string' || !expected.audiences.includes(aud)) {
    throw new JwtRefused(`aud ${JSON.stringify(aud)?.slice(0, 200)}`)
  }
  const now = expected.now / 1000
  if (!Number.isFinite(exp) || typeof exp !== 'number') throw new JwtRefused('exp is missing')
  if (exp <= now) throw new JwtRefused('expired')
  if (exp > now + expected.lifetimeSecondsMax + clockSkewSeconds) {
    throw new JwtRefused('exp is too far ahead')
  }
  for (const name of ['iat', 'nbf'] as const) {
    const at: unknown = claims[name]
    if (at === undefined) continue
    if (typeof at !== 'number' || at > now + clockSkewSeconds) {
      throw new JwtRefused(`${name} is ahead`)
    }
  }
}
