/**
 * What is said to a libSQL server, and what it answers: statements as steps of a batch, each of
 * which may depend on how others went, and for each step rows, a refusal, or nothing when it was
 * left out. This is version 2 of its protocol, in JSON, which every such server speaks.
 */
import type { SqlValue, Statement } from '../projections/statement.ts'
import { type Row, toBindable } from './database.ts'

/** When a step is taken: always, unless it says otherwise. */
export type Condition =
  | { readonly type: 'ok'; readonly step: number }
  | { readonly type: 'not'; readonly cond: Condition }
  | { readonly type: 'and'; readonly conds: readonly Condition[] }

export interface Step extends Statement {
  readonly condition?: Condition
}

/** What became of a step. */
export type StepOutcome = Done | Refused | 'left out'

export interface Done {
  readonly rows: Row[]
}

export interface Refused {
  readonly refusal: ServerError
}

export interface ServerError {
  readonly message: string
  readonly code: string
}

export type StreamRequest =
  | { readonly type: 'store_sql'; readonly sql_id: number; readonly sql: string }
  | { readonly type: 'close_sql'; readonly sql_id: number }
  | { readonly type: 'batch'; readonly batch: { readonly steps: readonly object[] } }
  | { readonly type: 'close' }

/** Where the server keeps the text of a statement, it is named by its number there. */
export function stepMessage({ sql, args, condition }: Step, textId: number | undefined): object {
  const stmt = { ...(textId === undefined ? { sql } : { sql_id: textId }), args: args.map(encoded) }
  return condition === undefined ? { stmt } : { condition, stmt }
}

interface BatchResult {
  readonly step_results: readonly (StatementResult | null)[]
  readonly step_errors: readonly (Partial<ServerError> | null)[]
}

interface StatementResult {
  readonly cols: readonly { readonly name: string | null }[]
  readonly rows: readonly (readonly EncodedValue[])[]
}

/** @throws {TypeError} when it is not the answer to so many steps */
export function stepOutcomes(result: unknown, count: number): StepOutcome[] {
  const { step_results: results, step_errors: errors } = result as BatchResult
  if (results.length !== count || errors.length !== count) {
    throw new TypeError(`Cannot read the answer: ${count} steps were sent`)
  }
  return results.map((answered, index) => {
    const error = errors[index]
    if (error) return { refusal: { message: error.message ?? '', code: error.code ?? 'UNKNOWN' } }
    return answered ? { rows: rowsOf(answered) } : 'left out'
  })
}

function rowsOf({ cols, rows }: StatementResult): Row[] {
  if (rows.length === 0) return []
  const names = cols.map(({ name }) => name ?? '')
  return rows.map((values) => {
    const row: Row = {}
    for (const [index, name] of names.entries()) row[name] = decoded(values[index])
    return row
  })
}

type EncodedValue =
  | { readonly type: 'null' }
  | { readonly type: 'integer'; readonly value: string }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'blob'; readonly base64: string }

function encoded(given: SqlValue): EncodedValue {
  const value = toBindable(given)
  if (value === null) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) }
  if (typeof value === 'number') return { type: 'float', value }
  return { type: 'blob', base64: Buffer.from(value).toString('base64') }
}

function decoded(value: EncodedValue | undefined): SqlValue {
  switch (value?.type) {
    case 'null':
      return null
    case 'integer':
      return wholeNumber(value.value)
    case 'float':
    case 'text':
      return value.value
    case 'blob':
      return new Uint8Array(Buffer.from(value.base64, 'base64'))
    case undefined:
      throw new TypeError('Cannot read the answer: a row is too short')
    default:
      value satisfies never
      throw new TypeError('Cannot read the answer: a value is of no known type')
  }
}

function wholeNumber(digits: string): number {
  const number = Number(digits)
  if (Number.isSafeInteger(number)) return number
  throw new RangeError('Cannot read the answer: a number is too large')
}
