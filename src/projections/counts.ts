/**
 * How many there are of what administrators look after. Nobody counts millions: of each, so many
 * are looked at, the newest where some are over, and beyond that it is known that there are more.
 */
import { setImmediate } from 'node:timers/promises'
import type { Reader, SqlValue } from './statement.ts'

export const countedMax = 10_000

export interface Count {
  readonly count: number
  /** At least as many, because not all were looked at. */
  readonly isMore: boolean
}

export interface Counts {
  readonly clients: Count
  readonly users: Count
  readonly grants: Count
  readonly tokens: Count
  readonly sessions: Count
  readonly disabledClients: Count
  readonly disabledUsers: Count
  /** Who can sign in. */
  readonly admins: Count
}

/** How many there are of what is good now. */
export async function countAll(reader: Reader, now: number): Promise<Counts> {
  const of = (from: string) => countOf(reader, { from })
  const reads = '"expires_at"'
  const good = ['"expires_at" > ?', now] as const
  const disabled = `WHERE "status" = 'disabled'`
  const tokens = [
    await countOf(reader, {
      from: '"grant_tokens_v1" ORDER BY "grant_id" DESC',
      reads: '"access_token_hash", "access_expires_at"',
      good: ['"access_token_hash" IS NOT NULL AND "access_expires_at" > ?', now],
    }),
    await countOf(reader, { from: '"issued_tokens_v1" ORDER BY "expires_at" DESC', reads, good }),
    await countOf(reader, {
      from: '"api_tokens_v1" ORDER BY "rowid" DESC',
      reads: '"token_hash", "expires_at"',
      good: ['"token_hash" IS NOT NULL AND ("expires_at" IS NULL OR "expires_at" > ?)', now],
    }),
  ]
  return {
    clients: await of('"clients_v1"'),
    users: await of('"users_v1"'),
    grants: await of('"grants_v1"'),
    tokens: sumOf(tokens),
    sessions: await countOf(reader, { from: '"sessions_v1" ORDER BY "rowid" DESC', reads, good }),
    disabledClients: await of(`"clients_v1" ${disabled}`),
    disabledUsers: await of(`"users_v1" ${disabled}`),
    admins: await countOf(reader, {
      from: '"users_v1" WHERE "admin" = 1',
      reads: '"status"',
      good: [`"status" = 'active'`],
    }),
  }
}

/** Clients that registered themselves, hold no grant, and that nobody consented to since then. */
export function countIdleClients(reader: Reader, since: number): Promise<Count> {
  return countOf(reader, {
    from: '"clients_v1" WHERE "approved_at" <= ? ORDER BY "approved_at" DESC',
    fromArgs: [since],
    reads: '"client_id", "registered_via", "status"',
    good: [
      `"registered_via" = 'dynamic' AND "status" = 'active' AND NOT EXISTS
        (SELECT 1 FROM "grants_v1" g WHERE g."client_id" = "looked_at"."client_id")`,
    ],
  })
}

interface Counted {
  /** Rows in the order of an index or of the table. */
  readonly from: string
  readonly fromArgs?: readonly SqlValue[]
  /** The columns that say so. */
  readonly reads?: string
  /** Which of those that are looked at count. */
  readonly good?: readonly [sql: string, ...args: SqlValue[]]
}

async function countOf(
  reader: Reader,
  { from, fromArgs = [], reads = '1', good: [good, ...goodArgs] = ['1'] }: Counted,
): Promise<Count> {
  const sql = `SELECT count(*) AS "all", total(${good}) AS "good"
    FROM (SELECT ${reads} FROM ${from} LIMIT ?) AS "looked_at"`
  // Each count looks at thousands of rows: others are served before it.
  await setImmediate()
  const [raw] = await reader.all({ sql, args: [...goodArgs, ...fromArgs, countedMax + 1] })
  const isMore = Number(raw?.all) > countedMax
  return { count: Math.min(Number(raw?.good), countedMax), isMore }
}

function sumOf(counts: readonly Count[]): Count {
  return {
    count: counts.reduce((sum, { count }) => sum + count, 0),
    isMore: counts.some(({ isMore }) => isMore),
  }
}
