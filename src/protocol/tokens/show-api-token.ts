/**
 * Shows its owner the text of an API token once more, where the operator lets people see it again;
 * that it was shown is in the log.
 *
 * @see [RFC 6750 §5.3 - Summary of Recommendations](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.3)
 */
import { type ApiTokenRefusal, apiTokenDecider } from '../../domain/api-token.ts'
import { execute } from '../../domain/execute.ts'
import type { ApiToken } from '../../projections/api-tokens.ts'
import type { Services } from '../services.ts'
import { type ApiTokenCause, textOf } from './api-tokens.ts'

/** Undefined where it cannot be shown, or is another by now. */
export async function showApiToken(
  services: Services,
  row: ApiToken,
  cause: ApiTokenCause,
): Promise<string | undefined> {
  const text = textOf(services, row)
  if (text === undefined) return undefined
  const command = { kind: 'show', generation: row.generation, now: services.now() } as const
  const outcome = await execute<ApiTokenRefusal>(services.log, cause, (work) =>
    work.decide(apiTokenDecider, row.apiTokenId, command),
  )
  return outcome.outcome === 'accepted' ? text : undefined
}
