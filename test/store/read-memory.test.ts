import fc from 'fast-check'
import type { Database, Transaction } from '../../src/store/database.ts'
import { ReadMemory } from '../../src/store/read-memory.ts'
import { rejectionOf } from '../support/rejection.ts'
import { describe, expect, test } from '../support/test.ts'
import { openCounted as openWith } from './counted-memory.ts'

function openCounted() {
  return openWith(
    'pets (name TEXT PRIMARY KEY, age INTEGER, owner TEXT)',
    'owners (name TEXT PRIMARY KEY, town TEXT)',
    'letters (name TEXT PRIMARY KEY)',
  )
}

const petWithTown = `SELECT p.age, o.town FROM "pets" p LEFT JOIN "owners" o ON o.name = p.owner
  WHERE p.name = ?`

describe('a row that was read', () => {
  test('is asked for once while nothing is written', async () => {
    const { memory, asked, write } = openCounted()
    await write('INSERT INTO pets VALUES (?, ?, ?)', 'Rex', 3, 'Ada')
    for (let time = 0; time < 3; time += 1) {
      expect(await memory.get({ sql: petWithTown, args: ['Rex'] })).toEqual({ age: 3, town: null })
    }
    expect(asked).toHaveLength(1)
  })

  test('is remembered though another table is written', async () => {
    const { memory, asked, write } = openCounted()
    await write('INSERT INTO letters VALUES (?)', 'first')
    await memory.get({ sql: petWithTown, args: ['Rex'] })
    await write('INSERT INTO letters VALUES (?)', 'second')
    await memory.get({ sql: petWithTown, args: ['Rex'] })
    expect(asked).toHaveLength(1)
  })

  test('is read again once any of its tables was written', async () => {
    const { memory, write } = openCounted()
    await write('INSERT INTO pets VALUES (?, ?, ?)', 'Rex', 3, 'Ada')
    await memory.get({ sql: petWithTown, args: ['Rex'] })
    await write('INSERT INTO owners VALUES (?, ?)', 'Ada', 'London')
    expect(await memory.get({ sql: petWithTown, args: ['Rex'] })).toEqual({
      age: 3,
      town: 'London',
    })
    await write('UPDATE "owners" SET town = ?', 'Paris')
    expect(await memory.get({ sql: petWithTown, args: ['Rex'] })).toEqual({ age: 3, town: 'Paris' })
    await write('DELETE FROM pets')
    expect(await memory.get({ sql: petWithTown, args: ['Rex'] })).toBeUndefined()
  })

  test('that was not there is found once it is', async () => {
    const { memory, write } = openCounted()
    const question = { sql: 'SELECT age FROM pets WHERE name = ?', args: ['Rex'] }
    expect(await memory.get(question)).toBeUndefined()
    await write('INSERT INTO pets VALUES (?, ?, ?)', 'Rex', 3, null)
    expect(await memory.get(question)).toEqual({ age: 3 })
  })

  test('is another one for a number than for a text of the same digits', async () => {
    const { memory } = openCounted()
    const sql = 'SELECT typeof(?) AS kind FROM sqlite_master'
    expect(await memory.get({ sql, args: ['1'] })).toEqual({ kind: 'text' })
    expect(await memory.get({ sql, args: [1] })).toEqual({ kind: 'integer' })
    expect(await memory.get({ sql, args: [new Uint8Array([49])] })).toEqual({ kind: 'blob' })
    expect(await memory.get({ sql, args: ['[1]'] })).toEqual({ kind: 'text' })
    expect(await memory.get({ sql, args: [null] })).toEqual({ kind: 'null' })
    expect(await memory.get({ sql, args: ['[null]'] })).toEqual({ kind: 'text' })
  })

  test('is forgotten when a write fails, because it may have happened', async () => {
    const { connection, database, write } = openCounted()
    const failing: Database = {
      ...database,
      transact: async (transaction: Transaction) => {
        connection.transact(transaction)
        throw new Error('no answer')
      },
    }
    const memory = new ReadMemory(failing)
    await write('INSERT INTO pets VALUES (?, ?, ?)', 'Rex', 3, null)
    const question = { sql: 'SELECT age FROM pets WHERE name = ?', args: ['Rex'] }
    expect(await memory.get(question)).toEqual({ age: 3 })
    const older = { sql: 'UPDATE pets SET age = 4', args: [] }
    await rejectionOf(memory.transact({ preconditions: [], units: [[older]] }))
    expect(await memory.get(question)).toEqual({ age: 4 })
  })

  test('is forgotten when its table is made anew', async () => {
    const { memory, write } = openCounted()
    await write('INSERT INTO pets VALUES (?, ?, ?)', 'Rex', 3, null)
    const question = { sql: 'SELECT count(*) AS n FROM pets', args: [] }
    expect(await memory.get(question)).toEqual({ n: 1 })
    await write('DROP TABLE IF EXISTS pets')
    await write('CREATE TABLE IF NOT EXISTS pets (name TEXT)')
    expect(await memory.get(question)).toEqual({ n: 0 })
  })

  test('is no answer once the database is closed', async () => {
    const { memory } = openCounted()
    const question = { sql: 'SELECT count(*) AS n FROM pets', args: [] }
    await memory.get(question)
    await memory.close()
    expect(await rejectionOf(memory.get(question))).toBeInstanceOf(Error)
  })

  test('a write that is under way when it is read is not missed', async () => {
    const { memory, write } = openCounted()
    await write('INSERT INTO pets VALUES (?, ?, ?)', 'Rex', 3, null)
    const question = { sql: 'SELECT age FROM pets WHERE name = ?', args: ['Rex'] }
    const writing = write('UPDATE pets SET age = 4')
    const reading = memory.get(question)
    await Promise.all([writing, reading])
    expect(await memory.get(question)).toEqual({ age: 4 })
  })
})

describe('how much is remembered', () => {
  test('is bounded by its length too: what is long leaves no room for what was read before', async () => {
    const { memory, write, asked } = openCounted()
    const question = (name: string) => ({ sql: 'SELECT * FROM pets WHERE name = ?', args: [name] })
    const reread = async (name: string) => {
      asked.length = 0
      await memory.get(question(name))
      return asked.length
    }
    for (let at = 0; at < 30; at += 1) {
      await write('INSERT INTO pets VALUES (?, ?, ?)', `pet ${at}`, at, 'x'.repeat(1_000_000))
    }
    for (let at = 0; at < 3; at += 1) await memory.get(question(`pet ${at}`))
    expect(await reread('pet 1')).toBe(0)
    for (let at = 3; at < 30; at += 1) await memory.get(question(`pet ${at}`))
    expect(await reread('pet 29')).toBe(0)
    expect(await reread('pet 2')).toBe(1)
  })
})

describe('a commit that this thread has not heard of yet', () => {
  test('is seen, as by whoever asks the database itself', async () => {
    const { connection, database, write } = openCounted()
    const heard = Promise.withResolvers<void>()
    const memory = new ReadMemory({
      ...database,
      transact: async (transaction: Transaction) => {
        const outcome = connection.transact(transaction)
        await heard.promise
        return outcome
      },
    })
    await write('INSERT INTO pets VALUES (?, ?, ?)', 'Rex', 3, null)
    const question = { sql: 'SELECT age FROM pets WHERE name = ?', args: ['Rex'] }
    expect(await memory.get(question)).toEqual({ age: 3 })
    const older = { sql: 'UPDATE pets SET age = 4', args: [] }
    const writing = memory.transact({ preconditions: [], units: [[older]] })
    expect(await memory.get(question)).toEqual({ age: 4 })
    heard.resolve()
    await writing
    expect(await memory.get(question)).toEqual({ age: 4 })
  })
})

describe('whatever is written and read', () => {
  const name = fc.constantFrom('a', 'b')
  const age = fc.integer({ min: 0, max: 3 })
  const statement = fc.oneof(
    fc.record({
      sql: fc.constant(
        'INSERT INTO pets VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET age = 9',
      ),
      args: fc.tuple(name, age, name),
    }),
    fc.record({
      sql: fc.constantFrom(
        'UPDATE pets SET age = ? WHERE name = ?',
        'DELETE FROM "pets" WHERE age = ? AND name = ?',
      ),
      args: fc.tuple(age, name),
    }),
    fc.record({
      sql: fc.constant(
        'INSERT INTO owners SELECT name, ? FROM pets WHERE true ON CONFLICT DO NOTHING',
      ),
      args: fc.tuple(name),
    }),
    fc.record({ sql: fc.constant('DELETE FROM owners WHERE name = ?'), args: fc.tuple(name) }),
  )
  const question = fc.record({
    sql: fc.constantFrom(
      petWithTown,
      'SELECT age FROM pets WHERE name = ?',
      'SELECT count(*) AS n FROM owners, pets WHERE owners.name = ?',
      'SELECT * FROM owners WHERE EXISTS (SELECT 1 FROM pets WHERE owner = ?)',
    ),
    args: fc.tuple(name),
  })

  test('the answers are those of the database', async () => {
    const steps = fc.array(fc.oneof(fc.record({ write: statement }), fc.record({ ask: question })))
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const { connection, memory, write } = openCounted()
        for (const step of list) {
          if ('write' in step) await write(step.write.sql, ...step.write.args)
          else expect(await memory.get(step.ask)).toEqual(connection.run(step.ask)[0])
        }
        await memory.close()
      }),
    )
  })
})
