/** Whatever is appended at once, in whatever order: the log is what one at a time would have made. */
import { join } from 'node:path'
import fc from 'fast-check'
import { VersionConflict } from '../../src/domain/event-log.ts'
import { newId } from '../../src/domain/ids.ts'
import type { Store } from '../../src/store/open.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { note, openTestStore, temporaryDirectory } from './fixture.ts'

describe('appends at once', () => {
  const directory = temporaryDirectory()
  let store: Store

  beforeAll(async () => {
    store = await openTestStore(`file:${join(directory.path, 'log.db')}`)
  })
  afterAll(async () => {
    await store.close()
    directory.remove()
  })

  test('of those that expect one version, one wins; versions and positions have no gaps', async () => {
    const attempt = fc.record({
      stream: fc.nat(3),
      expectedVersion: fc.nat(3),
      waits: fc.boolean(),
    })
    const property = fc.asyncProperty(fc.array(attempt, { maxLength: 40 }), async (attempts) => {
      const run = newId('run')
      const model = new Map<string, number>()
      const expected: boolean[] = []
      const outcomes: Promise<boolean>[] = []
      for (const { stream, expectedVersion, waits } of attempts) {
        const streamId = `${run}/${stream}`
        const fits = (model.get(streamId) ?? 0) === expectedVersion
        if (fits) model.set(streamId, expectedVersion + 1)
        expected.push(fits)
        outcomes.push(isAppended(store, { streamId, expectedVersion }))
        if (waits) await outcomes.at(-1)
      }
      expect(await Promise.all(outcomes)).toEqual(expected)
      for (const folded of await store.log.load([...model.keys()])) {
        expect(folded.version).toBe(model.get(folded.streamId) ?? 0)
      }
      const dense = 'SELECT count(*) - coalesce(max(position), 0) AS gaps FROM events'
      expect(await store.reader.get({ sql: dense, args: [] })).toEqual({ gaps: 0 })
    })
    await fc.assert(property, { numRuns: 40 })
  })

  test('share their commits: 200 at once take fewer than 20 transactions', async () => {
    const before = store.commits()
    const ids = Array.from({ length: 200 }, () => newId('note'))
    const answers = await Promise.all(ids.map((id) => store.log.append(note(id))))
    expect(store.commits() - before).toBeLessThan(20)
    const positions = answers.map(({ events }) => events[0]?.position ?? 0)
    expect(new Set(positions).size).toBe(200)
    expect(Math.max(...positions) - Math.min(...positions)).toBe(199)
  })
})

async function isAppended(
  store: Store,
  { streamId, expectedVersion }: { streamId: string; expectedVersion: number },
): Promise<boolean> {
  try {
    await store.log.append(note(streamId, { expectedVersion }))
    return true
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error
    return false
  }
}
