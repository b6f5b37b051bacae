/**
 * The log's port in memory, versions and guards included. It exists for interleavings: with it a
 * test can hold every `load` and `append` back and let them happen in each order there is, which
 * a database does not allow. It is no stand-in for the store, which has tests of its own.
 */
import type { DomainEvent } from '../../src/domain/event.ts'
import {
  AlreadyConsumed,
  type Append,
  type Appended,
  type EventLog,
  type EventQuery,
  type FoldedStream,
  type RecordedEvent,
  VersionConflict,
} from '../../src/domain/event-log.ts'

export class MemoryLog implements EventLog {
  readonly events: RecordedEvent[] = []
  /** What was asked and went through, oldest first. */
  readonly appends: Append[] = []
  readonly #streams = new Map<string, FoldedStream>()
  readonly #consumed = new Set<string>()

  async load(streamIds: readonly string[]): Promise<FoldedStream[]> {
    return streamIds.map((id) => structuredClone(this.#stream(id)))
  }

  async append(append: Append): Promise<Appended> {
    for (const { streamId, expectedVersion } of append.writes) this.#at(streamId, expectedVersion)
    for (const { streamId, version } of append.guards) this.#at(streamId, version)
    const used = (append.consumes ?? []).map(({ kind, id }) => ({ kind, key: `${kind}/${id}` }))
    for (const { kind, key } of used) if (this.#consumed.has(key)) throw new AlreadyConsumed(kind)
    for (const { key } of used) this.#consumed.add(key)
    this.appends.push(append)
    const recorded = append.writes.flatMap(({ streamId, events, state, stateSchema }) => {
      const made = events.map((event) => this.#record(streamId, event, append))
      const { version } = this.#stream(streamId)
      this.put({ streamId, version, state: structuredClone(state), stateSchema })
      return made
    })
    return { events: recorded.map(({ eventId, position }) => ({ eventId, position })) }
  }

  async read({ order, limit = 100, ...query }: EventQuery): Promise<RecordedEvent[]> {
    const found = this.events.filter((event) => matches(event, query))
    return (order === 'newest first' ? found.reverse() : found).slice(0, limit)
  }

  async find(eventId: string): Promise<RecordedEvent | undefined> {
    return this.events.find((event) => event.eventId === eventId)
  }

  async *replay(query: Omit<EventQuery, 'order' | 'limit'> = {}): AsyncIterable<RecordedEvent> {
    yield* this.events.filter((event) => matches(event, query))
  }

  /** Puts a stream's row as an older program may have left it. */
  put(stream: FoldedStream): void {
    this.#streams.set(stream.streamId, stream)
  }

  #stream(streamId: string): FoldedStream {
    const unborn = { streamId, version: 0, state: null, stateSchema: 0 }
    return this.#streams.get(streamId) ?? unborn
  }

  #at(streamId: string, version: number): void {
    if (this.#stream(streamId).version !== version) throw new VersionConflict(streamId)
  }

  #record(streamId: string, { type, payload }: DomainEvent, { cause }: Append): RecordedEvent {
    const stream = this.#stream(streamId)
    this.put({ ...stream, version: stream.version + 1 })
    const position = this.events.length + 1
    const event: RecordedEvent = {
      ...{ position, eventId: `evt_${position}`, streamId, version: stream.version + 1 },
      ...{ type, payload: payload as RecordedEvent['payload'], schemaVersion: 1 },
      ...{ recordedAt: position, causationId: null, ...cause },
    }
    this.events.push(event)
    return event
  }
}

function matches(event: RecordedEvent, query: EventQuery): boolean {
  return (
    (query.streamId === undefined || event.streamId === query.streamId) &&
    (query.types === undefined || query.types.includes(event.type)) &&
    (query.actor === undefined || event.actor === query.actor) &&
    (query.correlationId === undefined || event.correlationId === query.correlationId) &&
    event.position > (query.after ?? 0) &&
    event.position < (query.before ?? Number.POSITIVE_INFINITY) &&
    event.recordedAt >= (query.from ?? 0) &&
    event.recordedAt <= (query.until ?? Number.POSITIVE_INFINITY)
  )
}
