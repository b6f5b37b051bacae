/**
 * To another service and back.
 *
 *   POST /sign-in/with ─▶ GET /sign-in/onward ─▶ the service ─▶ GET /sign-in/from/<id>
 *
 * Whoever comes back is signed in, or, if they left from their account page, has one more identity.
 */
import { Elysia } from 'elysia'
import {
  accountOf,
  type IdentityProblem,
  linkIdentity,
  type NewLink,
} from '../identity/identities.ts'
import { findSession } from '../identity/session.ts'
import { amrOf, findUpstream, UpstreamRefused, upstreamsWithButton } from '../identity/upstream.ts'
import {
  authorizationUrl,
  type Errand,
  findJourney,
  finishJourney,
  type Journey,
  startJourney,
} from '../identity/upstream-flow.ts'
import {
  type AuthorizationRequest,
  findAuthorizationRequest,
} from '../protocol/authorization/authorization-request.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { onwardPage, type UpstreamPageProblem } from '../web/upstreams.tsx'
import { completeSignIn, type ProofProblem } from './begin-session.ts'
import { readForm } from './body.ts'
import { browserOf, readCookie } from './cookies.ts'
import { changedBy } from './own-change.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import { errandIn, signInFor } from './return-path.ts'
import { signInPurpose } from './sign-in.ts'
import type { StepProblem } from './upstream-problem.ts'

export function upstream(services: Services) {
  return new Elysia({ name: 'upstream' })
    .post('/sign-in/with', ({ request }) => leave(services, request), { parse: 'none' })
    .get('/sign-in/onward', ({ request }) => onward(services, request))
    .get('/sign-in/from/:upstream', ({ request, params }) =>
      comeBack(services, request, params.upstream),
    )
}

/** Where the browser is sent to begin the journey. */
export async function departure(services: Services, journey: Journey): Promise<Response> {
  return seeOther(`/sign-in/onward?state=${await startJourney(services, journey)}`)
}

async function leave(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const form = await readForm(request, settings.limits.bodyBytesMax)
  const errand = errandIn(form)
  const { request: requestId } = errand
  const waiting =
    requestId === undefined
      ? undefined
      : await findAuthorizationRequest(services, requestId, mark.browser)
  if (requestId !== undefined && !waiting) {
    return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  }
  if (!isOwnForm(services, { request, form }, { mark, purpose: signInPurpose })) {
    return backWith('expired_form', errand)
  }
  const chosen = findUpstream(services, form.get('upstream'))
  if (!chosen || !upstreamsWithButton(services).includes(chosen)) {
    return backWith('upstream_failed', errand)
  }
  const isAgain =
    errand.next !== undefined &&
    (await findSession(services, readCookie(settings, request, 'session'))) !== undefined
  const prompt = isAgain ? 'login' : promptFor(waiting)
  return departure(services, {
    upstream: chosen.id,
    browser: mark.browser,
    errand,
    ...(prompt === undefined ? {} : { prompt }),
  })
}

/** A client that wants a new proof wants it from whoever gives it. */
function promptFor(waiting: AuthorizationRequest | undefined): Journey['prompt'] {
  if (!waiting) return undefined
  const { prompt, maxAgeSeconds } = waiting
  if (prompt.includes('login') || maxAgeSeconds !== undefined) return 'login'
  return prompt.includes('select_account') ? 'select_account' : undefined
}

async function onward(services: Services, request: Request): Promise<Response> {
  const mark = browserOf(services.settings, request)
  const state = new URL(request.url).searchParams.get('state') ?? ''
  const journey = await findJourney(services, state, mark.browser)
  if (!journey) return backWith('upstream_expired', {})
  return orBack(services, request, journey.errand, async () => {
    const { url, upstream } = await authorizationUrl(services, journey, state)
    const html = onwardPage({ ...shellOf(services, request), upstreamName: upstream.name, url })
    const openedByClient = journey.errand.request !== undefined
    const response = pageResponse(html, { openedByClient })
    response.headers.set('refresh', `0; url=${url}`)
    return response
  })
}

async function comeBack(services: Services, request: Request, id: string): Promise<Response> {
  const mark = browserOf(services.settings, request)
  const parameters = new URL(request.url).searchParams
  const journey = await findJourney(services, parameters.get('state'), mark.browser)
  if (journey?.upstream !== id) return backWith('upstream_expired', {})
  const { errand } = journey
  return orBack(services, request, errand, async () => {
    const { upstream, person } = await finishJourney(services, journey, parameters)
    if (errand.linkFor !== undefined) {
      return link(services, request, { upstream, person, sessionId: errand.linkFor })
    }
    const result = await accountOf(services, upstream, person)
    if (result.outcome === 'refused') return backWith(result.reason, errand)
    const answer = await completeSignIn(services, request, {
      errand,
      user: result.user,
      amr: amrOf(upstream, person),
      ...(upstream.trustAmr && person.authenticatedAt !== undefined
        ? { authenticatedAt: person.authenticatedAt }
        : {}),
    })
    return answer instanceof Response ? answer : backWith(refusalOf(answer), errand)
  })
}

/** The session must be the one that asked: somebody else may have signed in meanwhile. */
export async function link(
  services: Services,
  request: Request,
  { sessionId, ...identity }: { sessionId: string } & Pick<NewLink, 'upstream' | 'person'>,
): Promise<Response> {
  const errand = { linkFor: sessionId }
  const signedIn = await findSession(services, readCookie(services.settings, request, 'session'))
  if (signedIn?.session.sessionId !== sessionId) return backWith('upstream_expired', errand)
  const { user } = signedIn
  const cause = { actor: `user:${user.userId}`, correlationId: contextOf(request).requestId }
  const by = changedBy(services, request)
  const result = await linkIdentity(services, { ...identity, user, by }, cause)
  return result.outcome === 'refused' ? backWith(result.reason, errand) : seeOther('/account')
}

async function orBack(
  services: Services,
  request: Request,
  errand: Errand,
  act: () => Promise<Response>,
): Promise<Response> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof UpstreamRefused)) throw error
    const { requestId } = contextOf(request)
    services.logger.warn({ requestId, cause: error.message }, 'nobody was signed in elsewhere')
    return backWith(error.problem, errand)
  }
}

/** Why somebody who came back is not signed in, as the page says it. */
export function refusalOf(problem: ProofProblem): UpstreamPageProblem | StepProblem {
  return problem === 'wrong_credentials' ? 'account_disabled' : problem
}

/** To where the person left from, which says what went wrong. */
export function backWith(
  problem: IdentityProblem | UpstreamPageProblem | StepProblem,
  { linkFor, ...errand }: Errand,
): Response {
  if (linkFor !== undefined) return seeOther(`/account?problem=${problem}`)
  return seeOther(signInFor(errand, problem))
}
