/** Streams that were asked for ahead, and streams that need not be asked for at all. */
import { VersionConflict } from '../../src/domain/event-log.ts'
import { execute } from '../../src/domain/execute.ts'
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
