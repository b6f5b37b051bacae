/**
 * The lists of administrators, however long: the newest first, searched, in pages. A page goes along
 * an index from the last key of the one before, so that rows which come and go meanwhile neither
 * repeat nor skip one.
 *
 * What no index knows (a part of a word, what has expired by now) is looked for row by row, in
 * pieces; between two of them everybody else is served. A page that has looked at its limit of rows
 * ends there, with what it found and where to go on.
 *
 *   after ──▶ 500 rows ──▶ others ──▶ 500 rows ──▶ … ──▶ page full, no more rows, or the limit
 */
import { setImmediate } from 'node:timers/promises'
import type { Reader, SqlValue } from './statement.ts'

/** Rows that are looked at before others are served, and for one page. */
export const rowsPerPiece = 500
export const rowsPerPageMax = 100_000

export type ListKey = readonly (string | number)[]

/** Text of SQL, and its arguments. */
export type Condition = readonly [sql: string, ...args: SqlValue[]]

/** How a list is gone through: an index answers `indexed`, and has `along` next. */
export interface Way {
  readonly indexed: readonly Condition[]
  readonly along: readonly KeyColumn[]
}

export interface KeyColumn {
  readonly column: string
  /** No value comes before it. */
  readonly lowest: string | number
}

export interface Listing<Row> extends Way {
  readonly columns: string
  /** The table of the index, and what is joined to it, row by row. */
  readonly from: string
  readonly joins: string
  /** What tells apart the rows of one place in the index. */
  readonly within?: readonly string[]
  /** What is looked at row by row. */
  readonly conditions: readonly Condition[]
  read(raw: Raw): Row
}

export type Raw = Record<string, SqlValue>

export interface ListPage<Row> {
  readonly rows: readonly Row[]
  /** Where the next page begins; absent when there is no more. */
  readonly next?: ListKey
  /** So many rows were looked at, and there are others. */
  readonly lookedAt?: number
}

interface PageAsked {
  readonly after?: ListKey | undefined
  readonly rowsMax: number
}

export function text(column: string): KeyColumn {
  return { column, lowest: '' }
}

export function number(column: string): KeyColumn {
  return { column, lowest: -1 }
}

/** Part of what one of these columns says, in either case. */
export function saysSomewhere(columns: readonly string[], search: string): Condition {
  const found = columns.map((column) => `instr(lower(${column}), ?) > 0`)
  return [`(${found.join(' OR ')})`, ...columns.map(() => search.toLowerCase())]
}

export async function list<Row>(
  reader: Reader,
  listing: Listing<Row>,
  asked: PageAsked,
): Promise<ListPage<Row>> {
  const { rowsMax } = asked
  const found: Raw[] = []
  let after = fitting(listing, asked.after)
  for (let lookedAt = 0; lookedAt < rowsPerPageMax; lookedAt += rowsPerPiece) {
    if (lookedAt > 0) await setImmediate()
    const floor = await floorOf(reader, listing, after)
    const limit = rowsMax + 1 - found.length
    found.push(...(await reader.all(rowsBetween(listing, { after, floor, limit }))))
    if (found.length > rowsMax) {
      const shown = found.slice(0, rowsMax)
      return { rows: shown.map(listing.read), next: keyOf(listing, shown.at(-1)) }
    }
    if (!floor) return { rows: found.map(listing.read) }
    after = floor
  }
  return { rows: found.map(listing.read), next: after ?? [], lookedAt: rowsPerPageMax }
}

/** Looks further, page after page, until there are as many rows as are wanted. */
export async function find<Row>(
  reader: Reader,
  listing: Listing<Row>,
  { after, rowsMax }: PageAsked,
): Promise<Row[]> {
  const found: Row[] = []
  let from = after
  do {
    const page = await list(reader, listing, { after: from, rowsMax: rowsMax - found.length })
    found.push(...page.rows)
    from = page.next
  } while (from && found.length < rowsMax)
  return found
}

/** A key that another list has given begins at the newest. */
function fitting({ along, within = [] }: Listing<unknown>, after: ListKey | undefined) {
  const lengths = [along.length, along.length + within.length]
  return after && lengths.includes(after.length) ? after : undefined
}

/** Where the piece ends; undefined at the end of the list, or where every row is wanted. */
async function floorOf(
  reader: Reader,
  { from, indexed, along, conditions, within = [] }: Listing<unknown>,
  after: ListKey | undefined,
): Promise<ListKey | undefined> {
  if (conditions.length === 0) return undefined
  const begins = after ? [startingAt({ along, within }, after)] : []
  const { where, args } = all([...indexed, ...begins])
  const columns = namesOf(along)
  const order = columns.map((column) => `${column} DESC`).join(', ')
  const sql = `SELECT ${columns.map((column, at) => `${column} AS "key_${at}"`).join(', ')}
    FROM ${from} ${where} ORDER BY ${order} LIMIT 1 OFFSET ${rowsPerPiece - 1}`
  const [raw] = await reader.all({ sql, args })
  return raw && along.map((_, at) => raw[`key_${at}`] as string | number)
}

interface Piece {
  readonly after: ListKey | undefined
  readonly floor: ListKey | undefined
  readonly limit: number
}

function rowsBetween<Row>(listing: Listing<Row>, { after, floor, limit }: Piece) {
  const { columns, from, joins, indexed, along, within = [], conditions } = listing
  const key = [...namesOf(along), ...within]
  const bounds: Condition[] = []
  if (after) bounds.push(startingAt(listing, after))
  if (after && after.length > along.length) bounds.push(compared(key, '<', after))
  if (conditions.length > 0) {
    const lowest = floor ?? along.map((column) => column.lowest)
    bounds.push(compared(namesOf(along), '>=', lowest))
  }
  const { where, args } = all([...indexed, ...bounds, ...conditions])
  const keys = key.map((column, at) => `${column} AS "key_${at}"`).join(', ')
  const order = key.map((column) => `${column} DESC`).join(', ')
  const sql = `SELECT ${columns}, ${keys} FROM ${from} ${joins} ${where} ORDER BY ${order} LIMIT ?`
  return { sql, args: [...args, limit] }
}

/** Where a key names a row, the rest of its place in the index is still to come. */
function startingAt(
  { along, within = [] }: Pick<Listing<unknown>, 'along' | 'within'>,
  after: ListKey,
): Condition {
  const isRow = within.length > 0 && after.length > along.length
  return compared(namesOf(along), isRow ? '<=' : '<', after.slice(0, along.length))
}

function compared(columns: readonly string[], sign: '<' | '<=' | '>=', key: ListKey): Condition {
  return [`(${columns.join(', ')}) ${sign} (${columns.map(() => '?').join(', ')})`, ...key]
}

function all(conditions: readonly Condition[]): { where: string; args: SqlValue[] } {
  const where = conditions.map(([sql]) => sql).join(' AND ')
  return { where: where && `WHERE ${where}`, args: conditions.flatMap(([, ...args]) => args) }
}

function keyOf({ along, within = [] }: Listing<unknown>, raw: Raw | undefined): ListKey {
  return [...along, ...within].map((_, at) => raw?.[`key_${at}`] as string | number)
}

function namesOf(along: readonly KeyColumn[]): string[] {
  return along.map(({ column }) => column)
}
