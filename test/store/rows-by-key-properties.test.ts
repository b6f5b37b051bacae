/** Whatever is written, nothing that is remembered, nor an answer that is kept, is of before it. */
import fc from 'fast-check'
import type { NotedReads, SqlValue, Statement } from '../../src/projections/statement.ts'
import type { Row } from '../../src/store/database.ts'
import { ReadMemory } from '../../src/store/read-memory.ts'
import { expect, test } from '../support/test.ts'
import { openCounted } from './counted-memory.ts'
import { LateReader, Truths } from './late-reader.ts'
import { LateWriter } from './late-writer.ts'

const long = (letter: string) => `https://${letter}.example/${letter.repeat(150)}`
const petId = fc.constantFrom<SqlValue[]>('rex', 'tom', long('p'))
const ownerId = fc.constantFrom<SqlValue[]>('ada', 'bob', long('o'), null)
/** An id may be called as an owner is. */
const status = fc.constantFrom<SqlValue[]>('awake', 'asleep', 'ada')
const anyId = fc.oneof(petId, ownerId)

function written(sql: string, ...args: fc.Arbitrary<SqlValue>[]): fc.Arbitrary<Statement> {
  return fc.record({ sql: fc.constant(sql), args: fc.tuple(...args) })
}

const putPet = 'INSERT INTO pets (pet_id, owner_id, status) VALUES (?, ?, ?) ON CONFLICT'
const putOwner = 'INSERT INTO owners (owner_id, status) VALUES (?, ?) ON CONFLICT'

const write = fc.oneof(
  written(`${putPet} DO NOTHING`, petId, ownerId, status),
  written(`${putPet} (pet_id) DO UPDATE SET status = excluded.status`, petId, ownerId, status),
  written(
    `${putPet} (pet_id) DO UPDATE SET owner_id = excluded.owner_id`,
    ...[petId, ownerId, status],
  ),
  written(`${putPet} (pet_id) DO UPDATE SET status = 'gone'`, petId, ownerId, status),
  written('UPDATE pets SET status = ? WHERE pet_id IS ?', status, petId),
  written('UPDATE pets SET owner_id = ? WHERE pet_id = ? AND status = ?', ownerId, petId, status),
  written('UPDATE pets SET former_id = owner_id WHERE pet_id = ?', petId),
  written('UPDATE pets SET owner_id = ? WHERE owner_id IS ?', ownerId, ownerId),
  written("UPDATE pets SET status = 'gone' WHERE status = ?", status),
  written('DELETE FROM pets WHERE pet_id IS ?', petId),
  written('DELETE FROM pets WHERE owner_id IS ? RETURNING 1 AS gone', ownerId),
  written('DELETE FROM pets WHERE status = ?', status),
  written('DELETE FROM pets WHERE pet_id IN (SELECT pet_id FROM pets ORDER BY pet_id LIMIT 1)'),
  written(`${putOwner} (owner_id) DO UPDATE SET status = excluded.status`, ownerId, status),
  written('INSERT INTO owners SELECT owner_id, status FROM pets WHERE true ON CONFLICT DO NOTHING'),
  written('UPDATE owners SET status = ? WHERE owner_id IS ?', status, ownerId),
  written('DELETE FROM owners WHERE owner_id IS ?', ownerId),
)

const joined = `SELECT p.pet_id, p.owner_id, p.former_id, p.status, o.status AS health
  FROM pets p LEFT JOIN owners o ON o.owner_id = p.owner_id WHERE p.pet_id = ?`
/** As a token does, it is there only while its owner is. */
const needed = `SELECT p.pet_id, p.owner_id, o.status FROM pets p
  JOIN owners o ON o.owner_id = p.owner_id AND o.status = 'awake' WHERE p.pet_id = ?`

const question: fc.Arbitrary<Statement> = fc.oneof(
  written('SELECT * FROM "pets" WHERE "pet_id" IS ?', petId),
  written('SELECT * FROM "pets" WHERE "pet_id" IS ? AND "status" IS ?', petId, status),
  written('SELECT * FROM "pets" WHERE "former_id" IS ? AND "pet_id" IS ?', anyId, petId),
  written('SELECT * FROM "owners" WHERE "owner_id" IS ?', ownerId),
  written('SELECT count(*) AS n FROM pets WHERE owner_id IS ?', ownerId),
  written(joined, petId).map((asked) => ({ ...asked, namesItsRows: true as const })),
  written(needed, petId).map((asked) => ({ ...asked, namesItsRows: true as const })),
  written(needed, petId),
)

const step = fc.oneof(
  fc.record({ writes: fc.array(write, { minLength: 1, maxLength: 3 }) }),
  fc.record({ ask: question }),
  fc.record({ keep: fc.array(question, { minLength: 1, maxLength: 3 }) }),
  fc.constantFrom('commit' as const, 'tell' as const),
)

interface Kept {
  readonly asked: readonly Statement[]
  readonly answers: readonly (Row | undefined)[]
  readonly noted: NotedReads
}

function openPets() {
  return openCounted(
    'pets (pet_id TEXT PRIMARY KEY, owner_id TEXT, former_id TEXT, status TEXT)',
    'owners (owner_id TEXT PRIMARY KEY, status TEXT)',
  )
}

test('whatever is in flight, what is remembered or kept is what the database says now', async () => {
  let held = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const { connection, database } = openPets()
      const writer = new LateWriter(connection)
      const memory = new ReadMemory(writer.behind(database))
      const kept: Kept[] = []
      for (const each of steps) {
        if (typeof each === 'string') await writer[each]()
        else if ('ask' in each) {
          expect(await memory.get(each.ask)).toEqual(connection.run(each.ask)[0])
        } else if ('keep' in each) {
          const noted = memory.noting()
          const answers = await Promise.all(each.keep.map((ask) => noted.reader.get(ask)))
          kept.push({ asked: each.keep, answers, noted })
        } else {
          memory.transact({ preconditions: [], units: [each.writes] })
        }
        for (const { asked, answers, noted } of kept) {
          if (!noted.holds()) continue
          if (each === 'tell') held += 1
          expect(answers).toEqual(asked.map((ask) => connection.run(ask)[0]))
        }
      }
      await writer.tellAll()
      await memory.close()
    }),
    { numRuns: 300 },
  )
  // Whoever forgets everything is never wrong, and proves nothing.
  expect(held).toBeGreaterThan(30)
})

const fewPets = fc.constantFrom<SqlValue[]>('rex', 'tom')
/** Few, so that they are asked again and again. */
const fewQuestions: fc.Arbitrary<Statement> = fc.oneof(
  written('SELECT * FROM "pets" WHERE "pet_id" IS ?', fewPets),
  written(joined, fewPets).map((asked) => ({ ...asked, namesItsRows: true as const })),
)

const lateStep = fc.oneof(
  fc.record({ writes: fc.array(write, { minLength: 1, maxLength: 3 }) }),
  { weight: 4, arbitrary: fc.record({ ask: fewQuestions }) },
  fc.record({ keep: fc.array(fewQuestions, { minLength: 1, maxLength: 3 }) }),
  { weight: 3, arbitrary: fc.constantFrom('commit' as const, 'tell' as const) },
  { weight: 3, arbitrary: fc.constantFrom('look' as const, 'answer' as const) },
)

test('the same where answers take their time', async () => {
  let held = 0
  await fc.assert(
    fc.asyncProperty(fc.array(lateStep, { maxLength: 100, size: 'max' }), async (steps) => {
      const { connection, database } = openPets()
      const [writer, reader] = [new LateWriter(connection), new LateReader(connection)]
      const memory = new ReadMemory(reader.behind(writer.behind(database)))
      const [truths, told] = [new Truths(), [] as Promise<void>[]]
      const kept: Kept[] = []
      const look = (ask: Statement) => connection.run(ask)[0]
      for (const each of steps) {
        if (each === 'look' || each === 'answer') await reader[each]()
        else if (typeof each === 'string') await writer[each]()
        else if ('ask' in each) {
          told.push(truths.expect(memory.get(each.ask), () => look(each.ask)))
        } else if ('keep' in each) {
          const noted = memory.noting()
          const asking = Promise.all(each.keep.map((ask) => noted.reader.get(ask)))
          told.push(
            asking.then((answers) => {
              kept.push({ asked: each.keep, answers, noted })
            }),
          )
        } else {
          memory.transact({ preconditions: [], units: [each.writes] })
        }
        if (each === 'commit') truths.note()
        for (const { asked, answers, noted } of kept) {
          if (!noted.holds()) continue
          if (each === 'tell') held += 1
          expect(answers).toEqual(asked.map(look))
        }
      }
      await reader.answerAll()
      await Promise.all(told)
      await writer.tellAll()
      await memory.close()
    }),
    { numRuns: 300 },
  )
  expect(held).toBeGreaterThan(10)
})
