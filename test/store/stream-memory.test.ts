import fc from 'fast-check'
import type { Statement } from '../../src/projections/statement.ts'
import { assertThat } from '../../src/store/assertions.ts'
import type { Database, Row, Transaction } from '../../src/store/database.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { StreamMemory } from '../../src/store/stream-memory.ts'
import { streamsById, streamWrite } from '../../src/store/stream-statements.ts'
import { rejectionOf } from '../support/rejection.ts'
import { describe, expect, test } from '../support/test.ts'
import { LateReader, Truths } from './late-reader.ts'
import { LateWriter } from './late-writer.ts'

/** A database in memory that counts the questions which reach it. */
function openCounted() {
  const connection = new LocalConnection(':memory:')
  connection.execute('CREATE TABLE assertions (holds INTEGER CHECK (holds))')
  connection.execute(
    'CREATE TABLE streams (stream_id TEXT PRIMARY KEY, version, state, state_schema)',
  )
  const asked: Statement[] = []
  const database: Database = {
    transact: async (transaction) => connection.transact(transaction),
    query: async (statement) => {
      asked.push(statement)
      return connection.run(statement)
    },
    snapshot: async (statements) => connection.snapshot(statements),
    close: async () => connection.close(),
  }
  return { connection, database, asked, memory: new StreamMemory(database) }
}

/** What an append sends for one stream. */
function append(streamId: string, version: number): Statement[] {
  const state = JSON.stringify({ version })
  const write = streamWrite({ streamId, version, state, stateSchema: 1 }, { isNew: version === 1 })
  const guard = 'EXISTS (SELECT 1 FROM streams WHERE stream_id = ? AND version = ?)'
  return version === 1 ? [write] : [assertThat(guard, [streamId, version - 1]), write]
}

const transaction = (...units: Statement[][]): Transaction => ({ preconditions: [], units })

async function versions(memory: Database, ...ids: string[]) {
  const rows = await memory.query(streamsById(ids))
  return Object.fromEntries(rows.map((row) => [row.stream_id, row.version]))
}

describe('a stream', () => {
  test('is asked for once, and not at all once it was written', async () => {
    const { connection, memory, asked } = openCounted()
    connection.transact(transaction(append('user/1', 1), append('user/2', 1)))
    for (let time = 0; time < 3; time += 1) await versions(memory, 'user/1', 'user/2')
    expect(asked).toHaveLength(1)
    await memory.transact(transaction(append('user/1', 2)))
    expect(await versions(memory, 'user/1', 'user/2')).toEqual({ 'user/1': 2, 'user/2': 1 })
    expect(asked).toHaveLength(1)
  })

  test('that is not there is asked for again, and beside one that is', async () => {
    const { memory, asked } = openCounted()
    await memory.transact(transaction(append('user/1', 1)))
    expect(await versions(memory, 'user/1', 'user/2')).toEqual({ 'user/1': 1 })
    expect(await versions(memory, 'user/2')).toEqual({})
    expect(asked).toEqual([streamsById(['user/2']), streamsById(['user/2'])])
  })

  test('takes the room of many when it is long, so that the memory stays small', async () => {
    const { asked, memory } = openCounted()
    const state = JSON.stringify('x'.repeat(2_000_000))
    const ids = Array.from({ length: 25 }, (_, number) => `long/${number}`)
    for (const streamId of ids) {
      const write = streamWrite({ streamId, version: 1, state, stateSchema: 1 }, { isNew: true })
      await memory.transact(transaction([write]))
    }
    await memory.query(streamsById(['long/24']))
    expect(asked).toHaveLength(0)
    await memory.query(streamsById(['long/0']))
    expect(asked).toHaveLength(1)
  })

  test('stands as it was when its write is refused', async () => {
    const { memory } = openCounted()
    await memory.transact(transaction(append('user/1', 1)))
    await memory.transact(transaction(append('user/1', 7), append('user/2', 1)))
    expect(await versions(memory, 'user/1', 'user/2')).toEqual({ 'user/1': 1, 'user/2': 1 })
  })

  test('is asked for again when a write fails, because it may have happened', async () => {
    const { connection, database } = openCounted()
    let fails = false
    const memory = new StreamMemory({
      ...database,
      transact: async (each) => {
        const outcome = connection.transact(each)
        if (fails) throw new Error('no answer')
        return outcome
      },
    })
    await memory.transact(transaction(append('user/1', 1)))
    fails = true
    await rejectionOf(memory.transact(transaction(append('user/1', 2))))
    expect(await versions(memory, 'user/1')).toEqual({ 'user/1': 2 })
  })

  test('is seen as committed also before this thread has heard of the commit', async () => {
    const { connection, database } = openCounted()
    const heard = Promise.withResolvers<void>()
    let waits = false
    const memory = new StreamMemory({
      ...database,
      transact: async (each) => {
        const outcome = connection.transact(each)
        if (waits) await heard.promise
        return outcome
      },
    })
    await memory.transact(transaction(append('user/1', 1)))
    waits = true
    const writing = memory.transact(transaction(append('user/1', 2)))
    expect(await versions(memory, 'user/1')).toEqual({ 'user/1': 2 })
    heard.resolve()
    await writing
    expect(await versions(memory, 'user/1')).toEqual({ 'user/1': 2 })
  })

  test('is forgotten when something else writes streams', async () => {
    const { memory } = openCounted()
    await memory.transact(transaction(append('user/1', 1)))
    const mend = { sql: 'UPDATE streams SET version = 5 WHERE stream_id = ?', args: ['user/1'] }
    await memory.transact(transaction([mend]))
    expect(await versions(memory, 'user/1')).toEqual({ 'user/1': 5 })
  })
})

test('whatever is appended, in flight and read, the answers are those of the database', async () => {
  const id = fc.constantFrom('a/1', 'a/2', 'b/1')
  const write = fc.record({ id, version: fc.integer({ min: 1, max: 4 }) })
  const step = fc.oneof(
    fc.record({ append: fc.array(write, { minLength: 1, maxLength: 3 }) }),
    fc.record({ ask: fc.uniqueArray(id, { minLength: 1 }) }),
    fc.constantFrom('commit' as const, 'tell' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { size: 'max', maxLength: 40 }), async (steps) => {
      const { connection, database } = openCounted()
      const writer = new LateWriter(connection)
      const memory = new StreamMemory(writer.behind(database))
      for (const each of steps) {
        if (typeof each === 'string') await writer[each]()
        else if ('append' in each) {
          const units = each.append.map(({ id, version }) => append(id, version))
          memory.transact(transaction(...units))
        } else {
          const truth = connection.run(streamsById(each.ask))
          const byId = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort()
          const keyed = ({ stream_id, version, state, state_schema }: Record<string, unknown>) => ({
            ...{ stream_id, version, state, state_schema },
          })
          const told = await memory.query(streamsById(each.ask))
          expect(byId(told.map(keyed))).toEqual(byId(truth.map(keyed)))
        }
      }
      await writer.tellAll()
      await memory.close()
    }),
    { numRuns: 300 },
  )
})

test('the same where answers take their time', async () => {
  const id = fc.constantFrom('a/1', 'a/2', 'b/1')
  const write = fc.record({ id, version: fc.integer({ min: 1, max: 4 }) })
  const step = fc.oneof(
    fc.record({ append: fc.array(write, { minLength: 1, maxLength: 3 }) }),
    {
      weight: 4,
      arbitrary: fc.record({ ask: fc.uniqueArray(id, { minLength: 1, maxLength: 2 }) }),
    },
    { weight: 4, arbitrary: fc.constantFrom('commit' as const, 'tell' as const) },
    { weight: 4, arbitrary: fc.constantFrom('look' as const, 'answer' as const) },
  )
  let remembered = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { size: 'max', maxLength: 100 }), async (steps) => {
      const { connection, database } = openCounted()
      const [writer, reader] = [new LateWriter(connection), new LateReader(connection)]
      const memory = new StreamMemory(reader.behind(writer.behind(database)))
      const [truths, told] = [new Truths(), [] as Promise<void>[]]
      const versionIn = (rows: readonly Row[], streamId: string) =>
        rows.find(({ stream_id }) => stream_id === streamId)?.version
      for (const each of steps) {
        if (each === 'look' || each === 'answer') await reader[each]()
        else if (typeof each === 'string') await writer[each]()
        else if ('append' in each) {
          const units = each.append.map(({ id, version }) => append(id, version))
          memory.transact(transaction(...units))
        } else {
          const asking = memory.query(streamsById(each.ask))
          for (const streamId of each.ask) {
            const version = asking.then((rows) => versionIn(rows, streamId))
            const look = () => versionIn(connection.run(streamsById([streamId])), streamId)
            told.push(truths.expect(version, look))
          }
          const isHeard = await Promise.race([asking.then(() => true), tick().then(() => false)])
          if (isHeard) remembered += 1
        }
        if (each === 'commit') truths.note()
      }
      await reader.answerAll()
      await Promise.all(told)
      await writer.tellAll()
      await memory.close()
    }),
    { numRuns: 300 },
  )
  // Whoever forgets everything is never wrong, and proves nothing.
  expect(remembered).toBeGreaterThan(30)
})

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
