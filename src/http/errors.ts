/**
 * The one place where an error becomes a response. What a client may know was put into an
 * `OAuthError` on purpose; of everything else it learns a request id, under which our log has the
 * rest. A validation message would echo the submitted secret, a database message its values.
 *
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 */
import { Elysia } from 'elysia'
import { gatewayPaths } from '../config/gateway-settings.ts'
import { LogFenced, LogUnavailable } from '../domain/event-log.ts'
import { type ErrorCode, type ErrorCodeName, errorCodes } from '../protocol/error-codes.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf, pathOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import type { ErrorKind } from '../web/words/english-errors.ts'
import type { AllowedMethods } from './methods.ts'
import { errorResponse } from './page-response.ts'

export const unavailableRetrySeconds = 5

/** Where a person reads the error rather than a program. */
const pagePaths =
  /^(?:\/|\/(?:oauth2?\/)?(?:authorize|logout)|\/(?:sign-in|sign-out|consent|account|setup|switch-account|device|admin)|\/device\/decision|\/(?:docs|developers|admin|approvals)\/.*)$/

interface ErrorWords {
  readonly error: ErrorCodeName
  readonly message: string
  readonly page: ErrorKind
}

const unexpected: ErrorWords = {
  error: 'server_error',
  message: 'Something went wrong here; the request id finds it in the log',
  page: 'unexpected',
}

export const unavailable: ErrorWords = {
  error: 'auth_backend_unavailable',
  message: 'The database does not answer; try again in a moment',
  page: 'unavailable',
}

const byElysiaCode: Readonly<Record<string, ErrorWords>> = {
  NOT_FOUND: { error: 'not_found', message: 'Nothing is here', page: 'notFound' },
  PARSE: { error: 'invalid_request', message: 'The body cannot be read', page: 'malformedRequest' },
  VALIDATION: {
    error: 'invalid_request',
    message: 'A parameter is missing or malformed',
    page: 'malformedRequest',
  },
}

/** Must be the first plugin of the server. */
export function errors(services: Services, allowed: AllowedMethods = () => undefined) {
  return new Elysia({ name: 'errors' }).onError({ as: 'global' }, ({ error, code, request }) => {
    const allow = code === 'NOT_FOUND' ? allowed(request) : undefined
    if (allow === undefined) return answerError(services, error, { request, code: String(code) })
    const words = { error: 'method_not_allowed', message: `This path takes ${allow}` } as const
    return errorJson(services, request, { ...words, headers: { allow } })
  })
}

/** @param code the router's own, where it knows what happened */
export function answerError(
  services: Services,
  error: unknown,
  { request, code = '' }: { request: Request; code?: string },
): Response {
  if (error instanceof OAuthError) return oauthErrorResponse(services, error, request)
  const words = wordsFor(services, error, { code, request })
  const { status }: ErrorCode = errorCodes[words.error]
  const retry = status === 503 ? { 'retry-after': String(unavailableRetrySeconds) } : {}
  if (pagePaths.test(pathOf(request))) {
    const page = errorResponse(services, request, { text: words.page, status })
    for (const [name, value] of Object.entries(retry)) page.headers.set(name, value)
    return page
  }
  return errorJson(services, request, { ...words, headers: retry })
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
  const path = pathOf(request)
  // The logger knows which part of an error must not be written down; a text of it would hide that.
  const cause = isDown ? `${error.name}: ${error.message}` : error
  logger.error({ requestId, path, cause }, 'request failed')
  return isDown ? unavailable : unexpected
}

/** OAuth's own endpoints say `error_description`; what the rest says is a setting. */
const otherPaths = /^\/(?:(?:api|audit)(?:\/|$)|(?:health|healthz|readyz)$)/

interface ErrorAnswer {
  readonly error: ErrorCodeName
  readonly message: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The one shape of an error for programs. */
export function errorJson(
  { settings }: Pick<Services, 'settings'>,
  request: Request,
  { error, message, status = errorCodes[error].status, headers = {} }: ErrorAnswer,
): Response {
  const pathname = pathOf(request)
  const isOther = otherPaths.test(pathname) || gatewayPaths(settings).includes(pathname)
  const field = isOther ? settings.errors.field : 'error_description'
  const { requestId: request_id } = contextOf(request)
  return jsonResponse({ error, [field]: message, request_id }, { status, headers })
}

export function oauthErrorResponse(
  services: Services,
  error: OAuthError,
  request: Request,
): Response {
  const { requestId } = contextOf(request)
  const { cause, eventId, headers = {} } = error.detail
  const path = pathOf(request)
  services.logger.info({ requestId, path, error: error.code, cause, eventId }, 'request refused')
  const { code, message } = error
  const { unauthorizedGrantPaths } = services.settings.errors
  // Without a challenge: beside one, clients hide the code from whoever called them.
  const isUnauthorized = code === 'invalid_grant' && unauthorizedGrantPaths.includes(path)
  const status = isUnauthorized ? 401 : error.status
  return errorJson(services, request, { error: code, message, status, headers })
}

const jsonHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'x-content-type-options': 'nosniff',
}

/** Copied faster than an object is read. */
const plainHeaders = jsonHeadersWith({})

interface JsonResponseOptions {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

export function jsonHeadersWith(others: Readonly<Record<string, string>>): Headers {
  return new Headers({ ...jsonHeaders, ...others })
}

export function jsonResponse(
  value: unknown,
  { status = 200, headers }: JsonResponseOptions = {},
): Response {
  const all = headers && jsonHeadersWith(headers)
  return jsonTextResponse(JSON.stringify(value), { status, ...(all && { headers: all }) })
}

/** @param text JSON */
export function jsonTextResponse(
  text: string,
  { status = 200, headers = plainHeaders }: { status?: number; headers?: Headers } = {},
): Response {
  return new Response(text, { status, headers })
}
