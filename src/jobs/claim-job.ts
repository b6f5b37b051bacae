/**
 * Gives a worker the job that has waited longest, of the tools that it can do. Of many that ask at
 * once, in however many processes, each job has one: the version of its stream decides. Whoever
 * comes second takes the next, so nobody tries for the same one twice.
 */
import { clientDecider } from '../domain/client.ts'
import { execute } from '../domain/execute.ts'
import { type JobState, jobDecider } from '../domain/job.ts'
import { inTurn } from '../identity/in-turn.ts'
import { findQueuedJobs } from '../projections/jobs.ts'
import type { Services } from '../protocol/services.ts'
import { endLostLeases } from './end-waiting.ts'
import { cancelIfNotAllowed } from './job-access.ts'
import { isWaitingOver, signalJob, waitForQueue } from './job-signals.ts'
import { holdLease, type Lease, newLease } from './leases.ts'

/** How many are tried before the queue is asked again. */
const candidatesMax = 16
/** Each of them lost all of its candidates to others. */
const roundsMax = 10
/** How soon a worker hears of a job that another process queued. */
const lookAgainMs = 1000

export interface Worker {
  readonly clientId: string
  /** Names of tools; none means all. */
  readonly tools?: readonly string[] | undefined
  readonly leaseSeconds: number
  readonly correlationId: string
}

export interface ClaimedJob extends Lease {
  readonly jobId: string
  readonly leaseEndsAt: number
}

/** @returns undefined when there was none in that time, or nobody wants one any more */
export async function claimJob(
  services: Services,
  worker: Worker,
  { waitSeconds, signal }: { waitSeconds: number; signal: AbortSignal },
): Promise<ClaimedJob | undefined> {
  const { log } = services
  const deadline = performance.now() + waitSeconds * 1000
  for (;;) {
    const claimed = await inTurn('claims', async () =>
      // A worker that is gone would keep the job from others until its lease ends.
      signal.aborted ? undefined : claimOldest(services, worker),
    )
    const ms = Math.min(deadline - performance.now(), lookAgainMs)
    if (claimed || ms <= 0 || signal.aborted || isWaitingOver(log)) return claimed
    await waitForQueue(log, { ms, signal, does: (tool) => doesTool(services, worker, tool) })
  }
}

async function claimOldest(services: Services, worker: Worker): Promise<ClaimedJob | undefined> {
  for (let round = 1; round <= roundsMax; round += 1) {
    const queued = await findQueuedJobs(services.reader, {
      tools: worker.tools,
      patterns: patternsOf(services, worker),
      rowsMax: candidatesMax,
    })
    for (const jobId of queued) {
      const claimed = await claim(services, worker, jobId)
      if (claimed) return claimed
    }
    // All of them went to others meanwhile, or had to end: then there may be more.
    if (queued.length === 0 && (await endLostLeases(services)) === 0) return undefined
  }
  return undefined
}

async function claim(
  services: Services,
  { clientId: workerId, leaseSeconds, correlationId }: Worker,
  jobId: string,
): Promise<ClaimedJob | undefined> {
  const { log, now } = services
  const { lease, leaseHash } = newLease(services)
  // It must be there before the job is this worker's, or somebody would take the job away at once.
  const leaseEndsAt = await holdLease(services, leaseHash, { seconds: leaseSeconds })
  let after: JobState = jobDecider.initial
  const cause = { actor: `client:${workerId}`, correlationId }
  const { outcome } = await execute<string>(log, cause, async (work) => {
    const job = await work.read(jobDecider, jobId)
    if (job.status !== 'queued') return work.reject('job_not_queued')
    const worker = await work.read(clientDecider, workerId)
    if (worker.status !== 'active') return work.reject('worker_not_active')
    const isCancelled = await cancelIfNotAllowed(work, job, now())
    const command = { kind: 'claim', workerId, leaseHash, now: now() } as const
    if (!isCancelled) await work.decide(jobDecider, jobId, command)
    after = await work.read(jobDecider, jobId)
    return { outcome: 'accepted' }
  })
  if (outcome === 'refused') return undefined
  signalJob(log, after)
  return after.status === 'running' ? { jobId, lease, leaseHash, leaseEndsAt } : undefined
}

/** What the operator lets it do; undefined is everything. */
function patternsOf(
  { settings }: Pick<Services, 'settings'>,
  { clientId }: Pick<Worker, 'clientId'>,
): readonly string[] | undefined {
  const { workerTools } = settings.jobs
  return Object.hasOwn(workerTools, clientId) ? workerTools[clientId] : undefined
}

function doesTool(
  services: Pick<Services, 'settings'>,
  worker: Pick<Worker, 'clientId' | 'tools'>,
  tool: string,
): boolean {
  const fits = (pattern: string) =>
    pattern.endsWith('*') ? tool.startsWith(pattern.slice(0, -1)) : tool === pattern
  const isGiven = patternsOf(services, worker)?.some(fits) ?? true
  return isGiven && (worker.tools?.includes(tool) ?? true)
}
