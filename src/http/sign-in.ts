/** Signing in. With a request waiting, signing in leads on to its consent. */
import { Elysia } from 'elysia'
import { signInWithPassword } from '../identity/password-sign-in.ts'
import { findSession } from '../identity/session.ts'
import { upstreamsWithButton } from '../identity/upstream.ts'
import {
  type AuthorizationRequest,
  findAuthorizationRequest,
} from '../protocol/authorization/authorization-request.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { type SignInProblem, signInPage } from '../web/sign-in.tsx'
import { afterwards, beginSession, nextIn } from './begin-session.ts'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken, readCookie } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import { problemIn } from './upstream-problem.ts'
import { codeIn } from './user-code-in.ts'

export const signInPurpose = 'sign-in'
const purpose = signInPurpose
const raw = { parse: 'none' } as const

export function signIn(services: Services) {
  return new Elysia({ name: 'sign-in' })
    .get('/sign-in', ({ request }) => showForm(services, request))
    .post('/sign-in', ({ request }) => submit(services, request), raw)
}

async function showForm(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const query = new URL(request.url).searchParams
  const requestId = query.get('request')
  const userCode = query.get('user_code')
  const problem = problemIn(query)
  const next = nextIn(query)
  // Somebody who is signed in already is asked again: the sign-in is an old one.
  if (next !== undefined) return form(services, request, { mark, next, problem })
  if (requestId === null) {
    const signedIn = await findSession(services, readCookie(settings, request, 'session'))
    if (!signedIn) return form(services, request, { mark, userCode, problem })
    return seeOther(afterwards({ userCode }))
  }
  const waiting = await findAuthorizationRequest(services, requestId, mark.browser)
  if (!waiting) return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  return form(services, request, { mark, waiting, email: waiting.loginHint, problem })
}

interface Shown {
  readonly mark: BrowserMark
  readonly waiting?: AuthorizationRequest | undefined
  /** Of the device that waits, or empty where the person has yet to type it. */
  readonly userCode?: string | null
  /** A page about the account that asks for a fresh sign-in. */
  readonly next?: string | undefined
  readonly email?: string | undefined
  readonly problem?: SignInProblem | undefined
  readonly retryAfterSeconds?: number
}

async function form(services: Services, request: Request, shown: Shown): Promise<Response> {
  const { mark, waiting, userCode, next, email, problem, retryAfterSeconds } = shown
  const client = waiting && (await lookUpClient(services, waiting.clientId))
  const html = signInPage({
    ...shellOf(services, request, waiting?.uiLocales),
    action: '/sign-in',
    csrf: csrfToken(services.keyring, mark.browser, purpose),
    email,
    problem,
    retryAfterSeconds,
    client: client && { name: client.metadata.clientName },
    upstreams: upstreamsWithButton(services),
    hidden: {
      ...(waiting && { request: waiting.requestId }),
      ...(typeof userCode === 'string' && { user_code: codeIn(userCode) }),
      ...(next !== undefined && { next }),
    },
    byMail: services.mail.isReady,
    signUp: services.mail.isReady && services.settings.signUp === 'open',
  })
  const status = problem === undefined ? 200 : problem === 'too_many_attempts' ? 429 : 400
  const openedByClient = waiting !== undefined
  return pageResponse(html, { status, openedByClient, cookies: [mark.setCookie] })
}

async function submit(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const fields = await readForm(request, settings.limits.bodyBytesMax)
  const email = fields.get('email') ?? ''
  const requestId = fields.get('request')
  const userCode = fields.get('user_code')
  const next = nextIn(fields)
  const waiting = requestId
    ? await findAuthorizationRequest(services, requestId, mark.browser)
    : undefined
  if (requestId && !waiting) {
    return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  }
  if (!isOwnForm(services, { request, form: fields }, { mark, purpose })) {
    return form(services, request, { mark, waiting, userCode, next, email, problem: 'expired' })
  }
  const { requestId: correlationId, remoteAddress: address } = contextOf(request)
  const password = fields.get('password') ?? ''
  const attempt = { email, password, address, correlationId }
  const result = await signInWithPassword(services, attempt)
  if (result.outcome === 'refused') {
    const { outcome: _, reason: problem, ...retry } = result
    return form(services, request, { mark, waiting, userCode, next, email, problem, ...retry })
  }
  const cookie = await beginSession(services, request, { user: result.user, amr: ['pwd'] })
  if (!cookie) {
    return form(services, request, { mark, waiting, userCode, email, problem: 'wrong_credentials' })
  }
  return seeOther(afterwards({ next, request: waiting?.requestId, userCode }), [cookie])
}
