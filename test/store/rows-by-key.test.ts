/** What is remembered by the names of its rows outlives what is written about others, and no more. */
import type { SqlValue, Statement } from '../../src/projections/statement.ts'
import type { Transaction } from '../../src/store/database.ts'
import { ReadMemory } from '../../src/store/read-memory.ts'
import { rejectionOf } from '../support/rejection.ts'
import { describe, expect, test } from '../support/test.ts'
import { openCounted, writing } from './counted-memory.ts'

function open() {
  return openCounted(
    'pets (pet_id TEXT PRIMARY KEY, owner_id TEXT, status TEXT, ends_at INTEGER)',
    'owners (owner_id TEXT PRIMARY KEY, town TEXT)',
    'letters (letter_id TEXT PRIMARY KEY)',
  )
}

const insertPet = 'INSERT INTO "pets" ("pet_id", "owner_id", "status") VALUES (?, ?, ?)'
const setPet = 'UPDATE "pets" SET "status" = ? WHERE "pet_id" IS ?'
const dropPet = 'DELETE FROM "pets" WHERE "pet_id" IS ?'
const putPet = `${insertPet} ON CONFLICT (pet_id) DO UPDATE SET status = excluded.status`
const insertOwner = 'INSERT INTO "owners" ("owner_id", "town") VALUES (?, ?)'
const setOwner = 'UPDATE "owners" SET "town" = ? WHERE "owner_id" IS ?'

const pet = (id: SqlValue): Statement => ({
  sql: 'SELECT * FROM "pets" WHERE "pet_id" IS ?',
  args: [id],
})
/** Its row holds the ids of both tables, though the owner may be missing. */
const petAtHome = (id: SqlValue): Statement => ({
  sql: `SELECT p."owner_id", p."status", o."town" FROM "pets" p
    LEFT JOIN "owners" o ON o."owner_id" = p."owner_id" WHERE p."pet_id" = ?`,
  args: [id],
  namesItsRows: true,
})

/** Rex of Ada and Tom of Bob, both read once. */
async function openRead(question = pet) {
  const opened = open()
  const { memory, write, asked } = opened
  await write(insertPet, 'rex', 'ada', 'awake')
  await write(insertPet, 'tom', 'bob', 'awake')
  await write(insertOwner, 'ada', 'London')
  await write('INSERT INTO letters (letter_id) VALUES (?)', 'a letter')
  const noted = memory.noting()
  await noted.reader.get(question('rex'))
  await memory.get(question('tom'))
  asked.length = 0
  return { ...opened, noted }
}

describe.each([
  { what: 'a row by its key', question: pet },
  { what: 'a row that names all that it was joined from', question: petAtHome },
])('$what', ({ question }) => {
  test('outlives what is written about others', async () => {
    const { memory, write, asked, noted } = await openRead(question)
    await write(insertPet, 'new', 'bob', 'awake')
    await write(putPet, 'new', 'bob', 'asleep')
    await write(setPet, 'asleep', 'tom')
    await write(dropPet, 'tom')
    await write('DELETE FROM pets WHERE owner_id = ?', 'bob')
    await write(insertOwner, 'bob', 'Paris')
    await write(setOwner, 'Rome', 'bob')
    expect(await memory.get(question('rex'))).toMatchObject({ owner_id: 'ada', status: 'awake' })
    expect(asked).toEqual([])
    expect(noted.holds()).toBe(true)
    expect(await memory.get(question('tom'))).toBeUndefined()
    expect(asked).toHaveLength(1)
  })

  test.each([
    { by: 'an update', sql: setPet, args: ['asleep', 'rex'] },
    { by: 'a deletion', sql: dropPet, args: ['rex'] },
    { by: 'a row in its place', sql: putPet, args: ['rex', 'ada', 'asleep'] },
    { by: 'another of its ids', sql: 'DELETE FROM pets WHERE owner_id = ?', args: ['ada'] },
    { by: 'nobody knows which', sql: 'UPDATE pets SET status = ?', args: ['asleep'] },
    { by: 'time', sql: 'DELETE FROM pets WHERE ends_at IS NOT ?', args: [1] },
    {
      by: 'what no argument says',
      sql: "UPDATE pets SET status = 'x' WHERE pet_id = ?",
      args: ['rex'],
    },
  ])('is forgotten at once when it is changed: by $by', async ({ sql, args }) => {
    const { connection, memory, write, noted } = await openRead(question)
    expect(noted.holds()).toBe(true)
    await write(sql, ...args)
    expect(noted.holds()).toBe(false)
    expect(await memory.get(question('rex'))).toEqual(connection.run(question('rex'))[0])
  })

  test('that was not there is found once it is', async () => {
    const { memory, write } = await openRead(question)
    const noted = memory.noting()
    expect(await noted.reader.get(question('new'))).toBeUndefined()
    expect(noted.holds()).toBe(true)
    await write(putPet, 'new', 'eve', 'awake')
    expect(noted.holds()).toBe(false)
    expect(await memory.get(question('new'))).toMatchObject({ status: 'awake' })
  })

  test('is forgotten after a write that failed, because it may have happened', async () => {
    const { connection, database, write } = await openRead(question)
    await write(setPet, 'awake', 'rex')
    const failing = new ReadMemory({
      ...database,
      transact: async (transaction: Transaction) => {
        connection.transact(transaction)
        throw new Error('no answer')
      },
    })
    const noted = failing.noting()
    expect(await noted.reader.get(question('rex'))).toMatchObject({ status: 'awake' })
    await rejectionOf(failing.transact(writing(setPet, 'asleep', 'rex')))
    expect(noted.holds()).toBe(false)
    expect(await failing.get(question('rex'))).toMatchObject({ status: 'asleep' })
  })

  test('while it is written is asked of the database, and not kept', async () => {
    const { connection, database, asked } = await openRead(question)
    const commit = Promise.withResolvers<void>()
    const heard = Promise.withResolvers<void>()
    let isSlow = false
    const memory = new ReadMemory({
      ...database,
      transact: async (transaction: Transaction) => {
        if (!isSlow) return connection.transact(transaction)
        await commit.promise
        const outcome = connection.transact(transaction)
        await heard.promise
        return outcome
      },
    })
    await memory.transact(writing(setPet, 'awake', 'rex'))
    await memory.get(question('rex'))
    await memory.get(question('tom'))
    isSlow = true
    const under = memory.transact(writing(setPet, 'asleep', 'rex'))
    const noted = memory.noting()
    expect(await noted.reader.get(question('rex'))).toMatchObject({ status: 'awake' })
    expect(noted.holds()).toBe(false)
    asked.length = 0
    await memory.get(question('tom'))
    expect(asked).toHaveLength(0)
    commit.resolve()
    await Promise.resolve()
    expect(await memory.get(question('rex'))).toMatchObject({ status: 'asleep' })
    heard.resolve()
    await under
    asked.length = 0
    expect(await memory.get(question('rex'))).toMatchObject({ status: 'asleep' })
    expect(asked).toHaveLength(1)
    expect(noted.holds()).toBe(false)
  })

  test('is read again once more keys were written than are kept', async () => {
    const { memory, asked, noted } = await openRead(question)
    const many = Array.from({ length: 100_001 }, (_, at) => ({
      sql: 'DELETE FROM letters WHERE letter_id = ?',
      args: [`letter ${at}`],
    }))
    await memory.transact({ preconditions: [], units: [many] })
    expect(noted.holds()).toBe(false)
    await memory.get(question('rex'))
    expect(asked).toHaveLength(1)
  })

  test('is not taken for good once the database is closed', async () => {
    const { memory, noted } = await openRead(question)
    await memory.close()
    expect(noted.holds()).toBe(false)
  })
})

describe('a joined row', () => {
  test('is forgotten when a row of the other table is changed, comes or goes', async () => {
    const { memory, write } = await openRead(petAtHome)
    await write(setOwner, 'Rome', 'ada')
    expect(await memory.get(petAtHome('rex'))).toMatchObject({ town: 'Rome' })
    expect(await memory.get(petAtHome('tom'))).toMatchObject({ town: null })
    await write(insertOwner, 'bob', 'Paris')
    expect(await memory.get(petAtHome('tom'))).toMatchObject({ town: 'Paris' })
    await write('DELETE FROM owners WHERE owner_id IS ?', 'bob')
    expect(await memory.get(petAtHome('tom'))).toMatchObject({ town: null })
  })

  test('that does not say that it names its rows lives until a table of its is written', async () => {
    const { memory, write, asked } = await openRead()
    const { sql, args } = petAtHome('rex')
    await memory.get({ sql, args })
    await write(setPet, 'asleep', 'tom')
    await memory.get({ sql, args })
    expect(asked).toHaveLength(2)
  })
})

// A client may be called by an address that is longer than any key that is kept.
test('a row whose name is too long to be kept is forgotten when it is written', async () => {
  const { memory, write } = open()
  const ada = `https://ada.example/${'x'.repeat(200)}`
  await write(insertPet, 'rex', ada, 'awake')
  await write(insertOwner, ada, 'London')
  const noted = memory.noting()
  expect(await noted.reader.get(petAtHome('rex'))).toMatchObject({ town: 'London' })
  await write(setOwner, 'Paris', ada)
  expect(noted.holds()).toBe(false)
  expect(await memory.get(petAtHome('rex'))).toMatchObject({ town: 'Paris' })
})

test('what is written of the same id in a table that was not asked makes nothing forgotten', async () => {
  const { memory, asked, write, noted } = await openRead()
  await write('INSERT INTO letters (letter_id) VALUES (?)', 'rex')
  await write('UPDATE owners SET town = ? WHERE owner_id = ?', 'Paris', 'ada')
  expect(noted.holds()).toBe(true)
  await memory.get(pet('rex'))
  expect(asked).toEqual([])
})

test('a write that says which rows it changed, and changed none, makes nothing forgotten', async () => {
  const { memory, asked, write, noted } = await openRead()
  await write(`${setPet} AND "ends_at" = ? RETURNING "pet_id"`, 'asleep', 'rex', 1)
  await write('UPDATE pets SET status = ? WHERE ends_at = ? RETURNING 1 AS done', 'asleep', 1)
  expect(noted.holds()).toBe(true)
  await memory.get(pet('rex'))
  expect(asked).toEqual([])
  await write(`${setPet} RETURNING "pet_id"`, 'asleep', 'rex')
  expect(noted.holds()).toBe(false)
  expect(await memory.get(pet('rex'))).toMatchObject({ status: 'asleep' })
})

test('a write that was refused, as one of several, makes its rows forgotten all the same', async () => {
  const { memory, noted } = await openRead()
  const refused = { sql: insertPet, args: ['rex', 'ada', 'awake'] }
  const done = { sql: setPet, args: ['asleep', 'tom'] }
  const outcome = await memory.transact({ preconditions: [], units: [[refused], [done]] })
  expect(outcome.committed && outcome.units.map((unit) => unit.done)).toEqual([false, true])
  expect(noted.holds()).toBe(false)
  expect(await memory.get(pet('rex'))).toMatchObject({ status: 'awake' })
  expect(await memory.get(pet('tom'))).toMatchObject({ status: 'asleep' })
})

test('a write that drops only what has ended makes nothing forgotten', async () => {
  const { memory, asked, noted } = await openRead()
  const sql = 'DELETE FROM pets WHERE ends_at <= ?'
  await memory.transact({
    preconditions: [],
    units: [[{ sql, args: [1], dropsEnded: true }]],
  })
  expect(noted.holds()).toBe(true)
  await memory.get(pet('rex'))
  expect(asked).toEqual([])
})

test('a list holds until its table is written at all', async () => {
  const { memory, write } = await openRead()
  const noted = memory.noting()
  const sql = 'SELECT * FROM "pets" WHERE "owner_id" = ?'
  expect(await noted.reader.all({ sql, args: ['ada'] })).toHaveLength(1)
  await write(setOwner, 'Rome', 'ada')
  expect(noted.holds()).toBe(true)
  await write(setPet, 'asleep', 'tom')
  expect(noted.holds()).toBe(false)
})

test('what was noted before any table was written is not missed when one is', async () => {
  const { memory, write } = open()
  const noted = memory.noting()
  expect(await noted.reader.get(pet('rex'))).toBeUndefined()
  expect(noted.holds()).toBe(true)
  await write(insertPet, 'rex', 'ada', 'awake')
  expect(noted.holds()).toBe(false)
})
