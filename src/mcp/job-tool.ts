/**
 * A tool that starts a job: it answers at once, and the job waits for whoever carries it out. A
 * client that does not know whether its call came through repeats it with the same key in `_meta`.
 *
 * @see [MCP 2026-07-28 - Overview, _meta](https://modelcontextprotocol.io/specification/2026-07-28/basic)
 */
import type { KnownJob } from '../domain/job.ts'
import { isTheirs } from '../jobs/job-access.ts'
import { queueJob, queueRefusals } from '../jobs/queue-job.ts'
import { shownStatus } from '../jobs/shown-status.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { actingFor } from '../protocol/tokens/bearer.ts'
import { followJob } from './follow-job.ts'
import type { ToolAnswer, ToolRun } from './tool.ts'

export const idempotencyKeyName = 'dev.grantlog/idempotency-key'

export async function startJob(run: ToolRun): Promise<ToolAnswer> {
  const { services, token, tool, given, correlationId } = run
  const key = run.context.mcpReq._meta?.[idempotencyKeyName]
  const queued = await queueJob(services, token, {
    tool: tool.name,
    scope: tool.scope,
    arguments: given,
    // What is no text is none that could be kept to, and refused as such.
    idempotencyKey: key === undefined || typeof key === 'string' ? key : '',
    correlationId,
  })
  if (queued.outcome === 'refused') {
    return { outcome: 'refused', text: `Cannot start the job: ${queueRefusals[queued.reason]}` }
  }
  const { jobId } = queued
  const last = (await followJob(run, jobId)) ?? queued.status
  const status = shownStatus(services.settings, last)
  const text = `It is job ${jobId}, ${status} now; get_job_status tells what becomes of it`
  return { outcome: 'done', output: { jobId, status }, text }
}

/** Whether the token's tools tell of this job: of its resource, and of whom it acts for. */
export function maySee(token: LiveToken, job: KnownJob): boolean {
  const whose = actingFor(token)
  return whose !== undefined && job.resource === token.resource && isTheirs(job, whose)
}
