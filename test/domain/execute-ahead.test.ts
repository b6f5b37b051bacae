/** Streams that were asked for ahead, and streams that need not be asked for at all. */
import { LogUnavailable, VersionConflict } from '../../src/domain/event-log.ts'
import { execute, type Guess, type Work, WrongGuess } from '../../src/domain/execute.ts'
import { MemoryLog } from '../support/memory-log.ts'
import { rejectionOf } from '../support/rejection.ts'
import { describe, expect, test } from '../support/test.ts'
import { add, cause, counter, sumOf } from './counter.ts'

/** Counts what it is asked for. */
class AskedLog extends MemoryLog {
  readonly asked: string[] = []
  override load(streamIds: readonly string[]) {
    this.asked.push(...streamIds)
    return super.load(streamIds)
  }
}

describe('a stream that was read ahead', () => {
  test('is not asked for again, and is guarded as it was read', async () => {
    const log = new AskedLog()
    await add(log, 'a', 5)
    const ahead = log.load(['counter/a'])
    log.asked.length = 0
    await execute(log, cause, (work) => work.decide(counter, 'a', { kind: 'add', by: 1 }), {
      ahead,
    })
    expect(log.asked).toEqual([])
    expect(log.appends.at(-1)?.writes[0]?.expectedVersion).toBe(1)
    expect(await sumOf(log, 'a')).toBe(6)
  })

  test('is read anew when it has moved since', async () => {
    const log = new AskedLog()
    await add(log, 'a', 5)
    const ahead = log.load(['counter/a'])
    await ahead
    await add(log, 'a', 10)
    await execute(log, cause, (work) => work.decide(counter, 'a', { kind: 'add', by: 1 }), {
      ahead,
    })
    expect(await sumOf(log, 'a')).toBe(16)
  })

  test('leaves the others to be asked for', async () => {
    const log = new AskedLog()
    const ahead = log.load(['counter/a'])
    log.asked.length = 0
    const both = execute(
      log,
      cause,
      async (work) => {
        await work.prefetch([
          [counter, 'a'],
          [counter, 'b'],
        ])
        return work.decide(counter, 'b', { kind: 'add', by: 2 })
      },
      { ahead },
    )
    expect((await both).outcome).toBe('accepted')
    expect(log.asked).toEqual(['counter/b'])
  })

  test('that could not be read is no stream that is not there', async () => {
    const log = new MemoryLog()
    const ahead = Promise.reject(new Error('no answer'))
    const work = execute(log, cause, (unit) => unit.decide(counter, 'a', { kind: 'add', by: 1 }), {
      ahead,
    })
    expect(String(await rejectionOf(work))).toContain('no answer')
    expect(log.appends).toEqual([])
  })
})

describe('a stream that begins', () => {
  test('is not asked for', async () => {
    const log = new AskedLog()
    await execute(log, cause, (work) => {
      work.begin(counter, 'new')
      return work.decide(counter, 'new', { kind: 'add', by: 3 })
    })
    expect(log.asked).toEqual([])
    expect(await sumOf(log, 'new')).toBe(3)
  })

  test('is never written over one that is there', async () => {
    const log = new MemoryLog()
    await add(log, 'a', 5)
    const work = execute(log, cause, (unit) => {
      unit.begin(counter, 'a')
      return unit.decide(counter, 'a', { kind: 'add', by: 3 })
    })
    expect(await rejectionOf(work)).toBeInstanceOf(VersionConflict)
    expect(await sumOf(log, 'a')).toBe(5)
  })

  test('keeps what was read of it before', async () => {
    const log = new MemoryLog()
    await add(log, 'a', 5)
    await execute(log, cause, async (work) => {
      await work.read(counter, 'a')
      work.begin(counter, 'a')
      return work.decide(counter, 'a', { kind: 'add', by: 1 })
    })
    expect(await sumOf(log, 'a')).toBe(6)
  })
})

describe('what is guessed', () => {
  const addTo = (id: string) => (work: Work) => work.decide(counter, id, { kind: 'add', by: 1 })

  async function guessOf(log: MemoryLog, ...ids: string[]): Promise<Guess> {
    const streams = await log.load(ids.map((id) => `counter/${id}`))
    return { streams, absent: [{ kind: 'pause', id: 'a' }], isProven: false }
  }

  test('is not asked for, and all of it is guarded, read or not', async () => {
    const log = new AskedLog()
    await add(log, 'a', 5)
    await add(log, 'b', 5)
    const guess = await guessOf(log, 'a', 'b', 'none')
    log.asked.length = 0
    await execute(log, cause, addTo('a'), { guess })
    expect(log.asked).toEqual([])
    expect(guess.isProven).toBe(true)
    const append = log.appends.at(-1)
    expect(append?.absent).toEqual(guess.absent)
    expect(append?.writes[0]?.expectedVersion).toBe(1)
    expect(append?.guards.map(({ streamId, version }) => [streamId, version])).toEqual([
      ['counter/b', 1],
      ['counter/none', 0],
    ])
  })

  for (const moved of ['a', 'b', 'none']) {
    test(`is tried once, and writes nothing where "${moved}" has moved since`, async () => {
      const log = new AskedLog()
      await add(log, 'a', 5)
      await add(log, 'b', 5)
      const guess = await guessOf(log, 'a', 'b', 'none')
      await add(log, moved, 10)
      const events = log.events.length
      const failure = await rejectionOf(execute(log, cause, addTo('a'), { guess }))
      expect(failure).toBeInstanceOf(WrongGuess)
      expect(guess.isProven).toBe(false)
      expect(log.events.length).toBe(events)
    })
  }

  test('says nothing where nothing is written, accepted or refused', async () => {
    const log = new AskedLog()
    await add(log, 'a', 5)
    for (const by of [0, -1]) {
      const guess = await guessOf(log, 'a')
      const work = (unit: Work) => unit.decide(counter, 'a', { kind: 'add', by })
      expect(await rejectionOf(execute(log, cause, work, { guess }))).toBeInstanceOf(WrongGuess)
      expect(guess.isProven).toBe(false)
    }
  })

  test('is proven by the fact that a refusal has recorded', async () => {
    const log = new AskedLog()
    await add(log, 'a', 5)
    const guess = await guessOf(log, 'a')
    const work = (unit: Work) => unit.decide(counter, 'a', { kind: 'add too much', by: 1 })
    const { outcome } = await execute(log, cause, work, { guess })
    expect([outcome, guess.isProven]).toEqual(['refused', true])
  })

  test('leaves a failure of the log as it is', async () => {
    const log = new AskedLog()
    await add(log, 'a', 5)
    const guess = await guessOf(log, 'a')
    log.append = async () => {
      throw new LogUnavailable('Cannot write')
    }
    const failure = await rejectionOf(execute(log, cause, addTo('a'), { guess }))
    expect(failure).toBeInstanceOf(LogUnavailable)
    expect(guess.isProven).toBe(false)
  })
})
