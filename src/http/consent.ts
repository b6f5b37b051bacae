/** The consent page and its answer. The form is bound to browser, session and request. */
import { Elysia } from 'elysia'
import { AlreadyConsumed } from '../domain/event-log.ts'
import { findSession, type SignedIn } from '../identity/session.ts'
import { stepUp, unmetContext } from '../protocol/authorization/authentication-context.ts'
import { isExpectedPerson, mustSignIn } from '../protocol/authorization/authentication-request.ts'
import {
  type AuthorizationRequest,
  findAuthorizationRequest,
} from '../protocol/authorization/authorization-request.ts'
import { type OptionsOf, readOptions } from '../protocol/authorization/choice-options.ts'
import { deny } from '../protocol/authorization/consent.ts'
import { digestOf, type Offer } from '../protocol/authorization/offer.ts'
import { findLogoId } from '../protocol/clients/client-logo.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { consentPage } from '../web/consent.tsx'
import { notAllowedPage } from '../web/not-allowed.tsx'
import { answerFromMemory, giveOffer, readOffer } from './approval.ts'
import { readForm } from './body.ts'
import { logosPath } from './client-logos.ts'
import { chosenDetails } from './consent-details.ts'
import { chosenOffer, detailsGiven } from './consent-scopes.ts'
import { consentView } from './consent-view.ts'
import { type BrowserMark, browserOf, csrfToken, readCookie } from './cookies.ts'
import { leaveCsrf } from './logout.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'

export function consent(services: Services) {
  return new Elysia({ name: 'consent' })
    .get('/consent', async ({ request }) => {
      const requestId = new URL(request.url).searchParams.get('request') ?? ''
      const found = await findQuestion(services, request, requestId)
      if (found instanceof Response) return found
      const answer = await answerFromMemory(services, request, found)
      return answer === undefined ? show(services, request, found) : seeOther(answer)
    })
    .post('/consent', ({ request }) => answer(services, request), { parse: 'none' })
}

interface Question {
  readonly asked: AuthorizationRequest
  readonly mark: BrowserMark
  readonly signedIn: SignedIn
}

async function findQuestion(
  services: Services,
  request: Request,
  requestId: string,
): Promise<Question | Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const asked = await findAuthorizationRequest(services, requestId, mark.browser)
  if (!asked) return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  if (!signedIn || mustSignIn(asked, signedIn.session)) {
    return seeOther(`/sign-in?request=${asked.requestId}`)
  }
  if (!(await isExpectedPerson(services, asked, signedIn.user.userId))) {
    const signedInForThis = signedIn.session.startedAt >= asked.receivedAt
    if (!signedInForThis) return seeOther(`/sign-in?request=${asked.requestId}`)
    const error = new OAuthError('login_required', 'Somebody else has signed in')
    return orErrorPage(services, request, () => deny(services, asked, error))
  }
  const { userId } = signedIn.user
  const context = await stepUp(services, asked, { ...signedIn.session, userId })
  if (context === 'sign in') return seeOther(`/sign-in?request=${asked.requestId}`)
  if (context === 'unmet') {
    return orErrorPage(services, request, () => deny(services, asked, unmetContext()))
  }
  return { asked, mark, signedIn }
}

async function show(services: Services, request: Request, question: Question): Promise<Response> {
  const { asked, mark, signedIn } = question
  const { user } = signedIn
  const { client, offer } = (await readOffer(services, question)) ?? {}
  const optionsOf = await optionsFor(services, question, offer)
  const view =
    client && offer && consentView(services.settings, { asked, client, offer, optionsOf })
  if (!offer || !view) {
    return errorResponse(services, request, { text: 'unknownClient', status: 400 })
  }
  const form = {
    ...shellOf(services, request, asked.uiLocales),
    action: '/consent',
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(question)),
    requestId: asked.requestId,
    account: { email: user.email ?? '', name: user.name ?? undefined },
    switchAccount: { action: '/switch-account', csrf: leaveCsrf(services, mark, signedIn) },
  }
  const page = { redirectUri: asked.redirectUri, cookies: [mark.setCookie] }
  if (view.resources.length === 0) {
    const html = notAllowedPage({ ...form, clientName: view.client.name })
    return pageResponse(html, { ...page, status: 403 })
  }
  const logoId = await findLogoId(services, client)
  const logo = logoId && `${logosPath}/${logoId}`
  const html = consentPage({
    ...{ ...form, ...view },
    client: { ...view.client, logo },
    shown: digestOf(offer, client),
  })
  return pageResponse(html, page)
}

function purposeOf({ asked, signedIn }: Question): string {
  return `consent ${asked.requestId} ${signedIn.session.sessionId}`
}

async function answer(services: Services, request: Request): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const question = await findQuestion(services, request, form.get('request_id') ?? '')
  if (question instanceof Response) return question
  const { asked, mark } = question
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(question) })) {
    return errorResponse(services, request, { text: 'formRefused', status: 403 })
  }
  switch (form.get('decision')) {
    case 'approve':
      return approved(services, request, { question, form })
    case 'deny':
      return orErrorPage(services, request, () => deny(services, asked))
    default:
      return errorResponse(services, request, { text: 'formRefused', status: 400 })
  }
}

/** What is approved is what the page showed: if that has changed meanwhile, it is shown anew. */
async function approved(
  services: Services,
  request: Request,
  { question, form }: { question: Question; form: URLSearchParams },
): Promise<Response> {
  const anew = `/consent?request=${question.asked.requestId}`
  const { offer, client } = (await readOffer(services, question)) ?? {}
  // Nothing to give has a page of its own, and the client is told so.
  const isShown =
    offer?.access.length === 0 || (offer && digestOf(offer, client) === form.get('shown'))
  const chosen = offer && chosenOffer(services.settings, offer, { form, asked: question.asked })
  const optionsOf = await optionsFor(services, question, offer)
  const details = offer && chosenDetails(services.settings, offer, { form, optionsOf })
  if (!offer || !details || !isShown) return seeOther(anew)
  // To give nothing of it is to deny it.
  if (!chosen) return orErrorPage(services, request, () => deny(services, question.asked))
  const given = {
    ...question,
    offer: chosen,
    details: detailsGiven(services.settings, details, chosen),
  }
  return orErrorPage(
    services,
    request,
    async () => (await giveOffer(services, request, given)) ?? anew,
  )
}

/** What there is to choose from now: asked for the page, and again for the answer. */
function optionsFor(
  services: Services,
  { asked, signedIn }: Question,
  offer: Offer | undefined,
): Promise<OptionsOf> {
  const chooser = { clientId: asked.clientId, userId: signedIn.user.userId }
  return readOptions(services, offer?.details ?? [], chooser)
}

/** Where the answer says to go, or a page where it can go nowhere. */
async function orErrorPage(
  services: Services,
  request: Request,
  answered: () => Promise<string>,
): Promise<Response> {
  try {
    return seeOther(await answered())
  } catch (error) {
    if (error instanceof AlreadyConsumed) {
      return errorResponse(services, request, { text: 'requestExpired', status: 400 })
    }
    if (error instanceof OAuthError && error.code === 'invalid_redirect_uri') {
      return errorResponse(services, request, { text: 'redirectMismatch', status: 400 })
    }
    throw error
  }
}
