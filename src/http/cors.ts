/**
 * Which endpoints a page of another origin may call: those that programs call. Never the
 * authorization endpoint or a page, and never with cookies.
 *
 * @see [Fetch §3.2 - CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol)
 * @see [RFC 9700 §2.6 - Other Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-2.6)
 */
import { Elysia } from 'elysia'
import { gatewayPaths } from '../config/gateway-settings.ts'
import type { Settings } from '../config/settings.ts'
import { rateLimitHeaders } from './rate-limit.ts'

const openPaths =
  /^\/(?:\.well-known\/|(?:oauth2?\/)?(?:token|par|device_authorization|bc-authorize|register|revoke|introspect|userinfo)(?:\/|$)|api\/)/

const preflightSeconds = 600
const methods = 'GET, POST, PUT, DELETE, OPTIONS'
/** What can be changed in part. */
const narrowedPaths = /^\/api\/connected-apps\//
const anyHeaders = 'Authorization, Content-Type, DPoP'
const exposedHeaders = [
  ...['WWW-Authenticate', 'Mcp-Session-Id', 'MCP-Protocol-Version', 'Retry-After', 'DPoP-Nonce'],
  ...rateLimitHeaders,
].join(', ')

export function cors(settings: Settings) {
  const { corsOrigins, corsHeaders } = settings
  const gateways = gatewayPaths(settings)
  const allowedOrigin = (request: Request) => allowedAt(request, { corsOrigins, gateways })
  return new Elysia({ name: 'cors' })
    .onRequest(({ request, set }) => {
      const allowed = allowedOrigin(request)
      if (!allowed) return
      if (request.method === 'OPTIONS') return preflight(request, { origin: allowed, corsHeaders })
      set.headers['access-control-allow-origin'] = allowed
      set.headers['access-control-expose-headers'] = exposedHeaders
      if (allowed !== '*') set.headers.vary = 'Origin'
    })
    .mapResponse({ as: 'global' }, ({ responseValue, request, set }) => {
      const allowed = allowedOrigin(request)
      if (!allowed || !(responseValue instanceof Response)) return
      for (const name of ['access-control-allow-origin', 'access-control-expose-headers', 'vary']) {
        const value = set.headers[name]
        if (value !== undefined) responseValue.headers.set(name, String(value))
      }
    })
}

function allowedAt(
  request: Request,
  { corsOrigins, gateways }: { corsOrigins: readonly string[]; gateways: readonly string[] },
): string | undefined {
  const origin = request.headers.get('origin')
  const { pathname } = new URL(request.url)
  if (!origin || !(openPaths.test(pathname) || gateways.includes(pathname))) return undefined
  if (corsOrigins.includes('*')) return '*'
  return corsOrigins.includes(origin) ? origin : undefined
}

function preflight(
  request: Request,
  { origin, corsHeaders }: Pick<Settings, 'corsHeaders'> & { origin: string },
): Response {
  const asked = request.headers.get('access-control-request-headers')
  const isNarrowed = narrowedPaths.test(new URL(request.url).pathname)
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': isNarrowed ? `${methods}, PATCH` : methods,
      'access-control-allow-headers': corsHeaders.join(', ') || asked || anyHeaders,
      'access-control-max-age': String(preflightSeconds),
      vary: 'Origin, Access-Control-Request-Headers',
    },
  })
}
