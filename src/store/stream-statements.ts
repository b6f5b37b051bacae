/** The statements by which single streams are read and written. */
import { LRUCache } from 'lru-cache'
import type { SqlValue, Statement } from '../projections/statement.ts'
import type { Row } from './database.ts'

export const streamsByIdSql = `SELECT stream_id, version, state, state_schema FROM streams
  WHERE stream_id IN (SELECT value FROM json_each(?))`
const newSql = 'INSERT INTO streams (version, state, state_schema, stream_id) VALUES (?, ?, ?, ?)'
const nextSql = 'UPDATE streams SET version = ?, state = ?, state_schema = ? WHERE stream_id = ?'

export function streamsById(streamIds: readonly string[]): Statement {
  return { sql: streamsByIdSql, args: [JSON.stringify(streamIds)] }
}

export interface StreamState {
  readonly streamId: string
  readonly version: number
  /** JSON. */
  readonly state: string
  readonly stateSchema: number
}

/** Of a stream that is new, or of one that is there. */
export function streamWrite(
  { streamId, version, state, stateSchema }: StreamState,
  { isNew }: { isNew: boolean },
): Statement {
  return { sql: isNew ? newSql : nextSql, args: [version, state, stateSchema, streamId] }
}

/** The row that such a statement leaves; undefined for any other statement. */
export function rowWrittenBy({ sql, args }: Statement): Row | undefined {
  if (sql !== newSql && sql !== nextSql) return undefined
  const [version, state, state_schema, stream_id] = args as [SqlValue, SqlValue, SqlValue, SqlValue]
  return { stream_id, version, state, state_schema }
}

const textsMax = 1_000
const texts = new LRUCache<string, boolean>({ max: textsMax })

/** Whether a statement other than those writes streams, as far as its text says. */
export function writesStreams({ sql }: Statement): boolean {
  let writes = texts.get(sql)
  if (writes === undefined) {
    writes = /\b(?:into|update|delete\s+from|table)\s+["`]?streams\b/i.test(sql)
    texts.set(sql, writes)
  }
  return writes
}

/** Whether it asks how a stream stands. */
export function readsStreams({ sql }: Statement): boolean {
  return sql.includes('FROM streams')
}
