/**
 * What people, their clients and administrators say of a job: go on, no, stop. Whoever answers a
 * pause names what they were shown, so that no answer is for something else.
 */
import type { Cause } from '../domain/event-log.ts'
import { execute, type Work } from '../domain/execute.ts'
import { isOver, type JobState, type JobStatus, jobDecider } from '../domain/job.ts'
import type { JobRefusal } from '../domain/job-commands.ts'
import type { Services } from '../protocol/services.ts'
import { cancelIfNotAllowed } from './job-access.ts'
import { signalJob } from './job-signals.ts'
import { isLeaseHeld } from './leases.ts'

type JobServices = Pick<Services, 'log' | 'expiring' | 'settings' | 'now'>

export type Answered =
  | { readonly outcome: 'accepted'; readonly status: JobStatus }
  | { readonly outcome: 'refused'; readonly reason: JobRefusal }

export interface Answer {
  readonly jobId: string
  /** The pause, as the person was shown it. */
  readonly shownHash: string
  /** What was approved, where that was asked. */
  readonly approvalId?: string
  readonly answer?: string | undefined
}

/** The job goes on, at the worker that still waits for it or at the next one. */
export function resumeJob(services: JobServices, answer: Answer, cause: Cause): Promise<Answered> {
  return decideOn(services, answer.jobId, {
    cause,
    decide: (work) => resumeIn(services, work, answer),
  })
}

/** The same inside a larger unit of work; whoever uses it calls `signalJob` afterwards. */
export async function resumeIn(
  services: Omit<JobServices, 'log'>,
  work: Work,
  { jobId, shownHash, approvalId, answer }: Answer,
) {
  const { settings, now } = services
  const job = await work.read(jobDecider, jobId)
  if (job.status === 'unknown') return work.reject<JobRefusal>('job_unknown')
  if (!isOver(job.status) && (await cancelIfNotAllowed(work, job, now()))) {
    return { outcome: 'accepted' } as const
  }
  return work.decide(jobDecider, jobId, {
    kind: 'resume',
    shownHash,
    ...(approvalId === undefined ? {} : { approvalId }),
    ...(answer === undefined ? {} : { answer }),
    isHeld: await isLeaseHeld(services, job.leaseHash),
    expiresAt: now() + settings.jobs.expirySeconds * 1000,
    now: now(),
  })
}

async function decideOn(
  { log }: Pick<Services, 'log'>,
  jobId: string,
  { cause, decide }: { cause: Cause; decide: (work: Work) => ReturnType<typeof resumeIn> },
): Promise<Answered> {
  let after: JobState = jobDecider.initial
  const done = await execute<JobRefusal>(log, cause, async (work) => {
    const verdict = await decide(work)
    after = await work.read(jobDecider, jobId)
    return verdict
  })
  if (done.outcome === 'refused') return { outcome: 'refused', reason: done.reason }
  signalJob(log, after)
  return { outcome: 'accepted', status: after.status as JobStatus }
}
