/**
 * What a worker says of the job that it has: several steps are one append, so all of them happened
 * or none. Each is also a sign of life. Whoever shows another lease than the current one changes
 * nothing, and learns that somebody else has the job now.
 */
import { tellOf } from '../approvals/notice.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import { execute, type Verdict, Work } from '../domain/execute.ts'
import { isOver, type JobState, jobDecider, type KnownJob } from '../domain/job.ts'
import type { JobRefusal, JobStep } from '../domain/job-commands.ts'
import type { JobPause, Payment } from '../domain/job-events.ts'
import type { Services } from '../protocol/services.ts'
import { cancelIfNotAllowed } from './job-access.ts'
import { askToPay } from './job-question.ts'
import { signalJob } from './job-signals.ts'
import { holdLease } from './leases.ts'

/** As the worker says it; what the rules need beside it is worked out here. */
export type ReportedStep =
  | { readonly kind: 'heartbeat' }
  | Extract<JobStep, { kind: 'progress' | 'finish' | 'fail' }>
  | {
      readonly kind: 'pause'
      readonly pause: JobPause
      readonly note: string
      readonly url?: string
      readonly payment?: Payment
    }
  | { readonly kind: 'let go' }

export interface Report {
  readonly jobId: string
  readonly workerId: string
  readonly leaseHash: string
  readonly leaseSeconds?: number | undefined
  /** How long it will wait now, and not be heard of. */
  readonly extraSeconds?: number
  readonly steps: readonly ReportedStep[]
  readonly correlationId: string
}

export type Reported =
  | { readonly outcome: 'recorded'; readonly job: KnownJob; readonly leaseEndsAt: number }
  | { readonly outcome: 'refused'; readonly reason: JobRefusal; readonly job?: KnownJob }

export async function reportSteps(services: Services, report: Report): Promise<Reported> {
  const { log } = services
  const { jobId, workerId, leaseHash, correlationId } = report
  let after: JobState = jobDecider.initial
  const cause = { actor: `client:${workerId}`, correlationId }
  const { outcome, reason } = await execute<JobRefusal>(log, cause, async (work) => {
    const verdict = await takeSteps(services, work, report)
    after = await work.read(jobDecider, jobId)
    return verdict
  }).then((done) => ({ reason: undefined, ...done }))
  if (after.status === 'unknown') return { outcome: 'refused', reason: 'job_unknown' }
  if (outcome === 'refused') {
    return { outcome, reason: reason ?? 'job_unknown', job: after }
  }
  signalJob(log, after)
  if (after.approvalId !== undefined) await tellOf(services, after.approvalId)
  // It ended just now, because nothing allows it any more.
  if (after.status === 'cancelled') return { outcome: 'refused', reason: 'job_over', job: after }
  const { leaseSeconds: seconds, extraSeconds = 0 } = report
  const leaseEndsAt = await holdLease(services, leaseHash, { seconds, extraSeconds })
  return { outcome: 'recorded', job: after, leaseEndsAt }
}

type Holder = Pick<Report, 'jobId' | 'workerId' | 'leaseHash'>

/** The job as it stands now, if it is this worker's, or was when it ended. */
export async function findHeldJob(
  { log }: Pick<Services, 'log'>,
  holder: Holder,
): Promise<KnownJob | undefined> {
  const job = await new Work(log).read(jobDecider, holder.jobId)
  return isHolder(job, holder) ? job : undefined
}

function isHolder(job: JobState, { leaseHash, workerId }: Holder): job is KnownJob {
  if (job.status === 'unknown') return false
  return job.leaseHash === leaseHash && job.workerId === workerId
}

async function takeSteps(
  services: Services,
  work: Work,
  { steps, ...holder }: Report,
): Promise<Verdict<JobRefusal>> {
  const { jobId, leaseHash } = holder
  const job = await work.read(jobDecider, jobId)
  if (!isHolder(job, holder)) return work.reject('lease_lost')
  if (isOver(job.status)) return work.reject('job_over')
  const now = services.now()
  // What is done is done, and is written down; nobody goes on with what is not allowed.
  const isEnd = steps.some(({ kind }) => kind === 'finish' || kind === 'fail')
  if (!isEnd && (await cancelIfNotAllowed(work, job, now))) return { outcome: 'accepted' }
  for (const step of steps) {
    if (step.kind === 'heartbeat') continue
    const verdict = await takeStep(services, work, { jobId, leaseHash, step })
    if (verdict.outcome === 'refused') return verdict
  }
  return { outcome: 'accepted' }
}

type Step = Exclude<ReportedStep, { kind: 'heartbeat' }>

async function takeStep(
  services: Services,
  work: Work,
  { jobId, leaseHash, step }: { jobId: string; leaseHash: string; step: Step },
): Promise<Verdict<JobRefusal>> {
  const job = await work.read(jobDecider, jobId)
  if (job.status === 'unknown') return work.reject('job_unknown')
  const said = { leaseHash, now: services.now() }
  if (step.kind !== 'pause' || step.payment === undefined) {
    return work.decide(jobDecider, jobId, { ...completed(services, job, step), ...said })
  }
  const { payment, note } = step
  const expiresAt = expiryOf(services)
  const { isGiven, ...asked } = await askToPay(services, work, { job, note, payment, expiresAt })
  const pause = { ...step, ...asked, expiresAt, ...said }
  const verdict = await work.decide(jobDecider, jobId, pause)
  if (verdict.outcome === 'refused' || !isGiven) return verdict
  const resume = { kind: 'resume', ...asked, isHeld: true, expiresAt, now: services.now() } as const
  return work.decide(jobDecider, jobId, resume)
}

function expiryOf({ settings, now }: Services): number {
  return now() + settings.jobs.expirySeconds * 1000
}

function completed(services: Services, { jobId, steps: nth }: KnownJob, step: Step): JobStep {
  const expiresAt = expiryOf(services)
  switch (step.kind) {
    case 'pause': {
      // Amounts can be guessed, so a bare hash would outlive the erasure of what it is a hash of.
      const { kind: _, ...shown } = step
      const parts = ['job pause', jobId, String(nth), canonicalJson(shown)]
      return { ...step, shownHash: services.keyring.mac('lookup', parts), expiresAt }
    }
    case 'let go':
      return { ...step, expiresAt }
    default:
      return step
  }
}
