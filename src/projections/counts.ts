/** How many there are of what administrators look after. */
import type { Reader } from './statement.ts'

export interface Counts {
  readonly clients: number
  readonly users: number
  readonly grants: number
  readonly tokens: number
  readonly sessions: number
  readonly disabledClients: number
  readonly disabledUsers: number
  /** Who can sign in. */
  readonly admins: number
}

/** How many there are of what is good now. */
export async function countAll(reader: Reader, now: number): Promise<Counts> {
  const sql = `SELECT (SELECT count(*) FROM "clients_v1") AS "clients",
    (SELECT count(*) FROM "users_v1") AS "users",
    (SELECT count(*) FROM "grants_v1") AS "grants",
    (SELECT count(*) FROM "access_tokens_v1" WHERE "expires_at" > ?)
      + (SELECT count(*) FROM "issued_tokens_v1" WHERE "expires_at" > ?)
      + (SELECT count(*) FROM "api_tokens_v1" WHERE "token_hash" IS NOT NULL
        AND ("expires_at" IS NULL OR "expires_at" > ?)) AS "tokens",
    (SELECT count(*) FROM "sessions_v1" WHERE "expires_at" > ?) AS "sessions",
    (SELECT count(*) FROM "clients_v1" WHERE "status" = 'disabled') AS "disabled_clients",
    (SELECT count(*) FROM "users_v1" WHERE "status" = 'disabled') AS "disabled_users",
    (SELECT count(*) FROM "users_v1" WHERE "status" = 'active' AND "admin" = 1) AS "admins"`
  const raw = await reader.get({ sql, args: [now, now, now, now] })
  const count = (name: string) => Number(raw?.[name] ?? 0)
  return {
    clients: count('clients'),
    users: count('users'),
    grants: count('grants'),
    tokens: count('tokens'),
    sessions: count('sessions'),
    disabledClients: count('disabled_clients'),
    disabledUsers: count('disabled_users'),
    admins: count('admins'),
  }
}
