/**
 * Until when what was said of a token may be said again to whoever asks the very same, while
 * nothing that was read for the answer changes. It ends with the token, and soon in any case, so
 * that a token in use is noted as one.
 *
 * Only what stands in the database can be seen to change. So it is nothing for tokens whose
 * signature is checked, or whose holder proves something, and nothing for agents, whose owner's
 * consent has times of its own.
 *
 * @see [RFC 7662 §4 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7662.html#section-4) on caching
 */
import type { LiveToken } from '../../projections/live-tokens.ts'
import type { Services } from '../services.ts'
import { hasTokenShape } from './token-text.ts'

const repeatedMsMax = 60_000

/** Milliseconds since 1970; undefined where the next one must be answered anew. */
export function repeatableUntil(
  { now }: Pick<Services, 'now'>,
  token: LiveToken,
  presented: string,
): number | undefined {
  const { apiTokenId, agent, confirmation, expiresAt } = token
  const isLookedUp =
    apiTokenId !== undefined ||
    hasTokenShape(presented, 'access') ||
    hasTokenShape(presented, 'refresh')
  if (!isLookedUp || agent !== undefined || confirmation !== undefined) return undefined
  return Math.min(expiresAt, now() + repeatedMsMax)
}
