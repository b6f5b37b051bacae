/**
 * An event as the audit shows it: its place in the log, who caused it as part of what, and its
 * payload as stored, unsealed. A sealed field whose person was erased is null.
 */
import type { RecordedEvent } from '../domain/event-log.ts'

export interface EventView {
  readonly position: number
  readonly event_id: string
  readonly stream_id: string
  readonly version: number
  readonly type: string
  /** ISO 8601. */
  readonly recorded_at: string
  readonly actor: string
  readonly correlation_id: string
  readonly causation_id: string | null
  readonly payload: Readonly<Record<string, unknown>>
}

export function viewEvent(event: RecordedEvent): EventView {
  return {
    position: event.position,
    event_id: event.eventId,
    stream_id: event.streamId,
    version: event.version,
    type: event.type,
    recorded_at: isoTime(event.recordedAt),
    actor: event.actor,
    correlation_id: event.correlationId,
    causation_id: event.causationId,
    payload: event.payload,
  }
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
