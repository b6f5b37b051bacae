/** How a page, a refused form and a redirect leave the server. */

import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { errorPage } from '../web/error-page.tsx'
import type { PageShell } from '../web/layout.tsx'
import { type PageHeaderOptions, pageHeaders } from '../web/security-headers.ts'
import type { ErrorKind } from '../web/words/english-errors.ts'
import { wordsFor } from '../web/words/words.ts'
import { type BrowserMark, isCsrfToken } from './cookies.ts'

export interface PageOptions extends PageHeaderOptions {
  readonly status?: number
  readonly cookies?: readonly (string | undefined)[]
}

/**
 * Whose page it is, and in which language.
 * @param uiLocales as the client asked for them with its authorization request
 */
export function shellOf(
  { settings }: Pick<Services, 'settings'>,
  request: Request,
  uiLocales?: string,
): PageShell {
  const acceptLanguage = request.headers.get('accept-language')
  return { brand: settings.brand, words: wordsFor({ uiLocales, acceptLanguage }) }
}

export function pageResponse(html: string, options: PageOptions = {}): Response {
  const headers = withCookies(pageHeaders(options), options.cookies)
  return new Response(html, { status: options.status ?? 200, headers })
}

/** 303: the browser goes on with GET, and never posts credentials to where it is sent. */
export function seeOther(
  location: string,
  cookies: readonly (string | undefined)[] = [],
): Response {
  const headers = { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
  return new Response(null, { status: 303, headers: withCookies(headers, cookies) })
}

function withCookies(
  headers: Record<string, string>,
  cookies: readonly (string | undefined)[] = [],
): Headers {
  const all = new Headers(headers)
  for (const cookie of cookies) if (cookie !== undefined) all.append('set-cookie', cookie)
  return all
}

export function errorResponse(
  services: Pick<Services, 'settings'>,
  request: Request,
  { text, status }: { text: ErrorKind; status: number },
): Response {
  const { requestId } = contextOf(request)
  const shell = shellOf(services, request)
  const toSignIn = text === 'mailLinkUsed' || text === 'alreadySetUp'
  const html = errorPage({ ...shell, text: shell.words.errors[text], requestId, toSignIn })
  return pageResponse(html, { status })
}

/**
 * A form counts only when this server gave it to this browser for this purpose. The browser's own
 * word on where it came from is asked too, since it cannot be forged by a page.
 */
export function isOwnForm(
  { keyring }: Pick<Services, 'keyring'>,
  { request, form }: { request: Request; form: URLSearchParams },
  { mark, purpose }: { mark: BrowserMark; purpose: string },
): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') return false
  if (mark.setCookie !== undefined) return false
  return isCsrfToken(keyring, form.get('csrf'), { browser: mark.browser, purpose })
}
