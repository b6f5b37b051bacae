/** What becomes of the tokens of a grant of which its person takes some back. */
import type { Access } from '../domain/access.ts'
import type { Statement } from './statement.ts'

/** Each is worth what is left at its resource; one of which nothing is left is gone. */
export function narrowTokens(
  table: 'access_tokens_v1' | 'issued_tokens_v1',
  { grantId, access }: { readonly grantId: string; readonly access: readonly Access[] },
): Statement[] {
  const left = `SELECT s."value" FROM json_each(?) a, json_each(a."value", '$.scopes') s
    WHERE a."value" ->> '$.resource' = "${table}"."resource"`
  const narrowed = `SELECT json_group_array(t."value")
    FROM json_each("${table}"."scopes") t WHERE t."value" IN (${left})`
  return [
    {
      sql: `UPDATE "${table}" SET "scopes" = (${narrowed}) WHERE "grant_id" = ?`,
      args: [JSON.stringify(access), grantId],
    },
    {
      sql: `DELETE FROM "${table}" WHERE "grant_id" = ? AND json_array_length("scopes") = 0`,
      args: [grantId],
    },
  ]
}
