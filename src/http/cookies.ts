/**
 * Two cookies: which browser this is (so that a request is answered where it was asked), and who
 * is signed in. Over https they are `__Host-` cookies: Secure, for this host and path `/` only.
 *
 * @see [RFC 6265bis §4.1.3.2 - The "__Host-" Prefix](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2)
 */
import { randomBytes } from 'node:crypto'
import type { Settings } from '../config/settings.ts'
import { equalSecrets, type Keyring, sha256 } from '../domain/keyring.ts'

export type CookieName = 'session' | 'browser'

const browserSeconds = 24 * 3600

function nameOf({ issuer }: Settings, name: CookieName): string {
  return issuer.startsWith('https:') ? `__Host-grantlog-${name}` : `grantlog-${name}`
}

export function readCookie(
  settings: Settings,
  request: Request,
  name: CookieName,
): string | undefined {
  const wanted = `${nameOf(settings, name)}=`
  for (const part of (request.headers.get('cookie') ?? '').split(';')) {
    const cookie = part.trim()
    if (cookie.startsWith(wanted)) return cookie.slice(wanted.length) || undefined
  }
  return undefined
}

/** What of a request's cookies is ours: another program may serve other pages on this host. */
export function ownCookies(request: Request): string {
  const cookies = (request.headers.get('cookie') ?? '').split(';').map((cookie) => cookie.trim())
  return cookies.filter((cookie) => /^(?:__Host-)?grantlog-/.test(cookie)).join('; ')
}

/** @param maxAgeSeconds 0 deletes the cookie */
export function writeCookie(
  settings: Settings,
  name: CookieName,
  { value, maxAgeSeconds }: { value: string; maxAgeSeconds: number },
): string {
  const secure = settings.issuer.startsWith('https:') ? '; Secure' : ''
  const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`
  return `${nameOf(settings, name)}=${value}; ${attributes}`
}

export interface BrowserMark {
  /** What requests and forms are bound to. */
  readonly browser: string
  /** Present when the browser has none yet. */
  readonly setCookie?: string
}

export function browserOf(settings: Settings, request: Request): BrowserMark {
  const known = readCookie(settings, request, 'browser')
  if (known && /^[A-Za-z0-9_-]{43}$/.test(known)) return { browser: sha256(known) }
  const value = randomBytes(32).toString('base64url')
  const setCookie = writeCookie(settings, 'browser', { value, maxAgeSeconds: browserSeconds })
  return { browser: sha256(value), setCookie }
}

/** What a form carries to prove that this server gave it to this browser, for this purpose. */
export function csrfToken(keyring: Keyring, browser: string, purpose: string): string {
  return keyring.mac('csrf', [browser, purpose])
}

export function isCsrfToken(
  keyring: Keyring,
  token: string | null,
  { browser, purpose }: { browser: string; purpose: string },
): boolean {
  return token !== null && equalSecrets(token, csrfToken(keyring, browser, purpose))
}
