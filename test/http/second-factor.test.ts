/**
 * A code beside the password: set up with proof that the app has the key, asked for at sign-in,
 * good once; and recovery codes in its place.
 *
 * @see [RFC 6238 §5.2 - Validation and Time-Step Size](https://www.rfc-editor.org/rfc/rfc6238.html#section-5.2)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { deleteAccount } from '../../src/identity/delete-account.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findTotp } from '../../src/projections/authenticators.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { codeAt, enrol, keyOn, sendCode, signInAt } from '../support/second-factor.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const stepMs = 30_000
const failuresMax = 3
let now = Date.now()
let server: TestServer
beforeAll(async () => {
  const limits = { signInFailuresMax: failuresMax }
  server = await startTestServer({ limits }, { clock: () => now })
})
afterAll(() => server.stop())

let count = 0
/** Somebody new, signed in a moment ago. */
async function newPerson() {
  count += 1
  const credentials = { email: `person-${count}@example.com`, password: 'a very long passphrase' }
  const account = { ...credentials, name: 'Eve', admin: false, actor: 'cli' }
  const made = await registerUser(server.services, account)
  if (made.outcome === 'refused') throw new Error(made.reason)
  const person = server.person(credentials)
  await signInAt(person, '/sign-in', credentials)
  return { person, credentials, userId: made.userId }
}

/** The same person in another browser, after the password. */
async function atSecondStep(credentials: { email: string; password: string }, path = '/sign-in') {
  const person = server.person(credentials)
  const response = await signInAt(person, path, credentials)
  return { person, path: response.headers.get('location') ?? '' }
}

async function isSignedIn(person: Awaited<ReturnType<typeof newPerson>>['person']) {
  return (await person.open('/account')).status === 200
}

describe('setting up an app', () => {
  test('takes a code made with the key that the page shows; the codes to recover come once', async () => {
    const { person } = await newPerson()
    const { status, codes } = await enrol(person, now)
    expect([status, new Set(codes).size]).toEqual([200, 10])
    const page = await (await person.open('/sign-in?next=/account/security')).text()
    expect(codes.some((code) => page.includes(code))).toBe(false)
  })

  test('counts as the second proof of the session in which it was done, and of no other', async () => {
    const { person, credentials } = await newPerson()
    const elsewhere = server.person(credentials)
    await signInAt(elsewhere, '/sign-in', credentials)
    await enrol(person, now)
    expect((await person.open('/account/security')).status).toBe(200)
    const asked = await elsewhere.open('/account/security')
    expect(asked.headers.get('location')).toBe('/sign-in?next=/account/security')
    const started = (await eventsOf(server, 'SessionStarted')).at(-1)
    expect(started?.payload.amr).toEqual(['pwd', 'otp', 'mfa'])
  })

  test('is refused with a wrong code, and goes on with the same key', async () => {
    const { person, userId } = await newPerson()
    const path = '/account/security/codes'
    const html = await (await person.open(path)).text()
    const refused = await person.submit(path, { ...hiddenFields(html), code: '000000' })
    expect(refused.status).toBe(400)
    const again = await refused.text()
    expect(keyOn(again)).toEqual(keyOn(html))
    expect(await findTotp(server.services.reader, userId)).toBe(undefined)
    const code = codeAt(keyOn(again), now)
    expect((await person.submit(path, { ...hiddenFields(again), code })).status).toBe(200)
  })

  test("another person's page is of no use, nor a form from elsewhere", async () => {
    const [mine, other] = [await newPerson(), await newPerson()]
    const path = '/account/security/codes'
    const html = await (await other.person.open(path)).text()
    const stolen = { ...hiddenFields(html), code: codeAt(keyOn(html), now) }
    const response = await mine.person.submit(path, stolen)
    expect(response.status).toBe(400)
    expect(await findTotp(server.services.reader, mine.userId)).toBe(undefined)
  })

  test('leaves neither the key nor a code in the log', async () => {
    const { person } = await newPerson()
    const { key, codes } = await enrol(person, now)
    const written = JSON.stringify(await Array.fromAsync(server.services.log.replay()))
    for (const secret of [key.toString('base64url'), key.toString('hex'), ...codes]) {
      expect(written).not.toContain(secret)
    }
  })
})

describe('signing in', () => {
  test('gives no session for the password alone', async () => {
    const { person, credentials } = await newPerson()
    await enrol(person, now)
    const half = await atSecondStep(credentials)
    expect(half.path).toMatch(/^\/sign-in\/code\?step=/)
    expect(await isSignedIn(half.person)).toBe(false)
  })

  test('goes on with the code of now, and the session says how: pwd, otp, mfa (RFC 8176)', async () => {
    const { person, credentials } = await newPerson()
    const { key } = await enrol(person, now)
    now += stepMs
    const half = await atSecondStep(credentials)
    const response = await sendCode(half.person, half.path, codeAt(key, now))
    expect(response.headers.get('location')).toBe('/account')
    expect(await isSignedIn(half.person)).toBe(true)
    const started = (await eventsOf(server, 'SessionStarted')).at(-1)
    expect(started?.payload.amr).toEqual(['pwd', 'otp', 'mfa'])
  })

  test('a code counts once: not the one of the enrolment, and not one that was used', async () => {
    const { person, credentials } = await newPerson()
    const { key } = await enrol(person, now)
    now += stepMs
    const code = codeAt(key, now)
    const [first, second] = [await atSecondStep(credentials), await atSecondStep(credentials)]
    expect((await sendCode(first.person, first.path, code)).status).toBe(303)
    expect((await sendCode(second.person, second.path, code)).status).toBe(400)
    expect(await isSignedIn(second.person)).toBe(false)
  })

  test('a clock may be one step off, and no more', async () => {
    const { person, credentials } = await newPerson()
    const { key } = await enrol(person, now)
    now += 10 * stepMs
    const half = await atSecondStep(credentials)
    for (const steps of [-2, 2]) {
      const { status } = await sendCode(half.person, half.path, codeAt(key, now, steps))
      expect(status).toBe(400)
    }
    const { status } = await sendCode(half.person, half.path, codeAt(key, now, 1))
    expect(status).toBe(303)
  })

  test('whoever guesses waits, and the right code waits too', async () => {
    const { person, credentials } = await newPerson()
    const { key } = await enrol(person, now)
    now += 10 * stepMs
    const half = await atSecondStep(credentials)
    for (let n = 0; n < failuresMax; n += 1) {
      expect((await sendCode(half.person, half.path, '000000')).status).toBe(400)
    }
    expect((await sendCode(half.person, half.path, codeAt(key, now))).status).toBe(429)
    // Another browser with the same password waits as well.
    const other = await atSecondStep(credentials)
    expect((await sendCode(other.person, other.path, codeAt(key, now))).status).toBe(429)
    now += 2000
    expect((await sendCode(half.person, half.path, codeAt(key, now))).status).toBe(303)
  })

  test('many guesses at once are not let in before the first has failed', async () => {
    const { person, credentials } = await newPerson()
    await enrol(person, now)
    const half = await atSecondStep(credentials)
    const html = await (await half.person.open(half.path)).text()
    const guess = () =>
      half.person.submit('/sign-in/code', { ...hiddenFields(html), code: '123456' })
    const statuses = (await Promise.all(Array.from({ length: 12 }, guess))).map((r) => r.status)
    expect(statuses.filter((status) => status === 400).length).toBe(failuresMax)
    expect(statuses.filter((status) => status === 429).length).toBe(12 - failuresMax)
  })

  test('a half sign-in belongs to one browser, ends in minutes, and is used once', async () => {
    const { person, credentials } = await newPerson()
    const { key } = await enrol(person, now)
    now += stepMs
    const half = await atSecondStep(credentials)
    const thief = server.person(credentials)
    await thief.open('/sign-in')
    expect((await thief.open(half.path)).headers.get('location')).toBe('/sign-in')
    const html = await (await half.person.open(half.path)).text()
    const form = { ...hiddenFields(html), code: codeAt(key, now) }
    const stolen = await thief.submit('/sign-in/code', form)
    expect(stolen.headers.get('location')).toBe('/sign-in')
    expect((await half.person.submit('/sign-in/code', form)).headers.get('location')).toBe(
      '/account',
    )
    const twice = await half.person.submit('/sign-in/code', form)
    expect(twice.headers.get('location')).toBe('/sign-in')
    const late = await atSecondStep(credentials)
    now += 11 * 60_000
    expect((await late.person.open(late.path)).headers.get('location')).toBe('/sign-in')
  })
})

describe('a recovery code', () => {
  test('stands in for the app, however it is typed, and once', async () => {
    const { person, credentials } = await newPerson()
    const { codes } = await enrol(person, now)
    const [code = ''] = codes
    const typed = ` ${code.toLowerCase().replace('-', ' ')} `
    const first = await atSecondStep(credentials)
    expect((await sendCode(first.person, first.path, typed)).status).toBe(303)
    const second = await atSecondStep(credentials)
    expect((await sendCode(second.person, second.path, code)).status).toBe(400)
    const page = await (await first.person.open('/account/security')).text()
    expect(page).toContain('9 recovery codes are left')
  })

  test('ends when new ones are made', async () => {
    const { person, credentials } = await newPerson()
    const { codes } = await enrol(person, now)
    const signedIn = await atSecondStep(credentials)
    await sendCode(signedIn.person, signedIn.path, codes[0] ?? '')
    const page = await (await signedIn.person.open('/account/security')).text()
    const renewed = await signedIn.person.submit(
      '/account/security/recovery-codes',
      hiddenFields(page),
    )
    expect(renewed.status).toBe(200)
    const half = await atSecondStep(credentials)
    expect((await sendCode(half.person, half.path, codes[1] ?? '')).status).toBe(400)
  })

  test("is of no use on another person's account", async () => {
    const [mine, other] = [await newPerson(), await newPerson()]
    await enrol(mine.person, now)
    const { codes } = await enrol(other.person, now)
    const half = await atSecondStep(mine.credentials)
    expect((await sendCode(half.person, half.path, codes[0] ?? '')).status).toBe(400)
  })
})

describe('with codes turned off or the account deleted', () => {
  test('the password is enough again, and the key is gone', async () => {
    const { person, credentials, userId } = await newPerson()
    const { codes } = await enrol(person, now)
    const { reader, secrets } = server.services
    const kept = (await findTotp(reader, userId))?.totpSecretId ?? ''
    expect(await secrets.read(kept)).toBeDefined()
    const signedIn = await atSecondStep(credentials)
    await sendCode(signedIn.person, signedIn.path, codes[0] ?? '')
    const page = await (await signedIn.person.open('/account/security')).text()
    await signedIn.person.submit('/account/security/turn-off-codes', hiddenFields(page))
    expect(await secrets.read(kept)).toBe(undefined)
    expect((await atSecondStep(credentials)).path).toBe('/account')
  })

  test('a deleted account leaves no key behind', async () => {
    const { person, userId } = await newPerson()
    await enrol(person, now)
    const { reader, secrets } = server.services
    const kept = (await findTotp(reader, userId))?.totpSecretId ?? ''
    await deleteAccount(server.services, userId, { actor: 'cli', correlationId: 'test' })
    expect(await secrets.read(kept)).toBe(undefined)
    expect(await findTotp(reader, userId)).toBe(undefined)
  })
})
