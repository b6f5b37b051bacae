/** A person's browser, reduced to cookies and redirects, for setting contenders up. */

const stepsMax = 10

export class Browser {
  readonly site: string
  readonly #cookies = new Map<string, string>()

  /** @param site origin of the server */
  constructor(site: string) {
    this.site = site
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async open(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.site)
    const headers = new Headers(init.headers)
    headers.set('cookie', this.cookie)
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(name.length + 1)
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  /**
   * Follows redirects until one leaves for the client.
   * @param answer where a page has to be answered first: gives where to go on
   */
  async follow(path: string, answer?: (page: URL) => Promise<string | undefined>): Promise<URL> {
    let next = new URL(path, this.site)
    for (let step = 0; step < stepsMax; step += 1) {
      const onward = await answer?.(next)
      const location = onward ?? (await this.open(next.href)).headers.get('location')
      if (!location) throw new Error(`Cannot go on from ${next.pathname}`)
      next = new URL(location, this.site)
      if (next.origin !== this.site) return next
    }
    throw new Error('Cannot get to the client: the pages lead nowhere')
  }
}
