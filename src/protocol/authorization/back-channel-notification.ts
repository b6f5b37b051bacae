/**
 * What a client is told with that there is an answer: its own bearer token, and the id that it
 * polls with. Both are secrets and are kept until then, encrypted under our key for one request.
 *
 * @see [OpenID Connect CIBA Core 1.0 §7.1 - client_notification_token](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request)
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Keyring } from '../../domain/keyring.ts'

export interface Notification {
  readonly authReqId: string
  /** What the client gave us to show. */
  readonly token: string
}

export interface Wrapped {
  readonly keyVersion: number
  readonly sealed: string
}

const nonceBytes = 12
const tagBytes = 16

export function wrapNotification(
  keyring: Keyring,
  notification: Notification,
  requestHash: string,
): Wrapped {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keyring.key('client-notification'), nonce)
  cipher.setAAD(Buffer.from(requestHash))
  const text = [cipher.update(JSON.stringify(notification), 'utf8'), cipher.final()]
  const sealed = Buffer.concat([nonce, ...text, cipher.getAuthTag()]).toString('base64url')
  return { keyVersion: keyring.current, sealed }
}

/** @throws {Error} when the key is gone, or it belongs to another request */
export function unwrapNotification(
  keyring: Keyring,
  { keyVersion, sealed }: Wrapped,
  requestHash: string,
): Notification {
  const bytes = Buffer.from(sealed, 'base64url')
  const key = keyring.key('client-notification', keyVersion)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
  decipher.setAAD(Buffer.from(requestHash))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes))
  return JSON.parse(Buffer.concat([text, decipher.final()]).toString('utf8'))
}
