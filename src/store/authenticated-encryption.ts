/**
 * AES-256-GCM with a random nonce, as one run of bytes: nonce (12) ‖ ciphertext ‖ tag (16).
 * The associated data ties a ciphertext to its place, so that it cannot be moved to another.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
export const encryptionKeyBytes = 32

export interface Encryption {
  readonly key: Uint8Array
  /** Where the ciphertext belongs; its parts are length-prefixed, so no two lists collide. */
  readonly associatedData: readonly string[]
}

export function encrypt(plaintext: Uint8Array, { key, associatedData }: Encryption): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(encodeParts(associatedData))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** @throws {Error} when key, place or bytes are not those of the encryption */
export function decrypt(sealed: Uint8Array, { key, associatedData }: Encryption): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('Cannot decrypt: too few bytes')
  const tagAt = sealed.length - tagBytes
  const nonce = sealed.subarray(0, nonceBytes)
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(encodeParts(associatedData))
  decipher.setAuthTag(sealed.subarray(tagAt))
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, tagAt)), decipher.final()])
}

function encodeParts(parts: readonly string[]): Buffer {
  return Buffer.from(parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''))
}
