/** Grants of which nothing is good any more: neither the grant itself nor a token of it. */
import { endOfGrant } from './grant-tokens.ts'
import type { Reader } from './statement.ts'

const expired = `(${endOfGrant} <= ? AND NOT EXISTS
  (SELECT 1 FROM "grant_tokens_v1" t WHERE t."grant_id" = g."grant_id"
    AND t."access_token_hash" IS NOT NULL AND t."access_expires_at" > ?))`

/** Some grants that follow one another, and which of them are over. */
export interface LookedThrough {
  /** The last one that was looked at; undefined at the end of them all. */
  readonly last: string | undefined
  readonly expired: string[]
}

/** Looks at grants from the oldest to the newest: no index says when each of them will be over. */
export async function lookForExpiredGrants(
  reader: Reader,
  { after, now, rowsMax }: { after: string; now: number; rowsMax: number },
): Promise<LookedThrough> {
  const sql = `SELECT g."grant_id", ${expired} AS "expired" FROM "grants_v1" g
    WHERE g."grant_id" > ? ORDER BY g."grant_id" LIMIT ?`
  const rows = await reader.all({ sql, args: [now, now, after, rowsMax] })
  const last = rows.length === rowsMax ? rows.at(-1)?.grant_id : undefined
  return {
    last: last === undefined ? undefined : String(last),
    expired: rows.filter((row) => row.expired === 1).map((row) => String(row.grant_id)),
  }
}

export async function isExpired(
  reader: Reader,
  { grantId, now }: { grantId: string; now: number },
): Promise<boolean> {
  const sql = `SELECT ${expired} AS "expired" FROM "grants_v1" g WHERE g."grant_id" = ?`
  return (await reader.get({ sql, args: [now, now, grantId] }))?.expired === 1
}
