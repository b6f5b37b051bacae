/** Whoever asks for a page of theirs signs in, by whichever way, and lands on that page. */
import { createHash, createHmac } from 'node:crypto'
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { ownPage } from '../../src/http/return-path.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { codeAt, enrol, sendCode, signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { SoftwarePasskey } from '../support/software-passkey.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { locationOf, visit } from '../support/upstream-visit.ts'

const botToken = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw'
const bob = { email: 'bob@example.com', password: 'another long passphrase' }

let provider: Provider
let mail: MailServer
let server: TestServer
let passkey: SoftwarePasskey
let bobsKey: Uint8Array
let now = Date.now()

beforeAll(async () => {
  provider = await startProvider()
  provider.person = { sub: 'ada', name: 'Ada' }
  mail = await startMailServer()
  const bot = { id: 'bot', name: 'Telegram', kind: 'telegram_widget' } as const
  const upstreams = upstreamsAt(provider, {}, { ...bot, clientSecret: botToken, signUp: true })
  const settings = { ...upstreams, mail: { url: mail.url }, signUp: 'open' } as const
  server = await startTestServer(settings, { clock: () => now })
  const ada = await findUserByEmail(server.services, admin.email)
  passkey = new SoftwarePasskey(ada?.userId ?? '')
  await passkey.addTo(server)
  const person = server.person()
  await signInAt(person, '/sign-in', admin)
  expect(await visit(person, { from: '/account' })).toBe('/account')
  await registerUser(server.services, { ...bob, name: 'Bob', admin: true, actor: 'cli' })
  const other = server.person(bob)
  await signInAt(other, '/sign-in', bob)
  bobsKey = (await enrol(other, now)).key
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
  await mail.stop()
})

async function byPasskey(person: DemoPerson, at: string) {
  const html = await (await person.open(at)).text()
  const challenge = /challenge&quot;:&quot;([\w-]+)/.exec(html)?.[1] ?? ''
  const credential = passkey.answer({ challenge, origin: server.url })
  const answer = await person.submit('/sign-in/passkey', { ...hiddenFields(html), credential })
  return locationOf(answer)
}

/** As the sign-in page leads there. */
async function byMail(person: DemoPerson, at: string) {
  now += 3600_000
  const html = await (await person.open(at)).text()
  const way = /href="(\/sign-in\/email[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const form = hiddenFields(await (await person.open(way)).text())
  await server.services.mail.idle()
  const after = mail.received.length
  await person.submit('/sign-in/email', { ...form, email: admin.email })
  const link = await mail.nextLink({ to: admin.email, after })
  const fields = hiddenFields(await (await person.open(link)).text())
  return locationOf(await person.submit('/sign-in/confirm', fields))
}

/** The login button of a bot, with the query that its link has by itself. */
async function byTelegram(person: DemoPerson, at: string) {
  const signed = { id: '7', first_name: 'Grace', auth_date: String(Math.floor(now / 1000)) }
  const text = `auth_date=${signed.auth_date}\nfirst_name=Grace\nid=7`
  const key = createHash('sha256').update(botToken).digest()
  const hash = createHmac('sha256', key).update(text).digest('hex')
  const next = new URL(at, server.url).searchParams.get('next') ?? ''
  const path = `/sign-in/telegram/bot?${new URLSearchParams({ next, ...signed, hash })}`
  const fields = hiddenFields(await (await person.open(path)).text())
  now += 1000
  return locationOf(await person.submit('/sign-in/telegram/bot', fields))
}

async function bySecondStep(person: DemoPerson, at: string) {
  now += 60_000
  const half = locationOf(await signInAt(person, at, bob))
  expect(half).toMatch(/^\/sign-in\/code\?step=/)
  return locationOf(await sendCode(person, half, codeAt(bobsKey, now)))
}

type Way = (person: DemoPerson, at: string) => Promise<string>

const ways: [name: string, way: Way][] = [
  ['a password', async (person, at) => locationOf(await signInAt(person, at, admin))],
  ['a passkey', byPasskey],
  ['another service', (person, from) => visit(person, { from })],
  ['Telegram', byTelegram],
  ['a password and a code', bySecondStep],
  // It lets hours pass, which the other service would notice.
  ['a link in a mail', byMail],
]

const pages = [
  '/account',
  '/account/security',
  '/developers/connected-apps?search=a%20b&page=2',
  '/developers/keys/new?resource=https%3A%2F%2Fapi.example%2Fmcp',
  '/admin/users?search=ada%40example.com',
  '/device?user_code=WDJB-MJHT',
]

describe.each(ways)('who signs in by %s', (_, way) => {
  test.each(pages)('lands on %p, which they asked for', async (page) => {
    const person = server.person()
    const at = locationOf(await person.open(page))
    expect(at).toStartWith('/sign-in?next=/')
    const html = await (await person.open(at)).text()
    expect(html).not.toContain('Confirm that it is you')
    expect(await way(person, at)).toBe(page)
  })
})

describe('on the way', () => {
  const at = '/sign-in?next=/account/security'

  test('a wrong password and a failure elsewhere forget nothing', async () => {
    const person = server.person()
    const wrong = await signInAt(person, at, { ...admin, password: 'something else' })
    expect(await wrong.text()).toContain('name="next" value="/account/security"')
    provider.mischief = { answer: { error: 'access_denied' } }
    const back = await visit(person, { from: at })
    provider.mischief = {}
    expect(new URL(back, server.url).searchParams.get('next')).toBe('/account/security')
    expect(locationOf(await signInAt(person, back, admin))).toBe('/account/security')
  })

  test('the page of the code leads back to the other ways with it', async () => {
    const person = server.person()
    const half = locationOf(await signInAt(person, at, bob))
    expect(await (await person.open(half)).text()).toContain(`href="${at}"`)
  })

  test('a form of a page whose session has ended leads back to the page', async () => {
    const person = server.person()
    const app = '/developers/connected-apps/grt_1'
    const answers = {
      '/account/name': '/account/name',
      '/account/sessions': '/account',
      '/account/unlink': '/account',
      '/developers/keys': '/developers/keys',
      '/developers/keys/apt_1/delete': '/developers/keys/apt_1',
      [`${app}/narrow`]: app,
      '/developers/connected-apps/revoke': '/developers/connected-apps/revoke',
      '/admin/do/disable-user': '/admin',
    }
    for (const [path, page] of Object.entries(answers)) {
      const sent = await person.submit(path, {})
      expect([path, locationOf(sent)]).toEqual([path, `/sign-in?next=${page}`])
    }
  })

  test('what waited for too long is forgotten, and the account page comes', async () => {
    const person = server.person()
    const half = locationOf(await signInAt(person, at, bob))
    now += 11 * 60_000
    expect(locationOf(await person.open(half))).toBe('/sign-in')
    now += 60_000
    expect(await bySecondStep(person, '/sign-in')).toBe('/account')
  })

  test('somebody new comes to the page they asked for as well', async () => {
    now += 3600_000
    const person = server.person()
    const html = await (await person.open('/sign-in?next=/developers/keys')).text()
    const way = /href="(\/sign-up[^"]*)"/.exec(html)?.[1] ?? ''
    const form = hiddenFields(await (await person.open(way)).text())
    await person.submit('/sign-up', { ...form, email: 'new@example.com' })
    const link = await mail.nextLink({ to: 'new@example.com' })
    const fields = hiddenFields(await (await person.open(link)).text())
    const made = { ...fields, name: 'New', password: 'a very long passphrase' }
    expect(locationOf(await person.submit('/sign-up/confirm', made))).toBe('/developers/keys')
  })
})

describe('a page to come back to', () => {
  test.each(pages)('is a page of ours: %p', (path) => {
    expect(ownPage(path)).toBe(path)
  })

  test.each([
    '',
    'account',
    'https://evil.example/',
    'https://evil.example/account',
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    '//evil.example/account',
    '///evil.example/account',
    '/\\evil.example',
    '/\\/evil.example/account',
    '\\\\evil.example',
    '/account\\..\\consent',
    '/\t/evil.example/account',
    '/\n/evil.example',
    '/account\r\nset-cookie: a=b',
    '/account\u0000',
    '/account?a=\u0007b',
    ' /account',
    '/account ',
    '/account#https://evil.example',
    '/account/../oauth/authorize',
    '/account/./x',
    '/account/%2e%2e/consent',
    '/account/..%2fconsent',
    '/account%2f..%2f..',
    '/account@evil.example/',
    '/accounts',
    '/account/é',
    '/account?name="><script>',
    '/sign-out',
    '/sign-in?next=/account',
    '/oauth/authorize?client_id=x',
    '/consent?request=x',
    `/account?x=${'a'.repeat(1000)}`,
  ])('is never elsewhere, nor written as no browser would: %j', async (path) => {
    expect(ownPage(path)).toBe(undefined)
    const person = server.person()
    const asked = `/sign-in?next=${encodeURIComponent(path)}`
    expect(locationOf(await signInAt(person, asked, admin))).toBe('/account')
  })
})
