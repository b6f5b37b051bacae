/**
 * The headers of every page. The policy starts from nothing: no script but one of
 * ours on the few pages that run one, our own stylesheet, images from here or inline, forms to
 * here, no frames either way.
 *
 * Three things loosen it, and only where they are needed:
 *
 * `redirectUri`: Chromium applies `form-action` to the redirects that follow a form too, so the
 * page whose form ends at the client names the client's origin, or `Approve` does nothing. The
 * page for one request names the one origin of that request, with its port. A callback that
 * redirects further, to an origin of its own choosing, is stopped by Chromium all the same.
 *
 * `openedByClient`: a client may have opened the page in a pop-up, and `same-origin` would cut the
 * tie to its opener for good: the client would see its pop-up as closed while the person is still
 * reading.
 *
 * `runsScript`: passkeys are asked for by a script, of our own and from here. `asksServer`: the one
 * that waits for an agent asks here whether it has come.
 * @see [CSP3 §6.4.1 - form-action](https://www.w3.org/TR/CSP3/#directive-form-action)
 * @see [RFC 9700 §4.16 - Clickjacking](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.16)
 */
import { isLoopback, parseUrl } from './safe-href.ts'

export interface PageHeaderOptions {
  /** Where the form of this page may end, when that is a client. */
  readonly redirectUri?: string | undefined
  /** True on every page of an authorization; implied by `redirectUri`. */
  readonly openedByClient?: boolean
  /** Whether the page runs a script of ours; never one inside the page. */
  readonly runsScript?: boolean
  /** Whether that script asks this server for news. */
  readonly asksServer?: boolean
}

const featuresNobodyNeeds = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
]

export function pageHeaders(options: PageHeaderOptions = {}): Record<string, string> {
  const { redirectUri, openedByClient = redirectUri !== undefined } = options
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(options),
    'x-frame-options': 'DENY',
    // `same-origin` would still hand the request's parameters from page to page.
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    vary: 'Accept-Language',
    'cross-origin-opener-policy': openedByClient ? 'unsafe-none' : 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': featuresNobodyNeeds.map((feature) => `${feature}=()`).join(', '),
  }
}

function contentSecurityPolicy({ redirectUri, runsScript, asksServer }: PageHeaderOptions): string {
  const client = redirectUri === undefined ? undefined : formActionSource(redirectUri)
  return [
    "default-src 'none'",
    ...(runsScript ? ["script-src 'self'"] : []),
    ...(asksServer ? ["connect-src 'self'"] : []),
    "style-src 'self'",
    "img-src 'self' data:",
    `form-action 'self'${client ? ` ${client}` : ''}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * The source expression that lets a form end at this redirect URI, or undefined when none must:
 * a URI that is no URI, or one whose scheme could run something here.
 */
export function formActionSource(redirectUri: string): string | undefined {
  const parsed = parseUrl(redirectUri)
  if (!parsed) return undefined
  if (parsed.protocol === 'https:') return originSource(parsed)
  if (parsed.protocol === 'http:' && isLoopback(parsed.hostname)) return originSource(parsed)
  if (parsed.protocol === 'http:') return undefined
  if (schemesOfTheBrowser.has(parsed.protocol)) return undefined
  // The parser has lower-cased the scheme and kept only letters, digits, `+`, `-`, `.`.
  return parsed.protocol
}

const schemesOfTheBrowser = new Set([
  'about:',
  'blob:',
  'data:',
  'file:',
  'filesystem:',
  'ftp:',
  'javascript:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
])

/** What a host may be made of here: the URL parser also lets `;`, `,` and `*` through. */
const plainHost = /^[a-z0-9._-]+$/

function originSource(url: URL): string | undefined {
  // Host sources cannot say an IPv6 address, so one of those widens to its scheme.
  if (url.hostname.startsWith('[')) return url.protocol
  return plainHost.test(url.hostname) ? url.origin : undefined
}
