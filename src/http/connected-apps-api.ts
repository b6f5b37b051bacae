/**
 * A person's connected apps for that person's own client: by an access token of scope
 * `apps:manage`. A token with which somebody acts for the person opens nothing here, and neither
 * does an API token.
 *
 * @see [RFC 5789 §2 - The PATCH Method](https://www.rfc-editor.org/rfc/rfc5789.html#section-2)
 */
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { Elysia, NotFoundError } from 'elysia'
import { type GrantCall, readCalls } from '../audit/grant-calls.ts'
import { Access } from '../domain/access.ts'
import type { Cause } from '../domain/event-log.ts'
import {
  type Connection,
  listConnections,
  narrowConnection,
  readConnection,
  revokeConnections,
  searchCharactersMax,
} from '../protocol/authorization/connected-apps.ts'
import { readTimeline, type TimelineEntry } from '../protocol/authorization/grant-timeline.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import {
  appsScope,
  connectedAppsResource,
  describeScope,
  findResource,
} from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { type PersonToken, requirePerson, requireToken } from '../protocol/tokens/bearer.ts'
import { readJson } from './body.ts'
import { jsonResponse } from './errors.ts'

const raw = { parse: 'none' } as const
const path = '/api/connected-apps'
const rowsMax = 100

const narrowSchema = Type.Object(
  { access: Type.Array(Access, { maxItems: 100 }) },
  { additionalProperties: false },
)

export function connectedAppsApi(services: Services) {
  return new Elysia({ name: 'connected-apps-api' })
    .get(path, ({ request }) => list(services, request))
    .delete(path, ({ request }) => revokeAll(services, request), raw)
    .get(`${path}/:id`, ({ request, params: { id } }) => show(services, request, id))
    .patch(`${path}/:id`, ({ request, params: { id } }) => narrow(services, request, id), raw)
    .delete(`${path}/:id`, ({ request, params: { id } }) => revoke(services, request, id), raw)
}

/** @throws {OAuthError} 401 with a challenge, or 403 */
async function requireOwner(services: Services, request: Request): Promise<PersonToken> {
  const { settings } = services
  const resource = findResource(settings, connectedAppsResource(settings).resource)
  if (!resource) throw new NotFoundError()
  const needed = { resources: [resource], scopes: [appsScope] } as const
  const token = requirePerson(await requireToken(services, presentedBy(settings, request), needed))
  if (token.actors.length === 0) return token
  throw new OAuthError('access_denied', 'Whoever acts for a person does not look after their apps')
}

function causeOf({ clientId }: PersonToken, request: Request): Cause {
  return { actor: `client:${clientId}`, correlationId: contextOf(request).requestId }
}

async function list(services: Services, request: Request): Promise<Response> {
  const { userId } = await requireOwner(services, request)
  const { searchParams } = new URL(request.url)
  const search = searchParams.get('search') ?? ''
  if (search.length > searchCharactersMax) throw invalid('The search is too long')
  const page = wholeIn(searchParams, 'page', { otherwise: 1, max: 1_000_000 })
  const rows = wholeIn(searchParams, 'limit', { otherwise: 50, max: rowsMax })
  const found = await listConnections(services, { userId, search, page, rows })
  return jsonResponse({
    connected_apps: found.connections.map((connection) => shown(services, connection)),
    page: found.page,
    pages: found.pages,
    total: found.total,
    ...(found.isMore ? { is_more: true } : {}),
  })
}

async function show(services: Services, request: Request, grantId: string): Promise<Response> {
  const { userId } = await requireOwner(services, request)
  const { searchParams } = new URL(request.url)
  const before = searchParams.has('before')
    ? wholeIn(searchParams, 'before', { otherwise: 1, max: Number.MAX_SAFE_INTEGER })
    : undefined
  const timeline = await readTimeline(services.log, { userId, grantId, before })
  if (!timeline) throw unknown()
  const connection = await readConnection(services, { userId, grantId })
  const { terms, entries, endReason } = timeline
  const from = searchParams.get('calls_before') ?? undefined
  const { calls, before: callsBefore } = await readCalls(services.reader, { grantId, before: from })
  const about = connection
    ? shown(services, connection)
    : { id: grantId, client_id: terms.clientId, status: 'ended', ended_because: endReason ?? null }
  return jsonResponse({
    ...about,
    timeline: entries.map(entryShown),
    ...(timeline.before === undefined ? {} : { next_before: timeline.before }),
    calls: calls.map(callShown),
    ...(callsBefore === undefined ? {} : { next_calls_before: callsBefore }),
  })
}

async function narrow(services: Services, request: Request, grantId: string): Promise<Response> {
  const owner = await requireOwner(services, request)
  const { userId } = owner
  const body = await readJson(request, services.settings.limits.bodyBytesMax)
  if (!Value.Check(narrowSchema, body)) throw invalid('A field of the body is missing or malformed')
  const wish = { userId, grantId, access: body.access }
  const problem = await narrowConnection(services, wish, causeOf(owner, request))
  if (problem === 'scope_exceeded') {
    throw new OAuthError('invalid_scope', 'A connection can only be given less than it has')
  }
  if (problem === 'nothing_left') throw invalid('Nothing would be left; revoke it instead')
  const connection = problem ? undefined : await readConnection(services, { userId, grantId })
  if (!connection) throw unknown()
  return jsonResponse(shown(services, connection))
}

async function revoke(services: Services, request: Request, grantId: string): Promise<Response> {
  const owner = await requireOwner(services, request)
  const which = { userId: owner.userId, grantId }
  if ((await revokeConnections(services, which, causeOf(owner, request))) === 0) throw unknown()
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
}

/** All of them, or those of one client. The token that asks for it may be among what ends. */
async function revokeAll(services: Services, request: Request): Promise<Response> {
  const owner = await requireOwner(services, request)
  const clientId = new URL(request.url).searchParams.get('client_id')
  const which = { userId: owner.userId, ...(clientId === null ? {} : { clientId }) }
  return jsonResponse({ ended: await revokeConnections(services, which, causeOf(owner, request)) })
}

function wholeIn(
  given: URLSearchParams,
  name: string,
  { otherwise, max }: { otherwise: number; max: number },
): number {
  const text = given.get(name)
  if (text === null) return otherwise
  const value = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  if (value <= max) return value
  throw invalid(`${name} must be a whole number from 1 to ${max}`)
}

function shown({ settings }: Services, connection: Connection) {
  return {
    id: connection.grantId,
    client_id: connection.clientId,
    client_name: connection.clientName,
    status: connection.status,
    access: connection.access.map(({ resource: identifier, scopes }) => {
      const resource = findResource(settings, identifier)
      const words = (scope: string) => (resource ? describeScope(resource, scope) : scope)
      return {
        resource: identifier,
        name: resource?.name ?? identifier,
        scopes,
        descriptions: Object.fromEntries(scopes.map((scope) => [scope, words(scope)])),
      }
    }),
    connected_at: time(connection.connectedAt),
    narrowed_at: time(connection.narrowedAt),
    last_used_at: time(connection.lastUsedAt),
    unused_for_90_days: connection.isUnused,
    ends_unless_used_by: time(connection.expiresAt),
  }
}

function entryShown({ kind, eventId, at, reason, access }: TimelineEntry) {
  return {
    what: kind,
    at: time(at),
    event_id: eventId,
    ...(reason === undefined ? {} : { reason }),
    ...(access === undefined ? {} : { access }),
  }
}

function callShown({ callId, tool, resource, outcome, reason, at, durationMs }: GrantCall) {
  return {
    call_id: callId,
    tool,
    resource,
    outcome,
    at: time(at),
    ...(reason === undefined ? {} : { reason }),
    ...(durationMs === undefined ? {} : { duration_ms: durationMs }),
  }
}

function time(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}

function unknown(): OAuthError {
  return new OAuthError('not_found', 'There is no such connected app')
}

function invalid(words: string): OAuthError {
  return new OAuthError('invalid_request', words)
}
