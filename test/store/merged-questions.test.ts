import fc from 'fast-check'
import type { SqlValue, Statement } from '../../src/projections/statement.ts'
import type { Row } from '../../src/store/database.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { mergeQuestions } from '../../src/store/merged-questions.ts'
import { streamsById } from '../../src/store/stream-statements.ts'
import { beforeAll, describe, expect, test } from '../support/test.ts'

const byId = 'SELECT * FROM "people" WHERE "person_id" = ?'
const byBoth = 'SELECT * FROM people WHERE kind = ? AND "rank" = ?'
const counted = 'SELECT count(*) AS count FROM people WHERE kind = ?'

describe('questions that differ in their keys alone', () => {
  const connection = new LocalConnection(':memory:')
  const ask = (statement: Statement) => connection.run(statement)
  const asked = (questions: readonly Statement[]) => {
    const { statements, answersFrom } = mergeQuestions(questions)
    return { statements, answers: answersFrom(statements.map(ask)) }
  }
  const person = (id: SqlValue): Statement => ({ sql: byId, args: [id] })

  beforeAll(() => {
    for (const sql of [
      'CREATE TABLE people (person_id TEXT PRIMARY KEY, kind TEXT, "rank" INTEGER, "key" BLOB)',
      'CREATE INDEX people_by_kind ON people (kind, "rank")',
      'CREATE TABLE streams (stream_id TEXT PRIMARY KEY, version INTEGER, state TEXT, state_schema INTEGER)',
    ]) {
      ask({ sql, args: [] })
    }
    for (const [index, id] of ['a', 'b', 'c', '1', '01', 'é', 'a"b', ''].entries()) {
      const sql = 'INSERT INTO people VALUES (?, ?, ?, ?)'
      ask({ sql, args: [id, index % 2 === 0 ? 'even' : 'odd', index % 3, new Uint8Array([index])] })
      ask({ sql: 'INSERT INTO streams VALUES (?, ?, ?, 1)', args: [id, index, '{}'] })
    }
  })

  test('are one statement, and each has its own rows', () => {
    const { statements, answers } = asked(['a', 'none', 'b', 'a'].map(person))
    expect(statements.length).toBe(1)
    expect(answers.map((rows) => (rows as Row[]).map(({ person_id: id }) => id))).toEqual([
      ['a'],
      [],
      ['b'],
      ['a'],
    ])
    expect(answers[0]).toEqual(ask(person('a')))
  })

  test('find their rows by an index, as each alone would', () => {
    const planOf = (questions: Statement[]) =>
      asked(questions)
        .statements.flatMap(({ sql, args }) => ask({ sql: `EXPLAIN QUERY PLAN ${sql}`, args }))
        .map(({ detail }) => String(detail))
    const pair = (rank: number) => ({ sql: byBoth, args: ['even', rank] })
    const plans = [
      ...planOf(['a', 'b'].map(person)),
      ...planOf([1, 2].map(pair)),
      ...planOf([streamsById(['a']), streamsById(['b', 'c'])]),
    ]
    expect(plans.filter((step) => /^SEARCH t USING INDEX/.test(step)).length).toBe(2)
    expect(plans.filter((step) => /^SEARCH s USING INDEX/.test(step)).length).toBe(1)
    expect(plans.filter((step) => /^SCAN (?!asked|json_each)/.test(step))).toEqual([])
  })

  test('that are the very same are asked once, whatever they are', () => {
    const same = { sql: counted, args: ['odd'] }
    const { statements, answers } = asked([same, { ...same }, { sql: counted, args: ['even'] }])
    expect(statements.length).toBe(2)
    expect(answers).toEqual([[{ count: 4 }], [{ count: 4 }], [{ count: 4 }]])
  })

  test('are refused together when the server refuses their statement, and no others', () => {
    const { statements, answersFrom } = mergeQuestions([
      ...['a', 'b'].map(person),
      { sql: counted, args: ['odd'] },
    ])
    const refusal = new Error('refused')
    const [, rows = []] = statements.map(ask)
    expect(answersFrom([refusal, rows])).toEqual([refusal, refusal, rows])
  })

  test('are answered as each would be alone, whatever their keys', () => {
    const key = fc.oneof(
      fc.constantFrom('a', 'b', '1', '01', 'é', 'a"b', '', 'even', 'odd', '\u0000', 'a\nb'),
      fc.integer({ min: -1, max: 3 }),
      fc.constantFrom<SqlValue>(null, 0.5, 1n, new Uint8Array([1])),
      fc.string(),
    )
    const question = fc.oneof(
      key.map(person),
      fc.tuple(key, key).map((args) => ({ sql: byBoth, args })),
      key.map((value) => ({ sql: counted, args: [value] })),
      fc.array(fc.constantFrom('a', 'b', 'é', 'none'), { maxLength: 3 }).map(streamsById),
    )
    fc.assert(
      fc.property(fc.array(question, { maxLength: 12 }), (questions) => {
        expect(asked(questions).answers).toEqual(questions.map(ask))
      }),
    )
  })
})
