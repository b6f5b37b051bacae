/**
 * Signing out, asked for by a client or by the person. A client's form comes from its own site,
 * and so without our cookies; that is why its request is kept first, and looked at one redirect
 * later, when the browser sends them.
 */
import { Elysia } from 'elysia'
import { endSession, findSession, type SignedIn } from '../identity/session.ts'
import {
  findLogoutRequest,
  type LogoutRequest,
  readLogoutRequest,
  takeLogoutRequest,
} from '../protocol/authorization/logout-request.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { subjectForClient } from '../protocol/tokens/subject.ts'
import { signedOutPage, signOutPage } from '../web/sign-out.tsx'
import type { ErrorKind } from '../web/words/english-errors.ts'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken, readCookie, writeCookie } from './cookies.ts'
import { oauthPrefixes } from './oauth.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import { signInPath } from './return-path.ts'
import { devicePath } from './user-code-in.ts'

type Context = { request: Request }

const raw = { parse: 'none' } as const

const pageOf: Partial<Record<OAuthError['code'], ErrorKind>> = {
  invalid_client: 'unknownClient',
  invalid_redirect_uri: 'redirectMismatch',
}

export function logout(services: Services) {
  const { settings } = services
  const start = async (request: Request, query: URLSearchParams) => {
    try {
      return seeOther(`/sign-out?request=${await readLogoutRequest(services, query)}`)
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      const text = pageOf[error.code] ?? 'malformedRequest'
      return errorResponse(services, request, { text, status: 400 })
    }
  }
  const get = ({ request }: Context) => {
    const query = new URL(request.url).search
    if (query.length > settings.limits.queryBytesMax) {
      return errorResponse(services, request, { text: 'malformedRequest', status: 414 })
    }
    return start(request, new URLSearchParams(query))
  }
  const post = async ({ request }: Context) =>
    start(request, await readForm(request, settings.limits.bodyBytesMax))
  const plugin = new Elysia({ name: 'logout' })
    .get('/sign-out', ({ request }) => ask(services, request))
    .post('/sign-out', ({ request }) => answer(services, request), raw)
    .post('/switch-account', ({ request }) => switchAccount(services, request), raw)
  for (const prefix of oauthPrefixes) {
    plugin.get(`${prefix}/logout`, get).post(`${prefix}/logout`, post, raw)
  }
  return plugin
}

/** The person is asked, unless the client has shown that it speaks of this very person. */
async function ask(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const id = new URL(request.url).searchParams.get('request')
  const asked = await findLogoutRequest(services, id)
  if (id !== null && !asked) {
    return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  }
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  if (!signedIn) return signedOut(services, request, { asked })
  if (asked && (await isAbout(services, asked, signedIn))) {
    await takeLogoutRequest(services, id)
    return leave(services, request, { signedIn, asked })
  }
  const mark = browserOf(settings, request)
  const html = signOutPage({
    ...shellOf(services, request),
    action: '/sign-out',
    csrf: leaveCsrf(services, mark, signedIn),
    account: { email: signedIn.user.email ?? '', name: signedIn.user.name ?? undefined },
    client: await describeClient(services, asked),
    hidden: id === null ? {} : { request: id },
  })
  return pageResponse(html, {
    redirectUri: asked?.location,
    openedByClient: asked !== undefined,
    cookies: [mark.setCookie],
  })
}

async function isAbout(
  services: Services,
  { subject, clientId }: LogoutRequest,
  { user: { userId } }: SignedIn,
): Promise<boolean> {
  if (subject === undefined || clientId === undefined) return false
  return subject === (await subjectForClient(services, { userId, clientId }))
}

async function answer(services: Services, request: Request): Promise<Response> {
  const { form, signedIn, isOwn } = await readLeaveForm(services, request)
  const id = form.get('request')
  if (!signedIn)
    return signedOut(services, request, { asked: await findLogoutRequest(services, id) })
  if (!isOwn) return errorResponse(services, request, { text: 'formRefused', status: 403 })
  const asked = await takeLogoutRequest(services, id)
  return leave(services, request, { signedIn, asked })
}

/** Back to the sign-in of the authorization request, or of the device, that is waiting. */
async function switchAccount(services: Services, request: Request): Promise<Response> {
  const { form, signedIn, isOwn } = await readLeaveForm(services, request)
  const typed = form.get('user_code')
  const next =
    typed === null
      ? `/sign-in?request=${encodeURIComponent(form.get('request_id') ?? '')}`
      : signInPath(devicePath(typed))
  if (!signedIn) return seeOther(next)
  if (!isOwn) return errorResponse(services, request, { text: 'formRefused', status: 403 })
  return seeOther(next, [await end(services, request, signedIn)])
}

async function readLeaveForm(services: Services, request: Request) {
  const { settings } = services
  const mark = browserOf(settings, request)
  const form = await readForm(request, settings.limits.bodyBytesMax)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  const purpose = signedIn ? leavePurpose(signedIn) : ''
  return { form, signedIn, isOwn: isOwnForm(services, { request, form }, { mark, purpose }) }
}

async function leave(
  services: Services,
  request: Request,
  { signedIn, asked }: { signedIn: SignedIn; asked: LogoutRequest | undefined },
): Promise<Response> {
  const gone = await end(services, request, signedIn)
  if (asked?.location !== undefined) return seeOther(asked.location, [gone])
  return asked
    ? signedOut(services, request, { asked, cookie: gone })
    : seeOther('/sign-in', [gone])
}

/** Ends the session at the server; the cookie that is given back ends it in the browser. */
async function end(services: Services, request: Request, signedIn: SignedIn): Promise<string> {
  await endSession(services, signedIn, contextOf(request).requestId)
  return writeCookie(services.settings, 'session', { value: '', maxAgeSeconds: 0 })
}

async function signedOut(
  services: Services,
  request: Request,
  { asked, cookie }: { asked: LogoutRequest | undefined; cookie?: string | undefined },
): Promise<Response> {
  const client = await describeClient(services, asked)
  const html = signedOutPage({ ...shellOf(services, request), client })
  return pageResponse(html, { cookies: [cookie] })
}

async function describeClient(services: Services, asked: LogoutRequest | undefined) {
  const client =
    asked?.clientId === undefined ? undefined : await lookUpClient(services, asked.clientId)
  return client && { name: client.metadata.clientName, location: asked?.location }
}

function leavePurpose({ session }: SignedIn): string {
  return `leave ${session.sessionId}`
}

/** For the forms that sign out or switch the account. */
export function leaveCsrf(services: Services, mark: BrowserMark, signedIn: SignedIn): string {
  return csrfToken(services.keyring, mark.browser, leavePurpose(signedIn))
}
