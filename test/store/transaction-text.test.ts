import fc from 'fast-check'
import type { SqlValue } from '../../src/projections/statement.ts'
import {
  outcomeText,
  readOutcome,
  TransactionReader,
  TransactionWriter,
} from '../../src/store/transaction-text.ts'
import { describe, expect, test } from '../support/test.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value))
const real = fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0))
const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.maxSafeInteger(),
  real,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  bytes,
  fc.constant(null),
)
const statement = fc.record({
  sql: fc.constantFrom('INSERT INTO a VALUES (?)', 'DELETE FROM a', "SELECT '\u{1f600}\"'"),
  args: fc.array(value, { maxLength: 6 }),
})
const transaction = fc.record({
  preconditions: fc.array(statement, { maxLength: 2 }),
  units: fc.array(fc.array(statement, { maxLength: 4 }), { maxLength: 3 }),
})

describe('a transaction as a text', () => {
  test('is read as it was written, one after another', () => {
    fc.assert(
      fc.property(fc.array(transaction, { maxLength: 5 }), (transactions) => {
        const [writer, reader] = [new TransactionWriter(), new TransactionReader()]
        for (const each of transactions) {
          expect(reader.read(writer.write(each))).toEqual(each)
        }
      }),
    )
  })

  test('names the SQL of a statement once', () => {
    const writer = new TransactionWriter()
    const each = { preconditions: [], units: [[{ sql: 'DELETE FROM a', args: [] }]] }
    expect(writer.write(each)).toContain('DELETE FROM a')
    expect(writer.write(each)).not.toContain('DELETE FROM a')
  })

  test('takes bytes that are part of a larger buffer', () => {
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
    const [writer, reader] = [new TransactionWriter(), new TransactionReader()]
    const each = { preconditions: [], units: [[{ sql: 'x', args: [part] }]] }
    expect(reader.read(writer.write(each)).units[0]?.[0]?.args).toEqual([Buffer.from([2, 3])])
  })
})

describe('an outcome as a text', () => {
  const row = fc.dictionary(fc.constantFrom('position', 'body', 'gone'), value)
  const refusal = fc.record({
    at: fc.nat(5),
    takenKey: fc.option(fc.constant('users_v1.email_key')),
    message: fc.string(),
  })
  const done = fc.array(fc.array(row, { maxLength: 2 }), { maxLength: 4 })
  const unit = fc.oneof(
    done.map((rows) => ({ done: true as const, rows })),
    refusal.map((refused) => ({ done: false as const, refusal: refused })),
  )
  const outcome = fc.oneof(
    fc
      .tuple(fc.nat(), fc.array(unit, { maxLength: 4 }))
      .map(([commit, units]) => ({ committed: true as const, commit, units })),
    refusal.map((refused) => ({ committed: false as const, refusal: refused })),
  )

  test('is read as it was written', () => {
    fc.assert(fc.property(outcome, (each) => expect(readOutcome(outcomeText(each))).toEqual(each)))
  })
})
