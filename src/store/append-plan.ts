/**
 * An append as the statements that carry it out, each with what its refusal means:
 *
 *   consumes   an entry that must be live   gone → AlreadyConsumed, or as it was read → VersionConflict
 *   guards     streams that were read      moved → VersionConflict
 *   streams    compare and swap            moved → VersionConflict
 *   events     the log itself              taken → VersionConflict, also when it was written before
 *   secrets    new, or gone                taken → somebody else made the subject's key
 *   projections                            taken → KeyTaken
 */
import {
  AlreadyConsumed,
  type Append,
  type ConsumedEntry,
  type ExpiringKey,
  KeyTaken,
  type StreamWrite,
  VersionConflict,
} from '../domain/event-log.ts'
import { newId, withPrefix } from '../domain/ids.ts'
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

/** A subject's key was made or erased by somebody else since it was read. */
export class SubjectKeyMoved extends Error {}

/** The same for every attempt to write this append, so the log itself knows whether one succeeded. */
export function firstEventId({ commandId }: Pick<Append, 'commandId'>): string {
  return withPrefix('evt', commandId)
}

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
        const isFirst = index === 0 && nth === 0
        const eventId = isFirst ? firstEventId(append) : newId('evt')
        return this.#event(event, { ...write, ...append.cause, eventId, version, keys: sealing })
      }),
    )
    const before = conditions(append, now)
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
        ...events.map(({ row }, index) =>
          eventStep({ ...row, recordedAt }, { isFirst: index === 0 }),
        ),
        ...after,
      ],
    }
  }

  #event(
    event: CheckedEvent,
    place: {
      eventId: string
      streamId: string
      version: number
      actor: string
      correlationId: string
      causationId?: string
      keys: ReadonlyMap<string, SealingKey>
    },
  ): PlannedEvent {
    const { eventId, streamId, version } = place
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

function conditions(append: Append, now: number): Step[] {
  const { consumes = [], absent = [], guards, writes } = append
  return [
    ...consumes.flatMap((entry) => consumeSteps(entry, now)),
    ...guardSteps([...guards, ...writes.filter(isOfKnownStream).map(asRead)], { absent, now }),
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

const liveEntry = 'SELECT 1 FROM expiring WHERE kind = ? AND id = ? AND expires_at > ?'

/** All streams stand where they were read, and no entry is there that was taken to be absent. */
function guardSteps(
  guards: readonly Guard[],
  { absent, now }: { absent: readonly ExpiringKey[]; now: number },
): Step[] {
  if (guards.length === 0 && absent.length === 0) return []
  const conditions = [
    ...guards.map(({ version }) =>
      version === 0
        ? 'NOT EXISTS (SELECT 1 FROM streams WHERE stream_id = ?)'
        : 'EXISTS (SELECT 1 FROM streams WHERE stream_id = ? AND version = ?)',
    ),
    ...absent.map(() => `NOT EXISTS (${liveEntry})`),
  ]
  const args = [
    ...guards.flatMap(({ streamId, version }) =>
      version === 0 ? [streamId] : [streamId, version],
    ),
    ...absent.flatMap(({ kind, id }) => [kind, id, now]),
  ]
  const read = [...guards.map(({ streamId }) => streamId), ...absent.map(({ kind }) => kind)]
  const refused = () => new VersionConflict(read.join(' or '))
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
  const isLive = isAsRead ? `EXISTS (${liveEntry} AND body = ?)` : `EXISTS (${liveEntry})`
  const text = isAsRead ? [wellFormedJson(body)] : []
  const sql = 'DELETE FROM expiring WHERE kind = ? AND id = ?'
  return [
    { statement: assertThat(isLive, [kind, id, now, ...text]), refused },
    { statement: { sql, args: [kind, id] }, refused },
  ]
}

const eventSql = `INSERT INTO events (event_id, stream_id, version, type, schema_version, recorded_at,
  actor, correlation_id, causation_id, payload, leaf_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const firstEventSql = `${eventSql} RETURNING position`

function eventStep(row: EventRow, { isFirst }: { isFirst: boolean }): Step {
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
  const sql = isFirst ? firstEventSql : eventSql
  return { statement: { sql, args }, refused: () => new VersionConflict(row.streamId) }
}
