/**
 * Between an event as the program knows it and its row in the log:
 *
 *   write   check ▸ seal ▸ JSON bytes
 *   read    JSON ▸ unseal ▸ upcast ▸ check
 *
 * What is read is checked like what is written; only then may a sealed field be null.
 */
import type { DomainEvent, EventType } from '../domain/event.ts'
import { LogFenced, type RecordedEvent } from '../domain/event-log.ts'
import type { Row } from './database.ts'
import { type JsonObject, type Seal, sealFields, subjectOf, unsealFields } from './sealing.ts'
import type { SubjectKeys } from './subject-keys.ts'
import type { Upcasting } from './upcasting.ts'
import { wellFormedJson } from './well-formed-json.ts'

/** An event's payload is not what its type says. */
export class InvalidEvent extends Error {
  override name = 'InvalidEvent'
}

/** An event that was checked, with its payload as JSON keeps it. */
export interface CheckedEvent {
  readonly type: EventType
  readonly payload: JsonObject
  /** The same as text. */
  readonly json: string
  /** Whose key seals it; undefined if nothing is sealed. */
  readonly subject: string | undefined
}

export class EventCodec {
  readonly #types: ReadonlyMap<string, EventType>
  readonly #upcasting: Upcasting
  readonly #keys: SubjectKeys

  constructor(parts: { types: readonly EventType[]; upcasting: Upcasting; keys: SubjectKeys }) {
    this.#types = new Map(parts.types.map((type) => [type.name, type]))
    this.#upcasting = parts.upcasting
    this.#keys = parts.keys
  }

  /** @throws {InvalidEvent} naming the paths, never the values */
  check(event: DomainEvent): CheckedEvent {
    const type = this.#types.get(event.type)
    if (!type) throw new InvalidEvent(`Cannot append "${event.type}": the type is unknown`)
    const json = wellFormedJson(event.payload)
    const payload = JSON.parse(json) as JsonObject
    if (!type.check(payload)) {
      throw new InvalidEvent(`Cannot append "${type.name}": ${type.problems(payload).join('; ')}`)
    }
    return { type, payload, json, subject: subjectOf(type, payload) }
  }

  encode({ type, payload, json }: CheckedEvent, seal?: Seal): Buffer {
    return Buffer.from(seal ? JSON.stringify(sealFields(type, payload, seal)) : json)
  }

  async decode(rows: readonly Row[]): Promise<RecordedEvent[]> {
    const drafts = rows.map((row) => this.#parse(row))
    const subjects = new Set(drafts.map(({ subject }) => subject).filter((s) => s !== undefined))
    const keys = await this.#keys.forReading(subjects)
    return drafts.map(({ type, subject, recorded }) => {
      const key = subject === undefined ? undefined : keys.get(subject)
      const unsealed =
        subject === undefined
          ? recorded.payload
          : unsealFields(recorded.payload, { eventId: recorded.eventId, subject, key })
      const payload = this.#upcasting.upcast(unsealed, {
        type: type.name,
        from: recorded.schemaVersion,
        to: type.version,
      })
      checkRead(type, payload)
      return { ...recorded, payload }
    })
  }

  #parse(row: Row) {
    const name = row.type as string
    const schemaVersion = row.schema_version as number
    const type = this.#types.get(name)
    if (!type || type.version < schemaVersion) {
      throw new LogFenced(
        `Cannot read "${name}" of version ${schemaVersion}: a newer program wrote it; start that one`,
      )
    }
    const payload: JsonObject = JSON.parse(Buffer.from(row.payload as Uint8Array).toString())
    const field = this.#upcasting.subjectField(name, schemaVersion) ?? type.subject
    const subject = field === undefined ? undefined : String(payload[field])
    const recorded = {
      position: row.position as number,
      eventId: row.event_id as string,
      streamId: row.stream_id as string,
      version: row.version as number,
      type: name,
      schemaVersion,
      recordedAt: row.recorded_at as number,
      actor: row.actor as string,
      correlationId: row.correlation_id as string,
      causationId: row.causation_id as string | null,
      payload,
    }
    return { type, subject, recorded }
  }
}

/** @throws {InvalidEvent} unless the payload is whole but for what was erased */
function checkRead(type: EventType, payload: JsonObject): void {
  if (type.check(payload)) return
  const isErased = (problem: string) => {
    const field = /^\/([^/:]*)/.exec(problem)?.[1] ?? ''
    return type.fields[field] === 'sealed' && payload[field] === null
  }
  const problems = type.problems(payload).filter((problem) => !isErased(problem))
  if (problems.length > 0) {
    throw new InvalidEvent(`Cannot read "${type.name}": ${problems.join('; ')}`)
  }
}
