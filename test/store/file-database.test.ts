/** What only a file has: one process, a writer's thread, modes of files. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LogUnavailable } from '../../src/domain/event-log.ts'
import { openFileDatabase } from '../../src/store/file-database.ts'
import { FileThread } from '../../src/store/file-thread.ts'
import { DatabaseInUse } from '../../src/store/lock.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { failureOf, note, openTestStore, temporaryDirectory } from './fixture.ts'

const claimFile = fileURLToPath(new URL('./claim-file.ts', import.meta.url))

describe('a database in a file', () => {
  let directory: ReturnType<typeof temporaryDirectory>
  let path: string

  beforeEach(() => {
    directory = temporaryDirectory()
    path = join(directory.path, 'data', 'log.db')
  })
  afterEach(() => directory.remove())

  /** Hardly anything fits into it. */
  async function openFull() {
    const database = await openFileDatabase(path)
    const run = (sql: string) =>
      database.transact({ preconditions: [], units: [[{ sql, args: [] }]] })
    await run('CREATE TABLE t (a BLOB)')
    await run('PRAGMA max_page_count = 4')
    return { database, run }
  }

  test('directory and files belong to the owner alone', async () => {
    const store = await openTestStore(`file:${path}`)
    await store.log.append(note('note/a'))
    const modeOf = (file: string) => statSync(file).mode & 0o777
    expect(modeOf(join(directory.path, 'data'))).toBe(0o700)
    for (const suffix of ['', '-wal', '-shm', '-lock']) expect(modeOf(path + suffix)).toBe(0o600)
    await store.close()
  })

  test('another process is refused with the way out, and takes over once the first was killed', async () => {
    const other = spawn(process.execPath, ['run', claimFile, path], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    try {
      await once(other.stdout, 'data')
      const failure = await failureOf(openTestStore(`file:${path}`))
      expect(failure).toBeInstanceOf(DatabaseInUse)
      expect(failure.message).toContain('GRANTLOG_DATABASE_URL=http://')
    } finally {
      other.kill('SIGKILL')
      await once(other, 'exit')
    }
    const store = await openTestStore(`file:${path}`)
    const [folded] = await store.log.load(['note/of-the-other-process'])
    expect(folded?.version).toBe(1)
    await store.close()
  })

  test('this process cannot open the file twice, and can open it again', async () => {
    const store = await openTestStore(`file:${path}`)
    expect(await failureOf(openTestStore(`file:${path}`))).toBeInstanceOf(DatabaseInUse)
    await store.log.append(note('note/a'))
    await store.close()
    const again = await openTestStore(`file:${path}`)
    expect((await again.log.load(['note/a']))[0]?.version).toBe(1)
    await again.close()
  })

  test("the death of the writer's thread is told to all who wait, and to all who come later", async () => {
    const writer = new FileThread(
      new Worker(new URL('./dying-worker.ts', import.meta.url)),
      'write',
    )
    await writer.ask({ open: path })
    const waiting = [1, 2].map(() => writer.ask({ ask: '' }))
    for (const one of waiting) expect(await failureOf(one)).toBeInstanceOf(LogUnavailable)
    const later = writer.ask({ ask: '' })
    expect(await failureOf(later)).toBeInstanceOf(LogUnavailable)
    await writer.close()
  })

  test('what is sent during a commit shares the next, and each stands or falls alone', async () => {
    const database = await openFileDatabase(path)
    const run = (...units: string[]) =>
      database.transact({ preconditions: [], units: units.map((sql) => [{ sql, args: [] }]) })
    await run('CREATE TABLE t (a INTEGER PRIMARY KEY)')
    const unmet = { sql: 'INSERT INTO t VALUES (NULL), (1), (1)', args: [] }
    const outcomes = await Promise.all([
      run('INSERT INTO t VALUES (1)'),
      run('INSERT INTO t VALUES (2)', 'INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (3)'),
      database.transact({
        preconditions: [unmet],
        units: [[{ sql: 'INSERT INTO t VALUES (4)', args: [] }]],
      }),
      run('INSERT INTO t VALUES (5)'),
      ...Array.from({ length: 20 }, () => run()),
    ])
    const done = outcomes
      .slice(0, 4)
      .map((each) => each.committed && each.units.map((unit) => unit.done))
    expect(done).toEqual([[true], [true, false, true], false, [true]])
    const commits = outcomes.flatMap((each) => (each.committed ? [each.commit] : []))
    // What was there when the thread woke is one commit, and the rest the next.
    expect(new Set(commits).size).toBeLessThan(commits.length)
    expect(commits).toEqual(commits.toSorted((a, b) => a - b))
    const rows = await database.query({ sql: 'SELECT a FROM t ORDER BY a', args: [] })
    expect(rows.map(({ a }) => a)).toEqual([1, 2, 3, 5])
    await database.close()
  })

  test('a failure is told to all who share the commit, and nothing of theirs is written', async () => {
    const { database, run } = await openFull()
    const sent = [1, 2, 3].map(() => run('INSERT INTO t VALUES (zeroblob(100000))'))
    for (const one of sent) expect(await failureOf(one)).toBeInstanceOf(LogUnavailable)
    expect(await database.query({ sql: 'SELECT count(*) AS n FROM t', args: [] })).toEqual([
      { n: 0 },
    ])
    await database.close()
  })

  test('a full disk refuses the commit, and the writer goes on once there is room', async () => {
    const { database, run } = await openFull()
    const filling = run('INSERT INTO t VALUES (zeroblob(100000))')
    expect(await failureOf(filling)).toBeInstanceOf(LogUnavailable)
    await run('PRAGMA max_page_count = 1000')
    const outcome = await run('INSERT INTO t VALUES (zeroblob(100000))')
    expect(outcome.committed && outcome.units[0]?.done).toBe(true)
    expect(await database.query({ sql: 'SELECT count(*) AS n FROM t', args: [] })).toEqual([
      { n: 1 },
    ])
    await database.close()
  })
})
