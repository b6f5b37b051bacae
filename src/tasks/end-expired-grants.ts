/**
 * Ends grants that are over by time alone: nobody redeemed the code, or nobody refreshed while
 * the refresh token was good, and no access token is left. So the log says when each one ended, and
 * a client without any other can go to sleep.
 */
import { execute } from '../domain/execute.ts'
import { grantDecider } from '../domain/grant.ts'
import { newId } from '../domain/ids.ts'
import { findExpiredGrants, isExpired } from '../projections/expired-grants.ts'
import type { Services } from '../protocol/services.ts'

/** So that nobody who signs in waits for it; the rest have their turn a minute later. */
const grantsPerRun = 100

/** @returns how many were ended */
export async function endExpiredGrants(
  services: Pick<Services, 'log' | 'reader' | 'now'>,
): Promise<number> {
  const { log, reader } = services
  const now = services.now()
  const cause = { actor: 'system:end-expired-grants', correlationId: newId('tsk') }
  let ended = 0
  for (const grantId of await findExpiredGrants(reader, { now, rowsMax: grantsPerRun })) {
    const { outcome } = await execute<string>(log, cause, async (work) => {
      await work.read(grantDecider, grantId)
      // Asked again now that its stream is guarded: another process may have had another clock.
      if (!(await isExpired(reader, { grantId, now }))) return work.reject('grant_in_use')
      return work.decide(grantDecider, grantId, { kind: 'end', reason: 'expired', now })
    })
    if (outcome === 'accepted') ended += 1
  }
  return ended
}
