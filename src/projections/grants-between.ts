/** What a person has given to a client: there may be many grants, as every sign-in leaves one. */
import { endOfGrant } from './grant-tokens.ts'
import { type Grant, grants } from './grants.ts'
import { type Reader, rowOf } from './statement.ts'

export interface Between {
  readonly userId: string
  readonly clientId: string
  readonly now: number
  /** All of them unless told. */
  readonly newest?: number
}

/**
 * What the person has given this client and is good now, the newest first. However few of the
 * newest are asked for, those that the person has taken something back from are among them.
 */
export async function findGrantsBetween(
  reader: Reader,
  { userId, clientId, now, newest = -1 }: Between,
): Promise<Grant[]> {
  const good = `SELECT * FROM "grants_v1" g WHERE "user_id" = ?1 AND "client_id" = ?2
    AND ${endOfGrant} > ?3`
  // In two parts, each by its index; what is in both is taken once.
  const sql = `SELECT * FROM (${good} ORDER BY "approved_at" DESC, "grant_id" DESC LIMIT ?4)
    UNION ALL SELECT * FROM (${good} AND "narrowed_at" IS NOT NULL)`
  const rows = await reader.all({ sql, args: [userId, clientId, now, newest] })
  const found = new Map(rows.map((row) => [row.grant_id, rowOf(grants, row)]))
  return [...found.values()].sort(newestFirst)
}

function newestFirst(a: Grant, b: Grant): number {
  return b.approvedAt - a.approvedAt || (b.grantId < a.grantId ? -1 : 1)
}
