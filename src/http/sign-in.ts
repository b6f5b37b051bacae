/** Signing in. With a request waiting, signing in leads on to its consent. */
import { Elysia } from 'elysia'
import { passkeyRequestOptions, signInWithPasskey } from '../identity/passkey-sign-in.ts'
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
import { completeSignIn, type Proved } from './begin-session.ts'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken, readCookie } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import { afterwards, type Errand, errandFields, errandIn } from './return-path.ts'
import { signInProblemIn } from './upstream-problem.ts'

export const signInPurpose = 'sign-in'
const purpose = signInPurpose
const raw = { parse: 'none' } as const

export function signIn(services: Services) {
  const { methods } = services.settings.signIn
  const plugin = new Elysia({ name: 'sign-in' })
    .get('/sign-in', ({ request }) => showForm(services, request))
    .post('/sign-in/passkey', ({ request }) => submit(services, request, { prove: byPasskey }), raw)
  if (!methods.includes('password')) return plugin
  return plugin.post(
    '/sign-in',
    ({ request }) => submit(services, request, { prove: byPassword }),
    raw,
  )
}

async function showForm(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const query = new URL(request.url).searchParams
  const errand = errandIn(query)
  const problem = signInProblemIn(query)
  if (errand.request === undefined) {
    const email = await emailHere(services, request)
    if (email !== undefined && errand.next === undefined) return seeOther(afterwards(errand))
    return form(services, request, { mark, errand, email, problem })
  }
  const waiting = await findAuthorizationRequest(services, errand.request, mark.browser)
  if (!waiting) return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  return form(services, request, { mark, errand, waiting, email: waiting.loginHint, problem })
}

/** Of who is signed in already; empty where they have no address. */
async function emailHere(services: Services, request: Request): Promise<string | undefined> {
  const token = readCookie(services.settings, request, 'session')
  const signedIn = await findSession(services, token)
  return signedIn && (signedIn.user.email ?? '')
}

interface Shown {
  readonly mark: BrowserMark
  readonly errand: Errand
  readonly waiting?: AuthorizationRequest | undefined
  readonly email?: string | undefined
  readonly problem?: SignInProblem | undefined
  readonly retryAfterSeconds?: number
}

async function form(services: Services, request: Request, shown: Shown): Promise<Response> {
  const { mark, errand, waiting, email, problem, retryAfterSeconds } = shown
  const client = waiting && (await lookUpClient(services, waiting.clientId))
  const passkey = passkeyRequestOptions(services, mark.browser)
  const html = signInPage({
    ...shellOf(services, request, waiting?.uiLocales),
    action: '/sign-in',
    csrf: csrfToken(services.keyring, mark.browser, purpose),
    email,
    problem,
    retryAfterSeconds,
    client: client && { name: client.metadata.clientName },
    upstreams: upstreamsWithButton(services),
    // A page of theirs has sent them here to prove anew who they are.
    again: errand.next !== undefined && (await emailHere(services, request)) !== undefined,
    withPassword: services.settings.signIn.methods.includes('password'),
    passkey: passkey && { action: '/sign-in/passkey', options: passkey },
    hidden: errandFields(errand),
    ...(waiting && services.settings.agents.enabled
      ? { byAgent: `/sign-in/agent?request=${waiting.requestId}` }
      : {}),
    byMail: services.mail.isReady,
    signUp: services.mail.isReady && services.settings.signUp === 'open',
  })
  const status = problem === undefined ? 200 : problem === 'too_many_attempts' ? 429 : 400
  const openedByClient = waiting !== undefined
  const runsScript = passkey !== undefined
  return pageResponse(html, { status, openedByClient, runsScript, cookies: [mark.setCookie] })
}

interface Refusal {
  readonly problem: SignInProblem
  readonly retryAfterSeconds?: number
}

interface Sent {
  readonly request: Request
  readonly fields: URLSearchParams
  readonly mark: BrowserMark
}

type Prove = (services: Services, sent: Sent) => Promise<Proved | Refusal>

async function submit(
  services: Services,
  request: Request,
  { prove }: { prove: Prove },
): Promise<Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const fields = await readForm(request, settings.limits.bodyBytesMax)
  const email = fields.get('email') ?? undefined
  const errand = errandIn(fields)
  const { request: requestId } = errand
  const waiting =
    requestId === undefined
      ? undefined
      : await findAuthorizationRequest(services, requestId, mark.browser)
  if (requestId !== undefined && !waiting) {
    return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  }
  const refuse = (refusal: Refusal) =>
    form(services, request, { mark, errand, waiting, email, ...refusal })
  if (!isOwnForm(services, { request, form: fields }, { mark, purpose })) {
    return refuse({ problem: 'expired' })
  }
  const proved = await prove(services, { request, fields, mark })
  if ('problem' in proved) return refuse(proved)
  const answer = await completeSignIn(services, request, { ...proved, errand })
  return answer instanceof Response ? answer : refuse({ problem: answer })
}

async function byPassword(services: Services, { request, fields }: Sent) {
  const { requestId: correlationId, remoteAddress: address } = contextOf(request)
  const [email, password] = [fields.get('email') ?? '', fields.get('password') ?? '']
  const result = await signInWithPassword(services, { email, password, address, correlationId })
  if (result.outcome === 'accepted') return { user: result.user, amr: ['pwd'] }
  const { outcome: _, reason: problem, ...retry } = result
  return { problem, ...retry }
}

async function byPasskey(services: Services, { fields, mark }: Sent): Promise<Proved | Refusal> {
  const credential = fields.get('credential') ?? ''
  const { browser } = mark
  const proved = await signInWithPasskey(services, { credential, browser })
  return proved ?? { problem: 'passkey_refused' }
}
