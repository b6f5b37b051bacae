/**
 * The front of two hosts: all that a browser sees of the server is asked here, passed on to the
 * API under the front's signature, and answered with what the API says. A front keeps nothing: no
 * database, no session, no secret but its key. What is meant for the API itself it does not pass.
 *
 *   browser ─▶ front (issuer) ── signed ─▶ API (api_url): sessions, requests, codes, the log
 */
import type { KeyObject } from 'node:crypto'
import type { Settings } from '../config/settings.ts'
import type { Logger } from '../domain/logger.ts'
import { readFrontKey } from '../protocol/front-key.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { pathKind, relayHeader, signRelay } from '../protocol/relayed-request.ts'
import { contextOf } from '../protocol/request-context.ts'
import { readText } from './body.ts'
import { ownCookies } from './cookies.ts'
import { errorJson, jsonResponse, unavailable, unavailableRetrySeconds } from './errors.ts'
import { strangeHost } from './host-guard.ts'
import { errorResponse } from './page-response.ts'

const answerMsMax = 15_000

/** What a page needs of a request; whatever else was sent is not passed on. */
const passedHeaders = [
  ...['accept', 'accept-language', 'content-type', 'origin', 'user-agent'],
  ...['sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site', 'if-none-match'],
  ...['access-control-request-headers', 'access-control-request-method'],
]

/** About the connection to the API, and not about the answer. */
const droppedHeaders = ['connection', 'content-encoding', 'content-length', 'keep-alive', 'server']

export interface FrontParts {
  readonly settings: Settings
  readonly logger: Logger
  readonly now: () => number
}

/** Whatever else there may be, no page is asked by it. */
const passedMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The front as a function from request to response. */
export function front(parts: FrontParts): (request: Request) => Promise<Response> {
  const { settings, logger } = parts
  const key = readFrontKey(settings.frontPrivateKey ?? '')
  return async (request) => {
    const strange = strangeHost(settings, request)
    if (strange) return strange
    const { pathname } = new URL(request.url)
    if (pathname === '/healthz') return jsonResponse({ status: 'ok' })
    if (pathKind(pathname) === 'api' && pathname !== '/readyz') {
      const message = `${settings.apiUrl} answers this`
      return errorJson(parts, request, { error: 'misdirected_request', message })
    }
    if (!passedMethods.includes(request.method)) {
      const allow = passedMethods.join(', ')
      const error = { error: 'method_not_allowed', message: `This path takes ${allow}` } as const
      return errorJson(parts, request, { ...error, headers: { allow } })
    }
    try {
      return await passedOn(parts, request, key)
    } catch (error) {
      if (error instanceof OAuthError) {
        return errorJson(parts, request, {
          error: error.code,
          message: error.message,
          status: error.status,
        })
      }
      // Not the error itself: it names the URL, and a link of a mail is a secret.
      const { code, name } = error as { code?: string; name?: string }
      const cause = code ?? name
      logger.error({ requestId: contextOf(request).requestId, cause }, 'no answer of the API')
      return noAnswer(parts, request, pathname)
    }
  }
}

async function passedOn(
  { settings, now }: FrontParts,
  request: Request,
  key: KeyObject,
): Promise<Response> {
  const { method } = request
  const { pathname, search } = new URL(request.url)
  const path = pathname + search
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const body = hasBody ? await readText(request, settings.limits.bodyBytesMax) : ''
  const cookie = ownCookies(request)
  const address = contextOf(request).remoteAddress
  const relayed = { method, path, body, cookie, address }
  const headers = new Headers({
    [relayHeader]: await signRelay(settings, relayed, { key, now: now() }),
  })
  for (const name of passedHeaders) {
    const value = request.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  if (cookie !== '') headers.set('cookie', cookie)
  const answer = await fetch(settings.apiUrl + path, {
    method,
    headers,
    ...(hasBody ? { body } : {}),
    redirect: 'manual',
    signal: AbortSignal.timeout(answerMsMax),
  })
  const answered = new Headers(answer.headers)
  for (const name of droppedHeaders) answered.delete(name)
  return new Response(answer.body, { status: answer.status, headers: answered })
}

function noAnswer(parts: FrontParts, request: Request, pathname: string): Response {
  const retry = String(unavailableRetrySeconds)
  if (pathKind(pathname) !== 'page') {
    return errorJson(parts, request, {
      error: unavailable.error,
      message: 'The API does not answer; try again in a moment',
      headers: { 'retry-after': retry },
    })
  }
  const page = errorResponse(parts, request, { text: 'unavailable', status: 503 })
  page.headers.set('retry-after', retry)
  return page
}
