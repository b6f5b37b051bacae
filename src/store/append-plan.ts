/**
 * An append as the statements that carry it out, each with what its refusal means:
 *
 *   commands   the attempt's id            taken → it was written already
 *   consumes   an entry that must be live   gone → AlreadyConsumed, or as it was read → VersionConflict
 *   guards     streams that were read      moved → VersionConflict
 *   streams    compare and swap            moved → VersionConflict
 *   events     the log itself              taken → VersionConflict
 *   secrets    new, or gone                taken → somebody else made the subject's key
 *   projections                            taken → KeyTaken
 */
import {
  AlreadyConsumed,
  type Append,
  type ConsumedEntry,
  KeyTaken,
  type StreamWrite,
  VersionConflict,
} from '../domain/event-log.ts'
import { newId } from '../domain/ids.ts'
import { canonicalSize, type EventRow, leafHash } from '../domain/leaf-hash.ts'
import type { ProjectedEvent } from '../projections/projection.ts'
import type { Statement } from '../projections/statement.ts'
import { assertThat } from './assertions.ts'
import type { Refusal } from './database.ts'
import type { CheckedEvent, EventCodec } from './event-codec.ts'
import { type Job, type Step, unexpected } from './group-commit.ts'
import type { Projector } from './projector.ts'
import { eraseFields } from './sealing.ts'
import { streamWrite } from './stream-statements.ts'
import type { SealingKey, SubjectKeys } from './subject-keys.ts'
import type { Vault } from './vault.ts'
import { wellFormedJson } from './well-formed-json.ts'

/** Consumed like an expiring entry by the append that records an hour's observations. */
export const observedHourKind = 'observed_hour'

const commandMs = 60 * 60 * 1000

/** The attempt was written already; where, stands in `commands`. */
export class AlreadyWritten extends Error {}

/** A subject's key was made or erased by somebody else since it was read. */
export class SubjectKeyMoved extends Error {}

export interface AppendPlan extends Job {
  readonly commandId: string
  readonly eventIds: readonly string[]
  /** The keys that the append sealed under, by subject; some of them new. */
  readonly keys: ReadonlyMap<string, SealingKey>
}

export interface AppendPlannerParts {
  readonly codec: EventCodec
  readonly keys: SubjectKeys
  readonly vault: Vault
  readonly projector: Projector
  readonly clock: () => number
}

interface PlannedEvent {
  readonly row: Omit<EventRow, 'recordedAt'>
  readonly projected: ProjectedEvent
}

export class AppendPlanner {
  readonly #parts: AppendPlannerParts

  constructor(parts: AppendPlannerParts) {
    this.#parts = parts
  }

  /** @throws {InvalidEvent | EventTooLarge} */
  async plan(append: Append): Promise<AppendPlan> {
    const { codec, keys, clock } = this.#parts
    const now = clock()
    const checked = append.writes.map(({ events }) => events.map((event) => codec.check(event)))
    const subjects = checked.flat().map(({ subject }) => subject)
    const sealing = await keys.forSealing(new Set(subjects.filter((s) => s !== undefined)))
    const events = append.writes.flatMap((write, index) =>
      (checked[index] ?? []).map((event, nth) => {
        const version = write.expectedVersion + nth + 1
        return this.#event(event, { ...write, ...append.cause, version, keys: sealing })
      }),
    )
    const before = [commandStep(append, { count: events.length, now }), ...conditions(append, now)]
    const after = [
      ...[...sealing.values()].map(({ statement }) => keyStep(statement)),
      ...this.#secretSteps(append),
      ...this.#projectionSteps(events),
    ]
    return {
      commandId: append.commandId,
      eventIds: events.map(({ row }) => row.eventId),
      keys: sealing,
      steps: (recordedAt) => [
        ...before,
        ...events.map(({ row }) => eventStep({ ...row, recordedAt })),
        ...after,
      ],
    }
  }

  #event(
    event: CheckedEvent,
    place: {
      streamId: string
      version: number
      actor: string
      correlationId: string
      causationId?: string
      keys: ReadonlyMap<string, SealingKey>
    },
  ): PlannedEvent {
    const { streamId, version } = place
    const eventId = newId('evt')
    const { subject } = event
    const sealing = subject === undefined ? undefined : place.keys.get(subject)
    const seal =
      subject === undefined || !sealing ? undefined : { eventId, subject, key: sealing.key }
    const row = {
      eventId,
      streamId,
      version,
      type: event.type.name,
      schemaVersion: event.type.version,
      actor: place.actor,
      correlationId: place.correlationId,
      causationId: place.causationId ?? null,
      payload: this.#parts.codec.encode(event, seal),
    }
    // Its size does not depend on the time: too large an event is refused before it is queued.
    canonicalSize({ ...row, recordedAt: 0 })
    const payload = sealing?.isLost ? eraseFields(event.type, event.payload) : event.payload
    const projected = { type: row.type, payload, eventId, streamId, version }
    return { row, projected }
  }

  #secretSteps({ secrets = [], forgets = [] }: Append): Step[] {
    return [
      ...secrets.map(({ id, value }) => ({
        statement: this.#parts.vault.inserting(id, value),
        refused: () => new KeyTaken('secrets.id'),
      })),
      ...forgets.map((id) => ({
        statement: this.#parts.vault.forgetting(id),
        refused: unexpected,
      })),
    ]
  }

  #projectionSteps(events: readonly PlannedEvent[]): Step[] {
    return events
      .flatMap(({ projected }) => this.#parts.projector.statements(projected))
      .map((statement) => ({ statement, refused: keyTaken }))
  }
}

function keyTaken(refusal: Refusal): Error {
  return refusal.takenKey ? new KeyTaken(refusal.takenKey) : unexpected(refusal)
}

function keyStep(statement: Statement): Step {
  return { statement, refused: () => new SubjectKeyMoved() }
}

function commandStep({ commandId }: Append, { count, now }: { count: number; now: number }): Step {
  const sql = `INSERT INTO commands (command_id, first_position, last_position, expires_at)
    SELECT ?, head + 1, head + ?, ? FROM (SELECT coalesce(max(position), 0) AS head FROM events)
    RETURNING first_position`
  return {
    statement: { sql, args: [commandId, count, now + commandMs] },
    refused: (refusal) =>
      refusal.takenKey === 'commands.command_id' ? new AlreadyWritten() : unexpected(refusal),
  }
}

function conditions({ consumes = [], guards, writes }: Append, now: number): Step[] {
  return [
    ...consumes.flatMap((entry) => consumeSteps(entry, now)),
    ...guardSteps([...guards, ...writes.filter(isOfKnownStream).map(asRead)]),
    ...writes.map((write) => {
      const { streamId, expectedVersion, stateSchema, events } = write
      const state = wellFormedJson(write.state ?? null)
      const after = { streamId, version: expectedVersion + events.length, state, stateSchema }
      const statement = streamWrite(after, { isNew: !isOfKnownStream(write) })
      return { statement, refused: () => new VersionConflict(streamId) }
    }),
  ]
}

interface Guard {
  readonly streamId: string
  /** 0 for a stream that does not exist. */
  readonly version: number
}

/** A stream that is new is guarded by its own insert. */
function isOfKnownStream({ expectedVersion }: StreamWrite): boolean {
  return expectedVersion > 0
}

function asRead({ streamId, expectedVersion: version }: StreamWrite): Guard {
  return { streamId, version }
}

/** All streams stand where they were read. */
function guardSteps(guards: readonly Guard[]): Step[] {
  if (guards.length === 0) return []
  const conditions = guards.map(({ version }) =>
    version === 0
      ? 'NOT EXISTS (SELECT 1 FROM streams WHERE stream_id = ?)'
      : 'EXISTS (SELECT 1 FROM streams WHERE stream_id = ? AND version = ?)',
  )
  const args = guards.flatMap(({ streamId, version }) =>
    version === 0 ? [streamId] : [streamId, version],
  )
  const streamIds = guards.map(({ streamId }) => streamId).join(' or ')
  const refused = () => new VersionConflict(streamIds)
  return [{ statement: assertThat(conditions.join(' AND '), args), refused }]
}

function consumeSteps({ kind, id, body }: ConsumedEntry, now: number): Step[] {
  const isAsRead = body !== undefined
  const refused = () =>
    isAsRead ? new VersionConflict(`${kind}/${id}`) : new AlreadyConsumed(kind)
  if (kind === observedHourKind) {
    const hour = [Number(id)]
    const isThere = 'EXISTS (SELECT 1 FROM observed_counters WHERE hour = ?)'
    const sql = 'DELETE FROM observed_counters WHERE hour = ?'
    return [
      { statement: assertThat(isThere, hour), refused },
      { statement: { sql, args: hour }, refused },
    ]
  }
  const live = 'SELECT 1 FROM expiring WHERE kind = ? AND id = ? AND expires_at > ?'
  const isLive = isAsRead ? `EXISTS (${live} AND body = ?)` : `EXISTS (${live})`
  const text = isAsRead ? [wellFormedJson(body)] : []
  const sql = 'DELETE FROM expiring WHERE kind = ? AND id = ?'
  return [
    { statement: assertThat(isLive, [kind, id, now, ...text]), refused },
    { statement: { sql, args: [kind, id] }, refused },
  ]
}

function eventStep(row: EventRow): Step {
  const sql = `INSERT INTO events (event_id, stream_id, version, type, schema_version, recorded_at,
    actor, correlation_id, causation_id, payload, leaf_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  const args = [
    row.eventId,
    row.streamId,
    row.version,
    row.type,
    row.schemaVersion,
    row.recordedAt,
    row.actor,
    row.correlationId,
    row.causationId,
    row.payload,
    leafHash(row),
  ]
  return { statement: { sql, args }, refused: () => new VersionConflict(row.streamId) }
}
