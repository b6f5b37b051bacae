/** While the disk is slow, rows are looked up in other threads; what is told is the same. */
import { join } from 'node:path'
import { LogUnavailable } from '../../src/domain/event-log.ts'
import type { SqlValue } from '../../src/projections/statement.ts'
import { DiskWatch } from '../../src/store/disk-watch.ts'
import { FileDatabase, openFileDatabase, readingThread } from '../../src/store/file-database.ts'
import { FileThread } from '../../src/store/file-thread.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { lockFile } from '../../src/store/lock.ts'
import { questionsMax, ReadingThreads, threadsMax } from '../../src/store/reading-threads.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { failureOf, temporaryDirectory } from './fixture.ts'

const byKey = 'SELECT * FROM "pets" WHERE "pet_id" IS ?'
const insert = 'INSERT INTO pets (pet_id, weight) VALUES (?, ?)'

let directory: ReturnType<typeof temporaryDirectory>
let path: string

beforeEach(async () => {
  directory = temporaryDirectory()
  path = join(directory.path, 'log.db')
  const database = await openFileDatabase(path)
  await put(database, 'CREATE TABLE pets (pet_id TEXT PRIMARY KEY, weight)')
  await database.close()
})
afterEach(() => directory.remove())

function put(database: FileDatabase, sql: string, ...args: SqlValue[]) {
  return database.transact({ preconditions: [], units: [[{ sql, args }]] })
}

function petOf(petId: string) {
  return { sql: byKey, args: [petId] }
}

/** A disk that has given, or gives, so many blocks in each second. */
function openOn(disk: { blocks: number }) {
  const threads = new ReadingThreads(() => readingThread(path))
  let read = 0
  const watch = new DiskWatch(
    () => threads.rest(),
    () => {
      read += disk.blocks
      return read
    },
  )
  const writer = new FileThread(
    new Worker(new URL('../../src/store/file-writer-worker.ts', import.meta.url)),
    'write',
  )
  writer.ask({ open: path }).catch(() => undefined)
  const parts = { reader: new LocalConnection(path), writer, threads, disk: watch }
  const database = new FileDatabase({ ...parts, lock: lockFile(path) })
  return { database, threads, watch }
}

describe('while the disk is slow', () => {
  test('rows by their keys come from a few threads, and all else from none', async () => {
    const { database, threads, watch } = openOn({ blocks: 100_000 })
    expect(await database.query(petOf('rex'))).toEqual([])
    expect(threads.count).toBe(0)
    watch.look()
    const list = await database.query({ sql: 'SELECT count(*) AS n FROM pets', args: [] })
    expect([list, threads.count]).toEqual([[{ n: 0 }], 0])
    await database.query(petOf('rex'))
    expect(threads.count).toBe(1)
    await Promise.all(Array.from({ length: 100 }, (_, n) => database.query(petOf(`pet ${n}`))))
    expect(threads.count).toBe(threadsMax)
    await database.close()
    expect(threads.count).toBe(0)
  })

  test('values of every kind are what the server itself would read', async () => {
    const { database, threads, watch } = openOn({ blocks: 100_000 })
    const values = [7, -1.5, null, 'ä 🐕 "quoted"', '', new Uint8Array([0, 255, 7]), 2 ** 40]
    for (const [n, value] of values.entries()) await put(database, insert, `pet ${n}`, value)
    const all = () => Promise.all(values.map((_, n) => database.query(petOf(`pet ${n}`))))
    const own = await all()
    watch.look()
    const asked = await all()
    expect(threads.count).toBeGreaterThan(0)
    expect(asked.map(([row]) => row?.weight).map(plain)).toEqual(values.map(plain))
    expect(own.map(([row]) => row?.weight).map(plain)).toEqual(values.map(plain))
    await database.close()
  })

  test('whoever was told of a commit sees it', async () => {
    const { database, watch } = openOn({ blocks: 100_000 })
    watch.look()
    for (let n = 0; n < 200; n += 1) {
      await put(database, insert, `pet ${n}`, n)
      const rows = await Promise.all([n, n, n].map((each) => database.query(petOf(`pet ${each}`))))
      expect(rows.flat().map(({ weight }) => weight)).toEqual([n, n, n])
    }
    await database.close()
  })

  test('what was asked before the end is answered, or refused', async () => {
    const { database, threads, watch } = openOn({ blocks: 100_000 })
    await put(database, insert, 'rex', 9)
    watch.look()
    const asking = Array.from({ length: 100 }, () =>
      database.query(petOf('rex')).then(
        ([row]) => row?.weight,
        (error) => error.name,
      ),
    )
    await Promise.resolve()
    await database.close()
    const told = await Promise.all(asking)
    const underWay = threadsMax * questionsMax
    expect(new Set(told.slice(0, underWay))).toEqual(new Set([9]))
    expect(new Set(told.slice(underWay))).toEqual(new Set(['LogUnavailable']))
    expect(threads.count).toBe(0)
  })

  test('threads that have nothing to do are ended, and there again when there is', async () => {
    const disk = { blocks: 100_000 }
    const { database, threads, watch } = openOn(disk)
    watch.look()
    await database.query(petOf('rex'))
    disk.blocks = 0
    for (let second = 0; second < 10; second += 1) watch.look()
    expect([watch.isBusy, threads.count]).toEqual([false, 0])
    disk.blocks = 100_000
    watch.look()
    expect(await database.query(petOf('rex'))).toEqual([])
    expect(threads.count).toBe(1)
    await database.close()
  })
})

describe('a thread', () => {
  test('that cannot answer says so, and another one takes its place', async () => {
    const paths = [join(directory.path, 'no', 'such.db'), path]
    const threads = new ReadingThreads(() => readingThread(paths.shift() ?? path))
    expect(await failureOf(threads.ask(petOf('rex')))).toBeInstanceOf(LogUnavailable)
    expect(await threads.ask(petOf('rex'))).toEqual([])
    expect(await failureOf(threads.ask({ sql: 'SELECT nothing', args: [] }))).toBeInstanceOf(
      LogUnavailable,
    )
    expect(await threads.ask(petOf('rex'))).toEqual([])
    await threads.close()
  })
})

describe('the disk', () => {
  function watched(perSecond: number[]) {
    let read = 0
    let rests = 0
    const watch = new DiskWatch(
      () => {
        rests += 1
      },
      () => read,
    )
    const seen = perSecond.map((blocks) => {
      read += blocks
      watch.look()
      return watch.isBusy
    })
    watch.close()
    return { seen, rests }
  }

  test('is busy from the second in which it gave many blocks, until ten calm ones have passed', () => {
    const calm = Array.from({ length: 10 }, () => 0)
    const { seen, rests } = watched([0, 3_999, 4_000, 0, 0, 400, ...calm, 0, 5_000])
    expect(seen).toEqual([
      ...[false, false, true, true, true, true],
      ...[true, true, true, true, true, true, true, true, true, false],
      ...[false, true],
    ])
    expect(rests).toBe(1)
  })

  test('that gives hardly anything never is', () => {
    expect(watched(Array.from({ length: 30 }, () => 3_999))).toMatchObject({ rests: 0 })
    expect(watched(Array.from({ length: 30 }, () => 3_999)).seen).not.toContain(true)
  })

  test('is asked of the system by a server that is not told otherwise', () => {
    const watch = new DiskWatch(() => undefined)
    watch.look()
    expect(watch.isBusy).toBe(false)
    watch.close()
  })
})

function plain(value: SqlValue | undefined): unknown {
  return value instanceof Uint8Array ? [...value] : value
}
