/**
 * What a server elsewhere calls a session or an event, as the client is told it: encrypted under
 * our own key for one resource, one person and one client. A client never learns the bare id, and
 * somebody else's opens nothing. The same id always looks the same.
 *
 * @see [MCP 2025-11-25 - Security Best Practices, Session Hijacking](https://modelcontextprotocol.io/specification/2025-11-25/basic/security_best_practices)
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import type { Keyring } from '../domain/keyring.ts'

export interface BoundTo {
  readonly resource: string
  readonly sub: string
  readonly clientId: string
  readonly what: 'session' | 'event'
}

const charactersMax = 1024
const nonceBytes = 12
const tagBytes = 16

function contextOf({ resource, sub, clientId, what }: BoundTo): Buffer {
  return Buffer.from(JSON.stringify([what, resource, sub, clientId]))
}

export function wrapId(keyring: Keyring, id: string, to: BoundTo): string {
  const key = keyring.key('gateway-session')
  // Made from all that is encrypted, so that it never serves for two texts.
  const nonce = createHmac('sha256', key).update(contextOf(to)).update('\n').update(id).digest()
  const cipher = createCipheriv('aes-256-gcm', key, nonce.subarray(0, nonceBytes))
  cipher.setAAD(contextOf(to))
  const sealed = [cipher.update(id, 'utf8'), cipher.final(), cipher.getAuthTag()]
  const bytes = Buffer.concat([nonce.subarray(0, nonceBytes), ...sealed])
  return `${keyring.current}.${bytes.toString('base64url')}`
}

/** Undefined for what was made up, or for somebody else. */
export function unwrapId(keyring: Keyring, wrapped: string, to: BoundTo): string | undefined {
  const [, version = '', text = ''] = /^(\d{1,9})\.([A-Za-z0-9_-]+)$/.exec(wrapped) ?? []
  if (wrapped.length > 2 * charactersMax || !keyring.versions.includes(Number(version))) {
    return undefined
  }
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < nonceBytes + tagBytes) return undefined
  const key = keyring.key('gateway-session', Number(version))
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
  decipher.setAAD(contextOf(to))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    const open = decipher.update(bytes.subarray(nonceBytes, -tagBytes))
    return Buffer.concat([open, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** @see [MCP 2025-11-25 - Session Management](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports): visible ASCII alone */
export function isPlainId(id: string): boolean {
  return id.length <= charactersMax && /^[\x21-\x7E]+$/.test(id)
}
