/**
 * What waits for a person, for the programs that wait for the person: a client sees what it asked
 * for itself, an agent what it asked itself, a person's own API token everything that the person was asked, and neither more than
 * how it stands and where it is decided. No token decides.
 */
import { Elysia } from 'elysia'
import { approvalUrl } from '../approvals/read.ts'
import { isoTime } from '../audit/event-view.ts'
import { endApprovals } from '../jobs/decide-approval.ts'
import { type Approval, findApproval, listApprovals } from '../projections/approvals.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { jsonResponse } from './errors.ts'
import { requireTokenOfPerson } from './job-caller.ts'

const raw = { parse: 'none' } as const
const path = '/api/approvals'
const rowsMax = 100

export function approvalsApi(services: Services) {
  return new Elysia({ name: 'approvals-api' })
    .get(path, ({ request }) => list(services, request))
    .get(`${path}/:id`, ({ request, params: { id } }) => show(services, request, id))
    .post(`${path}/:id`, ({ request, params: { id } }) => refuse(services, request, id), raw)
}

/** Whose, and of which client; an API token has none. */
async function requireAsker(services: Services, request: Request) {
  const { token, userId, agentId } = await requireTokenOfPerson(services, request)
  const isOwner = token.apiTokenId !== undefined
  return { userId, agentId, clientId: isOwner ? undefined : token.clientId }
}

async function list(services: Services, request: Request): Promise<Response> {
  const asker = await requireAsker(services, request)
  const { searchParams } = new URL(request.url)
  const status = searchParams.get('status')
  if (status !== null && status !== 'open') {
    throw new OAuthError('invalid_request', 'status can be open, or left out')
  }
  await endApprovals(services, asker.userId)
  const isOpen = status === 'open' ? true : undefined
  const rows = await listApprovals(services.reader, { ...asker, isOpen, rowsMax })
  return jsonResponse({ approvals: rows.map((row) => shown(services, row)) })
}

async function show(services: Services, request: Request, id: string): Promise<Response> {
  const { userId, agentId, clientId } = await requireAsker(services, request)
  await endApprovals(services, userId)
  const row = await findApproval(services.reader, id)
  const isOf = (asked: string | undefined, whose: string | null) =>
    asked === undefined || asked === whose
  const isTheirs =
    row?.userId === userId && isOf(clientId, row.clientId) && isOf(agentId, row.agentId)
  if (!row || !isTheirs) throw new OAuthError('not_found', 'There is no such approval')
  return jsonResponse(shown(services, row))
}

/** @throws {OAuthError} always: 401 without a token, 403 with any */
async function refuse(services: Services, request: Request, id: string): Promise<never> {
  await requireTokenOfPerson(services, request)
  const url = approvalUrl(services, encodeURIComponent(id))
  throw new OAuthError('access_denied', `No token decides this; the person does, at ${url}`)
}

function shown(services: Services, row: Approval) {
  const { approvalId, kind, tool, clientId, agentId, status, jobId, decidedAt } = row
  return {
    id: approvalId,
    status,
    kind,
    tool,
    client_id: clientId,
    ...(agentId === null ? {} : { agent_id: agentId }),
    ...(jobId === null ? {} : { job_id: jobId }),
    asked_at: isoTime(row.askedAt),
    expires_at: isoTime(row.expiresAt),
    decided_at: decidedAt === null ? null : isoTime(decidedAt),
    url: approvalUrl(services, approvalId),
  }
}
