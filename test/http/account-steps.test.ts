/** What people do with their own accounts: where they are signed in, what they are called, the end. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { invite } from '../../src/identity/ask-for-link.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { connect, eventsOf, isLive } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

type Person = ReturnType<TestServer['person']>

let mail: MailServer
let server: TestServer
let now = Date.now()
beforeAll(async () => {
  mail = await startMailServer()
  const settings = { mail: { url: mail.url }, signUp: 'invitation' } as const
  server = await startTestServer(settings, { clock: () => now })
})
afterAll(async () => {
  await server.stop()
  await mail.stop()
})
beforeEach(() => {
  now += 3600_000
})

const password = 'a very long passphrase'

async function fill(person: Person, path: string, fields: Record<string, string> = {}) {
  const html = await (await person.open(path)).text()
  const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1] ?? path
  return person.submit(action, { ...hiddenFields(html), ...fields })
}

let people = 0

/** Somebody new, signed in. */
async function newcomer(): Promise<{ person: Person; email: string; again(): Promise<Person> }> {
  people += 1
  const email = `person-${people}@example.com`
  const user = { email, password, name: 'Bob', admin: false, actor: 'cli' }
  expect((await registerUser(server.services, user)).outcome).toBe('accepted')
  const again = async () => {
    const person = server.person({ email, password })
    expect((await fill(person, '/sign-in', { email, password })).status).toBe(303)
    return person
  }
  return { person: await again(), email, again }
}

const isSignedIn = async (person: Person) => (await person.open('/account')).status === 200

/** The forms of the account page that end sessions. */
async function endings(person: Person): Promise<Record<string, string>[]> {
  const html = await (await person.open('/account')).text()
  return html
    .split('<form')
    .filter((form) => form.includes('action="/account/sessions"'))
    .map(hiddenFields)
}

describe('SECURITY 28: sessions', () => {
  test('are listed, and one of them or all others are ended', async () => {
    const { person, again } = await newcomer()
    const [second, third] = [await again(), await again()]
    const forms = await endings(person)
    expect(forms.length).toBe(3)
    expect((await person.submit('/account/sessions', forms[0] ?? {})).status).toBe(303)
    const left = [await isSignedIn(second), await isSignedIn(third)].filter(Boolean)
    expect(left.length).toBe(1)
    await person.submit('/account/sessions', (await endings(person)).at(-1) ?? {})
    expect(await isSignedIn(second)).toBe(false)
    expect(await isSignedIn(third)).toBe(false)
    expect(await isSignedIn(person)).toBe(true)
  })

  test('of somebody else are not ended, nor by a form that is not ours', async () => {
    const [bob, eve] = [await newcomer(), await newcomer()]
    const second = await bob.again()
    const [form = {}] = await endings(bob.person)
    const own = (await endings(eve.person))[0] ?? {}
    await eve.again()
    const csrf = (await endings(eve.person))[0]?.csrf ?? ''
    await eve.person.submit('/account/sessions', { ...own, csrf, session: form.session ?? '' })
    await bob.person.submit('/account/sessions', { ...form, csrf: 'forged' })
    expect(await isSignedIn(second)).toBe(true)
  })

  test('end with an account that is disabled, and do not come back with it', async () => {
    const { person, email } = await newcomer()
    const user = await findUserByEmail(server.services, email)
    for (const kind of ['disable', 'enable'] as const) {
      await execute<string>(server.services.log, { actor: 'cli', correlationId: 'x' }, (work) =>
        work.decide(userDecider, user?.userId ?? '', { kind, reason: 'left', now }),
      )
      expect(await isSignedIn(person)).toBe(false)
    }
  })

  test('end when nobody uses them for a day, and last while somebody does', async () => {
    const { person, again } = await newcomer()
    const idle = await again()
    for (let hours = 0; hours < 36; hours += 6) {
      now += 6 * 3600_000
      expect(await isSignedIn(person)).toBe(true)
    }
    expect(await isSignedIn(idle)).toBe(false)
    expect((await endings(person)).length).toBe(0)
  })
})

describe('a password', () => {
  test('is changed by whoever knows it, and everybody else is signed out', async () => {
    const { person, email, again } = await newcomer()
    const elsewhere = await again()
    const next = 'another long passphrase'
    const wrong = await fill(person, '/account/password', { current: 'wrong', password: next })
    expect(wrong.status).toBe(400)
    const short = await fill(person, '/account/password', { current: password, password: 'x' })
    expect(short.status).toBe(400)
    const set = await fill(person, '/account/password', { current: password, password: next })
    expect(set.headers.get('location')).toBe('/account')
    expect(await isSignedIn(person)).toBe(true)
    expect(await isSignedIn(elsewhere)).toBe(false)
    const old = await fill(server.person(), '/sign-in', { email, password })
    expect(old.status).toBe(400)
  })
})

describe('an account', () => {
  test('is called otherwise', async () => {
    const { person } = await newcomer()
    await fill(person, '/account/name', { name: ' <b>Grace</b> ' })
    expect(await (await person.open('/account')).text()).toContain('&lt;b>Grace')
  })

  test('is deleted by its person with a fresh sign-in, and all that it gave ends', async () => {
    const { person, email } = await newcomer()
    const { tokens } = await connect(server, {}, person)
    const page = await (await person.open('/account/delete')).text()
    expect(page).toContain('The access of 1 app')
    const forged = await person.submit('/account/delete', { csrf: 'forged' })
    expect(forged.status).toBe(400)
    const gone = await fill(person, '/account/delete')
    expect(gone.headers.get('location')).toBe('/done/account-deleted')
    await mail.next({ to: email })
    expect(await isSignedIn(person)).toBe(false)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const again = await fill(server.person(), '/sign-in', { email, password })
    expect(again.status).toBe(400)
    expect((await eventsOf(server, 'UserDeleted')).length).toBe(1)
  })

  test('of the only administrator stays', async () => {
    const person = server.person()
    await fill(person, '/sign-in', { ...admin })
    expect((await fill(person, '/account/delete')).status).toBe(400)
    expect(await isSignedIn(person)).toBe(true)
  })
})

describe('an invitation', () => {
  test('makes an account where nobody else may', async () => {
    const asked = { email: 'guest@example.com', language: 'de' }
    expect(await invite(server.services, asked)).toEqual({ outcome: 'accepted' })
    await mail.next({ to: asked.email, with: 'eingeladen' })
    const guest = server.person()
    const made = await fill(guest, await mail.nextLink({ to: asked.email }), {
      name: 'Guest',
      password,
    })
    expect(made.headers.get('location')).toBe('/account')
    expect(await isSignedIn(guest)).toBe(true)
    expect((await server.person().open('/sign-up')).status).toBe(404)
  })

  test('goes to nobody who has an account, and to no address that is none', async () => {
    const reasons = []
    for (const email of [admin.email, 'none']) {
      const result = await invite(server.services, { email, language: 'en' })
      reasons.push(result.outcome === 'refused' ? result.reason : result.outcome)
    }
    expect(reasons).toEqual(['email_taken', 'email_invalid'])
  })
})
