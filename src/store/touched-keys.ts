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
import { streamsByIdSql } from './stream-statements.ts'

const textsMax = 1_000
/** No hash and no id of ours is longer; what is, an address that is a client's id, names no row. */
const keyCharactersMax = 128

export interface Touched {
  /** Every table that the statement may change. */
  readonly tables: readonly string[]
  /** Whether it changes only rows that its arguments name. */
  readonly byKey: boolean
}

interface Text {
  readonly tables: readonly string[]
  readonly returns: boolean
  /** Places of arguments of which each names all the rows; 'values' where they are the row. */
  readonly named: 'values' | readonly number[]
}

const texts = new LRUCache<string, Text>({ max: textsMax })

export function touchedBy({ sql, args }: Statement): Touched {
  const { tables, named } = textOf(sql)
  return { tables, byKey: named === 'values' || named.some((place) => isKey(args[place])) }
}

/** Whether a write gives the rows that it changed. */
export function returnsWhatChanged({ sql }: Statement): boolean {
  return textOf(sql).returns
}

function textOf(sql: string): Text {
  const known = texts.get(sql)
  if (known) return known
  const text = read(sql.toLowerCase())
  texts.set(sql, text)
  return text
}

/** Whether a question asks one table for the row with certain values. */
export function asksByKey(sql: string): boolean {
  return /^select \* from "?\w+"? where (?:"?\w+"? (?:=|is) \?(?: and )?)+$/i.test(sql)
}

/** Whether a question asks for a few rows by their keys, which nobody waits long for. */
export function asksQuickly({ sql, namesItsRows }: Statement): boolean {
  return namesItsRows === true || sql === streamsByIdSql || asksByKey(sql)
}

/** Those of these values that may name a row. */
export function keysIn(values: readonly SqlValue[]): string[] {
  return values.filter(isKey)
}

export function isKey(value: SqlValue | undefined): value is string {
  return typeof value === 'string' && value.length <= keyCharactersMax
}

/** Whether what stands in a column of this name may name a row, here or in another table. */
export function namesRows(column: string): boolean {
  return /(?:^|_)id$|^token_hash$|^sub$/.test(column)
}

/** Written all the time, and asked for by no key. */
const bulk = new Set(['events', 'assertions', 'streams'])

const tableNames =
  /\b(?:into|(?<!\bdo\s+)update(?: or \w+)?|delete\s+from|to|table(?: if(?: not)? exists)?)\s+["`]?(\w+)/g
const inserted = /^\s*insert into "?\w+"? \(([^)]*)\)\s+values \((?:\?(?:, )?)+\)(.*)$/s
const upserted =
  /^\s+on conflict \(([^)]*)\) do update set\s+(?:"?\w+"? = excluded\."?\w+"?(?:,\s+|\s*$))+$/
const changed =
  /^\s*(?:update "?\w+"?\s+set\s+((?:"?\w+"? = \?,?\s+)+)|delete from "?\w+"?\s+)where\s(.*?)(?:\s+returning\s.*)?$/s
const equality = /^"?(\w+)"? (?:=|is) \?$/
/** Where one of these stands, the places of the arguments, or what they do, are not plain. */
const intricate = /'|\?\d|\b(?:select|with|or|case)\b/

function read(sql: string): Text {
  const tables = [...new Set([...sql.matchAll(tableNames)].map(([, table = '']) => table))]
  const [table = '', ...others] = tables
  const isReadable = others.length === 0 && !bulk.has(table) && !intricate.test(sql)
  const returns = /\breturning\b/.test(sql)
  return { tables, returns, named: isReadable ? namedBy(sql) : [] }
}

function namedBy(sql: string): Text['named'] {
  const [, columns, more = ''] = inserted.exec(sql) ?? []
  if (columns !== undefined) return namedByValues(namesIn(columns), more)
  const [, sets = '', conditions = ''] = changed.exec(sql) ?? []
  let place = argumentsIn(sets)
  return conditions.split(/\s+and\s+/).flatMap((condition) => {
    const [, column = ''] = equality.exec(condition.trim()) ?? []
    const places = namesRows(column) ? [place] : []
    place += argumentsIn(condition)
    return places
  })
}

/** What was there before may be changed by it too, where it says so. */
function namedByValues(columns: readonly string[], more: string): Text['named'] {
  if (/^\s*$|^\s+on conflict do nothing\s*$/.test(more)) return 'values'
  const target = namesIn(upserted.exec(more)?.[1] ?? '')
  return target.filter(namesRows).map((column) => columns.indexOf(column))
}

function namesIn(list: string): string[] {
  return list.split(',').map((name) => name.trim().replaceAll('"', ''))
}

function argumentsIn(text: string): number {
  return text.split('?').length - 1
}
