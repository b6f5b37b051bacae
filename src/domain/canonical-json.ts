/**
 * One text for each JSON value, whatever order its members came in: what is the same gets the same
 * hash.
 *
 * ```ts
 * import { equal } from 'node:assert/strict'
 *
 * equal(canonicalJson({ b: [1, null], a: 'x' }), '{"a":"x","b":[1,null]}')
 * ```
 *
 * @see [RFC 8785 §3.2.3 - Sorting of Object Properties](https://www.rfc-editor.org/rfc/rfc8785.html#section-3.2.3)
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
