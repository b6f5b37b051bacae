/**
 * A transaction as one text, for the writer's thread, or questions for one that reads: a text is
 * handed over whole, where objects would be copied one by one. Each statement is sent once with its
 * SQL, and then by its number:
 *
 *   {"sql": ["INSERT …"], "preconditions": [[0, 7]], "units": [[[1, "evt_…", {"bytes": "…"}], …], …]}
 *
 * What came of it is a text too, with the rows of those statements alone that gave any:
 *
 *   {"committed": true, "commit": 9, "units": [{"statements": 5, "rows": [[2, [{"position": 81}]]]}, …]}
 */
import type { SqlValue, Statement } from '../projections/statement.ts'
import type { Row, Transaction, TransactionOutcome, UnitOutcome } from './database.ts'

type Sent = readonly [number, ...SentValue[]]
type SentValue = string | number | null | SentForm
/** What JSON has no form for. */
type SentForm =
  | { readonly bytes: string }
  | { readonly integer: string }
  | { readonly number: string }

interface WithSql {
  /** That was not sent before; its numbers follow on those that were. */
  readonly sql: readonly string[]
}

interface SentTransaction extends WithSql {
  readonly preconditions: readonly Sent[]
  readonly units: readonly (readonly Sent[])[]
}

interface SentQuestions extends WithSql {
  readonly questions: readonly Sent[]
}

/** Makes the texts of one connection, in the order in which they are sent. */
export class TransactionWriter {
  readonly #numbers = new Map<string, number>()

  write({ preconditions, units }: Transaction): string {
    const sql: string[] = []
    const send = (statement: Statement) => this.#send(statement, sql)
    const transaction: SentTransaction = {
      preconditions: preconditions.map(send),
      units: units.map((unit) => unit.map(send)),
      sql,
    }
    return JSON.stringify(transaction)
  }

  questions(statements: readonly Statement[]): string {
    const sql: string[] = []
    const questions = statements.map((statement) => this.#send(statement, sql))
    return JSON.stringify({ questions, sql } satisfies SentQuestions)
  }

  #send({ sql: text, args }: Statement, sql: string[]): Sent {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(text, number)
      sql.push(text)
    }
    return [number, ...args.map(sent)]
  }
}

/** Reads them in the same order. */
export class TransactionReader {
  readonly #sql: string[] = []

  read(text: string): Transaction {
    const { sql, preconditions, units } = JSON.parse(text) as SentTransaction
    this.#sql.push(...sql)
    return {
      preconditions: this.#receive(preconditions),
      units: units.map((unit) => this.#receive(unit)),
    }
  }

  questions(text: string): Statement[] {
    const { sql, questions } = JSON.parse(text) as SentQuestions
    this.#sql.push(...sql)
    return this.#receive(questions)
  }

  #receive(statements: readonly Sent[]): Statement[] {
    return statements.map(([number, ...args]) => ({
      sql: this.#sql[number] ?? '',
      args: args.map(received),
    }))
  }
}

function sent(value: SqlValue): SentValue {
  if (typeof value === 'bigint') return { integer: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) }
  if (typeof value !== 'object' || value === null) return value
  const { buffer, byteOffset, byteLength } = value
  return { bytes: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
}

function received(value: SentValue): SqlValue {
  if (typeof value !== 'object' || value === null) return value
  if ('bytes' in value) return Buffer.from(value.bytes, 'base64')
  return 'number' in value ? Number(value.number) : BigInt(value.integer)
}

type SentRow = Readonly<Record<string, SentValue>>

type SentUnit =
  | {
      readonly statements: number
      readonly rows: readonly (readonly [at: number, rows: readonly SentRow[]])[]
    }
  | Extract<UnitOutcome, { readonly done: false }>

type SentOutcome =
  | { readonly committed: true; readonly commit: number; readonly units: readonly SentUnit[] }
  | Extract<TransactionOutcome, { readonly committed: false }>

export function outcomeText(outcome: TransactionOutcome): string {
  const text: SentOutcome = outcome.committed
    ? { ...outcome, units: outcome.units.map(sentUnit) }
    : outcome
  return JSON.stringify(text)
}

function sentUnit(unit: UnitOutcome): SentUnit {
  if (!unit.done) return unit
  const rows = unit.rows.flatMap((found, at) =>
    found.length === 0 ? [] : [[at, sentRows(found)] as const],
  )
  return { statements: unit.rows.length, rows }
}

const noRows: readonly Row[] = []

export function readOutcome(text: string): TransactionOutcome {
  const outcome = JSON.parse(text) as SentOutcome
  return outcome.committed ? { ...outcome, units: outcome.units.map(unitOf) } : outcome
}

function unitOf(unit: SentUnit): UnitOutcome {
  if ('done' in unit) return unit
  const rows: (readonly Row[])[] = new Array(unit.statements).fill(noRows)
  for (const [at, found] of unit.rows) rows[at] = receivedRows(found)
  return { done: true, rows }
}

/** The rows of each question. */
export function answersText(answers: readonly (readonly Row[])[]): string {
  return JSON.stringify(answers.map(sentRows))
}

export function readAnswers(text: string): Row[][] {
  return (JSON.parse(text) as SentRow[][]).map(receivedRows)
}

function sentRows(rows: readonly Row[]): SentRow[] {
  return rows.map((row) => each(row, sent))
}

function receivedRows(rows: readonly SentRow[]): Row[] {
  return rows.map((row) => each(row, received))
}

function each<A, B>(row: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  const changed: Record<string, B> = {}
  for (const name in row) changed[name] = change(row[name] as A)
  return changed
}
