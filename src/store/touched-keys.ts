/**
 * What a statement touches, as its text says it:
 *
 *   INSERT INTO "t" (…) VALUES (?, …)              rows that its own values name
 *   UPDATE "t" SET … WHERE "grant_id" = ? AND …    rows of this grant
 *   DELETE FROM "t" WHERE "expires_at" < ?         nobody knows which: any of the table
 *
 * Rather too much than too little: a text that is not read is one that may touch anything of the
 * tables that it names. Rows are named by ids and by hashes of tokens, and by nothing else.
 */
import { LRUCache } from 'lru-cache'
import type { SqlValue, Statement } from '../projections/statement.ts'

const textsMax = 1_000
/** No id and no hash is longer. */
const keyCharactersMax = 128

export interface Touched {
  /** Every table that the statement may change. */
  readonly tables: readonly string[]
  /** Whether it changes only rows that its arguments name. */
  readonly byKey: boolean
}

const known = new LRUCache<string, Touched>({ max: textsMax })

export function touchedBy({ sql }: Statement): Touched {
  let touched = known.get(sql)
  if (!touched) {
    touched = read(sql.toLowerCase())
    known.set(sql, touched)
  }
  return touched
}

/** Those of these values that may name a row. */
export function keysIn(values: readonly SqlValue[]): string[] {
  return values.filter(isKey)
}

export function isKey(value: SqlValue): value is string {
  return typeof value === 'string' && value.length <= keyCharactersMax
}

/** Whether what stands in a column of this name may name a row, here or in another table. */
export function namesRows(column: string): boolean {
  return /(?:^|_)id$|^token_hash$|^sub$/.test(column)
}

/** Written all the time, and asked for by no key. */
const bulk = new Set(['events', 'commands', 'assertions', 'streams'])

const tableNames = /\b(?:into|update|delete\s+from|to|table(?: if(?: not)? exists)?)\s+["`]?(\w+)/g
const inserted = /^\s*insert into "?\w+"? \([^)]*\)\s+values \([^()]*\)(?:\s+on conflict|\s*$)/
const changed =
  /^\s*(?:update "?\w+"?\s+set\s.*|delete from "?\w+"?)\s+where\s(.*?)(?:\s+returning\s.*)?$/s
const equality = /^"?(\w+)"? (?:=|is) \?\d*$/

function read(sql: string): Touched {
  const tables = [...new Set([...sql.matchAll(tableNames)].map(([, table = '']) => table))]
  const [table = '', ...others] = tables
  return { tables, byKey: others.length === 0 && !bulk.has(table) && isByKey(sql) }
}

function isByKey(sql: string): boolean {
  if (/\b(?:select|with|or|case)\b/.test(sql)) return false
  if (inserted.test(sql)) return true
  const conditions = changed.exec(sql)?.[1]?.split(/\s+and\s+/) ?? []
  return conditions.some((condition) => {
    const [, column = ''] = equality.exec(condition.trim()) ?? []
    return namesRows(column)
  })
}
