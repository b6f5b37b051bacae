/**
 * A person with a browser, reduced to what a sign-in and a consent need: it follows redirects on
 * one site, keeps cookies, and fills in forms as they are on the page. It stops where the browser
 * would leave for the client.
 */

export interface Credentials {
  readonly email: string
  readonly password: string
}

const stepsMax = 10

export class DemoPerson {
  readonly #site: string
  readonly #credentials: Credentials
  readonly #cookies = new Map<string, string>()

  /** @param site origin of the authorization server */
  constructor(site: string, credentials: Credentials) {
    this.#site = site
    this.#credentials = credentials
  }

  /**
   * Opens an authorization URL, signs in where asked, and answers the consent.
   * @returns the redirect back to the client, with `code` or `error`
   */
  async answer(authorizationUrl: string, decision: 'approve' | 'deny' = 'approve'): Promise<URL> {
    let response = await this.open(authorizationUrl)
    for (let step = 0; step < stepsMax; step += 1) {
      const location = response.headers.get('location')
      if (location === null) {
        response = await this.#fillIn(await response.text(), decision)
      } else {
        const next = new URL(location, this.#site)
        if (next.origin !== this.#site) return next
        response = await this.open(next.href)
      }
    }
    throw new Error('Cannot answer the consent: the pages lead nowhere')
  }

  async open(url: string): Promise<Response> {
    return this.#send(new URL(url, this.#site), {})
  }

  async submit(path: string, fields: Record<string, string> | string[][]): Promise<Response> {
    const body = new URLSearchParams(fields).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.#send(new URL(path, this.#site), { method: 'POST', headers, body })
  }

  /** The headers that this browser would send. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #fillIn(html: string, decision: string): Promise<Response> {
    const form = html.split('<form').find((part) => part.includes('name="decision"'))
    if (form) {
      const fields = Object.entries({ ...hiddenFields(form), decision })
      return this.submit('/consent', [...fields, ...ticks(html)])
    }
    if (html.includes('name="password"')) {
      return this.submit('/sign-in', { ...hiddenFields(html), ...this.#credentials })
    }
    const words = html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .slice(0, 300)
    throw new Error(`Cannot go on from this page: ${words}`)
  }

  async #send(url: URL, init: RequestInit & { headers?: Record<string, string> }) {
    const headers = { ...init.headers, cookie: this.cookie }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      this.#cookies.set(name, pair.slice(name.length + 1))
    }
    return response
  }
}

/** The hidden fields of a form, as our pages write them. */
export function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="([^"]+)" value(?:="([^"]*)")?/g)
  return Object.fromEntries(
    [...fields].map(([, name = '', value = '']) => [name, unescaped(value)]),
  )
}

/** What a consent has ticked, and a browser would send along. */
function ticks(html: string): string[][] {
  const ticked = html.matchAll(/<input type="checkbox" name="give" [^>]*?value="([^"]*)" checked/g)
  return [...ticked].map(([, value = '']) => ['give', unescaped(value)])
}

function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')
}
