/**
 * Whatever the order in which the log hears questions and gives answers, every decision that was
 * accepted was true when it was written.
 */
import fc from 'fast-check'
import type { EventLog } from '../../src/domain/event-log.ts'
import { execute } from '../../src/domain/execute.ts'
import { MemoryLog } from '../support/memory-log.ts'
import { describe, expect, test } from '../support/test.ts'
import { add, against, cause, counter, sumOf } from './counter.ts'

describe('in every order that reads and appends can happen in', () => {
  test('all of several additions land, each once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 8 }), async (s, n) => {
        const log = new MemoryLog()
        const all = Promise.all(
          Array.from({ length: n }, (_, bit) => add(held(log, s), 'a', 2 ** bit)),
        )
        const outcomes = await s.waitFor(all)
        expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true)
        expect(await sumOf(log, 'a')).toBe(2 ** n - 1)
        expect(log.events.map(({ version }) => version)).toEqual(log.events.map((_, i) => i + 1))
      }),
    )
  })

  test('two that may each go only while the other has not cannot both go', async () => {
    const goUnless = (log: EventLog, own: string, other: string) =>
      execute(log, cause, async (work) => {
        if ((await work.read(counter, other)) > 0) return work.reject('the other went')
        return work.decide(counter, own, { kind: 'add', by: 1 })
      })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const log = new MemoryLog()
        const both = [goUnless(held(log, s), 'a', 'b'), goUnless(held(log, s), 'b', 'a')]
        const outcomes = await s.waitFor(Promise.all(both))
        expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['accepted', 'refused'])
        expect((await sumOf(log, 'a')) + (await sumOf(log, 'b'))).toBe(1)
      }),
    )
  })
})

/** The log, each question held back until the scheduler lets it through, and each answer too. */
function held(log: EventLog, s: fc.Scheduler): EventLog {
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    await s.schedule(Promise.resolve())
    const settled = await act().then(
      (value) => () => value,
      (error) => () => {
        throw error
      },
    )
    await s.schedule(Promise.resolve())
    return settled()
  }
  return against(log, {
    load: (ids) => inTurn(() => log.load(ids)),
    append: (append) => inTurn(() => log.append(append)),
  })
}
