/**
 * No page can be put into a frame, neither one that is shown nor one that refuses.
 *
 * @see [RFC 9700 §4.16 - Clickjacking](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.16)
 */
import { application } from '../../src/server.ts'
import { connectApp } from '../support/connected-apps.ts'
import { formsFrom } from '../support/form-crawl.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** What is missing on this answer, if it is a page. */
async function missingOn(response: Response): Promise<string[]> {
  await response.body?.cancel()
  const { headers } = response
  if (!headers.get('content-type')?.startsWith('text/html')) return []
  const policy = headers.get('content-security-policy') ?? ''
  return [
    ...(/(^|; )frame-ancestors 'none'(;|$)/.test(policy) ? [] : ['frame-ancestors']),
    ...(headers.get('x-frame-options') === 'DENY' ? [] : ['x-frame-options']),
    ...(headers.get('x-content-type-options') === 'nosniff' ? [] : ['nosniff']),
  ]
}

test('whatever is asked, by anybody, an answer that is a page forbids frames', async () => {
  const app = application(server.services, { health: async () => {} })
  const person = server.person()
  await connectApp(server, { scope: 'read' }, person)
  const flaws: string[] = []
  let pages = 0
  for (const { method, path } of app.routes) {
    if (method !== 'GET' && method !== 'POST') continue
    for (const cookie of ['', person.cookie]) {
      const response = await fetch(server.url + path.replaceAll(/:\w+/g, 'x'), {
        method,
        redirect: 'manual',
        headers: { cookie, accept: 'text/html' },
      })
      if (response.headers.get('content-type')?.startsWith('text/html')) pages += 1
      for (const flaw of await missingOn(response)) flaws.push(`${method} ${path}: ${flaw}`)
    }
  }
  expect(flaws).toEqual([])
  expect(pages).toBeGreaterThan(40)
})

test('neither do the pages that links lead to, nor those of a request', async () => {
  const person = server.person()
  await connectApp(server, { scope: 'read' }, person)
  const forms = await formsFrom(person, ['/account', '/admin', '/developers/connected-apps'])
  const places = new Set(forms.map(({ page }) => page))
  const request = await person.open(authorizationUrl(server, (await register(server)).client_id))
  const more = [request.headers.get('location') ?? '', '/nowhere', '/consent?request=x']
  for (const page of [...places, ...more]) {
    expect([page, await missingOn(await person.open(page))]).toEqual([page, []])
  }
  expect(places.size).toBeGreaterThan(15)
})
