/**
 * What the store asks of a database, whether it is a file or a server: transactions, each sent
 * whole, and reads.
 *
 *   transaction = preconditions, then units
 *   a precondition fails → nothing is written
 *   a unit fails         → that unit alone is taken out; the others commit
 *
 * Nothing here is interactive: a condition is a statement that breaks a constraint when it does
 * not hold (see the table `assertions`), so that a server far away is asked once per transaction.
 */
import { LogUnavailable } from '../domain/event-log.ts'
import type { SqlValue, Statement } from '../projections/statement.ts'

export type Row = Record<string, SqlValue>

export interface Transaction {
  readonly preconditions: readonly Statement[]
  readonly units: readonly (readonly Statement[])[]
}

/** Why a statement was refused: the database's own words, which never hold a bound value. */
export interface Refusal {
  /** The index of the statement within its unit, or within the preconditions. */
  readonly at: number
  /** `table.column` when a key is taken there, else null. */
  readonly takenKey: string | null
  readonly message: string
}

/** What became of a unit: the rows of each of its statements, or what refused it. */
export type UnitOutcome =
  | { readonly done: true; readonly rows: readonly (readonly Row[])[] }
  | { readonly done: false; readonly refusal: Refusal }

export type TransactionOutcome =
  /** Those of one commit, counted by the connection, shared a sync of the disk. */
  | { readonly committed: true; readonly commit: number; readonly units: readonly UnitOutcome[] }
  | { readonly committed: false; readonly refusal: Refusal }

/** @throws {LogUnavailable} from every method, when the database does not do it */
export interface Database {
  /** On a file they are carried out as they were sent; to a server the caller sends one at a time. */
  transact(transaction: Transaction): Promise<TransactionOutcome>
  query(statement: Statement): Promise<Row[]>
  /** The answers to all of them as of one moment. */
  snapshot(statements: readonly Statement[]): Promise<Row[][]>
  close(): Promise<void>
}

/** The database failed, and for certain has written nothing: the same may be sent again. */
export class NothingWritten extends LogUnavailable {
  override name = 'NothingWritten'
}

const uniqueViolation = /UNIQUE constraint failed: (?:index ')?([\w.]+)/

/** The words are the same from the native library and, prefixed, from a server. */
export function refusalOf(message: string, at: number): Refusal {
  return { at, takenKey: uniqueViolation.exec(message)?.[1] ?? null, message }
}

/** Whole numbers travel as integers; as floats a server would keep `1.0` where text is compared. */
export function toBindable(value: SqlValue): SqlValue {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
}

/** A row as every database gives it: integers as numbers, blobs as Uint8Array. */
export function toRow(columns: Readonly<Record<string, unknown>>): Row {
  const row: Row = {}
  for (const [name, value] of Object.entries(columns)) {
    row[name] = value instanceof ArrayBuffer ? new Uint8Array(value) : (value as SqlValue)
  }
  return row
}
