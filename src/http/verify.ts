/**
 * Forward auth: nginx's `auth_request`, Caddy's `forward_auth` and Traefik's `ForwardAuth` ask here
 * whether a request may pass. What they say of that request is believed from `trusted_proxies`
 * alone; anybody else could ask for a harmless path and use another.
 *
 * @see [RFC 7239 §8.1 - Header Validity and Integrity](https://www.rfc-editor.org/rfc/rfc7239.html#section-8.1)
 */
import { Elysia } from 'elysia'
import {
  type ForwardedRequest,
  identityHeaders,
  verifyForwarded,
} from '../protocol/forward-auth.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { jsonHeadersWith, jsonTextResponse, oauthErrorResponse } from './errors.ts'
import { RepeatedAnswers } from './repeated-answers.ts'

const nobody = Object.fromEntries(identityHeaders.map((name) => [name, '']))

/** All of a request that decides whether another may pass. */
const askedBy = [
  ...['authorization', 'dpop', 'x-original-url', 'x-original-method', 'x-forwarded-uri'],
  ...['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-method'],
]

const allowed = JSON.stringify({ allowed: true })

export function verify(services: Services) {
  const repeated = new RepeatedAnswers(services)
  return new Elysia({ name: 'verify' }).get('/api/verify', async ({ request }) => {
    try {
      requireProxy(request)
      const question = askedBy.map((name) => request.headers.get(name) ?? '')
      const answer = await repeated.answer(request, question, async (noting) => {
        const passed = await verifyForwarded(noting, forwardedRequest(services, request))
        const { repeatableUntil } = passed
        return { body: allowed, headers: jsonHeadersWith(passed.headers), repeatableUntil }
      })
      return jsonTextResponse(answer.body, answer)
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      const refusal = oauthErrorResponse(services, error, request)
      for (const [name, value] of Object.entries(nobody)) refusal.headers.set(name, value)
      return refusal
    }
  })
}

/** @throws {OAuthError} access_denied (403) to a stranger */
function requireProxy(request: Request): void {
  if (contextOf(request).isFromProxy) return
  const words = 'Only a proxy named in trusted_proxies may ask'
  throw new OAuthError('access_denied', words, { cause: 'asked by no trusted proxy' })
}

/** @throws {OAuthError} invalid_request (400) to a proxy, access_denied (403) */
function forwardedRequest({ settings }: Services, request: Request): ForwardedRequest {
  const { headers } = request
  const presented = presentedBy(settings, request)
  const original = headers.get('x-original-url')
  const uri = headers.get('x-forwarded-uri')
  if (original && uri) {
    // One of the two is the client's own, and nothing says which.
    const words =
      'X-Original-URL and X-Forwarded-Uri contradict each other: the proxy must drop one'
    throw new OAuthError('access_denied', words, { cause: 'told of two addresses' })
  }
  if (original) {
    const [, scheme = '', host = '', target = '/'] =
      /^(https?):\/\/([^/?#]*)(.*)$/.exec(original) ?? []
    const method = named(request, 'X-Original-Method')
    return { ...presented, method, ...requested({ scheme, host, target }) }
  }
  const target = named(request, 'X-Forwarded-Uri')
  const host = named(request, 'X-Forwarded-Host')
  const scheme = headers.get('x-forwarded-proto') === 'http' ? 'http' : 'https'
  const method = named(request, 'X-Forwarded-Method')
  return { ...presented, method, ...requested({ scheme, host, target }) }
}

function named(request: Request, name: string): string {
  const value = request.headers.get(name)
  if (value) return value
  throw new OAuthError('invalid_request', `Missing header: ${name}`)
}

/** The path stays as it was sent: a parser would tidy up dot segments, and they must be seen. */
function requested({ scheme, host, target }: { scheme: string; host: string; target: string }) {
  if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?$/i.test(host)) {
    throw new OAuthError('invalid_request', 'The host of the original request is malformed')
  }
  const path = target.replace(/[?#].*$/, '') || '/'
  return { host: host.toLowerCase(), path, urls: [`${scheme}://${host}${path}`] }
}
