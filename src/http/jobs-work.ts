/**
 * Jobs for those who carry them out: a worker claims the job that has waited longest, says what it
 * does, and hears what the person answers. It is a client of the operator's with an access token for
 * itself, of scope `jobs:work`; which job is its own it shows by the lease, in a header.
 *
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 */
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { Elysia, NotFoundError } from 'elysia'
import { isoTime } from '../audit/event-view.ts'
import { isOver, type KnownJob } from '../domain/job.ts'
import type { JobRefusal } from '../domain/job-commands.ts'
import { claimJob } from '../jobs/claim-job.ts'
import { isWaitingOver, waitForJob } from '../jobs/job-signals.ts'
import { readStory } from '../jobs/job-story.ts'
import { findJobView } from '../jobs/job-view.ts'
import { leaseHashOf } from '../jobs/leases.ts'
import { findHeldJob, reportSteps } from '../jobs/worker-steps.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import { findResource, jobsResource, workScope } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { requireToken } from '../protocol/tokens/bearer.ts'
import { subjectForResource } from '../protocol/tokens/subject.ts'
import { readJson } from './body.ts'
import { jsonResponse } from './errors.ts'
import { readSteps } from './job-steps.ts'

const raw = { parse: 'none' } as const
const waitSecondsMax = 30
/** How soon a worker hears of what happened in another process. */
const lookAgainMs = 1000

const seconds = (max: number) => Type.Optional(Type.Integer({ minimum: 0, maximum: max }))
const leaseSeconds = Type.Optional(Type.Integer({ minimum: 5, maximum: 3600 }))

const claimSchema = Type.Object(
  {
    tools: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 100 }),
    ),
    lease_seconds: leaseSeconds,
    wait_seconds: seconds(waitSecondsMax),
  },
  { additionalProperties: false },
)

const reportSchema = Type.Object(
  {
    lease_seconds: leaseSeconds,
    events: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 50 }),
  },
  { additionalProperties: false },
)

export function jobsWork(services: Services) {
  return new Elysia({ name: 'jobs-work' })
    .post('/api/jobs/claim', ({ request }) => claim(services, request), raw)
    .get('/api/jobs/:id/events', ({ request, params: { id } }) => listen(services, request, id))
    .post(
      '/api/jobs/:id/events',
      ({ request, params: { id } }) => report(services, request, id),
      raw,
    )
}

/** @throws {OAuthError} 401 with a challenge, or 403 */
async function requireWorker(services: Services, request: Request): Promise<LiveToken> {
  const { settings } = services
  const resource = findResource(settings, jobsResource(settings).resource)
  if (!resource) throw new NotFoundError()
  const needed = { resources: [resource], scopes: [workScope] } as const
  const token = await requireToken(services, presentedBy(settings, request), needed)
  if (token.userId === undefined && token.actors.length === 0) return token
  throw new OAuthError('access_denied', 'Jobs are carried out by clients that act for themselves')
}

async function claim(services: Services, request: Request): Promise<Response> {
  const { clientId } = await requireWorker(services, request)
  const { log, settings } = services
  const body = await readJson(request, settings.limits.bodyBytesMax)
  if (!Value.Check(claimSchema, body)) throw malformed()
  const { tools, lease_seconds: leaseSeconds = 30, wait_seconds: waitSeconds = 0 } = body
  const correlationId = contextOf(request).requestId
  const worker = { clientId, tools, leaseSeconds, correlationId }
  const claimed = await claimJob(services, worker, { waitSeconds, signal: request.signal })
  if (!claimed) return jsonResponse({ job: null })
  const { jobId, lease, leaseEndsAt } = claimed
  const found = await findJobView(log, jobId)
  if (!found) throw new Error('Cannot hand out a job: its events are not there')
  const { view, story, state } = found
  const { userId, resource, scope } = state
  const sub = await subjectForResource(services, { sub: userId, userId, resource })
  const { tool, client_id, attempt, queued_at, arguments: given } = view
  const about = { id: jobId, tool, arguments: given, sub, client_id, resource, scope }
  const job = { ...about, attempt, queued_at, events: story }
  return jsonResponse({ job, lease, ...standing(state, leaseEndsAt) })
}

async function report(services: Services, request: Request, jobId: string): Promise<Response> {
  const { clientId: workerId } = await requireWorker(services, request)
  const { settings } = services
  const leaseHash = leaseOf(request)
  const body = await readJson(request, settings.limits.bodyBytesMax)
  if (!Value.Check(reportSchema, body)) throw malformed()
  const correlationId = contextOf(request).requestId
  const who = { jobId, workerId, leaseHash, leaseSeconds: body.lease_seconds, correlationId }
  const reported = await reportSteps(services, { ...who, steps: readSteps(settings, body.events) })
  if (reported.outcome === 'refused') throw refusal(reported.reason)
  return jsonResponse(standing(reported.job, reported.leaseEndsAt))
}

/** What happened after a position; a sign of life too, so that the lease lasts while it waits. */
async function listen(services: Services, request: Request, jobId: string): Promise<Response> {
  const { clientId: workerId } = await requireWorker(services, request)
  const { log } = services
  const { signal, url } = request
  const { searchParams } = new URL(url)
  const after = wholeIn(searchParams, 'after', Number.MAX_SAFE_INTEGER)
  const waitSeconds = wholeIn(searchParams, 'wait_seconds', waitSecondsMax)
  const who = { jobId, workerId, leaseHash: leaseOf(request) }
  const deadline = performance.now() + waitSeconds * 1000
  const correlationId = contextOf(request).requestId
  const heartbeat = { ...who, correlationId, steps: [{ kind: 'heartbeat' }] as const }
  const heard = await reportSteps(services, { ...heartbeat, extraSeconds: waitSeconds })
  // That it is over is what the worker wants to hear.
  if (heard.outcome === 'refused' && heard.reason !== 'job_over') throw refusal(heard.reason)
  const leaseEndsAt = heard.outcome === 'recorded' ? heard.leaseEndsAt : undefined
  for (;;) {
    const told = await readStory(log, jobId, after)
    // Read afterwards: a status is never older than what is told beside it.
    const job = await findHeldJob(services, who)
    if (!job) throw refusal('lease_lost')
    const hasEnded = told.length === 0 && isOver(job.status)
    const events = hasEnded ? await readStory(log, jobId, after) : told
    const ms = Math.min(deadline - performance.now(), lookAgainMs)
    const isDone = ms <= 0 || signal.aborted || isWaitingOver(log)
    if (events.length > 0 || isOver(job.status) || isDone) {
      return jsonResponse({ events, ...standing(job, leaseEndsAt) })
    }
    await waitForJob(log, jobId, { ms, signal })
  }
}

function standing({ status }: KnownJob, leaseEndsAt: number | undefined) {
  const lease = isOver(status) || leaseEndsAt === undefined ? null : isoTime(leaseEndsAt)
  return { status, lease_ends_at: lease }
}

/** It is a secret of the worker's, and stands in no URL. */
function leaseOf(request: Request): string {
  const leaseHash = leaseHashOf(request.headers.get('job-lease'))
  if (leaseHash !== undefined) return leaseHash
  throw new OAuthError('invalid_request', 'The header Job-Lease must hold the lease of the claim')
}

function wholeIn(given: URLSearchParams, name: string, max: number): number {
  const text = given.get(name) ?? '0'
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value <= max) return value
  throw new OAuthError('invalid_request', `${name} must be a whole number from 0 to ${max}`)
}

function refusal(reason: JobRefusal): OAuthError {
  switch (reason) {
    case 'job_over':
      return new OAuthError('job_over', 'The job has ended')
    case 'job_unknown':
    case 'lease_lost':
      return new OAuthError('lease_lost', 'The lease is not the one that this job is under now')
    case 'too_many_steps':
      return new OAuthError('job_conflict', 'The job has had as many steps as one may have')
    default:
      return new OAuthError('job_conflict', 'The job is not in the status that this is for', {
        cause: reason,
      })
  }
}

function malformed(): OAuthError {
  return new OAuthError('invalid_request', 'A field of the body is missing or malformed')
}
