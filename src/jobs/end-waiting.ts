/**
 * What happens to jobs by time alone: one whose worker is not heard of goes back into the queue, and
 * one that waited too long for a worker or for a person ends.
 */
import { execute } from '../domain/execute.ts'
import { type JobState, jobDecider } from '../domain/job.ts'
import type { JobCommand } from '../domain/job-commands.ts'
import { findExpiredJobs, findLostJobs } from '../projections/jobs.ts'
import type { Services } from '../protocol/services.ts'
import { systemCause } from './job-access.ts'
import { signalJob } from './job-signals.ts'
import { isLeaseHeld } from './leases.ts'

/** So that nobody waits for it; the rest have their turn a moment later. */
const jobsPerRun = 100

type JobServices = Pick<Services, 'log' | 'reader' | 'expiring' | 'settings' | 'now'>

/** @returns how many */
export async function endLostLeases(services: JobServices): Promise<number> {
  const { reader, settings, now } = services
  const { attemptsMax, expirySeconds } = settings.jobs
  const rows = { now: now(), rowsMax: jobsPerRun }
  let ended = 0
  for (const { jobId, leaseHash } of await findLostJobs(reader, rows)) {
    // Asked again: the worker may have been heard of since.
    if (await isLeaseHeld(services, leaseHash)) continue
    const expiresAt = now() + expirySeconds * 1000
    const command = { kind: 'end lease', leaseHash, attemptsMax, expiresAt, now: now() } as const
    if (await decide(services, jobId, command)) ended += 1
  }
  return ended
}

/** @returns how many */
export async function expireJobs(services: JobServices): Promise<number> {
  const { reader, now } = services
  let ended = 0
  for (const jobId of await findExpiredJobs(reader, { now: now(), rowsMax: jobsPerRun })) {
    if (await decide(services, jobId, { kind: 'expire', now: now() })) ended += 1
  }
  return ended
}

async function decide({ log }: JobServices, jobId: string, command: JobCommand): Promise<boolean> {
  const cause = systemCause('end-waiting-jobs')
  let after: JobState = jobDecider.initial
  const { outcome } = await execute<string>(log, cause, async (work) => {
    const verdict = await work.decide(jobDecider, jobId, command)
    after = await work.read(jobDecider, jobId)
    return verdict
  })
  if (outcome === 'accepted') signalJob(log, after)
  return outcome === 'accepted'
}
