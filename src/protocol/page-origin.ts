/**
 * Which pages may talk to MCP endpoints. A request without `Origin` comes from no page. The
 * SDK's own check knows host names alone; ours compares whole origins, as the settings have them.
 *
 * @see [MCP 2026-07-28 - Streamable HTTP, Security](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http)
 * @see [RFC 6454 §7 - The HTTP Origin Header Field](https://www.rfc-editor.org/rfc/rfc6454.html#section-7)
 */
import { isLoopbackHost } from '../config/formats.ts'
import type { Settings } from '../config/settings.ts'
import { OAuthError } from './oauth-error.ts'

/** @throws {OAuthError} access_denied (403) */
export function requireOrigin(settings: Settings, request: Request): void {
  const origin = request.headers.get('origin')
  if (origin === null || isAllowed(settings, origin)) return
  throw new OAuthError('access_denied', 'Pages of this origin may not call this endpoint', {
    cause: `origin ${origin.slice(0, 200)}`,
  })
}

function isAllowed({ issuer, apiUrl, corsOrigins }: Settings, origin: string): boolean {
  const own = [issuer, apiUrl].map((url) => new URL(url).origin)
  if (own.includes(origin) || corsOrigins.includes(origin)) return true
  if (!corsOrigins.includes('*')) return false
  // `*` is no page of a plain-http site elsewhere, and not the `null` of a sandboxed one.
  const url = URL.parse(origin)
  return url !== null && (url.protocol === 'https:' || isLoopbackHost(url.hostname))
}
