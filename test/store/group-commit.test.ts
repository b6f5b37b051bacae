/** How work shares commits where several transactions may be under way. */
import { join } from 'node:path'
import type { Database, Transaction } from '../../src/store/database.ts'
import { openFileDatabase } from '../../src/store/file-database.ts'
import { GroupCommit, unexpected } from '../../src/store/group-commit.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { temporaryDirectory } from './fixture.ts'

describe('work that arrives at once', () => {
  let directory: ReturnType<typeof temporaryDirectory>
  let file: Database
  /** How many units each transaction has, as they were sent. */
  let sent: number[]
  let underWay: number

  beforeEach(async () => {
    directory = temporaryDirectory()
    file = await openFileDatabase(join(directory.path, 'log.db'))
    await file.transact({ preconditions: [], units: [[sql('CREATE TABLE t (a PRIMARY KEY)')]] })
    sent = []
    underWay = 0
  })
  afterEach(async () => {
    await file.close()
    directory.remove()
  })

  function sql(text: string) {
    return { sql: text, args: [] }
  }

  function open(underWayMax: number, clock = () => 1): GroupCommit {
    const transact = async (transaction: Transaction) => {
      sent.push(transaction.units.length)
      underWay += 1
      return file.transact(transaction).finally(() => {
        underWay -= 1
      })
    }
    const database = { transact, query: file.query, snapshot: file.snapshot, close: file.close }
    return new GroupCommit({ database, clock, epoch: () => 1, retriesMax: 0, underWayMax })
  }

  const insert = (commits: GroupCommit, value: number) =>
    commits.submit({
      steps: () => [{ statement: sql(`INSERT INTO t VALUES (${value})`), refused: unexpected }],
    })

  const insertAll = (commits: GroupCommit, count: number, from = 0) =>
    Promise.all(Array.from({ length: count }, (_, index) => insert(commits, from + index)))

  test('is sent in parts before the turn ends, and the rest at its end', async () => {
    await insertAll(open(16), 40)
    expect(sent).toEqual([16, 16, 8])
    expect(await file.query(sql('SELECT count(*) AS n FROM t'))).toEqual([{ n: 40 }])
  })

  test('waits while as much is under way as may be', async () => {
    await insertAll(open(2), 100)
    expect(sent).toEqual([16, 16, 68])
  })

  test('is one transaction where one alone may be under way', async () => {
    const commits = open(1)
    await Promise.all([insertAll(commits, 40), insertAll(commits, 40, 40)])
    expect(sent).toEqual([80])
  })

  test('does not go beside a task that must be alone', async () => {
    const commits = open(16)
    const before = insertAll(commits, 40)
    let sentMeanwhile = 0
    const task = commits.exclusively(async () => {
      expect(underWay).toBe(0)
      const sentBefore = sent.length
      const later = insertAll(commits, 40, 40)
      await new Promise((resolve) => setTimeout(resolve, 20))
      sentMeanwhile = sent.length - sentBefore
      return { later }
    })
    const { later } = await task
    await Promise.all([before, later])
    expect(sentMeanwhile).toBe(0)
    await commits.idle()
    expect(underWay).toBe(0)
    expect(await file.query(sql('SELECT count(*) AS n FROM t'))).toEqual([{ n: 80 }])
  })

  test('is stamped with times that do not go back, though the clock does while some is under way', async () => {
    for (const text of [
      'CREATE TABLE assertions (holds INTEGER CHECK (holds))',
      'CREATE TABLE fence AS SELECT 1 AS epoch',
      'CREATE TABLE events (position INTEGER PRIMARY KEY, recorded_at INTEGER)',
    ]) {
      await file.transact({ preconditions: [], units: [[sql(text)]] })
    }
    let now = 1_000
    const commits = open(16, () => {
      now -= 100
      return now
    })
    const recorded = (commandId: number) =>
      commits.submit({
        commandId: String(commandId),
        steps: (recordedAt) => [
          {
            statement: { sql: 'INSERT INTO events (recorded_at) VALUES (?)', args: [recordedAt] },
            refused: unexpected,
          },
        ],
      })
    await Promise.all(Array.from({ length: 40 }, (_, index) => recorded(index)))
    // None was sent again.
    expect(sent).toEqual([16, 16, 8])
    const times = await file.query(sql('SELECT DISTINCT recorded_at AS at FROM events'))
    expect(times).toEqual([{ at: 900 }])
  })

  test('is told of its refusal alone', async () => {
    const commits = open(16)
    await insert(commits, 3)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => insert(commits, index)),
    )
    const refused = outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))
    expect(refused).toEqual([3])
  })
})
