/**
 * The schema's history, embedded, and applied at start: each migration once, in one transaction.
 *
 * `log.sql` (the events and what protects them) is written by hand. Everything in drizzle/ is
 * generated from schema.ts and projections/*.ts, and never edited. Until a version is tagged there
 * is one generated migration; after a change of a table it is made anew:
 *
 *   rm -r drizzle && npm run db:generate -- --name initial
 *
 * From the first tag on, `npm run db:generate -- --name <what changes>` adds one, which is then
 * listed below. A test holds that these migrations make the schema.
 */
import { createHash } from 'node:crypto'
import initial from '../../drizzle/0000_initial.sql' with { type: 'text' }
import type { Statement } from '../projections/statement.ts'
import type { Database } from './database.ts'
import log from './log.sql' with { type: 'text' }

export interface Migration {
  readonly name: string
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  { name: '0000_initial', sql: initial },
  { name: '0000_log', sql: log },
]

/** Tables of short rows that stand in the tree of their key itself, which drizzle cannot say. */
const inTheirKeys = ['grant_tokens_v1']

/** The statements of a migration, as drizzle parts them. */
export function statementsOf({ sql }: Migration): Statement[] {
  const parts = sql.split('--> statement-breakpoint')
  return parts.map((part) => ({ sql: inItsKey(part.trim()), args: [] }))
}

function inItsKey(sql: string): string {
  const [, table = ''] = /^CREATE TABLE `(\w+)`/.exec(sql) ?? []
  return inTheirKeys.includes(table) ? sql.replace(/;?$/, ' WITHOUT ROWID') : sql
}

/** @throws {Error} when a migration that was applied reads differently now */
export async function migrate(database: Database, list: readonly Migration[]): Promise<void> {
  await run(database, [
    {
      sql: 'CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT',
      args: [],
    },
  ])
  for (const migration of list) {
    const hash = createHash('sha256').update(migration.sql).digest('base64url')
    if ((await appliedHash(database, migration.name)) === undefined) {
      // Another process may be doing the same: then this record is refused, and its work stands.
      await run(database, [
        {
          sql: 'INSERT INTO migrations (name, hash) VALUES (?, ?)',
          args: [migration.name, hash],
        },
        ...statementsOf(migration),
      ])
    }
    if ((await appliedHash(database, migration.name)) !== hash) {
      throw new Error(`Cannot apply migration "${migration.name}": it was applied in another form`)
    }
  }
}

async function run(database: Database, statements: readonly Statement[]): Promise<void> {
  const outcome = await database.transact({ preconditions: [], units: [statements] })
  const unit = outcome.committed ? outcome.units[0] : outcome
  if (!unit || !('refusal' in unit) || unit.refusal.takenKey === 'migrations.name') return
  throw new Error(`Cannot change the schema: ${unit.refusal.message}`)
}

async function appliedHash(database: Database, name: string): Promise<unknown> {
  const sql = 'SELECT hash FROM migrations WHERE name = ?'
  return (await database.query({ sql, args: [name] }))[0]?.hash
}
