/**
 * Statements as data: SQL with its arguments. They are made from drizzle's tables, so columns and
 * types have one source, and their text is kept per shape, so that a prepared statement is found
 * again. Whoever holds a connection runs them.
 */
import { type Column, getTableColumns, getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'

export type SqlValue = string | number | bigint | Uint8Array | null

export interface Statement {
  readonly sql: string
  readonly args: readonly SqlValue[]
  /**
   * Of a question: its row, if there is one, holds the ids (and hashes of tokens) of all the rows
   * that it was joined from, so that it stays the same while none of those is written.
   */
  readonly namesItsRows?: true
  /** Of a write: it takes away only what has ended by time, and so is good for nobody any more. */
  readonly dropsEnded?: true
}

/** Where the queries of a read model are asked. Rows come as objects by column name. */
export interface Reader {
  get(statement: Statement): Promise<Record<string, SqlValue> | undefined>
  all(statement: Statement): Promise<Record<string, SqlValue>[]>
  /** Absent where others write too, so that nobody here knows what still holds. */
  noting?(): NotedReads
}

/** What was asked through one reader, and whether every answer would still be the same. */
export interface NotedReads {
  readonly reader: Reader
  holds(): boolean
}

type Row<T extends SQLiteTable> = T['$inferSelect']
type NewRow<T extends SQLiteTable> = T['$inferInsert']
type Part<T extends SQLiteTable> = { [K in keyof NewRow<T>]?: NewRow<T>[K] }

const texts = new WeakMap<SQLiteTable, Map<string, string>>()

function textOf(table: SQLiteTable, shape: string, make: () => string): string {
  const shapes = texts.get(table) ?? new Map<string, string>()
  texts.set(table, shapes)
  const text = shapes.get(shape) ?? make()
  shapes.set(shape, text)
  return text
}

function columnOf(table: SQLiteTable, key: string): Column {
  const column = (getTableColumns(table) as Record<string, Column | undefined>)[key]
  if (!column) throw new Error(`Cannot make a statement: "${key}" is no column`)
  return column
}

function quoted(table: SQLiteTable, key: string): string {
  return `"${columnOf(table, key).name}"`
}

function values(table: SQLiteTable, row: object): SqlValue[] {
  return Object.entries(row).map(([key, value]) =>
    value === null || value === undefined
      ? null
      : (columnOf(table, key).mapToDriverValue(value) as SqlValue),
  )
}

function conditions(table: SQLiteTable, where: object): string {
  return Object.entries(where)
    .map(([key, value]) => `${quoted(table, key)} ${isNull(value) ? 'IS NULL' : '= ?'}`)
    .join(' AND ')
}

/** What is the same for every statement of one text: its columns, and which of them are null. */
function shapeOf(where: object): string {
  return String(Object.entries(where).map(([key, value]) => (isNull(value) ? `no ${key}` : key)))
}

function present(where: object): object {
  return Object.values(where).some(isNull)
    ? Object.fromEntries(Object.entries(where).filter(([, value]) => !isNull(value)))
    : where
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined
}

export function insert<T extends SQLiteTable>(table: T, row: NewRow<T>): Statement {
  const keys = Object.keys(row)
  const sql = textOf(table, `insert ${keys}`, () => {
    const names = keys.map((key) => quoted(table, key)).join(', ')
    const marks = keys.map(() => '?').join(', ')
    return `INSERT INTO "${getTableName(table)}" (${names}) VALUES (${marks})`
  })
  return { sql, args: values(table, row) }
}

export function update<T extends SQLiteTable>(table: T, set: Part<T>, where: Part<T>): Statement {
  const sql = textOf(table, `update ${Object.keys(set)} where ${shapeOf(where)}`, () => {
    const sets = Object.keys(set).map((key) => `${quoted(table, key)} = ?`)
    return `UPDATE "${getTableName(table)}" SET ${sets.join(', ')} WHERE ${conditions(table, where)}`
  })
  return { sql, args: [...values(table, set), ...values(table, present(where))] }
}

export function remove<T extends SQLiteTable>(table: T, where: Part<T>): Statement {
  const sql = textOf(table, `delete ${shapeOf(where)}`, () => {
    return `DELETE FROM "${getTableName(table)}" WHERE ${conditions(table, where)}`
  })
  return { sql, args: values(table, present(where)) }
}

export function select<T extends SQLiteTable>(table: T, where: Part<T>): Statement {
  const sql = textOf(table, `select ${shapeOf(where)}`, () => {
    const filter = Object.keys(where).length > 0 ? ` WHERE ${conditions(table, where)}` : ''
    return `SELECT * FROM "${getTableName(table)}"${filter}`
  })
  return { sql, args: values(table, present(where)) }
}

/** Turns a row as the database gives it into the table's own type. */
export function rowOf<T extends SQLiteTable>(table: T, raw: Record<string, SqlValue>): Row<T> {
  const row: Record<string, unknown> = {}
  for (const [key, column] of columnsOf(table)) {
    const value = raw[column.name] ?? null
    row[key] = value === null ? null : column.mapFromDriverValue(value)
  }
  return row as Row<T>
}

const columns = new WeakMap<SQLiteTable, [string, Column][]>()

function columnsOf(table: SQLiteTable): [string, Column][] {
  const known =
    columns.get(table) ?? Object.entries(getTableColumns(table) as Record<string, Column>)
  columns.set(table, known)
  return known
}

/** The one row that matches, or undefined. */
export async function findOne<T extends SQLiteTable>(
  reader: Reader,
  table: T,
  where: Part<T>,
): Promise<Row<T> | undefined> {
  const raw = await reader.get(select(table, where))
  return raw && (readOnce(raw, () => rowOf(table, raw)) as Row<T>)
}

const read = new WeakMap<object, object>()

/**
 * What a row says, read from it once however often the same row comes out of a memory. Whoever gets
 * it shares it, and must leave it as it is.
 */
export function readOnce<T extends object>(raw: object, reading: () => T): T {
  const known = read.get(raw)
  if (known) return known as T
  const made = Object.freeze(reading())
  read.set(raw, made)
  return made
}

export async function findAll<T extends SQLiteTable>(
  reader: Reader,
  table: T,
  where: Part<T>,
): Promise<Row<T>[]> {
  return (await reader.all(select(table, where))).map((raw) => rowOf(table, raw))
}
