/**
 * Whether what a job was started under still allows it: the consent, for this resource and scope,
 * the clients that the token came through, the account, and the agent with what its owner lets it
 * give. Read inside a unit of work, so that nothing
 * of it can end unnoticed before the work is written. The token itself may have expired: work takes
 * longer than tokens live.
 */
import type { Cause } from '../domain/event-log.ts'
import type { Work } from '../domain/execute.ts'
import { grantDecider } from '../domain/grant.ts'
import { newId } from '../domain/ids.ts'
import { jobDecider, type KnownJob } from '../domain/job.ts'
import type { JobCommand } from '../domain/job-commands.ts'
import type { ActingFor } from '../protocol/tokens/bearer.ts'
import { type Authority, isStillGood } from '../protocol/tokens/still-good.ts'

type Started = Pick<KnownJob, keyof Authority | 'resource' | 'scope'>

export async function isAllowed(work: Work, job: Started): Promise<boolean> {
  const { clientIds, grantId, issuanceId, apiTokenId, userId, resource, scope } = job
  const token = apiTokenId === undefined ? {} : { apiTokenId }
  const started = { ...token, clientIds, grantId, issuanceId, userId, resource, scopes: [scope] }
  if (!(await isStillGood(work, started))) return false
  if (grantId === undefined) return true
  const grant = await work.read(grantDecider, grantId)
  const access = grant.status === 'unknown' ? [] : grant.access
  const here = access.find((given) => given.resource === resource)
  // What was exchanged is for a resource that the consent need not name.
  return here ? here.scopes.includes(scope) : issuanceId !== undefined
}

/** Whether they may see it: an agent what it started itself, a person all that was started for them. */
export function isTheirs(
  job: Pick<KnownJob, 'userId' | 'agentId'>,
  { userId, agentId }: ActingFor,
): boolean {
  return job.userId === userId && (agentId === undefined || job.agentId === agentId)
}

/** Ends a job that nothing allows any more; false when it is still allowed. */
export async function cancelIfNotAllowed(work: Work, job: KnownJob, now: number): Promise<boolean> {
  if (await isAllowed(work, job)) return false
  const command: JobCommand = { kind: 'cancel', reason: 'access_ended', now }
  const verdict = await work.decide(jobDecider, job.jobId, command)
  return verdict.outcome === 'accepted'
}

/** For what happens to jobs by time alone. */
export function systemCause(task: string): Cause {
  return { actor: `system:${task}`, correlationId: newId('tsk') }
}
