/**
 * Ends API tokens that somebody has found where everybody can read them: a secret scanner, or
 * anyone. Who holds the text could use it, so whoever reports it may end it; and whether there was
 * such a token is told to nobody but its owner.
 *
 * @see [RFC 6750 §5.2 - Threat Mitigation](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.2)
 */
import { sha256 } from '../../domain/keyring.ts'
import { findApiTokenByHash } from '../../projections/api-tokens.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { revokeApiToken } from './api-tokens.ts'
import { hasApiTokenShape } from './token-text.ts'

const tokensPerReportMax = 100

/**
 * @param report as secret scanners send it, `[{ "token": "…" }]`, or one such object; what else it
 * says (type, url, source) is not kept, because nobody vouches for it
 * @throws {OAuthError} invalid_request
 * @returns how many there were in it, known or not, and whose those were that it ended
 */
export async function endLeakedTokens(
  services: Services,
  report: unknown,
  { correlationId }: { correlationId: string },
): Promise<{ readonly received: number; readonly owners: readonly string[] }> {
  const values = tokensIn(report)
  const owners: string[] = []
  for (const value of new Set(values)) {
    if (!hasApiTokenShape(value)) continue
    const found = await findApiTokenByHash(services.reader, sha256(value))
    if (!found) continue
    const cause = { actor: 'system:leak-report', correlationId }
    const asked = { apiTokenId: found.apiTokenId, reason: 'leaked' } as const
    const { outcome } = await revokeApiToken(services, asked, cause)
    if (outcome === 'accepted') owners.push(found.userId)
  }
  return { received: values.length, owners }
}

function tokensIn(report: unknown): string[] {
  const items: unknown[] = Array.isArray(report) ? report : [report]
  if (items.length > tokensPerReportMax) {
    throw new OAuthError('invalid_request', `A report has at most ${tokensPerReportMax} tokens`)
  }
  return items.map((item) => {
    const token = typeof item === 'object' && item !== null && 'token' in item && item.token
    if (typeof token === 'string') return token
    throw new OAuthError('invalid_request', 'The body must be [{ "token": "…" }]')
  })
}
