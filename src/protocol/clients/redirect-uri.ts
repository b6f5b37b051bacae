/**
 * Which redirect URIs may be registered, and which one a request may name.
 *
 * Both are decided on the text as it was sent, not on what a URL parser makes of it: parsers
 * repair, and what they repair is where redirects get lost.
 *
 * @see [RFC 9700 §2.1 - Protecting Redirect-Based Flows](https://www.rfc-editor.org/rfc/rfc9700.html#section-2.1)
 * @see [RFC 8252 §7.3 - Loopback Interface Redirection](https://www.rfc-editor.org/rfc/rfc8252.html#section-7.3)
 */

export const redirectUriCharactersMax = 2048

const loopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?(\/[^#]*|\?[^#]*)?$/
const https = /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?][^#]*)?$/
const privateScheme = /^([a-z][a-z0-9+.-]*):[^#]+$/

/** Schemes that a browser or system would act on by itself. */
const dangerousSchemes = new Set([
  ...['javascript', 'data', 'vbscript', 'file', 'blob', 'about', 'filesystem', 'view-source'],
  ...['http', 'https', 'ws', 'wss', 'ftp', 'mailto', 'tel', 'sms', 'chrome', 'intent', 'jar'],
])

/** Printable ASCII without space, quotes, angle brackets, backslash, `^`, backtick, braces, `|`. */
const uriCharacters = /^[!#-;=?-[\]_a-z~%]+$/

export function mayBeRegistered(uri: string, { privateSchemes = true } = {}): boolean {
  if (uri.length > redirectUriCharactersMax || !uriCharacters.test(uri)) return false
  if (hasDotSegments(uri)) return false
  if (https.test(uri) || isLoopback(uri)) return URL.canParse(uri)
  const scheme = privateSchemes ? privateScheme.exec(uri)?.[1] : undefined
  return scheme !== undefined && !dangerousSchemes.has(scheme)
}

function hasDotSegments(uri: string): boolean {
  const path = uri.replace(/[?].*$/, '')
  return /\/(\.|%2e){1,2}(\/|$)/i.test(path)
}

export function isLoopback(uri: string): boolean {
  return loopback.test(uri)
}

/**
 * True when the request's URI is a registered one; of a loopback URI the port may differ.
 *
 * ```ts
 * import { equal } from 'node:assert/strict'
 *
 * equal(matchesRegistered('http://127.0.0.1:4711/cb', ['http://127.0.0.1/cb']), true)
 * equal(matchesRegistered('https://app.example/cb/', ['https://app.example/cb']), false)
 * ```
 */
export function matchesRegistered(uri: string, registered: readonly string[]): boolean {
  if (registered.includes(uri)) return true
  const asked = withoutPort(uri)
  return asked !== undefined && registered.some((r) => withoutPort(r) === asked)
}

function withoutPort(uri: string): string | undefined {
  if (!uriCharacters.test(uri) || hasDotSegments(uri)) return undefined
  const match = loopback.exec(uri)
  if (!match || Number(match[2] ?? 80) > 65_535) return undefined
  return `http://${match[1]}${match[3] ?? ''}`
}

/**
 * True when the operator lets every known client use this URI.
 *
 * ```ts
 * import { equal } from 'node:assert/strict'
 *
 * equal(matchesPattern('https://app.example/cb/7', ['https://app.example/cb/{id}']), true)
 * equal(matchesPattern('https://app.example/cb/7/8', ['https://app.example/cb/{id}']), false)
 * ```
 */
export function matchesPattern(uri: string, patterns: readonly string[]): boolean {
  if (!mayBeRegistered(uri, { privateSchemes: false })) return false
  return patterns.some((pattern) =>
    pattern.startsWith(anyLoopbackPort)
      ? matchesLoopback(uri, pattern.slice(anyLoopbackPort.length))
      : matchesSegments(uri, pattern),
  )
}

const anyLoopbackPort = 'http://localhost:*'

function matchesLoopback(uri: string, path: string): boolean {
  if (withoutPort(uri) === undefined) return false
  return path === '/*' || loopback.exec(uri)?.[3] === path
}

function matchesSegments(uri: string, pattern: string): boolean {
  const [asked, allowed] = [uri.split('/'), pattern.split('/')]
  if (asked.length !== allowed.length) return false
  return allowed.every((segment, at) =>
    segment === '{id}' ? /^[A-Za-z0-9_-]{1,128}$/.test(asked[at] ?? '') : segment === asked[at],
  )
}

/** The different hosts of the https addresses among these. */
export function httpsHosts(redirectUris: readonly string[]): string[] {
  const https = redirectUris.filter((uri) => uri.startsWith('https:'))
  return [...new Set(https.map((uri) => new URL(uri).host))]
}

/** The URI with these parameters added to its query; nothing else of it is touched. */
export function withParameters(
  uri: string,
  parameters: Record<string, string | undefined>,
): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.append(name, value)
  }
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}
