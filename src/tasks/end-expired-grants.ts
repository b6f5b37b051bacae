/**
 * Ends grants that are over by time alone: nobody redeemed the code, or nobody refreshed while
 * the refresh token was good, and no access token is left. So the log says when each one ended, and
 * a client without any other can go to sleep.
 *
 * A run looks at some grants, from the oldest on, and the next run goes on behind them: with millions
 * of grants it takes days until each had its turn, and nothing has to be kept for it.
 */
import { setImmediate } from 'node:timers/promises'
import type { EventLog } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { grantDecider } from '../domain/grant.ts'
import { newId } from '../domain/ids.ts'
import { isExpired, lookForExpiredGrants } from '../projections/expired-grants.ts'
import type { Services } from '../protocol/services.ts'

/** So that nobody who signs in waits for it; the rest have their turn a minute later. */
const grantsEndedPerRun = 100
const grantsLookedAtPerRun = 5_000
const grantsLookedAtAtOnce = 250

/** The last grant that each log's last run looked at; the next one goes on behind it. */
const lookedThrough = new WeakMap<EventLog, string>()

type Parts = Pick<Services, 'log' | 'reader' | 'now'>

/** @returns how many were ended */
export async function endExpiredGrants(services: Parts): Promise<number> {
  const { log, reader, now } = services
  const start = lookedThrough.get(log) ?? ''
  let [after, looked, ended, isRound] = [start, 0, 0, start === '']
  while (looked < grantsLookedAtPerRun && ended < grantsEndedPerRun) {
    const page = { after, now: now(), rowsMax: grantsLookedAtAtOnce }
    const { last, expired } = await lookForExpiredGrants(reader, page)
    for (const grantId of expired) if (await endExpired(services, grantId)) ended += 1
    looked += grantsLookedAtAtOnce
    after = last ?? ''
    // From the oldest on again, once, unless it began there.
    if (last === undefined && isRound) break
    if (last === undefined) isRound = true
    await setImmediate()
  }
  lookedThrough.set(log, after)
  return ended
}

async function endExpired({ log, reader, now }: Parts, grantId: string): Promise<boolean> {
  const cause = { actor: 'system:end-expired-grants', correlationId: newId('tsk') }
  const at = now()
  const { outcome } = await execute<string>(log, cause, async (work) => {
    await work.read(grantDecider, grantId)
    // Asked again now that its stream is guarded: another process may have had another clock.
    if (!(await isExpired(reader, { grantId, now: at }))) return work.reject('grant_in_use')
    return work.decide(grantDecider, grantId, { kind: 'end', reason: 'expired', now: at })
  })
  return outcome === 'accepted'
}
