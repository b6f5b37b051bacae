/** Read, decide, append: what is guarded, what is written, and what happens to who comes second. */
import { AlreadyConsumed, type EventLog, VersionConflict } from '../../src/domain/event-log.ts'
import { execute, type Work } from '../../src/domain/execute.ts'
import { MemoryLog } from '../support/memory-log.ts'
import { describe, expect, test } from '../support/test.ts'
import { add, against, cause, counter, sumOf } from './counter.ts'

describe('what is accepted', () => {
  test('is appended with its state, and says where it stands', async () => {
    const log = new MemoryLog()
    expect(await add(log, 'a', 5)).toEqual({
      outcome: 'accepted',
      recorded: [{ eventId: 'evt_1', position: 1 }],
    })
    expect(log.appends[0]?.writes).toEqual([
      {
        streamId: 'counter/a',
        expectedVersion: 0,
        events: [{ type: 'Counted', payload: { by: 5 } }],
        state: 5,
        stateSchema: 2,
      },
    ])
    expect(log.events[0]).toMatchObject(cause)
  })

  test('is decided on what the same work decided before', async () => {
    const log = new MemoryLog()
    const outcome = await execute(log, cause, async (work) => {
      await work.decide(counter, 'a', { kind: 'add', by: 600 })
      expect(await work.read(counter, 'a')).toBe(600)
      return work.decide(counter, 'a', { kind: 'add', by: 400 })
    })
    expect(outcome.recorded.length).toBe(2)
    expect(await sumOf(log, 'a')).toBe(1000)
  })

  test('may span streams, in one append', async () => {
    const log = new MemoryLog()
    await execute(log, cause, async (work) => {
      await work.decide(counter, 'a', { kind: 'add', by: 1 })
      return work.decide(counter, 'b', { kind: 'add', by: 2 })
    })
    expect(log.appends.map(({ writes }) => writes.length)).toEqual([2])
    expect([await sumOf(log, 'a'), await sumOf(log, 'b')]).toEqual([1, 2])
  })

  test('makes no append when it records nothing', async () => {
    const log = new MemoryLog()
    expect(await add(log, 'a', 0)).toEqual({ outcome: 'accepted', recorded: [] })
    expect(log.appends).toEqual([])
  })

  test('keeps and forgets its secrets and uses up its entries in the same append', async () => {
    const log = new MemoryLog()
    const value = new Uint8Array([1])
    const work = async (work: Work) => {
      work.keepSecret('sec_2', value)
      work.forgetSecret('sec_1')
      work.consume('request', 'req_1')
      work.consumeAsRead({ kind: 'draft', id: 'dra_1', body: { n: 1 } })
      return work.decide(counter, 'a', { kind: 'add', by: 1 })
    }
    await execute(log, cause, work)
    expect(log.appends[0]).toMatchObject({
      secrets: [{ id: 'sec_2', value }],
      forgets: ['sec_1'],
      consumes: [
        { kind: 'request', id: 'req_1' },
        { kind: 'draft', id: 'dra_1', body: { n: 1 } },
      ],
    })
    await expect(execute(log, cause, work)).rejects.toThrow(AlreadyConsumed)
    expect(await sumOf(log, 'a')).toBe(1)
  })

  test('is a command of its own each time', async () => {
    const log = new MemoryLog()
    await add(log, 'a', 1)
    await add(log, 'a', 1)
    expect(new Set(log.appends.map(({ commandId }) => commandId)).size).toBe(2)
  })

  // Both used to read; the later reading replaced what the earlier had decided.
  test('is not lost when the same work decides twice at once', async () => {
    const log = new MemoryLog()
    let delay = 0
    const load: EventLog['load'] = async (ids) => {
      delay += 5
      await new Promise((resolve) => setTimeout(resolve, delay))
      return log.load(ids)
    }
    await execute(against(log, { load }), cause, async (work) => {
      const both = [1, 2].map((by) => work.decide(counter, 'a', { kind: 'add', by }))
      return (await Promise.all(both))[0] ?? work.reject('nothing')
    })
    expect(await sumOf(log, 'a')).toBe(3)
  })
})

describe('what is refused', () => {
  test('is appended when it records facts', async () => {
    const log = new MemoryLog()
    expect(await add(log, 'a', 1001)).toEqual({
      outcome: 'refused',
      reason: 'too_much',
      recorded: [{ eventId: 'evt_1', position: 1 }],
    })
    expect(log.events.map(({ payload }) => payload)).toEqual([{ by: 0 }])
  })

  test('makes no append when it records nothing', async () => {
    const log = new MemoryLog()
    const refused = { outcome: 'refused', reason: 'nothing', recorded: [] }
    expect(await add(log, 'a', -1)).toEqual(refused as Awaited<ReturnType<typeof add>>)
    expect(log.appends).toEqual([])
  })

  test('without a decider gives its reason', async () => {
    const outcome = await execute(new MemoryLog(), cause, async (work) => work.reject('not today'))
    expect(outcome).toEqual({ outcome: 'refused', reason: 'not today', recorded: [] })
  })

  // What was accepted on the way used to be appended: half of a thing that did not happen.
  test('leaves nothing of what was accepted on the way', async () => {
    const log = new MemoryLog()
    const outcome = await execute(log, cause, async (work) => {
      await work.decide(counter, 'a', { kind: 'add', by: 1 })
      return work.decide(counter, 'b', { kind: 'add', by: -1 })
    })
    expect(outcome).toMatchObject({ outcome: 'refused', recorded: [] })
    expect(log.appends).toEqual([])
  })

  test('appends its facts alone, guarded by what was accepted on the way', async () => {
    const log = new MemoryLog()
    await execute(log, cause, async (work) => {
      work.keepSecret('sec_2', new Uint8Array([1]))
      work.forgetSecret('sec_1')
      await work.decide(counter, 'a', { kind: 'add', by: 1 })
      return work.decide(counter, 'b', { kind: 'add too much', by: 1 })
    })
    expect(log.appends[0]?.writes.map(({ streamId }) => streamId)).toEqual(['counter/b'])
    expect(log.appends[0]?.guards).toEqual([{ streamId: 'counter/a', version: 0 }])
    expect(log.appends[0]).toMatchObject({ secrets: [], forgets: [] })
  })

  test('appends facts that an earlier refusal recorded, when the work goes on and is accepted', async () => {
    const log = new MemoryLog()
    await execute(log, cause, async (work) => {
      await work.decide(counter, 'a', { kind: 'add too much', by: 1 })
      return work.decide(counter, 'b', { kind: 'add', by: 1 })
    })
    expect(log.appends[0]?.writes.length).toBe(2)
  })
})

describe('what was read', () => {
  test('is guarded at the version that was seen, and not written', async () => {
    const log = new MemoryLog()
    await add(log, 'a', 1)
    await execute(log, cause, async (work) => {
      await work.prefetch([
        [counter, 'a'],
        [counter, 'b'],
        [counter, 'c'],
      ])
      expect(await work.read(counter, 'a')).toBe(1)
      expect(await work.read(counter, 'b')).toBe(0)
      return work.decide(counter, 'c', { kind: 'add', by: 1 })
    })
    expect(log.appends[1]?.guards).toEqual([
      { streamId: 'counter/a', version: 1 },
      { streamId: 'counter/b', version: 0 },
    ])
  })

  test('is asked for once', async () => {
    const log = new MemoryLog()
    const asked: string[] = []
    const load: EventLog['load'] = (ids) => {
      asked.push(...ids)
      return log.load(ids)
    }
    await execute(against(log, { load }), cause, async (work) => {
      await work.prefetch([[counter, 'a']])
      await work.prefetch([
        [counter, 'a'],
        [counter, 'b'],
      ])
      await work.read(counter, 'b')
      return work.decide(counter, 'a', { kind: 'add', by: 1 })
    })
    expect(asked).toEqual(['counter/a', 'counter/b'])
  })

  test('is folded again from the events where an older shape of the state is kept', async () => {
    const log = new MemoryLog()
    await add(log, 'a', 2)
    await add(log, 'b', 100)
    await add(log, 'a', 3)
    log.put({ streamId: 'counter/a', version: 2, state: { sum: 'old' }, stateSchema: 1 })
    await add(log, 'a', 4)
    expect(await log.load(['counter/a'])).toEqual([
      { streamId: 'counter/a', version: 3, state: 9, stateSchema: 2 },
    ])
  })

  test('is folded again no further than the version that is guarded', async () => {
    const log = new MemoryLog()
    await add(log, 'a', 2)
    await add(log, 'a', 3)
    const seen = { streamId: 'counter/a', version: 1, state: {}, stateSchema: 1 }
    await execute(against(log, { load: async () => [seen] }), cause, async (work) => {
      expect(await work.read(counter, 'a')).toBe(2)
      return work.reject('nothing')
    })
  })
})

describe('whoever was overtaken', () => {
  test('reads and decides again', async () => {
    const log = new MemoryLog()
    const seen: number[] = []
    const outcome = await execute(log, cause, async (work) => {
      const sum = await work.read(counter, 'a')
      seen.push(sum)
      if (seen.length === 1) await add(log, 'a', 7)
      return work.decide(counter, 'a', { kind: 'add', by: 1 })
    })
    expect(outcome.outcome).toBe('accepted')
    expect(seen).toEqual([0, 7])
    expect(await sumOf(log, 'a')).toBe(8)
  })

  test('decides again too when only something that was read has moved', async () => {
    const log = new MemoryLog()
    let attempts = 0
    const outcome = await execute(log, cause, async (work) => {
      attempts += 1
      const gate = await work.read(counter, 'gate')
      if (attempts === 1) await add(log, 'gate', 1)
      if (gate > 0) return work.reject('gate closed')
      return work.decide(counter, 'a', { kind: 'add', by: 1 })
    })
    expect(outcome).toEqual({ outcome: 'refused', reason: 'gate closed', recorded: [] })
    expect(await sumOf(log, 'a')).toBe(0)
  })

  test('is told so in the end, after 100 attempts', async () => {
    let attempts = 0
    const append: EventLog['append'] = async () => {
      attempts += 1
      throw new VersionConflict('counter/a')
    }
    await expect(add(against(new MemoryLog(), { append }), 'a', 1)).rejects.toThrow(VersionConflict)
    expect(attempts).toBe(100)
  })

  test('is not asked again when something else is wrong', async () => {
    let attempts = 0
    const append: EventLog['append'] = async () => {
      attempts += 1
      throw new Error('disk full')
    }
    await expect(add(against(new MemoryLog(), { append }), 'a', 1)).rejects.toThrow('disk full')
    expect(attempts).toBe(1)
  })
})
