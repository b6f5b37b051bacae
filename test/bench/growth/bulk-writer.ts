/**
 * Carries out many statements of one text as few: a hundred rows an INSERT. Nothing waits for the
 * disk, so what is left of a filling that was cut off is not used.
 */
import { Database, type Statement as Prepared } from 'bun:sqlite'
import type { SqlValue, Statement } from '../../../src/projections/statement.ts'

/** Rows by the text of their statement, in the order in which each text came first. */
export type Bulk = readonly (readonly [sql: string, rows: readonly (readonly SqlValue[])[]])[]

const rowsPerInsert = 100
const bulksPerCommit = 500
const cacheKilobytes = 1_000_000

export function bulkOf(statements: readonly Statement[]): Bulk {
  const rows = new Map<string, (readonly SqlValue[])[]>()
  for (const { sql, args } of statements) {
    const known = rows.get(sql)
    if (known) known.push(args)
    else rows.set(sql, [args])
  }
  return [...rows]
}

export class BulkWriter {
  readonly #database: Database
  readonly #prepared = new Map<string, Prepared>()
  #bulks = 0

  constructor(path: string) {
    this.#database = new Database(path, { readwrite: true })
    this.#database.run('PRAGMA synchronous = OFF')
    this.#database.run(`PRAGMA cache_size = -${cacheKilobytes}`)
    // What a statement would have to take back otherwise goes to a file, page by page.
    this.#database.run('PRAGMA temp_store = MEMORY')
    this.#database.run('BEGIN')
  }

  write(bulk: Bulk): void {
    for (const [sql, rows] of bulk) {
      const [, into, row] = /^(INSERT INTO .* VALUES )(\([?, ]*\))$/s.exec(sql) ?? []
      const together = into === undefined ? 0 : rows.length - (rows.length % rowsPerInsert)
      const many = `${into}${Array(rowsPerInsert).fill(row).join(', ')}`
      for (let from = 0; from < together; from += rowsPerInsert) {
        this.#prepare(many).run(...rows.slice(from, from + rowsPerInsert).flat())
      }
      for (const args of rows.slice(together)) this.#prepare(sql).run(...args)
    }
    this.#bulks += 1
    if (this.#bulks % bulksPerCommit === 0) this.#database.run('COMMIT; BEGIN')
  }

  close(): void {
    this.#database.run('COMMIT')
    for (const prepared of this.#prepared.values()) prepared.finalize()
    this.#database.close()
  }

  #prepare(sql: string): Prepared {
    const prepared = this.#prepared.get(sql) ?? this.#database.prepare(sql)
    this.#prepared.set(sql, prepared)
    return prepared
  }
}
