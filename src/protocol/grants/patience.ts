/**
 * Whoever waits for a person asks again and again, and not too often: one that does not wait is
 * told so, and has to wait longer from then on. All processes count together.
 *
 * @see [RFC 8628 §3.5 - Device Access Token Response](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.5)
 */
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'

const slowDownSeconds = 5

interface Poll {
  readonly intervalSeconds: number
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface Waiting {
  /** Who waits: devices and others are counted apart. */
  readonly kind: string
  readonly id: string
  readonly expiresAt: number
  /** How long to wait between two questions at first. */
  readonly intervalSeconds: number
}

/** @throws {OAuthError} slow_down, and asks for five seconds more each time */
export async function requirePatience(
  { expiring, now }: Pick<Services, 'expiring' | 'now'>,
  { kind, id, expiresAt, intervalSeconds: first }: Waiting,
): Promise<void> {
  const last = (await expiring.get(kind, id)) as Poll | undefined
  const { intervalSeconds } = last ?? { intervalSeconds: first }
  const at = now()
  const isTooSoon = last !== undefined && at < last.at + intervalSeconds * 1000
  const next = isTooSoon ? intervalSeconds + slowDownSeconds : intervalSeconds
  const body: Poll = { intervalSeconds: next, at }
  await expiring.put({ kind, id, body, expiresAt })
  if (isTooSoon) throw new OAuthError('slow_down', `Ask again in ${next} seconds`)
}
