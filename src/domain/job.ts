/**
 * A piece of work that an agent started for a person: who asked, under which consent, who carries
 * it out, what became of it.
 *
 *            claim            finish, fail
 *   queued ────────▶ running ─────────────▶ done | error
 *     ▲  ▲ lease ends │   ▲
 *     │  └────────────┤   │ resume, while its worker still holds it
 *     │         pause ▼   │
 *     └── resume ── paused_payment | captcha | needs_login
 *
 * Cancelled from every status that is not an end; whatever waits too long ends as an error. Each
 * claim is a lease with a secret of its own, and a step counts only with that of the current one: a
 * worker that was thought dead and comes back changes nothing. Out of a pause no worker comes; while
 * it is paused for payment, its worker may ask for another one instead. Where the tool wants it, a
 * job is claimed only once the person has approved it, and it is never paid without that.
 */
import { accept, type Decider, refuse } from './decider.ts'
import type { EventOf } from './event.ts'
import type { JobCommand, JobRefusal, LeaseEnd, Resumption, WorkerStep } from './job-commands.ts'
import {
  JobApproved,
  JobCancelled,
  JobClaimed,
  type JobEvent,
  JobFailed,
  JobFinished,
  type JobPause,
  JobPaused,
  JobProgressed,
  JobQueued,
  JobResumed,
  JobReturned,
  jobPauses,
  type QueuedJob,
} from './job-events.ts'
import { explainedBy } from './reason.ts'

export type JobStatus = 'queued' | 'running' | JobPause | 'done' | 'error' | 'cancelled'

/** How often one job may progress or pause: nobody can fill the log with one. */
export const jobStepsMax = 500

// State

type Terms = Omit<QueuedJob, 'arguments' | 'at'>

export interface KnownJob extends Terms {
  readonly status: JobStatus
  /** How often it was claimed. */
  readonly attempt: number
  /** How often whoever had it did not bring it to an end. */
  readonly lost: number
  readonly steps: number
  /** Of the last claim; gone once the job is back in the queue. */
  readonly leaseHash?: string
  /** The client whose lease that is. */
  readonly workerId?: string
  /** Of what the person is shown while the job is paused. */
  readonly shownHash?: string
}

export type JobState = { readonly status: 'unknown' } | KnownJob

function evolve(state: JobState, event: JobEvent): JobState {
  if (event.type === 'JobQueued') {
    const { arguments: _, at: __, ...terms } = event.payload
    return { ...terms, status: 'queued', attempt: 0, lost: 0, steps: 0 }
  }
  if (state.status === 'unknown') return state
  switch (event.type) {
    case 'JobApproved': {
      const { approvalId: _, ...others } = state
      return others
    }
    case 'JobClaimed': {
      const { attempt, leaseHash, workerId } = event.payload
      return { ...state, status: 'running', attempt, leaseHash, workerId }
    }
    case 'JobProgressed':
      return { ...state, steps: state.steps + 1 }
    case 'JobPaused': {
      const { pause, shownHash, approvalId, expiresAt } = event.payload
      const asks = approvalId === undefined ? {} : { approvalId }
      return { ...state, ...asks, status: pause, shownHash, expiresAt, steps: state.steps + 1 }
    }
    case 'JobResumed': {
      const { shownHash: _, approvalId: __, ...others } = state
      return { ...others, status: 'running' }
    }
    case 'JobReturned': {
      const { leaseHash: _, workerId: __, ...others } = state
      const { expiresAt, reason } = event.payload
      const lost = state.lost + (reason === 'lease_ended' ? 1 : 0)
      return { ...others, status: 'queued', expiresAt, lost }
    }
    case 'JobFinished':
      return { ...state, status: 'done' }
    case 'JobFailed':
      return { ...state, status: 'error' }
    case 'JobCancelled':
      return { ...state, status: 'cancelled' }
    case 'ReasonGiven':
      return state
    default:
      return event satisfies never
  }
}

function decide(command: JobCommand, state: JobState) {
  if (command.kind === 'queue') {
    return state.status === 'unknown'
      ? accept<JobEvent>(JobQueued(command.job))
      : refuse<JobRefusal, JobEvent>('job_exists')
  }
  if (state.status === 'unknown') return refuse<JobRefusal, JobEvent>('job_unknown')
  const { jobId, userId, status } = state
  const fact = { jobId, userId, at: command.now }
  const isStale = 'leaseHash' in command && command.kind !== 'claim' && !isHolder(state, command)
  if (isStale) return refuse<JobRefusal, JobEvent>('lease_lost')
  if (isOver(status)) return refuse<JobRefusal, JobEvent>('job_over')
  switch (command.kind) {
    case 'approve': {
      if (status !== 'queued') return refuse<JobRefusal, JobEvent>('job_not_queued')
      const { approvalId } = command
      if (approvalId !== state.approvalId) return refuse<JobRefusal, JobEvent>('approval_differs')
      return accept<JobEvent>(JobApproved({ ...fact, approvalId }))
    }
    case 'claim': {
      if (status !== 'queued') return refuse<JobRefusal, JobEvent>('job_not_queued')
      if (state.approvalId !== undefined) return refuse<JobRefusal, JobEvent>('job_unapproved')
      const { workerId, leaseHash } = command
      const attempt = state.attempt + 1
      return accept<JobEvent>(JobClaimed({ ...fact, workerId, leaseHash, attempt }))
    }
    case 'resume':
      return resume(command, state, fact)
    case 'end lease':
      return endLease(command, state, fact)
    case 'cancel':
      return accept<JobEvent>(
        JobCancelled({ ...fact, reason: command.reason }),
        ...explainedBy(command, userId),
      )
    case 'expire':
      if (status === 'running' || command.now < state.expiresAt) {
        return refuse<JobRefusal, JobEvent>('job_not_expired')
      }
      return accept<JobEvent>(JobFailed({ ...fact, ...expired }))
    default:
      return step(command, state, fact)
  }
}

type Fact = Pick<EventOf<typeof JobCancelled>['payload'], 'jobId' | 'userId' | 'at'>

const expired = { code: 'expired', message: 'Nobody went on with it in time' }
const exhausted = { code: 'attempts_exhausted', message: 'Nobody brought it to an end' }

function step(command: WorkerStep, state: KnownJob, fact: Fact) {
  const isOtherPayment = state.status === 'paused_payment' && isPayment(command)
  if (state.status !== 'running' && !isOtherPayment) {
    return refuse<JobRefusal, JobEvent>('job_not_running')
  }
  if (isPayment(command) && !('approvalId' in command)) {
    return refuse<JobRefusal, JobEvent>('approval_missing')
  }
  const { attempt, steps } = state
  const isCounted = command.kind === 'progress' || command.kind === 'pause'
  if (isCounted && steps >= jobStepsMax) return refuse<JobRefusal, JobEvent>('too_many_steps')
  return accept<JobEvent>(eventOf(command, { ...fact, attempt }))
}

function eventOf(command: WorkerStep, fact: Fact & { attempt: number }): JobEvent {
  switch (command.kind) {
    case 'progress': {
      const { note, percent } = command
      return JobProgressed({ ...fact, note, ...(percent === undefined ? {} : { percent }) })
    }
    case 'pause': {
      const { kind: _, now: __, leaseHash: ___, ...shown } = command
      return JobPaused({ ...fact, ...shown })
    }
    case 'finish':
      return JobFinished({ ...fact, result: command.result })
    case 'fail': {
      const { attempt: _, ...failed } = fact
      return JobFailed({ ...failed, code: command.code, message: command.message })
    }
    case 'let go':
      return JobReturned({ ...fact, reason: 'let_go', expiresAt: command.expiresAt })
    default:
      return command satisfies never
  }
}

function isPayment(command: WorkerStep) {
  return command.kind === 'pause' && command.pause === 'paused_payment'
}

/** Where nobody waits for the answer any more, the job is anybody's again. */
function resume(command: Resumption, state: KnownJob, fact: Fact) {
  if (!isPause(state.status)) return refuse<JobRefusal, JobEvent>('job_not_paused')
  const { shownHash, approvalId, answer, isHeld, expiresAt } = command
  if (shownHash !== state.shownHash) return refuse<JobRefusal, JobEvent>('pause_differs')
  if (approvalId !== state.approvalId) return refuse<JobRefusal, JobEvent>('approval_differs')
  const approved = approvalId === undefined ? {} : { approvalId }
  const answered = answer === undefined ? {} : { answer }
  const resumed = JobResumed({ ...fact, shownHash, ...approved, ...answered })
  if (isHeld) return accept<JobEvent>(resumed)
  const { attempt } = state
  return accept<JobEvent>(resumed, JobReturned({ ...fact, attempt, reason: 'let_go', expiresAt }))
}

/** A lease rests while the job is paused: people take their time. */
function endLease({ attemptsMax, expiresAt }: LeaseEnd, state: KnownJob, fact: Fact) {
  const { status, attempt, lost } = state
  if (status !== 'running') return refuse<JobRefusal, JobEvent>('job_not_running')
  const returned = JobReturned({ ...fact, attempt, reason: 'lease_ended', expiresAt })
  if (lost + 1 < attemptsMax) return accept<JobEvent>(returned)
  return accept<JobEvent>(returned, JobFailed({ ...fact, ...exhausted }))
}

function isHolder({ leaseHash }: KnownJob, command: { leaseHash: string }): boolean {
  return leaseHash !== undefined && leaseHash === command.leaseHash
}

export function isOver(status: JobStatus): boolean {
  return status === 'done' || status === 'error' || status === 'cancelled'
}

export function isPause(status: JobStatus): status is JobPause {
  return (jobPauses as readonly string[]).includes(status)
}

export const jobDecider: Decider<JobCommand, JobState, JobEvent, JobRefusal> = {
  noun: 'job',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
