/** Who can have an account, and how the first one comes about. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { passwordProblem } from '../../src/identity/password-rules.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { normalizeEmail } from '../../src/protocol/email-address.ts'
import { connect, eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

describe('an e-mail address', () => {
  const good: Record<string, string> = {
    ' Ada@Example.COM ': 'ada@example.com',
    'a.b+c@mail.example': 'a.b+c@mail.example',
    'root@localhost': 'root@localhost',
    // NFKC: letters of full width are the same address.
    'ａｄａ@example.com': 'ada@example.com',
  }
  for (const [given, normalized] of Object.entries(good)) {
    test(`${given} is compared as ${normalized}`, () =>
      expect(normalizeEmail(given)).toBe(normalized))
  }
  const bad = [
    '',
    'ada',
    '@',
    'a@',
    '@a',
    'a@b@c',
    'a b@c',
    'a@b..c',
    'a@.b',
    'a@b.',
    'a<b@c',
    'a\n@b',
  ]
  for (const given of [...bad, 'a\u0000 @b', `${'x'.repeat(320)}@a`]) {
    test(`${JSON.stringify(given).slice(0, 40)} is none`, () =>
      expect(normalizeEmail(given)).toBeUndefined())
  }
})

describe('SECURITY 31: a password', () => {
  test('has 8 to 1024 characters, and no other rule of form', () => {
    expect(passwordProblem('7 chars')).toBe('password_too_short')
    expect(passwordProblem('zyxwvuts')).toBeUndefined()
    expect(passwordProblem('🦊🌿🪵🌊🔥🌙⭐🍂')).toBeUndefined()
    expect(passwordProblem('ab cdefg'.repeat(128))).toBeUndefined()
    expect(passwordProblem(`${'ab cdefg'.repeat(128)}x`)).toBe('password_too_long')
  })
  test('is none that everybody tries first', () => {
    for (const common of [
      'password',
      'Password1!',
      'QWERTYUIOP',
      '12345678',
      'aaaaaaaa',
      'abababab',
      'changeme2027',
    ]) {
      expect(passwordProblem(common)).toBe('password_too_common')
    }
  })
})

describe('an address belongs to one account', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.stop())

  test('whatever its spelling, and when two ask at the same moment', async () => {
    const user = { password: 'a very long passphrase', name: '', admin: false, actor: 'cli' }
    const spellings = ['bob@example.com', 'BOB@example.com', ' bob@EXAMPLE.com']
    const results = await Promise.all(
      spellings.map((email) => registerUser(server.services, { ...user, email })),
    )
    expect(results.filter(({ outcome }) => outcome === 'accepted').length).toBe(1)
    const refused = results.filter(({ outcome }) => outcome === 'refused')
    for (const result of refused)
      expect(result).toEqual({ outcome: 'refused', reason: 'email_taken' })
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(2)
  })
})

describe('the set-up link', () => {
  const newcomer = { email: 'grace@example.com', name: 'Grace', password: 'a very long passphrase' }

  /** Runs against a server that has no administrator yet. */
  async function onFirstStart(
    act: (first: { server: TestServer; token: string; later(ms: number): void }) => Promise<void>,
  ) {
    let now = Date.now()
    const server = await startTestServer({}, { clock: () => now, withoutAdmin: true })
    const token = new URL(server.setupLink ?? '').searchParams.get('token') ?? ''
    const later = (ms: number) => {
      now += ms
    }
    try {
      await act({ server, token, later })
    } finally {
      await server.stop()
    }
  }

  /** Fills in the form that the link leads to, in a fresh browser. */
  async function setUp(server: TestServer, token: string, changes: Record<string, string> = {}) {
    const person = server.person()
    const page = await person.open(`/setup?token=${token}`)
    const fields = { ...hiddenFields(await page.text()), token, ...newcomer, ...changes }
    return person.submit('/setup', fields)
  }

  test('is not made while there is an administrator', async () => {
    const server = await startTestServer()
    expect(server.setupLink).toBeUndefined()
    expect((await setUp(server, 'x')).status).toBe(400)
    await server.stop()
  })

  test('makes one administrator, once, who can sign in', () =>
    onFirstStart(async ({ server, token }) => {
      expect((await setUp(server, token, { password: 'password' })).status).toBe(400)
      const made = await setUp(server, token)
      expect({ status: made.status, to: made.headers.get('location') }).toEqual({
        status: 303,
        to: '/admin',
      })
      expect((await setUp(server, token, { email: 'second@example.com' })).status).toBe(400)
      const registered = await eventsOf(server, 'UserRegistered')
      expect(registered.map(({ payload }) => payload.admin)).toEqual([true])
      const { tokens } = await connect(server, { scope: 'audit:read' }, server.person(newcomer))
      expect(tokens.scope).toBe('audit:read')
    }))

  test('makes one administrator when it is used twice at the same moment', () =>
    onFirstStart(async ({ server, token }) => {
      const emails = ['one@example.com', 'two@example.com', 'three@example.com']
      const answers = await Promise.all(emails.map((email) => setUp(server, token, { email })))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400, 400])
      expect((await eventsOf(server, 'UserRegistered')).length).toBe(1)
    }))

  test('is good for half an hour, in a browser that was given the form', () =>
    onFirstStart(async ({ server, token, later }) => {
      expect((await setUp(server, token, { csrf: 'A'.repeat(43) })).status).toBe(400)
      expect((await setUp(server, `${token.slice(0, -1)}-`)).status).toBe(400)
      later(30 * 60_000)
      expect((await setUp(server, token)).status).toBe(400)
      expect(await eventsOf(server, 'UserRegistered')).toEqual([])
    }))

  test('is in no log line', () =>
    onFirstStart(async ({ server, token }) => {
      await setUp(server, token, { email: 'no address' })
      expect(server.logged()).not.toContain(token)
    }))
})
