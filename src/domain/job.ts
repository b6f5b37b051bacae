/**
 * A piece of work that an agent started for a person: who asked, under which grant, what became
 * of it.
 *
 *   queued ─▶ running ─▶ done | error
 *               │ ▲
 *               ▼ │ resume
 *     paused_payment | captcha | needs_login          (cancelled from any open status)
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

export const jobPauses = ['paused_payment', 'captcha', 'needs_login'] as const
export type JobPause = (typeof jobPauses)[number]
export type JobStatus = 'queued' | 'running' | JobPause | 'done' | 'error' | 'cancelled'

// Events

const common = {
  jobId: open(Type.String()),
  userId: open(Type.String()),
  at: open(Type.Integer()),
}

export const JobQueued = defineEvent('JobQueued', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    /** Or the API token that was presented. */
    clientId: open(Type.String()),
    /** Under which consent; absent where the token goes back to none given here. */
    grantId: Type.Optional(open(Type.String())),
    /** The issuance of the token, where it came from no code. */
    issuanceId: Type.Optional(open(Type.String())),
    tool: open(Type.String()),
    /** JSON text of what the tool was called with. */
    arguments: Type.String(),
    argumentsHash: hashed(),
  },
})

export const JobStarted = defineEvent('JobStarted', { version: 1, payload: common })

export const JobProgressed = defineEvent('JobProgressed', {
  version: 1,
  subject: 'userId',
  payload: { ...common, note: Type.String() },
})

export const JobPaused = defineEvent('JobPaused', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    pause: open(Type.Union(jobPauses.map((p) => Type.Literal(p)))),
    note: Type.String(),
  },
})

export const JobResumed = defineEvent('JobResumed', { version: 1, payload: common })

export const JobFinished = defineEvent('JobFinished', {
  version: 1,
  subject: 'userId',
  payload: { ...common, result: Type.String() },
})

export const JobFailed = defineEvent('JobFailed', {
  version: 1,
  subject: 'userId',
  payload: { ...common, error: Type.String() },
})

export const JobCancelled = defineEvent('JobCancelled', {
  version: 1,
  subject: 'userId',
  payload: { ...common, reason: Type.String() },
})

export const jobEventTypes = [
  JobQueued,
  JobStarted,
  JobProgressed,
  JobPaused,
  JobResumed,
  JobFinished,
  JobFailed,
  JobCancelled,
]

export type JobEvent = EventOf<
  | typeof JobQueued
  | typeof JobStarted
  | typeof JobProgressed
  | typeof JobPaused
  | typeof JobResumed
  | typeof JobFinished
  | typeof JobFailed
  | typeof JobCancelled
>

// State

export type JobState =
  | { readonly status: 'unknown' }
  | { readonly status: JobStatus; readonly jobId: string; readonly userId: string }

const statusAfter = {
  JobStarted: 'running',
  JobProgressed: 'running',
  JobResumed: 'running',
  JobFinished: 'done',
  JobFailed: 'error',
  JobCancelled: 'cancelled',
} as const

function evolve(state: JobState, event: JobEvent): JobState {
  const { jobId, userId } = event.payload
  if (event.type === 'JobQueued') return { status: 'queued', jobId, userId }
  if (state.status === 'unknown') return state
  const status = event.type === 'JobPaused' ? event.payload.pause : statusAfter[event.type]
  return { ...state, status }
}

// Commands

type Queued = EventOf<typeof JobQueued>['payload']

export type JobCommand =
  | { readonly kind: 'queue'; readonly job: Queued }
  | { readonly kind: 'start' | 'resume'; readonly now: number }
  | { readonly kind: 'progress'; readonly note: string; readonly now: number }
  | {
      readonly kind: 'pause'
      readonly pause: JobPause
      readonly note: string
      readonly now: number
    }
  | { readonly kind: 'finish'; readonly result: string; readonly now: number }
  | { readonly kind: 'fail'; readonly error: string; readonly now: number }
  | { readonly kind: 'cancel'; readonly reason: string; readonly now: number }

export type JobRefusal =
  | 'job_exists'
  | 'job_unknown'
  | 'job_over'
  | 'job_not_queued'
  | 'job_not_running'
  | 'job_not_paused'

const over: readonly JobStatus[] = ['done', 'error', 'cancelled']

function decide(command: JobCommand, state: JobState) {
  if (command.kind === 'queue') {
    return state.status === 'unknown'
      ? accept(JobQueued(command.job))
      : refuse<JobRefusal>('job_exists')
  }
  if (state.status === 'unknown') return refuse<JobRefusal>('job_unknown')
  const { status, jobId, userId } = state
  const fact = { jobId, userId, at: command.now }
  if (over.includes(status)) return refuse<JobRefusal>('job_over')
  switch (command.kind) {
    case 'start':
      return status === 'queued' ? accept(JobStarted(fact)) : refuse<JobRefusal>('job_not_queued')
    case 'resume':
      return isPause(status) ? accept(JobResumed(fact)) : refuse<JobRefusal>('job_not_paused')
    case 'cancel':
      return accept(JobCancelled({ ...fact, reason: command.reason }))
    default:
      return status === 'running'
        ? accept(stepOf(command, fact))
        : refuse<JobRefusal>('job_not_running')
  }
}

type Step = Extract<JobCommand, { kind: 'progress' | 'pause' | 'finish' | 'fail' }>

function stepOf(command: Step, fact: { jobId: string; userId: string; at: number }): JobEvent {
  switch (command.kind) {
    case 'progress':
      return JobProgressed({ ...fact, note: command.note })
    case 'pause':
      return JobPaused({ ...fact, pause: command.pause, note: command.note })
    case 'finish':
      return JobFinished({ ...fact, result: command.result })
    case 'fail':
      return JobFailed({ ...fact, error: command.error })
    default:
      return command satisfies never
  }
}

function isPause(status: JobStatus): boolean {
  return (jobPauses as readonly string[]).includes(status)
}

export const jobDecider: Decider<JobCommand, JobState, JobEvent, JobRefusal> = {
  noun: 'job',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
