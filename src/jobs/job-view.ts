/** A job as the person and their programs see it now: where it stands, and what they have to do. */

import { isoTime } from '../audit/event-view.ts'
import { type ReplayedJob, replayJob } from '../audit/jobs.ts'
import type { Settings } from '../config/settings.ts'
import type { EventLog } from '../domain/event-log.ts'
import type { JobStatus, KnownJob } from '../domain/job.ts'
import { type Told, type ToldPause, tell } from './job-story.ts'
import { shownStatus } from './shown-status.ts'

export interface JobView {
  readonly job_id: string
  readonly tool: string
  readonly status: JobStatus
  readonly client_id: string
  /** The agent of the person's that started it. */
  readonly agent_id?: string
  readonly queued_at: string
  readonly changed_at: string
  /** How often a worker took it. */
  readonly attempt: number
  /** What the worker last said. */
  readonly note: string | null
  readonly percent: number | null
  /** What the person is asked while it is paused. */
  readonly pause: Omit<ToldPause, 'type'> | null
  /** What the person has to approve before it goes on. */
  readonly approval_id: string | null
  readonly arguments: unknown
  /** Of a job that is done. */
  readonly result: unknown
  /** Why it ended otherwise. */
  readonly error: { readonly code: string; readonly message: string | null } | null
}

export interface FoundJob {
  readonly view: JobView
  /** Oldest first. */
  readonly story: readonly Told[]
  readonly state: KnownJob
}

const cancelWords = 'It was cancelled'

/** Undefined when there is no such job. */
export async function findJobView(log: EventLog, jobId: string): Promise<FoundJob | undefined> {
  const job = await replayJob(log, jobId)
  if (!job) return undefined
  const story = job.events.map(tell).filter((one) => one !== undefined)
  return { view: viewOf(job, story), story, state: job.state }
}

function viewOf(job: ReplayedJob, told: readonly Told[]): JobView {
  const [first] = job.events
  const last = job.events.at(-1)
  const of = <T extends Told['type']>(...types: T[]) =>
    told.findLast((one): one is Told & { type: T } => (types as string[]).includes(one.type))
  const progress = of('progress')
  const done = job.status === 'done' ? of('done') : undefined
  const given = first?.payload.arguments
  return {
    job_id: job.jobId,
    tool: job.tool,
    status: job.status,
    client_id: job.clientId,
    ...(job.state.agentId === undefined ? {} : { agent_id: job.state.agentId }),
    queued_at: isoTime(first?.recordedAt ?? 0),
    changed_at: isoTime(last?.recordedAt ?? 0),
    attempt: job.state.attempt,
    note: progress?.note ?? null,
    percent: progress?.percent ?? null,
    pause: pauseOf(job, told),
    approval_id: job.state.approvalId ?? null,
    arguments: typeof given === 'string' ? JSON.parse(given) : null,
    result: done?.result ?? null,
    error: errorOf(job, told),
  }
}

function pauseOf({ status }: ReplayedJob, told: readonly Told[]): JobView['pause'] {
  const paused = told.findLast((one) => one.type === status)
  if (!paused || !('pause_id' in paused) || paused.type === 'resumed') return null
  const { position: _, at: __, type: ___, ...pause } = paused
  return pause
}

function errorOf({ status }: ReplayedJob, told: readonly Told[]): JobView['error'] {
  const last = told.at(-1)
  if (status === 'error' && last?.type === 'error') {
    return { code: last.code, message: last.message }
  }
  if (status === 'cancelled' && last?.type === 'cancelled') {
    return { code: last.reason, message: cancelWords }
  }
  return null
}

/** One step as people's programs see it; what the person wrote is for the worker alone. */
export function shownStep(settings: Pick<Settings, 'jobs'>, step: Told): Told {
  if (step.type === 'resumed') {
    const { answer: _, ...shown } = step
    return shown
  }
  if (step.type !== 'cancelled' || shownStatus(settings, 'cancelled') === 'cancelled') return step
  const { reason: code, ...shown } = step
  return { ...shown, type: 'error', code, message: cancelWords }
}
