/** Ends a job that somebody does not want any more: the person, their client, an administrator. */
import type { Cause } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { type JobState, jobDecider } from '../domain/job.ts'
import type { JobCancellation } from '../domain/job-events.ts'
import type { Services } from '../protocol/services.ts'
import { signalJob } from './job-signals.ts'

export interface Cancellation {
  readonly jobId: string
  readonly reason: JobCancellation
  /** In an administrator's words. */
  readonly why?: string
}

/** False when it was over already. */
export async function cancelJob(
  { log, now }: Pick<Services, 'log' | 'now'>,
  { jobId, ...because }: Cancellation,
  cause: Cause,
): Promise<boolean> {
  let after: JobState = jobDecider.initial
  const { outcome } = await execute<string>(log, cause, async (work) => {
    const command = { kind: 'cancel', ...because, now: now() } as const
    const verdict = await work.decide(jobDecider, jobId, command)
    after = await work.read(jobDecider, jobId)
    return verdict
  })
  if (outcome === 'accepted') signalJob(log, after)
  return outcome === 'accepted'
}
