/** A log that answers in whatever order a scheduler thinks of; the one behind is the real one. */
import type fc from 'fast-check'
import type { EventLog } from '../../src/domain/event-log.ts'

/** Each question waits until the scheduler lets it through, and each answer too. */
export function heldBack(log: EventLog, s: fc.Scheduler): EventLog {
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    await s.schedule(Promise.resolve())
    // The answer may be let through late, but never waits outside of the scheduler.
    const answer = act().then(
      (value) => () => value,
      (error) => () => {
        throw error
      },
    )
    const outcome = await s.schedule(answer)
    return outcome()
  }
  return {
    load: (ids) => inTurn(() => log.load(ids)),
    append: (append) => inTurn(() => log.append(append)),
    read: (query) => log.read(query),
    find: (id) => log.find(id),
    replay: (query) => log.replay(query),
  }
}

/**
 * The same log for each of several, answering nobody before all of them have asked something: else
 * whoever has more to read elsewhere would never be first.
 * @returns what makes one of them, that asks so many questions more before its own, so that not
 *   always the one with the fewest comes first; the log must be one of `heldBack`
 */
export function meeting(log: EventLog, size: number): (more: number) => EventLog {
  const { promise: allAreHere, resolve } = Promise.withResolvers<void>()
  let missing = size
  return (more) => {
    let isHere = false
    const load: EventLog['load'] = async (ids) => {
      if (!isHere) {
        isHere = true
        missing -= 1
        if (missing === 0) resolve()
        await allAreHere
        for (let count = 0; count < more; count += 1) await log.load([])
      }
      return log.load(ids)
    }
    return { ...log, load }
  }
}
