/** The log on libSQL: appends through the group commit, reads by position. */
import {
  type Append,
  type Appended,
  type EventLog,
  type EventQuery,
  type FoldedStream,
  LogUnavailable,
  type RecordedEvent,
} from '../domain/event-log.ts'
import { readOnce } from '../projections/statement.ts'
import {
  type AppendPlan,
  type AppendPlanner,
  firstEventId,
  SubjectKeyMoved,
} from './append-plan.ts'
import type { Database, Row } from './database.ts'
import type { EventCodec } from './event-codec.ts'
import { eventsMatching } from './event-query.ts'
import type { GroupCommit } from './group-commit.ts'
import type { SeenStreams } from './seen-streams.ts'
import { streamsById } from './stream-statements.ts'
import { type SubjectKeys, subjectKeyId } from './subject-keys.ts'

const eventsPerReadMax = 1_000
const eventsPerReadDefault = 100
const eventsPerPage = 500
/** Keys are made once; more than a few turns would mean that somebody deletes them as we go. */
const keyAttemptsMax = 10

export interface EventLogParts {
  readonly database: Database
  readonly commits: GroupCommit
  readonly planner: AppendPlanner
  readonly codec: EventCodec
  readonly keys: SubjectKeys
  /** Where others write too, and each question is a journey. */
  readonly seen?: SeenStreams
}

export class LibsqlEventLog implements EventLog {
  readonly #parts: EventLogParts
  readonly #inFlight = new Map<string, Promise<Appended>>()

  constructor(parts: EventLogParts) {
    this.#parts = parts
  }

  async load(streamIds: readonly string[]): Promise<FoldedStream[]> {
    if (streamIds.length === 0) return []
    const rows = await this.#parts.database.query(streamsById(streamIds))
    const found = new Map(rows.map((row) => [row.stream_id, row]))
    if (this.#parts.seen) for (const row of rows) see(this.#parts.seen, row)
    return streamIds.map((streamId) => {
      const row = found.get(streamId)
      if (!row) return { streamId, version: 0, state: null, stateSchema: 0 }
      return {
        streamId,
        version: row.version as number,
        state: readOnce(row, () => JSON.parse(row.state as string)),
        stateSchema: row.state_schema as number,
      }
    })
  }

  recall(streamIds: readonly string[]): FoldedStream[] | undefined {
    return this.#parts.seen?.recall(streamIds)
  }

  append(append: Append): Promise<Appended> {
    const { commandId } = append
    let appended = this.#inFlight.get(commandId)
    if (!appended) {
      appended = this.#append(append).finally(() => this.#inFlight.delete(commandId))
      this.#inFlight.set(commandId, appended)
    }
    return appended
  }

  async read(query: EventQuery): Promise<RecordedEvent[]> {
    const limit = Math.min(query.limit ?? eventsPerReadDefault, eventsPerReadMax)
    return this.#select({ ...query, limit })
  }

  async find(eventId: string): Promise<RecordedEvent | undefined> {
    const sql = 'SELECT * FROM events WHERE event_id = ?'
    const rows = await this.#parts.database.query({ sql, args: [eventId] })
    return (await this.#parts.codec.decode(rows))[0]
  }

  async *replay(query: Omit<EventQuery, 'order' | 'limit'> = {}): AsyncIterable<RecordedEvent> {
    for (let after = query.after ?? 0; ; ) {
      const page = await this.#select({ ...query, after, limit: eventsPerPage })
      yield* page
      const last = page.at(-1)
      if (!last || page.length < eventsPerPage) return
      after = last.position
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }

  async #select(query: EventQuery & { limit: number }): Promise<RecordedEvent[]> {
    const rows = await this.#parts.database.query(eventsMatching(query))
    return this.#parts.codec.decode(rows)
  }

  async #append(append: Append): Promise<Appended> {
    const { commits, planner, keys, seen } = this.#parts
    for (let attempt = 1; ; attempt += 1) {
      const plan = await planner.plan(append)
      try {
        const rows = await commits.submit(plan)
        this.#rememberKeys(plan, append)
        seen?.take(append)
        return appendedAt(positionIn(rows), plan)
      } catch (error) {
        seen?.doubt(append)
        const written = error instanceof LogUnavailable ? undefined : await this.#written(append)
        if (written) return written
        if (!(error instanceof SubjectKeyMoved)) throw error
        for (const subject of plan.keys.keys()) keys.evict(subject)
        if (attempt === keyAttemptsMax)
          throw new LogUnavailable("Cannot append: the subject's key keeps changing")
      }
    }
  }

  #rememberKeys(plan: AppendPlan, { forgets = [] }: Append): void {
    for (const [subject, { key, isLost }] of plan.keys) {
      if (!isLost) this.#parts.keys.remember(subject, key)
    }
    for (const id of forgets) this.#parts.keys.evict(subjectOfKeyId(id))
  }

  /** Where the events stand of an append that an earlier attempt has written, or undefined. */
  async #written(append: Append): Promise<Appended | undefined> {
    const count = append.writes.reduce((sum, { events }) => sum + events.length, 0)
    const rows = await this.#parts.database.query({
      sql: `SELECT event_id, position FROM events
        WHERE position >= (SELECT position FROM events WHERE event_id = ?)
        ORDER BY position LIMIT ?`,
      args: [firstEventId(append), count],
    })
    if (rows.length === 0) return undefined
    return {
      events: rows.map((row) => ({
        eventId: row.event_id as string,
        position: row.position as number,
      })),
    }
  }
}

function see(seen: SeenStreams, row: Row): void {
  const [version, stateSchema] = [row.version as number, row.state_schema as number]
  seen.see(row.stream_id as string, { version, stateSchema, state: row.state as string })
}

/** The one row of an append's statements: its first event's position. */
function positionIn(rows: readonly (readonly Row[])[]): number {
  return Number(rows.find(([row]) => row?.position !== undefined)?.[0]?.position)
}

function appendedAt(firstPosition: number, { eventIds }: AppendPlan): Appended {
  return {
    events: eventIds.map((eventId, index) => ({ eventId, position: firstPosition + index })),
  }
}

function subjectOfKeyId(id: string): string {
  const prefix = subjectKeyId('')
  return id.startsWith(prefix) ? id.slice(prefix.length) : id
}
