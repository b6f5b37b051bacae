/**
 * The public keys that a client proves itself with: which are good enough, and which fits a
 * signature. A key that shows its private half, or that both sides would share, is none.
 *
 * @see [RFC 7517 §4 - JSON Web Key Format](https://www.rfc-editor.org/rfc/rfc7517.html#section-4)
 * @see [RFC 8725 §3.5 - Ensure Cryptographic Keys Have Sufficient Entropy](https://www.rfc-editor.org/rfc/rfc8725.html#section-3.5)
 */
import type { PublicJwk } from '../../domain/client-events.ts'

export const keyCountMax = 20
const keyIdCharactersMax = 256
const rsaBitsMin = 2048
const rsaBitsMax = 8192
/** A long exponent would keep us busy, and nobody has one. */
const rsaExponentBitsMax = 32

/** Ed25519 has two names: RFC 8037's `EdDSA`, and its own since RFC 9864. */
export const clientAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const
export type ClientAlgorithm = (typeof clientAlgorithms)[number]

export function isClientAlgorithm(name: unknown): name is ClientAlgorithm {
  return clientAlgorithms.some((known) => known === name)
}

/** Members of private and of shared keys (RFC 7518 §6). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** The key with its public members alone, or what is wrong with it. */
export function readPublicKey(value: unknown): PublicJwk | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no object'
  const jwk = value as Readonly<Record<string, unknown>>
  if (secretMembers.some((member) => jwk[member] !== undefined)) return 'is not public'
  if (jwk.use !== undefined && jwk.use !== 'sig') return 'is not for signatures'
  const { key_ops: operations, kid, alg } = jwk
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'is not for verifying'
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > keyIdCharactersMax)) {
    return 'has a kid that is no short text'
  }
  if (alg !== undefined && !isClientAlgorithm(alg)) return 'is for another algorithm'
  const material = readMaterial(jwk)
  if (typeof material === 'string') return material
  return { ...material, ...(kid === undefined ? {} : { kid }), ...(alg ? { alg } : {}) }
}

function readMaterial(jwk: Readonly<Record<string, unknown>>): PublicJwk | string {
  const { kty, crv, x, y, n, e } = jwk
  switch (kty) {
    case 'RSA': {
      if (!isBase64url(n) || !isBase64url(e)) return 'lacks its numbers'
      const bits = bitsOf(n)
      if (bits < rsaBitsMin || bits > rsaBitsMax) return `must have from ${rsaBitsMin} bits`
      const isUsual = bitsOf(e) > 1 && bitsOf(e) <= rsaExponentBitsMax
      return isUsual ? { kty, n, e } : 'has no usual exponent'
    }
    case 'EC':
      if (crv !== 'P-256') return 'must be on the curve P-256'
      return isBase64url(x) && isBase64url(y) ? { kty, crv, x, y } : 'lacks its point'
    case 'OKP':
      if (crv !== 'Ed25519') return 'must be on the curve Ed25519'
      return isBase64url(x) ? { kty, crv, x } : 'lacks its point'
    default:
      return 'must be of type RSA, EC or OKP'
  }
}

function isBase64url(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,2048}$/.test(value)
}

function bitsOf(base64url: string): number {
  const hex = Buffer.from(base64url, 'base64url').toString('hex').replace(/^0+/, '')
  return hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length
}

/** Whether this key may have made a signature that says this of itself. */
export function fits(key: PublicJwk, { alg, kid }: { alg: ClientAlgorithm; kid?: string }) {
  if (kid !== undefined && key.kid !== undefined && key.kid !== kid) return false
  if (key.alg !== undefined && oneName(key.alg) !== oneName(alg)) return false
  return key.kty === (oneName(alg) === 'EdDSA' ? 'OKP' : alg === 'ES256' ? 'EC' : 'RSA')
}

export function oneName(alg: string): string {
  return alg === 'Ed25519' ? 'EdDSA' : alg
}
