/**
 * The one place where an error becomes a response. What a client may know was put into an
 * `OAuthError` on purpose; of everything else it learns a request id, under which our log has the
 * rest. A validation message would echo the submitted secret, a database message its values.
 *
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 */
import { Elysia } from 'elysia'
import { LogFenced, LogUnavailable } from '../domain/event-log.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import type { ErrorKind } from '../web/words/english-errors.ts'
import type { AllowedMethods } from './methods.ts'
import { errorResponse } from './page-response.ts'

export const unavailableRetrySeconds = 5

/** Where a person reads the error rather than a program. */
const pagePaths =
  /^(?:\/|\/(?:oauth2?\/)?(?:authorize|logout)|\/(?:sign-in|sign-out|consent|account|setup|switch-account))$/

type ErrorWords = { status: number; error: string; message: string; page: ErrorKind }

const unexpected: ErrorWords = {
  status: 500,
  error: 'server_error',
  message: 'Something went wrong here; the request id finds it in the log',
  page: 'unexpected',
}

const unavailable: ErrorWords = {
  status: 503,
  error: 'auth_backend_unavailable',
  message: 'The database does not answer; try again in a moment',
  page: 'unavailable',
}

const byElysiaCode: Readonly<Record<string, ErrorWords>> = {
  NOT_FOUND: { status: 404, error: 'not_found', message: 'Nothing is here', page: 'notFound' },
  PARSE: {
    status: 400,
    error: 'invalid_request',
    message: 'The body cannot be read',
    page: 'malformedRequest',
  },
  VALIDATION: {
    status: 400,
    error: 'invalid_request',
    message: 'A parameter is missing or malformed',
    page: 'malformedRequest',
  },
}

/** Must be the first plugin of the server. */
export function errors(services: Services, allowed: AllowedMethods = () => undefined) {
  return new Elysia({ name: 'errors' }).onError({ as: 'global' }, ({ error, code, request }) => {
    if (error instanceof OAuthError) return oauthErrorResponse(services, error, request)
    const allow = code === 'NOT_FOUND' ? allowed(request) : undefined
    if (allow !== undefined) {
      const words = body(request, 'method_not_allowed', `This path takes ${allow}`)
      return jsonResponse(words, { status: 405, headers: { allow } })
    }
    const words = wordsFor(services, error, { code: String(code), request })
    const { status } = words
    const retry = status === 503 ? { 'retry-after': String(unavailableRetrySeconds) } : {}
    if (pagePaths.test(new URL(request.url).pathname)) {
      const page = errorResponse(services, request, { text: words.page, status })
      for (const [name, value] of Object.entries(retry)) page.headers.set(name, value)
      return page
    }
    const { error: name, message } = words
    return jsonResponse(body(request, name, message), { status, headers: retry })
  })
}

function wordsFor(
  { logger }: Services,
  error: unknown,
  { code, request }: { code: string; request: Request },
): ErrorWords {
  const known = Object.hasOwn(byElysiaCode, code) ? byElysiaCode[code] : undefined
  if (known) return known
  const { requestId } = contextOf(request)
  const isDown = error instanceof LogUnavailable || error instanceof LogFenced
  const path = new URL(request.url).pathname
  // The logger knows which part of an error must not be written down; a text of it would hide that.
  const cause = isDown ? `${error.name}: ${error.message}` : error
  logger.error({ requestId, path, cause }, 'request failed')
  return isDown ? unavailable : unexpected
}

/** OAuth's own endpoints say `error_description`; the rest of the API says `message`. */
function isOAuthPath(request: Request): boolean {
  return !/^\/(api|audit)(\/|$)/.test(new URL(request.url).pathname)
}

function body(request: Request, error: string, message: string): Record<string, string> {
  const { requestId: request_id } = contextOf(request)
  return isOAuthPath(request)
    ? { error, error_description: message, request_id }
    : { error, message, request_id }
}

export function oauthErrorResponse(
  { logger }: Services,
  error: OAuthError,
  request: Request,
): Response {
  const { requestId } = contextOf(request)
  const { cause, eventId, headers } = error.detail
  const path = new URL(request.url).pathname
  logger.info({ requestId, path, error: error.code, cause, eventId }, 'request refused')
  return jsonResponse(body(request, error.code, error.message), {
    status: error.status,
    ...(headers ? { headers } : {}),
  })
}

export function jsonResponse(
  value: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  })
}
