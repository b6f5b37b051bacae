/**
 * What every request passes, whatever answers it:
 *
 *   host guard ─▶ preflight ─▶ [ an endpoint by its exact path │ the router ] ─▶ headers of every answer
 *
 * The endpoints that programs ask all the time are found by method and path in one look; the router
 * would find the same handlers, and has everything else. Both limit and answer errors alike.
 */
import type { Elysia } from 'elysia'
import { pathOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { crossOrigin } from './cors.ts'
import { dpopNonces } from './dpop-nonce.ts'
import { answerError } from './errors.ts'
import { hostGuard } from './host-guard.ts'
import { oauthPrefixes } from './oauth.ts'
import type { RequestLimiter } from './rate-limit.ts'

type Handler = (context: { request: Request }) => Response | Promise<Response>

/** They read nothing but the request. */
const direct = new Set([
  ...oauthPrefixes.flatMap((prefix) =>
    ['token', 'introspect', 'revoke'].map((name) => `POST ${prefix}/${name}`),
  ),
  'GET /api/verify',
])

export interface Application {
  fetch(request: Request): Promise<Response>
  readonly routes: readonly { readonly method: string; readonly path: string }[]
}

export function pipeline(services: Services, app: Elysia, limiter: RequestLimiter): Application {
  const strangeHost = hostGuard(services.settings)
  const { preflight, open } = crossOrigin(services.settings)
  const nonce = dpopNonces(services)
  const handlers = new Map<string, Handler>()
  for (const { method, path, handler } of app.routes) {
    const name = `${method} ${path}`
    if (direct.has(name)) handlers.set(name, handler as Handler)
  }
  const answer = async (request: Request): Promise<Response> => {
    const handler = handlers.get(`${request.method} ${pathOf(request)}`)
    if (!handler) return app.fetch(request)
    try {
      await limiter.admit(request)
      return await handler({ request })
    } catch (error) {
      return answerError(services, error, { request })
    }
  }
  return {
    routes: app.routes,
    async fetch(request) {
      const refusal = strangeHost(request)
      if (refusal) return refusal
      const permission = preflight(request)
      if (permission) return permission
      const response = await answer(request)
      open(request, response)
      limiter.describe(request, response)
      nonce(request, response)
      return response
    },
  }
}
