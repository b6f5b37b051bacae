/** What Onegent's guide promises of its pages: connected apps, keys, and clients minted by hand. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { formsOn } from '../support/form-crawl.ts'
import {
  authorizationUrl,
  connect,
  newPkce,
  redirectUri,
  refresh,
} from '../support/oauth-client.ts'
import { signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { bodyOf, documentHolds, type Sentence } from './seed-document.ts'

let server: TestServer
let person: DemoPerson
beforeAll(async () => {
  server = await startTestServer({}, { preset: 'onegent' })
  person = server.person()
  await signInAt(person, '/sign-in', admin)
})
afterAll(() => server.stop())

function listTools(token: string): Promise<Response> {
  return fetch(`${server.url}/api/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  })
}

/** Fills in the form of this page that goes to such an address; the page that it leads to. */
async function fillIn(page: string, action: RegExp, typed: Record<string, string> = {}) {
  const html = await (await person.open(page)).text()
  const form = formsOn(html, page).find((each) => action.test(each.action))
  if (!form) throw new Error(`Cannot fill in: there is no form for ${action} on ${page}`)
  const done = await person.submit(form.action, { ...form.fields, ...typed })
  const location = done.headers.get('location')
  const answer = location === null ? done : await person.open(location)
  return { path: location ?? page, html: await answer.text() }
}

const keyOn = (html: string) => /ogk_live_[A-Za-z0-9_-]+/.exec(html)?.[0] ?? ''

async function mintKey(): Promise<{ path: string; key: string }> {
  const list = await (await person.open('/developers/keys')).text()
  const [, onward = ''] = /href="(\/developers\/keys\/new[^"]*)"/.exec(list) ?? []
  const scopes = { name: 'Our own bookings' }
  const { path, html } = await fillIn(onward.replaceAll('&amp;', '&'), /\/keys$/, scopes)
  return { path, key: keyOn(html) }
}

const sentences: Sentence[] = [
  {
    section: '11 Going further',
    says: 'people disconnect an app at /developers/connected-apps; its tokens are 401 invalid_token at once, without any sign',
    async check() {
      const { client, tokens } = await connect(server, { scope: 'book read' }, person)
      expect((await listTools(tokens.access_token)).status).toBe(200)
      const list = await (await person.open('/developers/connected-apps')).text()
      const [page = ''] = /\/developers\/connected-apps\/grt_\w+/.exec(list) ?? []
      await fillIn(page, /\/revoke$/)
      const refused = await bodyOf(listTools(tokens.access_token), 401)
      expect(refused.error).toBe('invalid_token')
      const refreshToken = tokens.refresh_token
      const again = await refresh(server, { client, refreshToken })
      expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    },
  },
  {
    section: '6 Refresh',
    says: 'after that the person goes through authorization again, and the app has access again',
    async check() {
      const { tokens } = await connect(server, { scope: 'read' }, person)
      expect((await listTools(tokens.access_token)).status).toBe(200)
    },
  },
  {
    section: '11 Going further',
    says: 'a key of /developers/keys begins with ogk_live_ and opens /api/mcp',
    async check() {
      const { key } = await mintKey()
      expect(key).toMatch(/^ogk_live_/)
      const { result } = (await bodyOf(listTools(key))) as { result: { tools: unknown[] } }
      expect(result.tools.length).toBe(6)
    },
  },
  {
    section: '11 Going further',
    says: 'a key is shown once, and one that its owner deletes is invalid_token',
    async check() {
      const { path, key } = await mintKey()
      expect(keyOn(await (await person.open(path)).text())).toBe('')
      await fillIn(path, /\/delete$/)
      expect((await bodyOf(listTools(key), 401)).error).toBe('invalid_token')
    },
  },
  {
    section: '2 Constraints',
    says: 'an operator mints a client whose name holds a brand, and the consent says who added it',
    async check() {
      const refused = await fetch(`${server.url}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_name: 'OpenAI Travel', redirect_uris: [redirectUri] }),
      })
      expect((await bodyOf(refused, 400)).error).toBe('invalid_client_metadata')
      const { html } = await fillIn('/admin/do/create-client', /create-client$/, {
        ...{ name: 'OpenAI Travel', redirectUris: redirectUri, scope: 'book read' },
      })
      const [client_id = ''] = /dcr_\w+|cli_\w+/.exec(html) ?? []
      const url = authorizationUrl(server, client_id, { code_challenge: newPkce().challenge })
      const consent = (await person.open(url)).headers.get('location') ?? ''
      const page = await (await person.open(consent)).text()
      expect(page).toContain('OpenAI Travel')
      expect(page).toContain('added by the people who run this server')
    },
  },
]

documentHolds('Onegent, the pages', { sentences, later: [] })
