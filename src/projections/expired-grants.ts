/** Grants of which nothing is good any more: neither the grant itself nor a token of it. */
import type { Reader } from './statement.ts'

const expired = `FROM "grants_v1" g WHERE g."expires_at" <= ? AND NOT EXISTS
  (SELECT 1 FROM "access_tokens_v1" t WHERE t."grant_id" = g."grant_id" AND t."expires_at" > ?)`

/** Grants of which nothing is good any more, the longest over first. */
export async function findExpiredGrants(
  reader: Reader,
  { now, rowsMax }: { now: number; rowsMax: number },
): Promise<string[]> {
  const sql = `SELECT g."grant_id" ${expired} ORDER BY g."expires_at" LIMIT ?`
  const rows = await reader.all({ sql, args: [now, now, rowsMax] })
  return rows.map((row) => String(row.grant_id))
}

export async function isExpired(
  reader: Reader,
  { grantId, now }: { grantId: string; now: number },
): Promise<boolean> {
  const sql = `SELECT 1 AS "expired" ${expired} AND g."grant_id" = ?`
  return (await reader.get({ sql, args: [now, now, grantId] })) !== undefined
}
