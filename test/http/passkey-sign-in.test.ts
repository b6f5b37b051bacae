/**
 * What a passkey must say, and to whom, to let somebody in.
 * @see [WebAuthn Level 3 §7.2 - Verifying an Authentication Assertion](https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion)
 */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { signInAt } from '../support/second-factor.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { type Said, SoftwarePasskey } from '../support/software-passkey.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let now = Date.now()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

let count = 0
async function newPerson(at = server) {
  count += 1
  const credentials = { email: `person-${count}@example.com`, password: 'a very long passphrase' }
  const account = { ...credentials, name: 'Eve', admin: false, actor: 'cli' }
  const made = await registerUser(at.services, account)
  if (made.outcome === 'refused') throw new Error(made.reason)
  const passkey = new SoftwarePasskey(made.userId)
  await passkey.addTo(at)
  return { userId: made.userId, credentials, passkey }
}

/** The sign-in page in a browser: its fields, and the challenge in it. */
async function signInPage(person: DemoPerson) {
  const html = await (await person.open('/sign-in')).text()
  const challenge = /challenge&quot;:&quot;([\w-]+)/.exec(html)?.[1] ?? ''
  return { fields: hiddenFields(html), challenge }
}

async function answers(
  passkey: SoftwarePasskey,
  said: Partial<Said> = {},
  person = server.person(),
) {
  const { fields, challenge } = await signInPage(person)
  const credential = passkey.answer({ challenge, origin: server.url, ...said })
  return person.submit('/sign-in/passkey', { ...fields, credential })
}

describe('a passkey', () => {
  test('lets its person in, with two factors in one (RFC 8176)', async () => {
    const { passkey, userId } = await newPerson()
    expect((await answers(passkey)).headers.get('location')).toBe('/account')
    const started = (await eventsOf(server, 'SessionStarted')).at(-1)
    expect([started?.payload.userId, started?.payload.amr]).toEqual([
      userId,
      ['swk', 'user', 'mfa'],
    ])
  })

  const refusals: [why: string, said: Partial<Said>][] = [
    ['of another site', { origin: 'https://evil.example' }],
    ['for another site', { rpId: 'evil.example' }],
    ['that has not checked its person', { flags: 0b001 }],
    ['with nobody there', { flags: 0b100 }],
    ['that makes a passkey', { type: 'webauthn.create' }],
    ['of another person', { userHandle: 'usr_of_somebody_else' }],
    ['to a challenge of its own', { challenge: Buffer.from('x.y.z').toString('base64url') }],
    ['to no challenge', { challenge: '' }],
  ]
  test.each(refusals)('is refused with an answer %s', async (_, said) => {
    const { passkey } = await newPerson()
    const response = await answers(passkey, said)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('This passkey could not be used')
  })

  test('that nobody has, or another key under its id, is refused with the same words', async () => {
    const { passkey, userId } = await newPerson()
    const unknown = new SoftwarePasskey(userId)
    const forged = Object.assign(new SoftwarePasskey(userId), { id: passkey.id })
    for (const wrong of [unknown, forged]) {
      const response = await answers(wrong)
      expect(response.status).toBe(400)
      expect(await response.text()).toContain('This passkey could not be used')
    }
  })

  test('of a disabled account is refused', async () => {
    const { passkey, userId } = await newPerson()
    await execute<string>(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(userDecider, userId, { kind: 'disable', reason: 'Gone', now }),
    )
    expect((await answers(passkey)).status).toBe(400)
  })

  test.each(['', 'x', '[]', 'null', '{}', '{"id":1}', `{"id":"${'x'.repeat(20_000)}"}`])(
    'is not %p',
    async (credential) => {
      const person = server.person()
      const { fields } = await signInPage(person)
      const response = await person.submit('/sign-in/passkey', { ...fields, credential })
      expect(response.status).toBe(400)
    },
  )

  test('whose counter has not grown is a copy', async () => {
    const { passkey } = await newPerson()
    expect((await answers(passkey, { counter: 5 })).status).toBe(303)
    expect((await answers(passkey, { counter: 5 })).status).toBe(400)
    expect((await answers(passkey, { counter: 4 })).status).toBe(400)
    expect((await answers(passkey, { counter: 6 })).status).toBe(303)
  })
})

describe('a challenge', () => {
  test('is answered once, of many at once too', async () => {
    const { passkey } = await newPerson()
    const person = server.person()
    const { fields, challenge } = await signInPage(person)
    const credential = passkey.answer({ challenge, origin: server.url })
    const send = () => person.submit('/sign-in/passkey', { ...fields, credential })
    const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([303, 400, 400])
    expect((await send()).status).toBe(400)
  })

  test('belongs to one browser, and ends after a quarter of an hour', async () => {
    const { passkey } = await newPerson()
    const other = await signInPage(server.person())
    expect((await answers(passkey, { challenge: other.challenge })).status).toBe(400)
    const person = server.person()
    const { fields, challenge } = await signInPage(person)
    now += 15 * 60_000
    const credential = passkey.answer({ challenge, origin: server.url })
    expect((await person.submit('/sign-in/passkey', { ...fields, credential })).status).toBe(400)
  })

  test('is written nowhere before it is answered', async () => {
    const kept = async () => (await server.services.expiring.list('passkey-challenge', 1000)).length
    const before = await kept()
    await signInPage(server.person())
    expect(await kept()).toBe(before)
  })
})

test('who has a passkey where a second factor is wanted does not get by with the password', async () => {
  const strict = await startTestServer({ signIn: { requireSecondFactor: 'everybody' } })
  const { credentials } = await newPerson(strict)
  const answer = await signInAt(strict.person(), '/sign-in', credentials)
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('Sign in with your passkey')
  await strict.stop()
})

test('where the issuer is an IP address there are no passkeys, for they belong to names', async () => {
  const numbered = await startTestServer({ issuer: 'http://127.0.0.1:8484' })
  const html = await (await numbered.person().open('/sign-in')).text()
  expect(html).not.toContain('passkey')
  await numbered.stop()
})
