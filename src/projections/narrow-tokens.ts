/** What becomes of the tokens of a grant of which its person takes some back. */

/** Of a row of the table, what is left at its resource; the argument is the access that is left. */
export function narrowedScopes(table: 'grant_tokens_v1' | 'issued_tokens_v1'): string {
  const left = `SELECT s."value" FROM json_each(?) a, json_each(a."value", '$.scopes') s
    WHERE a."value" ->> '$.resource' = "${table}"."resource"`
  return `SELECT json_group_array(t."value")
    FROM json_each("${table}"."scopes") t WHERE t."value" IN (${left})`
}
