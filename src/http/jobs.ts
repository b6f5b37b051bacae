/**
 * Jobs for the person that they are for, and for the programs that act for that person: start one,
 * see how they stand, end one that is not wanted any more.
 *
 * @see [The Idempotency-Key HTTP Header Field](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07)
 */
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { Elysia } from 'elysia'
import { isoTime } from '../audit/event-view.ts'
import { schemaCheck } from '../config/schema-check.ts'
import type { JobStatus } from '../domain/job.ts'
import { jobPauses } from '../domain/job-events.ts'
import { cancelJob } from '../jobs/cancel-job.ts'
import { type QueueRefusal, queueJob, queueRefusals } from '../jobs/queue-job.ts'
import { shownStatus } from '../jobs/shown-status.ts'
import { listJobs } from '../projections/jobs.ts'
import { OAuthError, type OAuthErrorCode } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { requireScopes } from '../protocol/tokens/bearer.ts'
import { readJson } from './body.ts'
import { errorJson, jsonResponse } from './errors.ts'
import {
  type JobCaller,
  noSuchJob,
  requireCaller,
  requireOwnJob,
  requireReading,
  requireTokenOfPerson,
} from './job-caller.ts'
import { streamJob } from './job-stream.ts'

const raw = { parse: 'none' } as const
const path = '/api/jobs'
const rowsMax = 100
const statuses: readonly JobStatus[] = [
  ...(['queued', 'running', ...jobPauses] as const),
  ...(['done', 'error', 'cancelled'] as const),
]

const wishSchema = Type.Object(
  {
    tool: Type.String({ minLength: 1, maxLength: 128 }),
    arguments: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
)

const cancellationSchema = Type.Object(
  { reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
  { additionalProperties: false },
)

export function jobs(services: Services) {
  return new Elysia({ name: 'jobs' })
    .get(path, ({ request }) => list(services, request))
    .post(path, ({ request }) => start(services, request), raw)
    .get(`${path}/:id`, ({ request, params: { id } }) => show(services, request, id))
    .get(`${path}/:id/stream`, ({ request, params: { id } }) => streamJob(services, request, id))
    .post(`${path}/:id/cancel`, ({ request, params: { id } }) => cancel(services, request, id), raw)
}

async function list(services: Services, request: Request): Promise<Response> {
  const caller = await requireCaller(services, request)
  requireReading(services, caller)
  const { searchParams } = new URL(request.url)
  const limit = Number(searchParams.get('limit') ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > rowsMax) {
    throw invalid(`limit must be a whole number from 1 to ${rowsMax}`)
  }
  const rows = await listJobs(services.reader, {
    userId: caller.userId,
    agentId: caller.agentId,
    resource: caller.resource?.resource,
    statuses: statusesOf(services, searchParams.get('status')),
    after: readCursor(searchParams.get('after')),
    rowsMax: limit + 1,
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return jsonResponse({
    jobs: page.map((job) => ({
      job_id: job.jobId,
      tool: job.tool,
      status: shownStatus(services.settings, job.status),
      client_id: job.clientId,
      ...(job.agentId === null ? {} : { agent_id: job.agentId }),
      queued_at: isoTime(job.queuedAt),
      changed_at: isoTime(job.changedAt),
    })),
    ...(last ? { next_after: `${last.queuedAt}.${last.jobId}` } : {}),
  })
}

/** Those that are shown under this name. */
function statusesOf({ settings }: Services, given: string | null): JobStatus[] | undefined {
  if (given === null) return undefined
  const found = statuses.filter((status) => shownStatus(settings, status) === given)
  if (found.length > 0) return found
  throw invalid(`status must be one of ${statuses.join(', ')}`)
}

function readCursor(given: string | null): { queuedAt: number; jobId: string } | undefined {
  if (given === null) return undefined
  const [, queuedAt, jobId] = /^(\d{1,16})\.([A-Za-z0-9_-]{1,100})$/.exec(given) ?? []
  if (queuedAt === undefined || jobId === undefined) throw invalid('after is no cursor')
  return { queuedAt: Number(queuedAt), jobId }
}

async function show(services: Services, request: Request, jobId: string): Promise<Response> {
  const caller = await requireCaller(services, request)
  requireReading(services, caller)
  const { view } = await requireOwnJob(services, caller, jobId)
  return jsonResponse({ ...view, status: shownStatus(services.settings, view.status) })
}

async function start(services: Services, request: Request): Promise<Response> {
  const { token, resource, cause } = await requireTokenOfPerson(services, request)
  const { settings } = services
  const body = await readJson(request, settings.limits.bodyBytesMax)
  if (!Value.Check(wishSchema, body)) throw invalid('A field of the body is missing or malformed')
  const tool = settings.tools.find(
    ({ job, name, resource: at }) => job && name === body.tool && at === resource.resource,
  )
  if (!tool) throw invalid('There is no such tool that starts a job')
  const asked = `The tool ${tool.name}`
  requireScopes(services, token, { resources: [resource], scopes: [tool.scope], asked })
  const problem = schemaCheck(tool.inputSchema)(body.arguments)
  if (problem !== undefined)
    throw invalid(`The arguments are not as the tool wants them: ${problem}`)
  const queued = await queueJob(services, token, {
    tool: tool.name,
    scope: tool.scope,
    arguments: body.arguments,
    idempotencyKey: request.headers.get('idempotency-key') ?? undefined,
    correlationId: cause.correlationId,
  })
  if (queued.outcome === 'refused') return refusal(services, request, queued.reason)
  const { jobId, status } = queued
  const shown = { job_id: jobId, status: shownStatus(settings, status) }
  return jsonResponse(shown, { status: 202, headers: { location: `${path}/${jobId}` } })
}

const codes: Readonly<Record<QueueRefusal, OAuthErrorCode>> = {
  no_person: 'access_denied',
  arguments_too_large: 'invalid_request',
  idempotency_key_malformed: 'invalid_request',
  access_withdrawn: 'access_denied',
  too_many_jobs: 'too_many_jobs',
  idempotency_key_reused: 'idempotency_key_reused',
}

function refusal(services: Services, request: Request, reason: QueueRefusal): Response {
  const message = `Cannot start the job: ${queueRefusals[reason]}`
  return errorJson(services, request, { error: codes[reason], message })
}

async function cancel(services: Services, request: Request, jobId: string): Promise<Response> {
  const caller = await requireCaller(services, request)
  const given = await readJson(request, services.settings.limits.bodyBytesMax)
  if (!Value.Check(cancellationSchema, given)) throw invalid('The body has more than a reason')
  const because = await requireMayCancel(services, caller, { jobId, why: given.reason })
  if (!(await cancelJob(services, { jobId, ...because }, caller.cause))) {
    throw new OAuthError('job_over', 'The job has ended')
  }
  return jsonResponse({ job_id: jobId, status: shownStatus(services.settings, 'cancelled') })
}

/** Whoever started it, whom it is for, or an administrator who says why. */
async function requireMayCancel(
  services: Services,
  caller: JobCaller,
  { jobId, why }: { jobId: string; why: string | undefined },
) {
  if (caller.by === 'token') {
    const { state } = await requireOwnJob(services, caller, jobId)
    const { token, resource } = caller
    requireScopes(services, token, { resources: [resource], scopes: [state.scope] })
    if (token.apiTokenId !== undefined) return { reason: 'cancelled_by_user' } as const
    if (token.clientId === state.clientId) return { reason: 'cancelled_by_client' } as const
    throw new OAuthError('access_denied', 'Another client started the job')
  }
  const { user } = caller.signedIn
  const [stream] = await services.log.load([`job/${jobId}`])
  const state = stream?.state as { userId?: string } | null | undefined
  if (state?.userId === user.userId) return { reason: 'cancelled_by_user' } as const
  if (!state?.userId || !user.admin) throw noSuchJob()
  if (why === undefined) throw invalid('An administrator says why: reason')
  return { reason: 'cancelled_by_admin', why } as const
}

function invalid(words: string): OAuthError {
  return new OAuthError('invalid_request', words)
}
