/** Signing in by what Telegram signs: links of its widget and of bots, and its OpenID provider. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { signedByTelegram } from '../support/telegram-link.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { locationOf, visit } from '../support/upstream-visit.ts'

const botToken = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw'
const path = '/sign-in/telegram/bot'

let provider: Provider
let server: TestServer
let now = 0
let id = 500
beforeAll(async () => {
  provider = await startProvider()
  const telegram = { issuer: provider.url, signUp: true }
  server = await startTestServer(
    upstreamsAt(
      provider,
      { ...telegram, id: 'bot', name: 'Telegram', kind: 'telegram_widget', clientSecret: botToken },
      { ...telegram, name: 'Telegram', kind: 'telegram_oidc' },
    ),
    { clock: () => now },
  )
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
})
beforeEach(() => {
  now = Date.now()
  id += 1
})

function signed(fields: Record<string, string> = {}, token = botToken): Record<string, string> {
  const all = {
    id: String(id),
    first_name: 'Grace',
    username: `grace${id}`,
    auth_date: String(Math.floor(now / 1000)),
    ...fields,
  }
  return signedByTelegram(all, token)
}

function open(person: DemoPerson, fields: Record<string, string>): Promise<Response> {
  return person.open(`${path}?${new URLSearchParams(fields)}`)
}

async function follow(person: DemoPerson, fields: Record<string, string>): Promise<string> {
  const opened = await open(person, fields)
  if (opened.status !== 200) return locationOf(opened)
  return locationOf(await person.submit(path, hiddenFields(await opened.text())))
}

const refused = '/sign-in?problem=upstream_failed'
const expired = '/sign-in?problem=upstream_expired'

describe('a link that Telegram has signed', () => {
  test('says whose it is, and signs in when its form is sent', async () => {
    const person = server.person()
    const opened = await (await open(person, signed())).text()
    expect(opened).toContain(`@grace${id}`)
    expect(await (await person.open('/account')).text()).toBe('')
    expect(await follow(person, signed())).toBe('/account')
    expect(await (await person.open('/account')).text()).toContain('Grace')
  })

  test('makes an account that has no address and no password', async () => {
    await follow(server.person(), signed())
    const { payload } = (await eventsOf(server, 'UserRegistered')).at(-1) ?? {}
    expect(payload).toMatchObject({ name: 'Grace', admin: false, emailVerified: false })
    expect(payload).not.toHaveProperty('email')
    expect(payload).not.toHaveProperty('passwordSecretId')
  })

  test('may carry a last name and a picture, or no user name', async () => {
    const more = { last_name: 'Hopper', photo_url: 'https://t.me/i/userpic/320/grace.jpg' }
    expect(await follow(server.person(), signed(more))).toBe('/account')
    const { username: _, hash: __, ...fields } = signed()
    const nameless = signedByTelegram(fields as Record<string, string>, botToken)
    expect(await follow(server.person(), nameless)).toBe('/account')
  })

  test('counts once', async () => {
    const fields = signed()
    const people = [server.person(), server.person()]
    const sent = await Promise.all(people.map((person) => follow(person, fields)))
    expect(sent.sort()).toEqual(['/account', expired])
    expect(await follow(server.person(), fields)).toBe(expired)
  })

  test('is not used up by a preview', async () => {
    const fields = signed()
    await open(server.person(), fields)
    await open(server.person(), fields)
    expect(await follow(server.person(), fields)).toBe('/account')
  })

  test('counts for five minutes', async () => {
    const fields = signed()
    now += 5 * 60_000 - 1000
    expect(await follow(server.person(), fields)).toBe('/account')
    const old = signed()
    now += 5 * 60_000 + 1000
    expect(await follow(server.person(), old)).toBe(expired)
    const person = server.person()
    const opened = await (await open(person, signed())).text()
    now += 5 * 60_000 + 1000
    expect(locationOf(await person.submit(path, hiddenFields(opened)))).toBe(expired)
  })

  test('may not be from the future', async () => {
    const ahead = { auth_date: String(Math.floor(now / 1000) + 3600) }
    expect(await follow(server.person(), signed(ahead))).toBe(expired)
  })
})

describe('nobody is signed in by a link', () => {
  test('that another bot has signed', async () => {
    expect(await follow(server.person(), signed({}, '1:another'))).toBe(refused)
  })

  test('in which anything was changed', async () => {
    const fields = signed()
    for (const change of [
      { id: '1' },
      { first_name: 'Ada' },
      { username: 'ada' },
      { auth_date: String(Math.floor(now / 1000) + 1) },
      { photo_url: 'https://t.me/x.jpg' },
      { hash: '' },
      { hash: 'x'.repeat(64) },
    ]) {
      expect(await follow(server.person(), { ...fields, ...change } as never)).toBe(refused)
    }
  })

  test('whose id or time is none', async () => {
    expect(await follow(server.person(), signed({ id: 'one' }))).toBe(refused)
    expect(await follow(server.person(), signed({ auth_date: '' }))).toBe(expired)
    expect(await follow(server.person(), signed({ auth_date: 'now' }))).toBe(expired)
  })

  test('before they sent the form of the page: somebody else may have sent them the link', async () => {
    const fields = signed()
    expect(locationOf(await server.person().submit(path, fields))).toBe(
      '/sign-in?problem=expired_form',
    )
    expect(await follow(server.person(), fields)).toBe('/account')
  })

  test('for an upstream that is no bot', async () => {
    const sent = await server
      .person()
      .open(`/sign-in/telegram/provider?${new URLSearchParams(signed())}`)
    expect(sent.status).toBe(404)
  })
})

describe('whoever is signed in', () => {
  test('links the identity instead', async () => {
    const person = server.person()
    const fields = hiddenFields(await (await person.open('/sign-in')).text())
    await person.submit('/sign-in', { ...fields, ...admin })
    expect(await (await open(person, signed())).text()).toContain('to your account?')
    expect(await follow(person, signed())).toBe('/account')
    expect(await (await person.open('/account')).text()).toContain(`@grace${id}`)
  })
})

describe('Telegram as an OpenID provider', () => {
  test('knows the same person by the same number', async () => {
    await follow(server.person(), signed())
    const before = (await eventsOf(server, 'UserRegistered')).length
    provider.person = { sub: `another id ${id}`, id, preferred_username: `grace${id}` }
    expect(await visit(server.person())).toBe('/account')
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(before)
  })

  test('gives no address, whatever it says', async () => {
    const email = 'grace@telegram.example'
    provider.person = { sub: 'x', id: id + 10_000, name: 'Grace' }
    provider.told = { email, email_verified: true }
    expect(await visit(server.person())).toBe('/account')
    expect((await eventsOf(server, 'UserRegistered')).at(-1)?.payload).not.toHaveProperty('email')
  })
})

test('the bot’s token stands in no log line', () => {
  expect(server.logged()).not.toContain(botToken)
})
