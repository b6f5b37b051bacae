/**
 * A public client that registers with the same words as another gets the same id. Every
 * installation of an MCP client sends the same body, many of them at each start; without this
 * each would be a client of its own, and nobody could tell them apart anyway, because nothing that
 * they hold proves which one they are.
 *
 *   id = <prefix>_<HMAC of what is kept of the registration>
 *
 * No look-up is needed, and two processes agree. What belongs to everybody is nobody's to change:
 * such a registration has no management token, and a consent to it is never remembered.
 *
 * @see [RFC 7591 §3.2.1 - Client Information Response](https://www.rfc-editor.org/rfc/rfc7591.html#section-3.2.1)
 */
import { clientDecider } from '../../domain/client.ts'
import { Work } from '../../domain/execute.ts'
import type { Keyring } from '../../domain/keyring.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import type { Description } from './client-metadata.ts'

/**
 * The id of these words. An id that an operator deleted stays deleted, so each deletion leads to
 * the next one: `nth` counts them.
 */
export function sharedClientId(
  keyring: Keyring,
  description: Description,
  { prefix, nth = 0 }: { prefix: string; nth?: number },
): string {
  const { metadata, contacts } = description
  const words = [JSON.stringify(sorted(metadata)), JSON.stringify(contacts), String(nth)]
  return `${prefix}_${keyring.mac('client', words)}`
}

/** @throws {OAuthError} invalid_client_metadata when an operator has disabled this client */
export async function findSharedClientId(
  { keyring, log, settings }: Services,
  description: Description,
): Promise<string> {
  for (let nth = 0; ; nth += 1) {
    const id = sharedClientId(keyring, description, { prefix: settings.clientIdPrefix, nth })
    const { status } = await new Work(log).read(clientDecider, id)
    if (status === 'disabled') {
      const words = 'This client was disabled by the people who run this server'
      throw new OAuthError('invalid_client_metadata', words)
    }
    if (status !== 'deleted') return id
  }
}

function sorted(fields: object): object {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))
}
