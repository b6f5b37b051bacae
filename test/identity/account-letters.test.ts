/** Whatever changes how an account is got into, its person reads of it. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { composeMail } from '../../src/mail/compose.tsx'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { call, giveApiToken } from '../support/api-tokens.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { enrol, signInAt } from '../support/second-factor.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { SoftwarePasskey } from '../support/software-passkey.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { locationOf, visit } from '../support/upstream-visit.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const password = 'a very long passphrase'

let mail: MailServer
let provider: Provider
let server: TestServer
let email = ''
let userId = ''
let person: DemoPerson
let count = 0

beforeAll(async () => {
  mail = await startMailServer()
  provider = await startProvider()
  server = await startTestServer({ ...upstreamsAt(provider), mail: { url: mail.url } })
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
  await mail.stop()
})
beforeEach(async () => {
  count += 1
  email = `person-${count}@example.com`
  provider.person = { sub: `person-${count}`, name: `grace-${count}` }
  const account = { email, password, name: 'Grace', admin: false, actor: 'cli' }
  const made = await registerUser(server.services, account)
  userId = made.outcome === 'accepted' ? made.userId : ''
  person = server.person({ email, password })
  await signInAt(person, '/sign-in', { email, password })
})

/** Sends the form of a page that posts there. */
async function send(page: string, action: string, fields: Record<string, string> = {}) {
  const html = await (await person.open(page)).text()
  const form = html.split('<form').find((part) => part.includes(`action="${action}"`)) ?? ''
  return person.submit(action, { ...hiddenFields(form), ...fields })
}

/** How many letters there are, with none on its way still. */
async function lettersSoFar(): Promise<number> {
  await server.services.mail.idle()
  return mail.received.length
}

/** The one letter that it makes, to this address. */
async function letterOf(change: () => Promise<unknown>, to = email): Promise<string> {
  const before = await lettersSoFar()
  await change()
  await lettersSoFar()
  const [letter, ...more] = mail.received.slice(before)
  expect([letter?.to, more.length]).toEqual([[to], 0])
  return letter?.content ?? ''
}

function expectWhole(letter: string) {
  const { settings } = server.services
  expect(letter).toMatch(/That was on \d+ \w+ \d{4}, \d\d:\d\d UTC\./)
  expect(letter).toContain('If it was not you')
  expect(letter).toContain(`${settings.issuer}/account`)
  expect(letter).not.toContain('you need not do anything')
}

const security = '/account/security'

describe('a letter comes', () => {
  test('when an app for codes is set up, its recovery codes are made anew, and it is taken away', async () => {
    const on = await letterOf(() => enrol(person, Date.now()))
    expect(on).toContain('takes a code now')
    // Wanted once more, with the code: the session of before is not enough.
    const half = await signInAt(person, `/sign-in?next=${security}`, { email, password })
    expect(locationOf(half)).toContain('/sign-in/code')
    expectWhole(on)
  })

  test('when a passkey is removed', async () => {
    const passkey = new SoftwarePasskey(userId)
    await passkey.addTo(server)
    const letter = await letterOf(() => send(security, `${security}/remove-passkey`))
    expect(letter).toContain('a passkey was removed')
    expectWhole(letter)
  })

  test('when an account elsewhere is linked and unlinked, each once', async () => {
    const linked = await letterOf(() => visit(person, { from: '/account' }))
    expect(linked).toContain('was linked to yours')
    const unlinked = await letterOf(() => send('/account', '/account/unlink'))
    expect(unlinked).toContain('was unlinked from yours')
    expectWhole(linked)
    expectWhole(unlinked)
  })

  test('when the password is changed, in the language of the page', async () => {
    const letter = await letterOf(() =>
      send('/account/password', '/account/password', {
        current: password,
        password: 'another long passphrase',
      }),
    )
    expect(letter).toContain('all other browsers were signed out')
    expectWhole(letter)
  })

  test('when the address is changed, to the one before and to the new one', async () => {
    const next = `new-${count}@example.com`
    await letterOf(() => send('/account/email', '/account/email', { email: next }), next)
    const link = await mail.nextLink({ to: next })
    const fields = hiddenFields(await (await person.open(link)).text())
    const before = await lettersSoFar()
    await person.submit('/email/confirm', fields)
    await lettersSoFar()
    const letters = mail.received.slice(before)
    expect(letters.map(({ to }) => to[0])).toEqual([email, next])
    expect(letters[0]?.content).toContain('another address now')
    // Whoever reads the address before has nothing to sign in with by it.
    expect(letters[0]?.content).not.toContain('/account')
    expectWhole(letters[1]?.content ?? '')
  })
})

test('a letter names the browser and the system, and nothing that somebody wrote there', () => {
  const { settings, keyring } = server.services
  const happened = { at: Date.UTC(2026, 10, 21, 14, 3), userAgent: firefox }
  const letter = { to: email, kind: 'passkeyAdded', language: 'de', happened } as const
  const { text } = composeMail({ settings, keyring }, letter)
  expect(text).toContain('Das war am 21. November 2026, 14:03 UTC, mit Firefox auf Linux.')
  const hostile = { at: happened.at, userAgent: `Evil/1 <b>${'x'.repeat(10_000)}` }
  const odd = composeMail({ settings, keyring }, { ...letter, happened: hostile })
  expect(odd.html).not.toContain('<b>')
  expect(odd.text.length).toBeLessThan(1500)
})

test('nothing that was refused is told of', async () => {
  const before = await lettersSoFar()
  await send(security, `${security}/turn-off-codes`)
  await send('/account/password', '/account/password', {
    current: 'wrong',
    password: 'x'.repeat(20),
  })
  expect(await lettersSoFar()).toBe(before)
})

test('letters that no page asked for are in the language in which their person signed in', async () => {
  const html = await (await person.open('/sign-in?next=/account')).text()
  const german = await fetch(`${server.url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'accept-language': 'de',
      cookie: person.cookie,
    },
    body: new URLSearchParams({ ...hiddenFields(html), email, password }).toString(),
  })
  expect(german.status).toBe(303)
  const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
  const report = { method: 'POST', body: [{ token }] }
  const letter = await letterOf(() => call(server, '/api/tokens/leaked', report))
  expect(letter).toContain('jemand hat ein API-Token')
  expect((await findUserByEmail(server.services, email))?.userId).toBe(userId)
})
