/**
 * Questions that differ in nothing but their keys, asked as one. A libSQL server reads the text of
 * each statement anew, and that costs it more than to find a row by its key:
 *
 *   SELECT * FROM "t" WHERE "id" = ?      a
 *   SELECT * FROM "t" WHERE "id" = ?      b      ─▶   the rows of [[a], [b]], each with its question
 *   SELECT * FROM "t" WHERE "id" = ?      a
 *
 * Whatever is of no such shape is asked as it is, once for all who ask the very same.
 */
import { LRUCache } from 'lru-cache'
import type { SqlValue, Statement } from '../projections/statement.ts'
import type { Row } from './database.ts'
import { streamsByIdSql } from './stream-statements.ts'
import { asksByKey } from './touched-keys.ts'

const textsMax = 1_000
/** The column that says which question a row answers; no table has one of that name. */
const questionColumn = '?'

type Answer = Row[] | Error

export interface MergedQuestions {
  readonly statements: readonly Statement[]
  /** The answer to each question, from those to the statements. */
  readonly answersFrom: (given: readonly Answer[]) => Answer[]
}

/** A statement, and who asks it: all are answered alike, or else each list of them by its place. */
interface Part {
  readonly statement: Statement
  readonly askers: readonly (readonly number[])[]
}

export function mergeQuestions(questions: readonly Statement[]): MergedQuestions {
  const parts = [...Map.groupBy(questions.keys(), (index) => questions[index]?.sql ?? '')].flatMap(
    ([sql, alike]) => partsOf(sql, { questions, alike }),
  )
  return {
    statements: parts.map(({ statement }) => statement),
    answersFrom(given) {
      const answers: Answer[] = new Array(questions.length)
      for (const [index, { askers }] of parts.entries()) {
        const answer = given[index] ?? new Error('The answer is too short')
        const isSplit = askers.length > 1 && !(answer instanceof Error)
        const lists = isSplit ? byQuestion(answer, askers.length) : askers.map(() => answer)
        for (const [place, asking] of askers.entries()) {
          for (const asker of asking) answers[asker] = lists[place] ?? []
        }
      }
      return answers
    },
  }
}

function partsOf(
  sql: string,
  { questions, alike }: { questions: readonly Statement[]; alike: readonly number[] },
): Part[] {
  const argsOf = (index: number) => questions[index]?.args ?? []
  const same = Map.groupBy(alike, (index) => keyOf(argsOf(index)) ?? index)
  const askers = [...same.values()]
  const merged = askers.length > 1 ? mergedSql(sql) : undefined
  const keys = [...same.keys()]
  if (merged !== undefined && keys.every((key) => typeof key === 'string')) {
    return [{ statement: { sql: merged, args: [`[${keys.join()}]`] }, askers }]
  }
  return askers.map((asking) => ({
    statement: { sql, args: argsOf(asking[0] ?? 0) },
    askers: [asking],
  }))
}

/** The arguments as JSON, where SQLite reads the very same values from it. */
function keyOf(args: readonly SqlValue[]): string | undefined {
  return args.every(isPlain) ? JSON.stringify(args) : undefined
}

function isPlain(value: SqlValue): boolean {
  return typeof value === 'string' ? /^[ -~]*$/.test(value) : Number.isSafeInteger(value)
}

function byQuestion(rows: readonly Row[], count: number): Row[][] {
  const lists: Row[][] = Array.from({ length: count }, () => [])
  for (const { [questionColumn]: question, ...row } of rows) lists[Number(question)]?.push(row)
  return lists
}

const merged = new LRUCache<string, { readonly sql: string | undefined }>({ max: textsMax })

/** One statement for a list of arguments of this one; undefined where its text is not understood. */
function mergedSql(sql: string): string | undefined {
  let known = merged.get(sql)
  if (!known) {
    known = {
      sql: sql === streamsByIdSql ? mergedStreamsSql : asksByKey(sql) ? joined(sql) : undefined,
    }
    merged.set(sql, known)
  }
  return known.sql
}

const asked = `SELECT asked.key AS "${questionColumn}"`
const mergedStreamsSql = `${asked}, s.stream_id, s.version, s.state, s.state_schema
  FROM json_each(?) AS asked CROSS JOIN streams AS s
  WHERE s.stream_id IN (SELECT value FROM json_each(asked.value ->> 0))`

function joined(sql: string): string {
  const [, table = '', conditions = ''] = /^select \* from (\S+) where (.*)$/i.exec(sql) ?? []
  const matches = conditions
    .split(/ and /i)
    .map((condition, index) => `t.${condition.replace(/\?$/, `asked.value ->> ${index}`)}`)
  return `${asked}, t.* FROM json_each(?) AS asked CROSS JOIN ${table} AS t
  WHERE ${matches.join(' AND ')}`
}
