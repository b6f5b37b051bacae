/**
 * A replica of the read models in memory, filled from the log: the same migrations, the same
 * handlers, the same SQL, in a database of its own, so that table names need no rewriting. It
 * fills a new projection before the switch to it, and proves or mends the live ones.
 */
import { getTableColumns, getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { EventLog, RecordedEvent } from '../domain/event-log.ts'
import type { Projection } from '../projections/projection.ts'
import type { SqlValue, Statement } from '../projections/statement.ts'
import { assertThat } from './assertions.ts'
import type { Row } from './database.ts'
import { LocalConnection } from './local-connection.ts'
import { type Migration, statementsOf } from './migrations.ts'
import { Projector } from './projector.ts'

export class Replica {
  readonly tables: readonly SQLiteTable[]
  readonly #connection = new LocalConnection(':memory:')
  readonly #projector: Projector
  #through = 0

  constructor(projections: readonly Projection[], migrations: readonly Migration[]) {
    this.tables = projections.flatMap(({ tables }) => tables)
    this.#projector = new Projector(projections)
    for (const statement of migrations.flatMap(statementsOf))
      this.#connection.execute(statement.sql)
  }

  /** The position up to which the log is in here. */
  get through(): number {
    return this.#through
  }

  /** Replays what the log has beyond `through`; each event is shown to `watch` as well. */
  async catchUp(log: EventLog, watch: (event: RecordedEvent) => void = () => {}): Promise<void> {
    for await (const event of log.replay({ after: this.#through })) {
      for (const statement of this.#projector.statements(event)) this.#connection.run(statement)
      watch(event)
      this.#through = event.position
    }
  }

  rows(table: SQLiteTable): Row[] {
    return this.#connection.run(allRows(table))
  }

  /** How the table and its indexes are created. */
  definition(table: SQLiteTable): Statement[] {
    const sql = `SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL
      ORDER BY type <> 'table'`
    const rows = this.#connection.run({ sql, args: [getTableName(table)] })
    return rows.map((row) => ({ sql: row.sql as string, args: [] }))
  }

  close(): void {
    this.#connection.close()
  }
}

/** Every row, in an order that two equal tables share. */
export function allRows(table: SQLiteTable): Statement {
  const columns = Object.keys(getTableColumns(table)).map((_, index) => index + 1)
  return { sql: `SELECT * FROM "${getTableName(table)}" ORDER BY ${columns.join(', ')}`, args: [] }
}

/** Empties the table and fills it with these rows. */
export function replacing(table: SQLiteTable, rows: readonly Row[]): Statement[] {
  const name = `"${getTableName(table)}"`
  return [{ sql: `DELETE FROM ${name}`, args: [] }, ...rows.map((row) => inserting(name, row))]
}

/** The log has not moved past what a replica holds. */
export function logEndsAt(position: number): Statement {
  return assertThat('coalesce((SELECT max(position) FROM events), 0) = ?', [position])
}

function inserting(name: string, row: Row): Statement {
  const columns = Object.keys(row)
  const names = columns.map((column) => `"${column}"`).join(', ')
  const marks = columns.map(() => '?').join(', ')
  const args: SqlValue[] = Object.values(row)
  return { sql: `INSERT INTO ${name} (${names}) VALUES (${marks})`, args }
}
