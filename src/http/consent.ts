/** The consent page and its answer. The form is bound to browser, session and request. */
import { Elysia } from 'elysia'
import type { Settings } from '../config/settings.ts'
import { AlreadyConsumed } from '../domain/event-log.ts'
import { findSession, type SignedIn } from '../identity/session.ts'
import { isExpectedPerson, mustSignIn } from '../protocol/authorization/authentication-request.ts'
import {
  type AuthorizationRequest,
  findAuthorizationRequest,
} from '../protocol/authorization/authorization-request.ts'
import { deny } from '../protocol/authorization/consent.ts'
import { digestOf, type Offer } from '../protocol/authorization/offer.ts'
import { isLoopback, matchesRegistered } from '../protocol/clients/redirect-uri.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { describeScope, findResource, isIdentityScope } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { scopesForClaims } from '../protocol/tokens/person-claims.ts'
import { consentPage } from '../web/consent.tsx'
import { notAllowedPage } from '../web/not-allowed.tsx'
import { redirectHostOf } from '../web/safe-href.ts'
import { answerFromMemory, giveOffer, readOffer } from './approval.ts'
import { readForm } from './body.ts'
import { chosenDetails, shownDetails } from './consent-details.ts'
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
  return { asked, mark, signedIn }
}

async function show(services: Services, request: Request, question: Question): Promise<Response> {
  const { asked, mark, signedIn } = question
  const { user } = signedIn
  const { client, offer } = (await readOffer(services, question)) ?? {}
  const resources =
    offer && shownResources(services.settings, offer, { claimed: scopesForClaims(asked.claims) })
  if (!client || !resources) {
    return errorResponse(services, request, { text: 'unknownClient', status: 400 })
  }
  const { metadata, registeredVia, registeredAt } = client
  const form = {
    ...shellOf(services, request, asked.uiLocales),
    action: '/consent',
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(question)),
    requestId: asked.requestId,
    account: { email: user.email ?? '', name: user.name ?? undefined },
    switchAccount: { action: '/switch-account', csrf: leaveCsrf(services, mark, signedIn) },
  }
  const page = { redirectUri: asked.redirectUri, cookies: [mark.setCookie] }
  if (resources.length === 0) {
    const html = notAllowedPage({ ...form, clientName: metadata.clientName })
    return pageResponse(html, { ...page, status: 403 })
  }
  const html = consentPage({
    ...form,
    shown: digestOf(offer),
    client: {
      name: metadata.clientName,
      uri: metadata.clientUri,
      registeredVia,
      ...(registeredVia === 'document'
        ? { host: new URL(client.clientId).host }
        : { registeredAt }),
    },
    redirectHost: redirectHostOf(asked.redirectUri),
    loopbackOnly:
      metadata.redirectUris.every(isLoopback) ||
      // A pattern let it in: the client itself never said that it runs here.
      (isLoopback(asked.redirectUri) &&
        !matchesRegistered(asked.redirectUri, metadata.redirectUris)),
    resources: resources.map(({ shown }) => shown),
    details: shownDetails(services.settings, offer),
    accessTtlSeconds: longest(resources.map(({ resource }) => resource.accessTokenTtlSeconds)),
    refreshTtlSeconds: longest(resources.map(({ resource }) => resource.refreshTokenTtlSeconds)),
  })
  return pageResponse(html, page)
}

/** Undefined when a resource is not served any more. */
function shownResources(
  settings: Settings,
  { access, already }: Offer,
  { claimed }: { claimed: readonly string[] },
) {
  const known = access.flatMap(({ resource: identifier, scopes }, index) => {
    const resource = findResource(settings, identifier)
    if (!resource) return []
    const before = already.find((a) => a.resource === identifier)?.scopes ?? []
    // Who the person is, is told once however many resources there are.
    const told =
      index === 0
        ? [...new Set([...scopes, ...claimed])]
        : scopes.filter((scope) => !isIdentityScope(scope))
    const shown = {
      name: resource.name,
      identifier,
      scopes: told.map((scope) => ({
        scope,
        description: describeScope(resource, scope),
        already: before.includes(scope),
      })),
    }
    return [{ resource, shown }]
  })
  return known.length === access.length ? known : undefined
}

function longest(seconds: readonly number[]): number {
  return Math.max(0, ...seconds)
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
  const { offer } = (await readOffer(services, question)) ?? {}
  // Nothing to give has a page of its own, and the client is told so.
  const isShown = offer?.access.length === 0 || (offer && digestOf(offer) === form.get('shown'))
  const details = offer && chosenDetails(services.settings, offer, form)
  if (!offer || !details || !isShown) return seeOther(anew)
  return orErrorPage(
    services,
    request,
    async () => (await giveOffer(services, request, { ...question, offer, details })) ?? anew,
  )
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
