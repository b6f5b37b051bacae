/** What Aigon's page promises of the token that never expires: its page, the command line, the bot. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { newPlace, run, sourceProgram } from '../cli/processes.ts'
import { BotApi, botName, botToken, tokenIn } from '../support/bot-api.ts'
import { formsOn } from '../support/form-crawl.ts'
import { post, register } from '../support/oauth-client.ts'
import { signInAt } from '../support/second-factor.ts'
import { admin, freePort, startTestServer, type TestServer } from '../support/server.ts'
import { signedByTelegram } from '../support/telegram-link.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { startTwoHosts } from '../support/two-hosts.ts'
import { documentHolds, type Sentence } from './seed-document.ts'

let now = Date.now()
let server: TestServer
/** Where programs call; people are at the other host. */
let api: { url: string }
let person: DemoPerson
beforeAll(async () => {
  const port = await freePort()
  api = { url: `http://127.0.0.1:${port}` }
  server = await startTestServer({ port, apiUrl: api.url }, { preset: 'aigon', clock: () => now })
  person = await signedIn()
})
afterAll(() => server.stop())

async function signedIn(somebody = server.person()): Promise<DemoPerson> {
  await signInAt(somebody, '/sign-in', admin)
  return somebody
}

/** The page that the menu behind the profile icon leads to, wherever it sends on to. */
async function tokenPage(): Promise<{ path: string; html: string }> {
  const account = await (await person.open('/account')).text()
  const menu = account.split('<nav class="menu"')[1]?.split('</nav>')[0] ?? ''
  const [, link = ''] = /href="([^"]+)"[^>]*>API Token</.exec(menu) ?? []
  let [path, response] = [link, await person.open(link)]
  for (let to = response.headers.get('location'); to; to = response.headers.get('location')) {
    ;[path, response] = [to, await person.open(to)]
  }
  return { path, html: await response.text() }
}

function textOn(html: string): string {
  return /aigon_live_[A-Za-z0-9_-]{49}/.exec(html)?.[0] ?? ''
}

/** Presses a button of the page, and sees where it leads. */
async function press(action: RegExp): Promise<string> {
  const { path, html } = await tokenPage()
  const form = formsOn(html, path).find((each) => action.test(each.action))
  if (!form) throw new Error(`Cannot press: there is no form for ${action}`)
  const done = await person.submit(form.action, { ...form.fields })
  return (await person.open(done.headers.get('location') ?? path)).text()
}

/** The token that the page shows now, made where there is none. */
async function ownToken(): Promise<string> {
  const { path, html } = await tokenPage()
  if (textOn(html) !== '') return textOn(html)
  const [, onward = path] = /href="([^"]*\/new[^"]*)"/.exec(html) ?? []
  const form = await (await person.open(onward.replaceAll('&amp;', '&'))).text()
  const asked = formsOn(form, onward).find(({ action }) => action === '/developers/keys')
  const made = await person.submit('/developers/keys', { ...asked?.fields, name: 'My token' })
  return textOn(await (await person.open(made.headers.get('location') ?? '')).text())
}

async function statusOf(path: string, token: string, at = api.url): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(at + path, { headers })).status
}

const sentences: Sentence[] = [
  {
    section: 'Web app',
    says: 'behind the profile icon stands "API Token"; its page shows the token, each time anew',
    async check() {
      const token = await ownToken()
      expect(token).toMatch(/^aigon_live_/)
      expect(textOn((await tokenPage()).html)).toBe(token)
      expect(await statusOf('/health', token)).toBe(200)
    },
  },
  {
    section: 'Web app',
    says: 'from this page the token can be regenerated',
    async check() {
      const before = await ownToken()
      const after = textOn(await press(/\/regenerate$/))
      expect(after).not.toBe(before)
      expect([await statusOf('/health', before), await statusOf('/health', after)]).toEqual([
        401, 200,
      ])
      expect(textOn((await tokenPage()).html)).toBe(after)
    },
  },
  {
    section: 'Web app',
    says: 'and deleted; there is one token, and a new one only when it is asked for',
    async check() {
      const before = await ownToken()
      await press(/\/delete$/)
      expect(await statusOf('/health', before)).toBe(401)
      expect(textOn((await tokenPage()).html)).toBe('')
      const next = await ownToken()
      expect(next).not.toBe(before)
      expect(await ownToken()).toBe(next)
    },
  },
  {
    section: 'Authentication',
    says: 'an API token never expires and is not refreshed; an access token lives an hour',
    async check() {
      const token = await ownToken()
      const before = now
      now += 20 * 365 * 86_400_000
      expect(await statusOf('/health', token)).toBe(200)
      const { client_id } = await register(api)
      const form = { grant_type: 'refresh_token', refresh_token: token, client_id }
      expect((await post(api, '/oauth/token', { form })).status).toBe(400)
      now = before
      person = await signedIn()
    },
  },
  {
    section: 'Web app',
    says: 'on two hosts the page is at the front, and its token opens the API and nothing in front',
    async check() {
      const hosts = await startTwoHosts({}, { preset: 'aigon' })
      const before = person
      person = await signedIn(hosts.person())
      const token = await ownToken()
      person = before
      expect(await statusOf('/health', token, hosts.api.url)).toBe(200)
      expect(await statusOf('/health', token, hosts.url)).not.toBe(200)
      expect(hosts.logged() + hosts.api.logged()).not.toContain(token)
      await hosts.stop()
    },
  },
  {
    section: 'Telegram Auth Bot',
    says: 'whoever signs in by Telegram finds on the page the token that the bot gave them',
    async check() {
      const telegram = await new BotApi().start()
      const upstream = { id: 'bot', name: 'Telegram', kind: 'telegram_widget' as const }
      const upstreams = [{ ...upstream, clientId: botName, clientSecret: botToken }]
      const at = await startTestServer({ ...telegram.settings(), upstreams }, { preset: 'aigon' })
      const grace = { id: 4242, first_name: 'Grace' }
      const token = tokenIn((await telegram.say(grace, '/get'))[0])
      const auth_date = String(Math.floor(Date.now() / 1000))
      const signed = signedByTelegram({ ...grace, id: '4242', auth_date }, botToken)
      const before = person
      person = at.person()
      const link = `/sign-in/telegram/bot?${new URLSearchParams(signed)}`
      const [form] = formsOn(await (await person.open(link)).text(), link)
      await person.submit('/sign-in/telegram/bot', { ...form?.fields })
      expect(textOn((await tokenPage()).html)).toBe(token)
      const replaced = textOn(await press(/\/regenerate$/))
      expect(tokenIn((await telegram.say(grace, '/get'))[0])).toBe(replaced)
      person = before
      await at.stop()
      await telegram.stop()
    },
  },
  {
    section: 'REST API',
    says: 'the token goes into the Authorization header as Bearer, and nowhere else',
    async check() {
      const token = await ownToken()
      expect(await statusOf('/health', token)).toBe(200)
      const elsewhere = await fetch(`${api.url}/health?access_token=${token}`)
      expect(elsewhere.status).toBe(401)
      const asCookie = await fetch(`${api.url}/health`, { headers: { cookie: `token=${token}` } })
      expect(asCookie.status).toBe(401)
    },
  },
  {
    section: 'MCP Server',
    says: 'MCP is for OAuth: an API token is none of its tokens',
    async check() {
      const token = await ownToken()
      const answer = await fetch(`${api.url}/api/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      })
      expect([401, 404]).toContain(answer.status)
    },
  },
  {
    section: 'CLI',
    says: '`config set api.token YOUR_TOKEN`, and every command uses it from then on',
    async check() {
      const token = await ownToken()
      const place = await newPlace()
      place.env.HOME = place.folder
      const grantlog = (...args: string[]) => run(sourceProgram, { place, args })
      try {
        expect((await grantlog('config', 'set', 'api.url', api.url)).code).toBe(0)
        expect((await grantlog('whoami')).code).not.toBe(0)
        expect((await grantlog('config', 'set', 'api.token', token)).code).toBe(0)
        const who = await grantlog('whoami')
        expect([who.code, who.err]).toEqual([0, ''])
        expect(who.out).toContain(`…${token.slice(-4)}`)
        expect(who.out).not.toContain(token)
        await press(/\/regenerate$/)
        expect((await grantlog('whoami')).code).not.toBe(0)
      } finally {
        place.remove()
      }
    },
  },
]

documentHolds('Aigon, the token', { sentences, later: [] })
