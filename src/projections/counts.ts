/**
 * How many there are of what administrators look after. Nobody counts millions: of each, so many
 * are looked at, the newest where some are over, and beyond that it is known that there are more.
 */
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
  const good = ['"expires_at" > ?', now] as const
  const [clients, users, grants] = [of('"clients_v1"'), of('"users_v1"'), of('"grants_v1"')]
  const disabled = `WHERE "status" = 'disabled'`
  const tokens = [
    countOf(reader, {
      from: '"grant_tokens_v1" ORDER BY "grant_id" DESC',
      good: ['"access_token_hash" IS NOT NULL AND "access_expires_at" > ?', now],
    }),
    countOf(reader, { from: '"issued_tokens_v1" ORDER BY "expires_at" DESC', good }),
    countOf(reader, {
      from: '"api_tokens_v1" ORDER BY "rowid" DESC',
      good: ['"token_hash" IS NOT NULL AND ("expires_at" IS NULL OR "expires_at" > ?)', now],
    }),
  ]
  return {
    clients: await clients,
    users: await users,
    grants: await grants,
    tokens: sumOf(await Promise.all(tokens)),
    sessions: await countOf(reader, { from: '"sessions_v1" ORDER BY "rowid" DESC', good }),
    disabledClients: await of(`"clients_v1" ${disabled}`),
    disabledUsers: await of(`"users_v1" ${disabled}`),
    admins: await countOf(reader, {
      from: '"users_v1" WHERE "admin" = 1',
      good: [`"status" = 'active'`],
    }),
  }
}

/** Clients that registered themselves, hold no grant, and that nobody consented to since then. */
export function countIdleClients(reader: Reader, since: number): Promise<Count> {
  return countOf(reader, {
    from: '"clients_v1" WHERE "approved_at" <= ? ORDER BY "approved_at" DESC',
    fromArgs: [since],
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
  /** Which of those that are looked at count. */
  readonly good?: readonly [sql: string, ...args: SqlValue[]]
}

async function countOf(
  reader: Reader,
  { from, fromArgs = [], good: [good, ...goodArgs] = ['1'] }: Counted,
): Promise<Count> {
  const sql = `SELECT count(*) AS "all", total(${good}) AS "good"
    FROM (SELECT * FROM ${from} LIMIT ?) AS "looked_at"`
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
