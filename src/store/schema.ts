/**
 * The store's own tables; those of the read models stand in their files under projections/.
 *
 *   events ── written once, in order, for ever      streams ── what each live stream folds to
 *   expiring, observed_counters ── outside the log  secrets ── wrapped keys, never in the log
 *   fence, keyring_checks ── who may write here
 *
 * `events` itself is in log.sql, written by hand, because it must be STRICT and carry triggers,
 * and drizzle can say neither.
 */
import { sql } from 'drizzle-orm'
import { blob, check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** The folded state of each stream that has not ended, compared and swapped in every append. */
export const streams = sqliteTable('streams', {
  streamId: text('stream_id').primaryKey(),
  version: integer('version').notNull(),
  state: text('state').notNull(),
  stateSchema: integer('state_schema').notNull(),
})

/** One row: up to which position events have left for the archive and may be deleted. */
export const logHead = sqliteTable(
  'log_head',
  {
    id: integer('id').primaryKey(),
    archivedThrough: integer('archived_through').notNull(),
  },
  (table) => [check('log_head_is_one_row', sql`${table.id} = 1`)],
)

/** One row: what programs know that write to this log; see fence.ts. */
export const fence = sqliteTable(
  'fence',
  {
    id: integer('id').primaryKey(),
    epoch: integer('epoch').notNull(),
    activeSet: text('active_set').notNull(),
  },
  (table) => [check('fence_is_one_row', sql`${table.id} = 1`)],
)

/** One value for each version of the master secret that has been used on this database. */
export const keyringChecks = sqliteTable('keyring_checks', {
  version: integer('version').primaryKey(),
  checkValue: text('check_value').notNull(),
})

export const secrets = sqliteTable('secrets', {
  id: text('id').primaryKey(),
  wrapped: blob('wrapped', { mode: 'buffer' }).notNull(),
  kekVersion: integer('kek_version').notNull(),
})

export const expiring = sqliteTable(
  'expiring',
  {
    kind: text('kind').notNull(),
    id: text('id').notNull(),
    body: text('body').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.id] }),
    index('expiring_by_expiry').on(table.expiresAt),
  ],
)

/** Coarse counts by hour; `hour` is in hours since 1970. */
export const observedCounters = sqliteTable(
  'observed_counters',
  {
    hour: integer('hour').notNull(),
    kind: text('kind').notNull(),
    count: integer('count').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.kind] })],
)

/** Always empty: a row that would say "this does not hold" breaks the check, and the append with it. */
export const assertions = sqliteTable(
  'assertions',
  { holds: integer('holds').notNull() },
  (table) => [check('assertion_holds', sql`${table.holds} = 1`)],
)
