/**
 * Codes that an app shows, a new one every half minute: SHA-1, six digits, as all apps have them.
 * A clock may be one step off, either way.
 *
 * @see [RFC 6238 §4 - TOTP Algorithm](https://www.rfc-editor.org/rfc/rfc6238.html#section-4)
 * @see [RFC 4226 §5.3 - Generating an HOTP Value](https://www.rfc-editor.org/rfc/rfc4226.html#section-5.3)
 */
import { createHmac } from 'node:crypto'
import { equalSecrets } from '../domain/keyring.ts'

export const totpSeedBytes = 20
export const totpStepSeconds = 30
const digits = 6
const driftSteps = 1

export function totpStep(atMs: number): number {
  return Math.floor(atMs / 1000 / totpStepSeconds)
}

export function totpCode(seed: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', seed).update(counter).digest()
  const offset = mac.readUInt8(mac.length - 1) & 0x0f
  const value = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(value % 10 ** digits).padStart(digits, '0')
}

/** The step that this is the code of, if it is one of now; all are compared, to take equally long. */
export function stepOfCode(seed: Uint8Array, code: string, atMs: number): number | undefined {
  const now = totpStep(atMs)
  const steps = [now - driftSteps, now, now + driftSteps]
  return steps.filter((step) => equalSecrets(totpCode(seed, step), code)).at(-1)
}

const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** @see [RFC 4648 §6 - Base 32 Encoding](https://www.rfc-editor.org/rfc/rfc4648.html#section-6) */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => base32Letters[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

/** What the QR code says: the apps agree on this form, and RFC 6238 on none. */
export function otpauthUri(
  seed: Uint8Array,
  { brand, account }: { brand: string; account: string },
): string {
  const label = [brand, account].map((part) => encodeURIComponent(part)).join(':')
  return `otpauth://totp/${label}?secret=${base32(seed)}&issuer=${encodeURIComponent(brand)}`
}
