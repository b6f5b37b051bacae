/**
 * A job's events as they are told to its worker, to the person and to their programs: in the words
 * of the API, without hashes and without who else is involved.
 */

import { isoTime } from '../audit/event-view.ts'
import type { EventLog, RecordedEvent } from '../domain/event-log.ts'
import type { JobEvent, JobPause, Payment } from '../domain/job-events.ts'

/** What happened, by the name that the API has for it. */
export type Told = { readonly position: number; readonly at: string } & (
  | { readonly type: 'queued' }
  | { readonly type: 'approved' }
  | { readonly type: 'claimed'; readonly attempt: number }
  | { readonly type: 'progress'; readonly note: string | null; readonly percent?: number }
  | ToldPause
  | { readonly type: 'resumed'; readonly pause_id: string; readonly answer?: string | null }
  | { readonly type: 'returned'; readonly reason: string }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'error'; readonly code: string; readonly message: string | null }
  | { readonly type: 'cancelled'; readonly reason: string }
)

export interface ToldPause {
  readonly type: JobPause
  /** What an answer names. */
  readonly pause_id: string
  readonly note: string | null
  readonly url?: string | null
  readonly payment?: Payment | null
  readonly expires_at: string
}

/** Undefined for what is told to nobody but the audit. */
export function tell(recorded: RecordedEvent): Told | undefined {
  const what = whatHappened(recorded as unknown as JobEvent)
  if (!what) return undefined
  return { position: recorded.position, at: isoTime(recorded.recordedAt), ...what } as Told
}

type What = Told extends infer T ? (T extends unknown ? Omit<T, 'position' | 'at'> : never) : never

function whatHappened(event: JobEvent): What | undefined {
  switch (event.type) {
    case 'JobQueued':
      return { type: 'queued' }
    case 'JobApproved':
      return { type: 'approved' }
    case 'JobClaimed':
      return { type: 'claimed', attempt: event.payload.attempt }
    case 'JobProgressed': {
      const { note, percent } = event.payload
      return { type: 'progress', note, ...(percent === undefined ? {} : { percent }) }
    }
    case 'JobPaused': {
      const { pause, shownHash, note, url, payment, expiresAt } = event.payload
      return {
        type: pause,
        pause_id: shownHash,
        note,
        ...(url === undefined ? {} : { url }),
        ...(payment === undefined ? {} : { payment }),
        expires_at: isoTime(expiresAt),
      }
    }
    case 'JobResumed': {
      const { shownHash: pause_id, answer } = event.payload
      return { type: 'resumed', pause_id, ...(answer === undefined ? {} : { answer }) }
    }
    case 'JobReturned':
      return { type: 'returned', reason: event.payload.reason }
    case 'JobFinished':
      return { type: 'done', result: event.payload.result }
    case 'JobFailed':
      return { type: 'error', code: event.payload.code, message: event.payload.message }
    case 'JobCancelled':
      return { type: 'cancelled', reason: event.payload.reason }
    case 'ReasonGiven':
      return undefined
    default:
      return event satisfies never
  }
}

/** Everything that happened after a position, oldest first. */
export async function readStory(log: EventLog, jobId: string, after = 0): Promise<Told[]> {
  const told: Told[] = []
  for await (const event of log.replay({ streamId: `job/${jobId}`, after })) {
    const one = tell(event)
    if (one) told.push(one)
  }
  return told
}
