/**
 * An administrator ends what somebody gave or got: a whole grant, or one access token. It counts
 * at the next use, as every revocation here does.
 *
 * @see [RFC 7009 §2.1 - Revocation Request](https://www.rfc-editor.org/rfc/rfc7009.html#section-2.1)
 */
import type { Cause } from '../../domain/event-log.ts'
import { execute } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import { issuanceDecider } from '../../domain/issuance.ts'
import { findListedToken, type ListedToken } from '../../projections/listed-tokens.ts'
import type { Services } from '../services.ts'

type Parts = Pick<Services, 'log' | 'reader' | 'now'>

interface Ending {
  /** In the administrator's words. */
  readonly why: string
  readonly cause: Cause
}

export function endGrant({ log, now }: Parts, grantId: string, { why, cause }: Ending) {
  return execute<string>(log, cause, (work) =>
    work.decide(grantDecider, grantId, {
      kind: 'end',
      reason: 'revoked_by_admin',
      why,
      now: now(),
    }),
  )
}

/** A grant goes on without the token; what was exchanged for the token ends with it. */
export function endToken(
  { log, reader, now }: Parts,
  { sourceId, tokenHash }: Pick<ListedToken, 'sourceId' | 'tokenHash'>,
  { why, cause }: Ending,
) {
  const said = { why, now: now() }
  if (sourceId.startsWith('iss_')) {
    return execute<string>(log, cause, (work) =>
      work.decide(issuanceDecider, sourceId, {
        kind: 'revoke',
        reason: 'revoked_by_admin',
        ...said,
      }),
    )
  }
  return execute<string>(log, cause, async (work) => {
    await work.read(grantDecider, sourceId)
    // Asked now that its stream is guarded: a second click finds the token gone.
    if (!(await findListedToken(reader, { sourceId, tokenHash, now: now() }))) {
      return work.reject('token_unknown')
    }
    return work.decide(grantDecider, sourceId, { kind: 'revoke access token', tokenHash, ...said })
  })
}
