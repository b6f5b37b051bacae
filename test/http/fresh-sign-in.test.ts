/**
 * Pages that want a fresh sign-in, and servers that want a second factor.
 * @see [RFC 8176 §2 - Authentication Method Reference Values](https://www.rfc-editor.org/rfc/rfc8176.html#section-2)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import {
  codeAt,
  enrolElsewhere,
  keyOn,
  recoveryCodesOn,
  signInAt,
} from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'another long passphrase' }
const security = '/account/security'

async function addBob(server: TestServer) {
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
}

function locationOf(response: Response) {
  return response.headers.get('location')
}

describe('a page that decides something important', () => {
  let now = Date.now()
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ signIn: { freshSeconds: 600 } }, { clock: () => now })
    await addBob(server)
  })
  afterAll(() => server.stop())

  async function signedIn() {
    const person = server.person()
    await signInAt(person, '/sign-in', admin)
    return person
  }

  test('opens for who has just signed in, and asks everybody else to sign in first', async () => {
    const person = await signedIn()
    expect((await person.open(security)).status).toBe(200)
    expect(locationOf(await server.person().open(security))).toBe(`/sign-in?next=${security}`)
  })

  test('asks again after a while, with the address filled in, and comes back', async () => {
    const person = await signedIn()
    now += 601_000
    const again = locationOf(await person.open(security)) ?? ''
    expect(again).toBe(`/sign-in?next=${security}`)
    const page = await (await person.open(again)).text()
    expect(page).toContain('Confirm that it is you')
    expect(page).toContain(admin.email)
    expect(locationOf(await signInAt(person, again, admin))).toBe(security)
    expect((await person.open(security)).status).toBe(200)
  })

  test('does nothing for a form that was sent too late', async () => {
    const person = await signedIn()
    const fields = hiddenFields(await (await person.open(security)).text())
    now += 601_000
    const late = await person.submit(`${security}/turn-off-codes`, fields)
    expect(locationOf(late)).toBe(`/sign-in?next=${security}`)
  })

  test("another person does not come back to it in the first one's browser", async () => {
    const person = await signedIn()
    const answer = await signInAt(person, `/sign-in?next=${security}`, bob)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('Somebody else is signed in here')
  })

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/account/../oauth/authorize',
    '/sign-out',
    '/account/%2e%2e',
  ])('leads nowhere but to our own pages: not to %p', async (next) => {
    const person = server.person()
    const path = `/sign-in?next=${encodeURIComponent(next)}`
    expect(locationOf(await signInAt(person, path, admin))).toBe('/account')
  })

  test('of the administrators is one that does something; reading needs no fresh sign-in', async () => {
    const person = await signedIn()
    const { userId } = (await findUserByEmail(server.services, bob.email)) ?? {}
    const action = `/admin/do/disable-user?id=${userId}`
    now += 601_000
    expect((await person.open('/admin/users')).status).toBe(200)
    const again = locationOf(await person.open(action)) ?? ''
    expect(locationOf(await signInAt(person, again, admin))).toBe(action)
    const fields = hiddenFields(await (await person.open(action)).text())
    now += 601_000
    const late = await person.submit('/admin/do/disable-user', { ...fields, reason: 'Gone' })
    expect(locationOf(late)).toBe(again)
    expect((await findUserByEmail(server.services, bob.email))?.status).toBe('active')
  })

  test('wants every factor that the person has by now', async () => {
    const person = server.person(bob)
    await signInAt(person, '/sign-in', bob)
    const { key } = await enrolElsewhere(server, bob, now)
    // This session began with a password alone.
    expect(locationOf(await person.open(security))).toBe(`/sign-in?next=${security}`)
    now += 30_000
    const half = locationOf(await signInAt(person, `/sign-in?next=${security}`, bob)) ?? ''
    const fields = hiddenFields(await (await person.open(half)).text())
    const code = codeAt(key, now)
    expect(locationOf(await person.submit('/sign-in/code', { ...fields, code }))).toBe(security)
    expect((await person.open(security)).status).toBe(200)
  })
})

describe('a server that wants a second factor of its admins', () => {
  let server: TestServer
  const now = Date.now()
  beforeAll(async () => {
    const signIn = { requireSecondFactor: 'admins' } as const
    server = await startTestServer({ signIn }, { clock: () => now })
    await addBob(server)
  })
  afterAll(() => server.stop())

  test('asks nothing more of anybody else', async () => {
    expect(locationOf(await signInAt(server.person(), '/sign-in', bob))).toBe('/account')
  })

  test('has an admin without one set it up before there is a session', async () => {
    const person = server.person()
    const { client_id } = await register(server)
    const asked = locationOf(await person.open(authorizationUrl(server, client_id))) ?? ''
    const path = locationOf(await signInAt(person, asked, admin)) ?? ''
    expect(path).toMatch(/^\/sign-in\/enrolment\?step=/)
    expect((await person.open('/account')).status).toBe(303)
    const html = await (await person.open(path)).text()
    const form = { ...hiddenFields(html), code: '000000' }
    expect((await person.submit('/sign-in/enrolment', form)).status).toBe(400)
    const right = { ...form, code: codeAt(keyOn(html), now) }
    const done = await person.submit('/sign-in/enrolment', right)
    const page = await done.text()
    expect([done.status, recoveryCodesOn(page).length]).toEqual([200, 10])
    expect(page).toContain('/consent?request=')
    expect((await person.open('/account')).status).toBe(200)
    // From now on the code is asked for.
    const next = locationOf(await signInAt(server.person(), '/sign-in', admin))
    expect(next).toMatch(/^\/sign-in\/code\?step=/)
  })
})

test('a session without a second factor counts for nothing once the server wants one', async () => {
  const server = await startTestServer()
  const person = server.person()
  await signInAt(person, '/sign-in', admin)
  expect((await person.open('/account')).status).toBe(200)
  server.services.settings.signIn.requireSecondFactor = 'everybody'
  expect((await person.open('/account')).status).toBe(303)
  await server.stop()
})

test('a server without passwords takes none, and its page asks for none', async () => {
  const server = await startTestServer({ signIn: { methods: ['passkey'] } })
  const html = await (await server.person().open('/sign-in')).text()
  expect(html).not.toContain('name="password"')
  const answer = await server.person().submit('/sign-in', { ...hiddenFields(html), ...admin })
  expect(answer.status).toBe(405)
  await server.stop()
})
