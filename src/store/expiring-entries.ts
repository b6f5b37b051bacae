/** Expiring entries in one table, outside the log; an entry that has expired is not there. */
import type { Expiring, ExpiringEntry } from '../domain/expiring.ts'
import type { Reader, SqlValue, Statement } from '../projections/statement.ts'
import type { Database } from './database.ts'
import { type GroupCommit, unexpected } from './group-commit.ts'
import { wellFormedJson } from './well-formed-json.ts'

const rowsPerPurge = 500

const putSql = `INSERT INTO expiring (kind, id, body, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at`

export function puttingOf({ kind, id, body, expiresAt }: ExpiringEntry): Statement {
  return { sql: putSql, args: [kind, id, wellFormedJson(body), expiresAt] }
}

export class ExpiringEntries implements Expiring {
  readonly #database: Database
  readonly #reader: Reader
  readonly #commits: GroupCommit
  readonly #clock: () => number

  constructor(parts: {
    database: Database
    reader: Reader
    commits: GroupCommit
    clock: () => number
  }) {
    this.#database = parts.database
    this.#reader = parts.reader
    this.#commits = parts.commits
    this.#clock = parts.clock
  }

  async put(entry: ExpiringEntry): Promise<void> {
    const { sql, args } = puttingOf(entry)
    await this.#write(sql, args)
  }

  async get(kind: string, id: string): Promise<unknown> {
    const sql = 'SELECT * FROM expiring WHERE kind = ? AND id = ?'
    const row = await this.#reader.get({ sql, args: [kind, id] })
    if (!row || Number(row.expires_at) <= this.#clock()) return undefined
    return JSON.parse(row.body as string)
  }

  async list(kind: string, rowsMax: number): Promise<{ id: string; body: unknown }[]> {
    const sql = `SELECT id, body FROM expiring WHERE kind = ? AND expires_at > ?
      ORDER BY expires_at, id LIMIT ?`
    const rows = await this.#database.query({ sql, args: [kind, this.#clock(), rowsMax] })
    return rows.map(({ id, body }) => ({ id: id as string, body: JSON.parse(body as string) }))
  }

  async replace({ kind, id, body }: Omit<ExpiringEntry, 'expiresAt'>): Promise<boolean> {
    const rows = await this.#write(
      `UPDATE expiring SET body = ? WHERE kind = ? AND id = ? AND expires_at > ?
        RETURNING 1 AS replaced`,
      [wellFormedJson(body), kind, id, this.#clock()],
    )
    return rows.length > 0
  }

  async remove(kind: string, id: string): Promise<void> {
    await this.#write('DELETE FROM expiring WHERE kind = ? AND id = ?', [kind, id])
  }

  async take(kind: string, id: string): Promise<unknown> {
    const rows = await this.#write(
      'DELETE FROM expiring WHERE kind = ? AND id = ? AND expires_at > ? RETURNING body',
      [kind, id, this.#clock()],
    )
    return rows[0] && JSON.parse(rows[0].body as string)
  }

  async count(kind: string, id: string, ttlSeconds: number): Promise<number> {
    const now = this.#clock()
    // A number is JSON, so the counter's body is its sum. One that has expired starts again.
    const rows = await this.#write(
      `INSERT INTO expiring (kind, id, body, expires_at) VALUES (?1, ?2, '1', ?3)
        ON CONFLICT (kind, id) DO UPDATE SET
          body = CASE WHEN expires_at > ?4 THEN CAST(CAST(body AS INTEGER) + 1 AS TEXT) ELSE '1' END,
          expires_at = CASE WHEN expires_at > ?4 THEN expires_at ELSE ?3 END
        RETURNING body`,
      [kind, id, now + ttlSeconds * 1000, now],
    )
    return Number(rows[0]?.body)
  }

  async purge(): Promise<number> {
    const now = this.#clock()
    for (let purged = 0; ; ) {
      const { length } = await this.#write(
        `DELETE FROM expiring WHERE rowid IN
          (SELECT rowid FROM expiring WHERE expires_at <= ? LIMIT ${rowsPerPurge}) RETURNING 1 AS gone`,
        [now],
      )
      purged += length
      if (length < rowsPerPurge) return purged
    }
  }

  async #write(sql: string, args: readonly SqlValue[]) {
    const step = { statement: { sql, args }, refused: unexpected }
    const rows = await this.#commits.submit({ steps: () => [step] })
    return rows[0] ?? []
  }
}
