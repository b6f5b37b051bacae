/**
 * Who asks about jobs: a person in their browser, a client that acts for one, or a program with a
 * person's API token. A token sees the jobs of the resource that it is for, by the scope that the
 * tools there take which tell of jobs. Somebody else's job looks like none.
 */
import { NotFoundError } from 'elysia'
import type { Resource } from '../config/resource-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { Cause } from '../domain/event-log.ts'
import { findSession, type SignedIn } from '../identity/session.ts'
import { isTheirs } from '../jobs/job-access.ts'
import { type FoundJob, findJobView } from '../jobs/job-view.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import { findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { findAccessToken } from '../protocol/tokens/access-token.ts'
import { findApiToken } from '../protocol/tokens/api-token-use.ts'
import {
  type ActingFor,
  actingFor,
  actorOf,
  presentedToken,
  requireScopes,
  requireToken,
} from '../protocol/tokens/bearer.ts'
import { readCookie } from './cookies.ts'

/** An agent sees what it started itself; its owner sees all of it. */
export type JobCaller = ActingFor & { readonly cause: Cause } & (
    | { readonly by: 'session'; readonly signedIn: SignedIn; readonly resource?: undefined }
    | { readonly by: 'token'; readonly token: LiveToken; readonly resource: Resource }
  )

/** @throws {OAuthError} 401 with a challenge, or 403 */
export async function requireCaller(services: Services, request: Request): Promise<JobCaller> {
  const { settings } = services
  const correlationId = contextOf(request).requestId
  if (request.headers.has('authorization')) return requireTokenOfPerson(services, request)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  if (!signedIn) return requireTokenOfPerson(services, request)
  if (request.method !== 'GET') requireOwnPage(settings, request)
  const { userId } = signedIn.user
  return { by: 'session', userId, signedIn, cause: { actor: `user:${userId}`, correlationId } }
}

/** @throws {OAuthError} 401 with a challenge, or 403 */
export async function requireTokenOfPerson(
  services: Services,
  request: Request,
): Promise<JobCaller & { readonly by: 'token' }> {
  const { settings } = services
  const [first, ...others] = resourcesWithJobs(settings)
  if (!first) throw new NotFoundError()
  const presented = presentedBy(settings, request)
  const token = await requireToken(services, presented, {
    resources: [first, ...others],
    apiTokensAs: 'rest',
  })
  const whose = actingFor(token)
  if (!whose) {
    throw new OAuthError('access_denied', 'This needs a token that speaks for a person')
  }
  const resource = [first, ...others].find((one) => one.resource === token.resource) ?? first
  const cause = { actor: actorOf(token), correlationId: contextOf(request).requestId }
  return { by: 'token', ...whose, token, resource, cause }
}

/** Cookies go along with what other sites send, too. */
function requireOwnPage({ issuer }: Settings, request: Request): void {
  if (request.headers.get('origin') === new URL(issuer).origin) return
  throw new OAuthError(
    'access_denied',
    'Only pages of this server may do this for whoever is signed in',
  )
}

function resourcesWithJobs(settings: Settings): Resource[] {
  const named = settings.tools.filter(({ job, builtin }) => job || builtin !== undefined)
  const all = [...new Set(named.map(({ resource }) => resource))]
  return all.map((one) => findResource(settings, one)).filter((found) => found !== undefined)
}

/** @throws {OAuthError} insufficient_scope; not_found where no tool there tells of jobs */
export function requireReading(services: Services, caller: JobCaller): void {
  if (caller.by === 'session') return
  const { token, resource } = caller
  const scope = readingScope(services, resource)
  if (scope === undefined) throw noSuchJob()
  requireScopes(services, token, { resources: [resource], scopes: [scope] })
}

function readingScope({ settings }: Services, { resource }: Resource): string | undefined {
  return settings.tools.find((t) => t.resource === resource && t.builtin !== undefined)?.scope
}

/** Asked again while an answer lasts; a proof of holding a key is good for one request. */
export async function mayStillRead(
  services: Services,
  request: Request,
  caller: JobCaller,
): Promise<boolean> {
  if (caller.by === 'session') {
    const token = readCookie(services.settings, request, 'session')
    return (await findSession(services, token)) !== undefined
  }
  const text = presentedToken(request.headers.get('authorization') ?? undefined)?.token ?? ''
  const token =
    (await findApiToken(services, text, 'rest')) ?? (await findAccessToken(services, text))
  return token?.scopes.includes(readingScope(services, caller.resource) ?? '') ?? false
}

/** @throws {OAuthError} not_found, for somebody else's as for none */
export async function requireOwnJob(
  { log }: Pick<Services, 'log'>,
  { resource, ...whose }: ActingFor & Pick<JobCaller, 'resource'>,
  jobId: string,
): Promise<FoundJob> {
  const found = await findJobView(log, jobId)
  const isHere = resource === undefined || found?.state.resource === resource.resource
  if (found && isHere && isTheirs(found.state, whose)) return found
  throw noSuchJob()
}

export function noSuchJob(): OAuthError {
  return new OAuthError('not_found', 'There is no such job')
}
