/**
 * The port through which everything that happens is written down and read again.
 *
 * One append is all or nothing. It may write several streams, and it names in `guards` every
 * other stream that its decision read: when any of those has moved, nothing is written and
 * `VersionConflict` is thrown, so two decisions that read each other's subject cannot both win.
 * What an append resolves to is on disk.
 */
import type { DomainEvent } from './event.ts'

/** A stream as it stands: version 0 and state null before its first event. */
export interface FoldedStream {
  readonly streamId: string
  readonly version: number
  readonly state: unknown
  /** The shape that `state` was written in; see `Decider.stateSchema`. */
  readonly stateSchema: number
}

/** Who does something, and as part of what. Ids only: no names, no addresses. */
export interface Cause {
  /** `user:<id>`, `client:<id>`, `agent:<id>`, `system:<task>`, `cli` */
  readonly actor: string
  /** Shared by everything that one request caused. */
  readonly correlationId: string
  /** The event that led to this one. */
  readonly causationId?: string
}

export interface StreamWrite {
  readonly streamId: string
  readonly expectedVersion: number
  readonly events: readonly DomainEvent[]
  /** The folded state after these events. */
  readonly state: unknown
  readonly stateSchema: number
}

export interface Append {
  /** Made by the server for each attempt; makes a retry after an unknown outcome safe. */
  readonly commandId: string
  readonly cause: Cause
  readonly writes: readonly StreamWrite[]
  /** Streams that the decision read and does not write. */
  readonly guards: readonly { readonly streamId: string; readonly version: number }[]
  /** Secrets that become valid with these events: the log holds their ids alone. */
  readonly secrets?: readonly { readonly id: string; readonly value: Uint8Array }[]
  /** Ids of secrets that end with these events; `person:<subject>` is a person's key: erasure. */
  readonly forgets?: readonly string[]
  /** Expiring entries that this append uses up; `AlreadyConsumed` when one is gone. */
  readonly consumes?: readonly ConsumedEntry[]
  /** Expiring entries that the decision takes to be absent: `VersionConflict` when one is there. */
  readonly absent?: readonly ExpiringKey[]
}

export interface ExpiringKey {
  readonly kind: string
  readonly id: string
}

export interface ConsumedEntry {
  readonly kind: string
  readonly id: string
  /** What the decision read there: `VersionConflict` when it is not, or no longer, what stands there. */
  readonly body?: unknown
}

export interface RecordedEvent extends DomainEvent {
  readonly position: number
  readonly eventId: string
  readonly streamId: string
  readonly version: number
  readonly schemaVersion: number
  /** Milliseconds since 1970; never below that of the position before. */
  readonly recordedAt: number
  readonly actor: string
  readonly correlationId: string
  readonly causationId: string | null
  readonly payload: Readonly<Record<string, unknown>>
}

export interface EventQuery {
  readonly streamId?: string
  /** Of a stream: only its events of this version and later. */
  readonly fromVersion?: number
  readonly types?: readonly string[]
  readonly actor?: string
  readonly correlationId?: string
  /** Only positions above / below this one. */
  readonly after?: number
  readonly before?: number
  /** Only events recorded at or after / at or before this time, in milliseconds. */
  readonly from?: number
  readonly until?: number
  readonly order?: 'oldest first' | 'newest first'
  readonly limit?: number
}

export interface Appended {
  /** In the order of `writes` and their events. */
  readonly events: readonly { readonly eventId: string; readonly position: number }[]
}

export interface EventLog {
  load(streamIds: readonly string[]): Promise<FoldedStream[]>
  /**
   * The same without asking, as they were when they were last seen here; undefined where one was
   * not. They may have moved: only an append that guards them says whether they had not.
   */
  recall?(streamIds: readonly string[]): FoldedStream[] | undefined
  append(append: Append): Promise<Appended>
  /** At most `limit` events (100 unless told), upcast and unsealed. */
  read(query: EventQuery): Promise<RecordedEvent[]>
  /** The event of this id, or undefined. */
  find(eventId: string): Promise<RecordedEvent | undefined>
  /** Everything that matches, oldest first, in pages that yield to the event loop. */
  replay(query?: Omit<EventQuery, 'order' | 'limit'>): AsyncIterable<RecordedEvent>
}

/** A stream that the decision read or writes has moved: read again and decide again. */
export class VersionConflict extends Error {
  override name = 'VersionConflict'
  readonly streamId: string
  constructor(streamId: string) {
    super(`Cannot append to "${streamId}": it has moved since it was read`)
    this.streamId = streamId
  }
}

/** A business key (an e-mail address, an agent's id) belongs to somebody else. */
export class KeyTaken extends Error {
  override name = 'KeyTaken'
  /** The table and column that hold the key, never its value. */
  readonly key: string
  constructor(key: string) {
    super(`Cannot append: the key "${key}" is taken`)
    this.key = key
  }
}

/** An expiring entry that may be used once was used or has expired. */
export class AlreadyConsumed extends Error {
  override name = 'AlreadyConsumed'
  readonly kind: string
  constructor(kind: string) {
    super(`Cannot use the ${kind}: it was used already, or has expired`)
    this.kind = kind
  }
}

/** This program does not know what stands in the log, and so must not write to it. */
export class LogFenced extends Error {
  override name = 'LogFenced'
}

/** The database did not answer; what was asked may or may not have happened. */
export class LogUnavailable extends Error {
  override name = 'LogUnavailable'
}
