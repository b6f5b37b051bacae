/**
 * A query on the log as one statement. Times become positions first: stamps never fall along the
 * positions, so an index finds the first position of a time, and the rest is a range.
 */
import type { EventQuery } from '../domain/event-log.ts'
import type { SqlValue, Statement } from '../projections/statement.ts'

const firstSince =
  'SELECT position FROM events WHERE recorded_at >= ? ORDER BY recorded_at, position LIMIT 1'
const firstLater =
  'SELECT position FROM events WHERE recorded_at > ? ORDER BY recorded_at, position LIMIT 1'
const positionMax = Number.MAX_SAFE_INTEGER

/** What each filter asks of a row; each has one argument. */
const filters = {
  streamId: 'stream_id = ?',
  fromVersion: 'version >= ?',
  actor: 'actor = ?',
  correlationId: 'correlation_id = ?',
  types: 'type IN (SELECT value FROM json_each(?))',
  after: 'position > ?',
  before: 'position < ?',
  from: `position >= (${firstSince})`,
  until: `position < coalesce((${firstLater}), ${positionMax})`,
} as const

export function eventsMatching(query: EventQuery & { limit: number }): Statement {
  const conditions: string[] = []
  const args: SqlValue[] = []
  for (const name of Object.keys(filters) as (keyof typeof filters)[]) {
    const value = query[name]
    if (value === undefined) continue
    conditions.push(filters[name])
    args.push(typeof value === 'object' ? JSON.stringify(value) : value)
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  const order = query.order === 'newest first' ? 'DESC' : 'ASC'
  // The same order, in which the index of streams has them.
  const along = query.streamId === undefined ? 'position' : 'version'
  const sql = `SELECT * FROM events ${where} ORDER BY ${along} ${order} LIMIT ?`
  return { sql, args: [...args, query.limit] }
}
