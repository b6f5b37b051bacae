/** The front page, a person's own page, the first set-up, and the stylesheet. */
import { Elysia } from 'elysia'
import { botAddressOf } from '../config/bot-settings.ts'
import { sha256 } from '../domain/keyring.ts'
import { registerUser } from '../identity/register-user.ts'
import { findSession, listSessions, type SignedIn } from '../identity/session.ts'
import { isSetupLink, setupLinkKind } from '../identity/setup-link.ts'
import { countApiTokens } from '../projections/api-tokens.ts'
import { findUser, hasAdmin } from '../projections/users.ts'
import { listConnections } from '../protocol/authorization/connected-apps.ts'
import { scopesOffered } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { accountPage } from '../web/account.tsx'
import { homePage } from '../web/home.tsx'
import { passkeyScript } from '../web/passkey-script.ts'
import { type SetupProblem, setupPage } from '../web/setup.tsx'
import { stylesheet } from '../web/stylesheet.ts'
import { sessionsPurpose } from './account-steps.ts'
import { completeSignIn } from './begin-session.ts'
import { readForm } from './body.ts'
import { shownConnection } from './connection-view.ts'
import { browserOf, csrfToken, readCookie } from './cookies.ts'
import { identitiesShown } from './identities.ts'
import { leaveCsrf } from './logout.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import { signInFirst } from './return-path.ts'
import { problemIn } from './upstream-problem.ts'
import { visitorShell } from './visitor.ts'

/** The page of connected apps has all of them. */
const appsShownMax = 5
const sessionsShownMax = 25
const setupPurpose = 'setup'

export function account(services: Services) {
  return new Elysia({ name: 'account' })
    .get(stylesheet.path, () => new Response(stylesheet.body, { headers: stylesheet.headers }))
    .get(passkeyScript.path, () => {
      return new Response(passkeyScript.body, { headers: passkeyScript.headers })
    })
    .get('/', ({ request }) => home(services, request))
    .get('/account', ({ request }) => ownPage(services, request))
    .get('/setup', ({ request }) => {
      const token = new URL(request.url).searchParams.get('token') ?? ''
      return showSetup(services, request, { token })
    })
    .post('/setup', ({ request }) => setUp(services, request), { parse: 'none' })
}

async function home(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  const html = homePage({
    ...(signedIn ? visitorShell(services, request, signedIn) : shellOf(services, request)),
    issuer: settings.issuer,
    openid: scopesOffered(settings).includes('openid'),
    resources: settings.resources.map(({ name, resource }) => ({ name, resource })),
    botAddress: botAddressOf(settings),
  })
  return pageResponse(html)
}

async function ownPage(services: Services, request: Request): Promise<Response> {
  const { settings, keyring } = services
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  if (!signedIn) return signInFirst(request)
  const { user, session } = signedIn
  const mark = browserOf(settings, request)
  const problem = problemIn(new URL(request.url).searchParams)
  const asked = { userId: user.userId, rows: appsShownMax }
  const { connections, all, isMore } = await listConnections(services, asked)
  const html = accountPage({
    ...visitorShell(services, request, signedIn),
    account: {
      email: user.email ?? '',
      emailVerified: user.emailVerifiedAt !== null,
      byMail: services.mail.isReady,
      hasPassword: user.passwordSecretId !== null,
      name: user.name ?? undefined,
      admin: user.admin,
    },
    session: { startedAt: session.startedAt, expiresAt: session.expiresAt },
    csrf: leaveCsrf({ ...services, keyring }, mark, signedIn),
    signOutAction: '/sign-out',
    grants: connections.map((connection) => shownConnection(settings, connection)),
    grantCount: all,
    grantsAreMore: isMore,
    sessions: {
      ...(await sessionsOf(services, signedIn)),
      csrf: csrfToken(keyring, mark.browser, sessionsPurpose(signedIn)),
    },
    apiTokens: await apiTokensOf(services, user.userId),
    identities: await identitiesShown(services, { mark, signedIn, problem }),
  })
  return pageResponse(html, { cookies: [mark.setCookie] })
}

async function sessionsOf(services: Services, signedIn: SignedIn) {
  const own = signedIn.session.sessionId
  const { sessions, total } = await listSessions(services, signedIn, sessionsShownMax)
  return {
    more: { ...total, count: total.count - sessions.length },
    sessions: sessions.map(({ sessionId, userAgent, address, startedAt, usedAt }) => {
      const isThis = sessionId === own
      return { sessionId, isThis, userAgent, address, startedAt, usedAt }
    }),
  }
}

/** Whether there are any to look after, and whether one of them leaked; undefined where there are none. */
async function apiTokensOf(services: Services, userId: string) {
  if (!services.settings.apiTokens.enabled) return undefined
  return countApiTokens(services.reader, userId)
}

interface Setup {
  readonly token: string
  readonly problem?: SetupProblem
  readonly email?: string
  readonly name?: string
}

async function showSetup(
  services: Services,
  request: Request,
  { token, ...shown }: Setup,
): Promise<Response> {
  if (!(await isSetupLink(services, token))) return linkUsed(services, request)
  const mark = browserOf(services.settings, request)
  const html = setupPage({
    ...shellOf(services, request),
    action: '/setup',
    csrf: csrfToken(services.keyring, mark.browser, setupPurpose),
    hidden: { token },
    ...shown,
  })
  return pageResponse(html, { status: shown.problem ? 400 : 200, cookies: [mark.setCookie] })
}

async function setUp(services: Services, request: Request): Promise<Response> {
  const mark = browserOf(services.settings, request)
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const token = form.get('token') ?? ''
  const email = form.get('email') ?? ''
  const name = form.get('name') ?? ''
  if (!isOwnForm(services, { request, form }, { mark, purpose: setupPurpose })) {
    return showSetup(services, request, { token, email, name, problem: 'expired' })
  }
  if (!(await isSetupLink(services, token))) return linkUsed(services, request)
  const result = await registerUser(services, {
    email,
    name,
    password: form.get('password') ?? '',
    admin: true,
    actor: 'system:setup',
    consumes: { kind: setupLinkKind, id: sha256(token) },
  })
  if (result.outcome === 'accepted') return enter(services, request, result.userId)
  if (result.reason === 'link_used') return linkUsed(services, request)
  const problem = result.reason === 'email_taken' ? 'email_invalid' : result.reason
  return showSetup(services, request, { token, email, name, problem })
}

/** Whoever has just chosen the password need not type it again, but may owe a second proof. */
async function enter(services: Services, request: Request, userId: string): Promise<Response> {
  const user = await findUser(services.reader, userId)
  const proved = user && { user, amr: ['pwd'], errand: { next: '/admin' } }
  const answer = proved && (await completeSignIn(services, request, proved))
  return answer instanceof Response ? answer : seeOther('/sign-in')
}

async function linkUsed(services: Services, request: Request): Promise<Response> {
  const text = (await hasAdmin(services.reader)) ? 'alreadySetUp' : 'setupLinkUsed'
  return errorResponse(services, request, { text, status: 400 })
}
