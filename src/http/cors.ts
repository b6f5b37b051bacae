/**
 * Which endpoints a page of another origin may call: those that programs call. Never the
 * authorization endpoint or a page, and never with cookies.
 *
 * @see [Fetch §3.2 - CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol)
 * @see [RFC 9700 §2.6 - Other Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-2.6)
 */
import { gatewayPaths } from '../config/gateway-settings.ts'
import type { Settings } from '../config/settings.ts'
import { pathOf } from '../protocol/request-context.ts'
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

export interface CrossOrigin {
  /** The answer to a browser that asks first. */
  preflight(request: Request): Response | undefined
  /** Lets the page that asked read the answer. */
  open(request: Request, response: Response): void
}

export function crossOrigin(settings: Settings): CrossOrigin {
  const { corsOrigins, corsHeaders } = settings
  const gateways = gatewayPaths(settings)
  const allowedOrigin = (request: Request) => allowedAt(request, { corsOrigins, gateways })
  return {
    preflight(request) {
      if (request.method !== 'OPTIONS') return undefined
      const origin = allowedOrigin(request)
      return origin === undefined ? undefined : preflight(request, { origin, corsHeaders })
    },
    open(request, { headers }) {
      const origin = allowedOrigin(request)
      if (origin === undefined) return
      headers.set('access-control-allow-origin', origin)
      headers.set('access-control-expose-headers', exposedHeaders)
      if (origin !== '*') headers.set('vary', 'Origin')
    },
  }
}

function allowedAt(
  request: Request,
  { corsOrigins, gateways }: { corsOrigins: readonly string[]; gateways: readonly string[] },
): string | undefined {
  const origin = request.headers.get('origin')
  if (!origin) return undefined
  const path = pathOf(request)
  if (!(openPaths.test(path) || gateways.includes(path))) return undefined
  if (corsOrigins.includes('*')) return '*'
  return corsOrigins.includes(origin) ? origin : undefined
}

function preflight(
  request: Request,
  { origin, corsHeaders }: Pick<Settings, 'corsHeaders'> & { origin: string },
): Response {
  const asked = request.headers.get('access-control-request-headers')
  const isNarrowed = narrowedPaths.test(pathOf(request))
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
