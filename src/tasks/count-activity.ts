/** Writes what anonymous callers did in each finished hour into the log: one event an hour. */
import { activityDecider } from '../domain/activity.ts'
import { AlreadyConsumed } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import type { Services } from '../protocol/services.ts'

export async function countActivity(
  services: Pick<Services, 'log' | 'observations' | 'now'>,
): Promise<void> {
  const cause = { actor: 'system:count-activity', correlationId: newId('tsk') }
  for (const { hour, counts } of await services.observations.finishedHours()) {
    try {
      await execute<string>(services.log, cause, (work) => {
        work.consume('observed_hour', String(hour))
        const now = services.now()
        return work.decide(activityDecider, `hour-${hour}`, { kind: 'count', hour, counts, now })
      })
    } catch (error) {
      // Another process on the same database was faster.
      if (!(error instanceof AlreadyConsumed)) throw error
    }
  }
}
