/**
 * The audit, for administrators alone: one who is signed in, or one whose access token carries
 * `audit:read`. A token is good here when it was issued for the audit, or for this server's own
 * MCP endpoint by an operator who offers the scope there.
 *
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 */
import { Elysia } from 'elysia'
import { connectedAppsAt } from '../audit/connected-apps.ts'
import { isoTime } from '../audit/event-view.ts'
import { findEvent, findEvents } from '../audit/events.ts'
import { type JobMoment, jobHistory } from '../audit/jobs.ts'
import { Parameters, refuseParameter } from '../audit/parameters.ts'
import { callHistory } from '../audit/tool-calls.ts'
import type { Resource } from '../config/resource-settings.ts'
import { findSession } from '../identity/session.ts'
import { findUser } from '../projections/users.ts'
import { findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { presentedBy } from '../protocol/presented.ts'
import { auditResource, auditScope, findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { requirePerson, requireToken } from '../protocol/tokens/bearer.ts'
import { readCookie } from './cookies.ts'
import { errorJson, jsonResponse } from './errors.ts'

export function audit(services: Services) {
  return new Elysia({ name: 'audit' })
    .onBeforeHandle(({ request }) => requireAuditor(services, request))
    .get('/audit/events', async ({ request }) =>
      jsonResponse(await findEvents(services, parametersOf(request))),
    )
    .get('/audit/events/:id', async ({ request, params: { id } }) =>
      found(services, request, {
        value: await findEvent(services, id),
        orElse: 'Cannot show the event: there is none',
      }),
    )
    .get('/audit/connected-apps', async ({ request }) => {
      const value = await connectedApps(services, parametersOf(request))
      const orElse = 'Cannot show connected apps: there was no such user'
      return found(services, request, { value, orElse })
    })
    .get('/audit/calls/:id', async ({ request, params: { id } }) =>
      found(services, request, {
        value: await callHistory(services, id),
        orElse: 'Cannot show the call: there is none',
      }),
    )
    .get('/audit/jobs/:id', async ({ request, params: { id } }) =>
      found(services, request, {
        value: await jobHistory(services, id, jobMoment(services, parametersOf(request))),
        orElse: 'Cannot show the job: there is none, or was none then',
      }),
    )
}

/** Those of `user`, an id or an e-mail address, as they were `at` a time, or are now. */
async function connectedApps(services: Services, given: URLSearchParams) {
  const asked = new Parameters(given, ['user', 'at'])
  const user = asked.text('user')
  if (user === undefined)
    throw new OAuthError('invalid_request', 'Missing required parameter: user')
  const at = asked.time('at')
  const userId = user.includes('@') ? await userIdOf(services, user) : user
  return userId === undefined ? undefined : connectedAppsAt(services, { userId, at })
}

/** `at` a time, or at a position of the log; times in milliseconds are longer since 1973. */
function jobMoment({ now }: Services, given: URLSearchParams): JobMoment {
  const asked = new Parameters(given, ['at'])
  const text = asked.text('at')
  if (text !== undefined && /^\d{1,11}$/.test(text)) return { before: Number(text) + 1 }
  const until = asked.time('at')
  if (until !== undefined && until > now()) {
    refuseParameter('at', isoTime(until), 'it lies in the future')
  }
  return until === undefined ? {} : { until }
}

async function userIdOf(services: Services, address: string): Promise<string | undefined> {
  const email = normalizeEmail(address)
  return email === undefined ? undefined : (await findUserByEmail(services, email))?.userId
}

/** @throws {OAuthError} 401 with a challenge, or 403 */
async function requireAuditor(services: Services, request: Request): Promise<void> {
  const { settings, reader } = services
  const authorization = request.headers.get('authorization') ?? undefined
  const cookie = readCookie(settings, request, 'session')
  const signedIn = authorization === undefined ? await findSession(services, cookie) : undefined
  if (signedIn) return requireAdmin(signedIn.user)
  const [first, ...others] = auditedBy(services)
  if (!first) throw new OAuthError('access_denied', 'The audit is for administrators, signed in')
  const resources = [first, ...others] as const
  const token = await requireToken(services, presentedBy(settings, request), {
    resources,
    scopes: [auditScope],
    apiTokensAs: 'rest',
  })
  requireAdmin(await findUser(reader, requirePerson(token).userId))
}

function requireAdmin(user: { admin: boolean; status: string } | undefined): void {
  if (user?.admin && user.status === 'active') return
  throw new OAuthError('access_denied', 'The audit is for administrators')
}

function auditedBy({ settings }: Services): Resource[] {
  const own = findResource(settings, `${settings.apiUrl}/api/mcp`)
  const audit = settings.auditByToken ? [auditResource(settings)] : []
  return own && Object.hasOwn(own.scopes, auditScope) ? [...audit, own] : audit
}

/** Elysia's own keep the last of repeated parameters only, and split at commas. */
function parametersOf(request: Request): URLSearchParams {
  return new URL(request.url).searchParams
}

/** The answer, or in the place of nothing why there is none. */
function found(services: Services, request: Request, answer: { value: unknown; orElse: string }) {
  const { value, orElse: message } = answer
  if (value !== undefined) return jsonResponse(value)
  return errorJson(services, request, { error: 'not_found', message })
}
