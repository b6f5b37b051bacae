/** The brake on guessing: it grows, tells nothing, and one who knows the password gets through. */

import { hiddenFields } from '../../src/cli/demo-person.ts'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { signInWithPassword } from '../../src/identity/password-sign-in.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { emailKey } from '../../src/protocol/email-address.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

const failuresMax = 3
const windowSeconds = 600

let now = 0
let server: TestServer
beforeEach(async () => {
  now = Date.now()
  const limits = { signInFailuresMax: failuresMax, signInWindowSeconds: windowSeconds }
  server = await startTestServer({ limits }, { clock: () => now })
})
afterEach(() => server.stop())

function attempt(email: string, password = 'wrong password', address = '203.0.113.1') {
  return signInWithPassword(server.services, { email, password, address, correlationId: 'test' })
}

/** The seconds to wait, or what else came of it. */
async function outcomeOf(email: string, password?: string): Promise<string | number> {
  const result = await attempt(email, password)
  if (result.outcome === 'accepted') return 'accepted'
  return result.reason === 'too_many_attempts' ? result.retryAfterSeconds : result.reason
}

describe('SECURITY 30: after the failures that are allowed', () => {
  test('there is a pause, longer after each further failure, up to a quarter of an hour', async () => {
    for (let n = 1; n <= failuresMax; n += 1) {
      expect(await outcomeOf(admin.email)).toBe('wrong_credentials')
    }
    const pauses = []
    for (let n = 0; n < 5; n += 1) {
      const seconds = Number(await outcomeOf(admin.email))
      pauses.push(seconds)
      now += seconds * 1000
      expect(await outcomeOf(admin.email)).toBe('wrong_credentials')
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16])
  })

  test('the right password waits too, and then is let in and forgets the failures', async () => {
    for (let n = 1; n <= failuresMax; n += 1) await attempt(admin.email)
    expect(await outcomeOf(admin.email, admin.password)).toBe(1)
    now += 1000
    expect(await outcomeOf(admin.email, admin.password)).toBe('accepted')
    for (let n = 1; n < failuresMax; n += 1) {
      expect(await outcomeOf(admin.email)).toBe('wrong_credentials')
    }
    expect(await outcomeOf(admin.email, admin.password)).toBe('accepted')
  })

  test('the address may be written in another way: it is the same account', async () => {
    const spellings = [admin.email, admin.email.toUpperCase(), ` ${admin.email} `]
    for (const spelling of spellings) await attempt(spelling)
    expect(await outcomeOf(admin.email)).toBe(1)
  })

  test('the window ends, and with it the count', async () => {
    for (let n = 1; n < failuresMax; n += 1) await attempt(admin.email)
    now += windowSeconds * 1000
    for (let n = 1; n <= failuresMax; n += 1) {
      expect(await outcomeOf(admin.email)).toBe('wrong_credentials')
    }
  })

  test('many guesses at the same moment are no way around it', async () => {
    // They were all let in before the first of them had failed.
    const guesses = Array.from({ length: 20 }, () => outcomeOf(admin.email))
    const outcomes = await Promise.all(guesses)
    expect(outcomes.filter((outcome) => outcome === 'wrong_credentials').length).toBe(failuresMax)
  })

  test('others are not held up, unless very many come from one address', async () => {
    for (let n = 1; n <= failuresMax; n += 1) await attempt(admin.email)
    expect(await outcomeOf('somebody@example.com')).toBe('wrong_credentials')
    const spray = Array.from({ length: failuresMax * 20 }, (_, n) => attempt(`n${n}@example.com`))
    await Promise.all(spray)
    expect(await outcomeOf('another@example.com')).toBeGreaterThan(0)
    const elsewhere = await attempt('another@example.com', 'wrong password', '203.0.113.2')
    expect(elsewhere).toEqual({ outcome: 'refused', reason: 'wrong_credentials' })
  })
})

describe('the log', () => {
  test('learns of a pause once in a window, by a hash of the address', async () => {
    for (let n = 1; n <= 8; n += 1) {
      await attempt(admin.email)
      now += 20_000
    }
    const paused = await eventsOf(server, 'SignInPaused')
    expect(paused.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({
        emailKey: emailKey(server.services.keyring, admin.email),
        failures: failuresMax,
      }),
    ])
    expect(JSON.stringify(paused)).not.toContain(admin.email)
    now += windowSeconds * 1000
    for (let n = 1; n <= failuresMax; n += 1) await attempt(admin.email)
    expect((await eventsOf(server, 'SignInPaused')).length).toBe(2)
  })

  test('learns nothing of guesses at accounts that nobody has: they are endless', async () => {
    const before = await eventsOf(server)
    for (let n = 1; n <= 5; n += 1) await attempt('nobody@example.com')
    expect(await eventsOf(server)).toEqual(before)
  })
})

describe('SECURITY 30: known and unknown accounts', () => {
  test('get the same page, word for word, before the pause and in it', async () => {
    const answers = async (email: string) => {
      const replies = []
      for (let n = 1; n <= failuresMax + 1; n += 1) {
        const person = server.person({ email, password: 'wrong password' })
        const fields = hiddenFields(await (await person.open('/sign-in')).text())
        const response = await person.submit('/sign-in', { ...fields, email, password: 'wrong' })
        const html = (await response.text())
          .replaceAll(email, 'E-MAIL')
          .replace(/name="csrf" value="[^"]*"/g, '')
          .replace(/data-options="[^"]*"/, '')
        replies.push({
          status: response.status,
          headers: [...response.headers.keys()].toSorted(),
          html,
        })
      }
      return replies
    }
    const known = await answers(admin.email)
    expect(known.map(({ status }) => status)).toEqual([400, 400, 400, 429])
    expect(await answers('no@example.com')).toEqual(known)
  })

  test('take the same pauses', async () => {
    const pausesOf = async (email: string) => {
      for (let n = 1; n <= failuresMax + 1; n += 1) {
        await attempt(email)
        now += 1000
      }
      return outcomeOf(email)
    }
    expect(await pausesOf('nobody@example.com')).toBe(await pausesOf(admin.email))
  })
})

describe('SECURITY 31: a password', () => {
  test('of 600 characters that take two units each is one that a person can sign in with', async () => {
    // It was counted in characters when it was chosen, and in UTF-16 units when it was checked.
    const password = '🦊🌿'.repeat(300).slice(0, -2).concat('🪵')
    const person = { email: 'emoji@example.com', password, name: '', admin: false, actor: 'cli' }
    const result = await registerUser(server.services, person)
    expect(result.outcome).toBe('accepted')
    expect(await outcomeOf(person.email, password)).toBe('accepted')
  })

  test('is never cut: one letter more or less is another', async () => {
    const password = 'correct horse battery staple '.repeat(30)
    const person = { email: 'long@example.com', password, name: '', admin: false, actor: 'cli' }
    expect((await registerUser(server.services, person)).outcome).toBe('accepted')
    for (const wrong of [password.slice(0, -1), `${password}x`, password.slice(0, 72)]) {
      expect(await outcomeOf(person.email, wrong)).toBe('wrong_credentials')
    }
  })

  test('is right for an account that is disabled, and yet wrong', async () => {
    const bob = {
      email: 'bob@example.com',
      password: 'a very long passphrase',
      name: '',
      admin: false,
    }
    const made = await registerUser(server.services, { ...bob, actor: 'cli' })
    const userId = made.outcome === 'accepted' ? made.userId : ''
    await execute<string>(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(userDecider, userId, { kind: 'disable', reason: 'left', now }),
    )
    expect(await outcomeOf(bob.email, bob.password)).toBe('wrong_credentials')
  })
})
