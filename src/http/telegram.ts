/**
 * Where Telegram's login widget and the login buttons of bots send people: a link that Telegram has
 * signed for the one who followed it. Anybody could send their own such link to somebody else, so
 * the page says whose it is, and nothing happens before its form was sent from this browser.
 *
 * @see [Telegram - Receiving authorization data](https://core.telegram.org/widgets/login#receiving-authorization-data)
 */
import { Elysia } from 'elysia'
import type { Upstream } from '../config/upstream-settings.ts'
import { accountOf } from '../identity/identities.ts'
import { isFresh } from '../identity/proof.ts'
import { findSession } from '../identity/session.ts'
import { amrOf, findUpstream, type UpstreamPerson, UpstreamRefused } from '../identity/upstream.ts'
import type { Errand } from '../identity/upstream-flow.ts'
import { telegramFields, telegramPerson, useTelegramLogin } from '../identity/upstream-telegram.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { telegramPage } from '../web/upstreams.tsx'
import { completeSignIn } from './begin-session.ts'
import { readForm } from './body.ts'
import { browserOf, csrfToken, readCookie } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, shellOf } from './page-response.ts'
import { errandFields, errandIn, signInFirst } from './return-path.ts'
import { backWith, link, refusalOf } from './upstream.ts'

export function telegram(services: Services) {
  const at = '/sign-in/telegram/:upstream'
  return new Elysia({ name: 'telegram' })
    .get(at, ({ request, params }) => ask(services, request, params.upstream))
    .post(at, ({ request, params }) => answer(services, request, params.upstream), {
      parse: 'none',
    })
}

async function ask(services: Services, request: Request, id: string): Promise<Response> {
  const { settings, keyring } = services
  const parameters = new URL(request.url).searchParams
  const found = check(services, request, { id, parameters })
  if (found instanceof Response) return found
  const { person } = found
  const mark = browserOf(settings, request)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  const sessionId = signedIn?.session.sessionId
  const signed = telegramFields.flatMap((name) => {
    const value = parameters.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const html = telegramPage({
    ...shellOf(services, request),
    action: `/sign-in/telegram/${id}`,
    hidden: {
      ...Object.fromEntries(signed),
      ...errandFields(errandIn(parameters)),
      csrf: csrfToken(keyring, mark.browser, purposeOf(sessionId)),
    },
    label: person.label,
    name: person.name,
    purpose: sessionId === undefined ? 'sign in' : 'link',
  })
  return pageResponse(html, { cookies: [mark.setCookie] })
}

async function answer(services: Services, request: Request, id: string): Promise<Response> {
  const { settings } = services
  const form = await readForm(request, settings.limits.bodyBytesMax)
  const found = check(services, request, { id, parameters: form })
  if (found instanceof Response) return found
  const { upstream, person } = found
  const mark = browserOf(settings, request)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  const sessionId = signedIn?.session.sessionId
  const errand: Errand = sessionId === undefined ? errandIn(form) : { linkFor: sessionId }
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(sessionId) })) {
    return backWith('expired_form', errand)
  }
  if (signedIn && !(await isFresh(services, signedIn.user, signedIn.session))) {
    return signInFirst(request, '/account')
  }
  if (!(await useTelegramLogin(services, form))) return backWith('upstream_expired', errand)
  if (sessionId !== undefined) return link(services, request, { upstream, person, sessionId })
  const result = await accountOf(services, upstream, person)
  if (result.outcome === 'refused') return backWith(result.reason, errand)
  const amr = amrOf(upstream, person)
  const answer = await completeSignIn(services, request, { user: result.user, amr, errand })
  return answer instanceof Response ? answer : backWith(refusalOf(answer), errand)
}

function purposeOf(sessionId: string | undefined): string {
  return sessionId === undefined ? 'telegram sign-in' : `telegram link ${sessionId}`
}

function check(
  services: Services,
  request: Request,
  { id, parameters }: { id: string; parameters: URLSearchParams },
): { upstream: Upstream; person: UpstreamPerson } | Response {
  const upstream = findUpstream(services, id)
  if (upstream?.kind !== 'telegram_widget') {
    return errorResponse(services, request, { text: 'notFound', status: 404 })
  }
  try {
    return { upstream, person: telegramPerson(services, upstream, parameters) }
  } catch (error) {
    if (!(error instanceof UpstreamRefused)) throw error
    const { requestId } = contextOf(request)
    services.logger.warn({ requestId, cause: error.message }, 'nobody was signed in by Telegram')
    return backWith(error.problem, {})
  }
}
