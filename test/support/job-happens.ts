/** Makes something happen to a job, as a worker that holds it would, and tells whoever waits. */
import { execute } from '../../src/domain/execute.ts'
import { type JobState, jobDecider } from '../../src/domain/job.ts'
import type { JobCommand } from '../../src/domain/job-commands.ts'
import { signalJob } from '../../src/jobs/job-signals.ts'
import type { TestServer } from './server.ts'
import { expect } from './test.ts'

type Without<T, K> = T extends unknown ? Omit<T, Extract<keyof T, K>> : never

/** A command without what the worker's lease and the clock say. */
export type JobHappening = Without<JobCommand, 'leaseHash' | 'now'>

const leaseHash = 'l'.repeat(43)
export const claimed: JobHappening = { kind: 'claim', workerId: 'op_worker' }

export async function jobHappens(
  { services }: TestServer,
  jobId: string,
  ...happenings: readonly JobHappening[]
): Promise<void> {
  const cause = { actor: 'system:test', correlationId: 'test' }
  for (const happening of happenings) {
    const held = happening.kind === 'cancel' ? {} : { leaseHash }
    const command = { ...happening, ...held, now: services.now() } as JobCommand
    let state: JobState = jobDecider.initial
    const done = await execute<string>(services.log, cause, async (work) => {
      const verdict = await work.decide(jobDecider, jobId, command)
      state = await work.read(jobDecider, jobId)
      return verdict
    })
    expect(done.outcome).toBe('accepted')
    signalJob(services.log, state)
  }
}

/** The job that was queued last. */
export async function lastJob({ services }: TestServer): Promise<string> {
  const queued = await services.log.read({ types: ['JobQueued'] })
  return String(queued.at(-1)?.payload.jobId)
}
