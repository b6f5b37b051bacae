/** The authorization endpoint as browsers see it: on to sign-in, to consent, or to an error. */
import { Elysia } from 'elysia'
import { findSession } from '../identity/session.ts'
import { stepUp, unmetContext } from '../protocol/authorization/authentication-context.ts'
import { isExpectedPerson, mustSignIn } from '../protocol/authorization/authentication-request.ts'
import {
  type AuthorizationRequest,
  errorRedirect,
  keepAuthorizationRequest,
  RedirectError,
  readAuthorizationRequest,
} from '../protocol/authorization/authorization-request.ts'
import { refersToPushed, startPushedRequest } from '../protocol/authorization/pushed-request.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import type { ErrorKind } from '../web/words/english-errors.ts'
import { answerFromMemory } from './approval.ts'
import { readForm } from './body.ts'
import { browserOf, readCookie } from './cookies.ts'
import { oauthPrefixes } from './oauth.ts'
import { errorResponse, seeOther } from './page-response.ts'

const pageOf: Partial<Record<OAuthError['code'], ErrorKind>> = {
  invalid_client: 'unknownClient',
  invalid_redirect_uri: 'redirectMismatch',
  invalid_request_uri: 'requestExpired',
}

export function authorize(services: Services) {
  const { settings } = services
  const start = async (request: Request, query: URLSearchParams) => {
    const mark = browserOf(settings, request)
    try {
      const read = refersToPushed(query) ? startPushedRequest : readAuthorizationRequest
      const asked = await read(services, query, mark.browser)
      return seeOther(await nextStep(services, request, asked), [mark.setCookie])
    } catch (error) {
      if (error instanceof RedirectError) return seeOther(error.location, [mark.setCookie])
      if (!(error instanceof OAuthError)) throw error
      const text = pageOf[error.code] ?? 'malformedRequest'
      return errorResponse(services, request, { text, status: 400 })
    }
  }
  const get = ({ request }: { request: Request }) => {
    const query = new URL(request.url).search
    if (query.length > settings.limits.queryBytesMax) {
      return errorResponse(services, request, { text: 'malformedRequest', status: 414 })
    }
    return start(request, new URLSearchParams(query))
  }
  const post = async ({ request }: { request: Request }) =>
    start(request, await readForm(request, settings.limits.bodyBytesMax))
  const plugin = new Elysia({ name: 'authorize' })
  for (const prefix of oauthPrefixes) {
    plugin.get(`${prefix}/authorize`, get).post(`${prefix}/authorize`, post, { parse: 'none' })
  }
  return plugin
}

async function nextStep(services: Services, request: Request, asked: AuthorizationRequest) {
  const silent = asked.prompt.includes('none')
  const page = async (location: string) => {
    await keepAuthorizationRequest(services, asked)
    return location
  }
  const needed = (code: 'login_required' | 'consent_required') =>
    errorRedirect(services, asked, new OAuthError(code, 'A person has to answer'))
  const { interactionUrl } = services.settings
  if (interactionUrl !== undefined) {
    return silent
      ? needed('login_required')
      : page(`${interactionUrl}?interaction=${asked.requestId}`)
  }
  const signedIn = await findSession(services, readCookie(services.settings, request, 'session'))
  const isExpected = signedIn && (await isExpectedPerson(services, asked, signedIn.user.userId))
  if (!isExpected || mustSignIn(asked, signedIn.session)) {
    return silent ? needed('login_required') : page(`/sign-in?request=${asked.requestId}`)
  }
  const { userId } = signedIn.user
  const context = await stepUp(services, asked, { ...signedIn.session, userId })
  if (context === 'unmet') return errorRedirect(services, asked, unmetContext())
  if (context === 'sign in') {
    return silent ? needed('login_required') : page(`/sign-in?request=${asked.requestId}`)
  }
  const answer = await answerFromMemory(services, request, { asked, signedIn, isNew: true })
  if (answer !== undefined) return answer
  return silent ? needed('consent_required') : page(`/consent?request=${asked.requestId}`)
}
