/**
 * JSON as it may go to the database. A string of JavaScript can hold half of a surrogate pair, and
 * JSON can spell it (`"\ud800"`), so anybody can send one. SQLite turns it into bytes that are no
 * UTF-8 when a query takes it out of the JSON, and the native library ends the process over them.
 * Each half is U+FFFD here, wherever it stands.
 *
 * @see [RFC 8259 §8.2 - Unicode Characters](https://www.rfc-editor.org/rfc/rfc8259.html#section-8.2)
 */

/** Whole pairs are never escaped by `JSON.stringify`, so what is escaped is a half. */
const escapes = /\\(?:u(d[89a-f][0-9a-f]{2})|.)/g

export function wellFormedJson(value: unknown): string {
  const text = JSON.stringify(value)
  if (!text.includes('\\ud')) return text
  return text.replace(escapes, (found, half?: string) => (half === undefined ? found : '\ufffd'))
}
