/**
 * Every key of the server is an HKDF of one versioned master secret under its own label
 * (RFC 5869), so that one secret is all an operator has to keep, and no two uses share a key.
 *
 * @see [RFC 5869 §2 - HKDF](https://www.rfc-editor.org/rfc/rfc5869.html#section-2)
 */
import { createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto'

/** What a key may be derived for; a new use gets a new label here. */
export type KeyLabel =
  | 'wrap'
  | 'refresh'
  | 'lookup'
  | 'check'
  | 'csrf'
  | 'cookie'
  | 'client'
  | 'api token'
  | 'dpop-nonce'
  | 'upstream'
  | 'passkey'
  | 'recovery-code'
  | 'totp'
  | 'user-code'
  | 'mail-link'
  | 'agent-request'
  | 'agent-secret'
  | 'bot-webhook'
  | 'gateway-session'
  | 'tool-arguments'
  | 'approval'
  | 'client-notification'

const keyBytes = 32
export const secretBytesMin = 16

export class Keyring {
  readonly #secrets: ReadonlyMap<number, Buffer>
  readonly #derived = new Map<string, Buffer>()
  /** The version that new things are made under: the highest. */
  readonly current: number

  constructor(secrets: ReadonlyMap<number, Buffer>) {
    if (secrets.size === 0) throw new Error('Cannot make a keyring: no master secret')
    this.#secrets = secrets
    this.current = Math.max(...secrets.keys())
  }

  /**
   * Reads `GRANTLOG_SECRET`: one secret, or several as `2:new,1:old` while the old one is still needed.
   *
   * ```ts
   * import { equal } from 'node:assert/strict'
   *
   * const keyring = Keyring.parse('2:a newer secret here,1:the older secret')
   * equal(keyring.current, 2)
   * equal(Keyring.parse('the older secret').mac('lookup', ['x']), keyring.mac('lookup', ['x'], 1))
   * ```
   *
   * @throws {Error} when a secret is under 16 bytes or a version repeats
   */
  static parse(text: string): Keyring {
    const secrets = new Map<number, Buffer>()
    // A secret without a version may hold anything, commas too.
    const parts = /^\s*\d{1,9}:/.test(text) ? text.split(',') : [`1:${text.trim()}`]
    for (const part of parts.map((p) => p.trim())) {
      const [, version = '', value = ''] = /^(\d{1,9}):(.+)$/s.exec(part) ?? []
      const secret = Buffer.from(value, 'utf8')
      if (secret.length < secretBytesMin) {
        throw new Error(`Cannot use the secret: it has under ${secretBytesMin} bytes`)
      }
      if (secrets.has(Number(version))) {
        throw new Error(`Cannot use the secret: version ${version} repeats`)
      }
      secrets.set(Number(version), secret)
    }
    return new Keyring(secrets)
  }

  get versions(): number[] {
    return [...this.#secrets.keys()]
  }

  /** @throws {Error} when the version is not in this keyring */
  key(label: KeyLabel, version: number = this.current): Buffer {
    const id = `${version}:${label}`
    const known = this.#derived.get(id)
    if (known) return known
    const secret = this.#secrets.get(version)
    if (!secret) throw new Error(`Cannot derive a key: version ${version} of the secret is missing`)
    const salt = Buffer.from('grantlog')
    const key = Buffer.from(
      hkdfSync('sha256', secret, salt, `grantlog ${label} ${version}`, keyBytes),
    )
    this.#derived.set(id, key)
    return key
  }

  /** HMAC-SHA-256, unpadded base64url. Parts are length-prefixed, so no two lists collide. */
  mac(label: KeyLabel, parts: readonly string[], version: number = this.current): string {
    const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('')
    return createHmac('sha256', this.key(label, version)).update(text).digest('base64url')
  }
}

/** SHA-256 of a high-entropy value, unpadded base64url. */
export function sha256(value: string): string {
  return hash('sha256', value, 'base64url')
}

/** Compares in constant time; strings of different length are unequal at once. */
export function equalSecrets(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
