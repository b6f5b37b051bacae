/** Signing in by an OpenID provider: who gets in, as whom, and what is not believed. */
import { SignJWT, UnsecuredJWT } from 'jose'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { authorizationUrl, eventsOf, register } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { answerOf, leaveFor, locationOf, visit } from '../support/upstream-visit.ts'

let provider: Provider
let server: TestServer
let count = 0
beforeAll(async () => {
  provider = await startProvider()
  server = await startTestServer(
    upstreamsAt(
      provider,
      { signUp: true, trustEmail: true, trustAmr: true },
      { id: 'closed', name: 'Closed' },
      { id: 'wary', name: 'Wary', signUp: true },
    ),
  )
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
})
beforeEach(() => {
  count += 1
  provider.person = {
    sub: `person-${count}`,
    name: 'Grace Hopper',
    email: `grace${count}@navy.example`,
  }
  provider.told = {}
  provider.userInfo = { email_verified: true }
  provider.mischief = {}
  provider.asked.splice(0)
})

const signedIn = '/account'

async function accountPage(person: ReturnType<TestServer['person']>): Promise<string> {
  return (await person.open('/account')).text()
}

describe('a person whom the provider knows', () => {
  test('gets an account the first time, and the same one afterwards, in another browser too', async () => {
    const before = (await eventsOf(server, 'UserRegistered')).length
    const person = server.person()
    expect(await visit(person)).toBe(signedIn)
    expect(await accountPage(person)).toContain('Grace Hopper')
    expect(await visit(server.person())).toBe(signedIn)
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(before + 1)
  })

  test('is asked for with PKCE, state and nonce, and a redirect URI that no other upstream has', async () => {
    await visit(server.person())
    const [asked] = provider.asked
    expect(asked?.get('code_challenge_method')).toBe('S256')
    expect(asked?.get('redirect_uri')).toBe(`${server.url}/sign-in/from/provider`)
    expect(asked?.get('scope')).toBe('openid profile email')
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(asked?.get(name)).toMatch(/^[\w-]{43}$/)
    }
    expect(asked?.get('prompt')).toBe(null)
  })

  test('has the address that a trusted provider has verified', async () => {
    const person = server.person()
    await visit(person)
    expect(await accountPage(person)).toContain(`grace${count}@navy.example`)
    const [registered] = (await eventsOf(server, 'UserRegistered')).slice(-1)
    expect(registered?.payload).toMatchObject({ emailVerified: true, admin: false })
  })

  test('has no address where the provider has not verified it, or is not trusted', async () => {
    provider.userInfo = { email_verified: false }
    await visit(server.person())
    const unverified = (await eventsOf(server, 'UserRegistered')).at(-1)
    expect(unverified?.payload).not.toHaveProperty('email')
    provider.person = { ...provider.person, sub: `wary-${count}` }
    provider.userInfo = { email_verified: true }
    await visit(server.person(), { upstream: 'wary' })
    const untrusted = (await eventsOf(server, 'UserRegistered')).at(-1)
    expect(untrusted?.payload).not.toHaveProperty('email')
    expect(untrusted?.payload).not.toHaveProperty('passwordSecretId')
  })

  test('is told of by the ways that a trusted provider names, else by "fed"', async () => {
    provider.told = { amr: ['pwd', 'otp', 'two words'] }
    await visit(server.person())
    expect((await eventsOf(server, 'SessionStarted')).at(-1)?.payload).toMatchObject({
      amr: ['pwd', 'otp'],
    })
    provider.person = { sub: `wary-amr-${count}` }
    await visit(server.person(), { upstream: 'wary' })
    expect((await eventsOf(server, 'SessionStarted')).at(-1)?.payload).toMatchObject({
      amr: ['fed'],
    })
  })

  test('goes on to the consent that waits, with a fresh proof where the client wants one', async () => {
    const client = await register(server)
    const person = server.person()
    const opened = await person.open(
      authorizationUrl(server, client.client_id, { prompt: 'login' }),
    )
    const from = locationOf(opened)
    provider.told = { auth_time: Math.floor(Date.now() / 1000) }
    const consent = await visit(person, { from })
    expect(provider.asked[0]?.get('prompt')).toBe('login')
    expect(consent).toMatch(/^\/consent\?request=/)
    expect((await person.open(consent)).status).toBe(200)
  })

  test('is asked again where the proof there is older than the client wants', async () => {
    const client = await register(server)
    const person = server.person()
    const from = locationOf(
      await person.open(authorizationUrl(server, client.client_id, { max_age: '600' })),
    )
    provider.told = { auth_time: Math.floor(Date.now() / 1000) - 3600 }
    const consent = await visit(person, { from })
    expect(locationOf(await person.open(consent))).toMatch(/^\/sign-in\?request=/)
  })

  test('gets one account of two first sign-ins at the same moment', async () => {
    const people = [server.person(), server.person(), server.person()]
    const before = (await eventsOf(server, 'UserRegistered')).length
    expect(await Promise.all(people.map((person) => visit(person)))).toEqual(
      people.map(() => signedIn),
    )
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(before + 1)
  })
})

describe('a person whom nobody here knows', () => {
  test('gets no account where the settings make none', async () => {
    const before = (await eventsOf(server, 'UserRegistered')).length
    const person = server.person()
    const sent = await visit(person, { upstream: 'closed' })
    expect(sent).toBe('/sign-in?problem=identity_unknown')
    expect(await (await person.open(sent)).text()).toContain('not linked with any account here')
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(before)
  })

  test('gets one where everybody may sign up, unless the upstream is an exception', async () => {
    const upstreams = upstreamsAt(provider, {}, { id: 'closed', signUp: false })
    const open = await startTestServer({ ...upstreams, signUp: 'open' })
    try {
      expect(await visit(open.person(), { upstream: 'closed' })).toBe(
        '/sign-in?problem=identity_unknown',
      )
      expect(await visit(open.person())).toBe(signedIn)
    } finally {
      await open.stop()
    }
  })

  test('is never taken for the account with the same address', async () => {
    provider.person = { ...provider.person, email: ' ADA@example.com' }
    expect(await visit(server.person())).toBe('/sign-in?problem=identity_email_taken')
    // Only an address that is proved says anything; any other is as good as none.
    provider.userInfo = { email_verified: false }
    const person = server.person()
    expect(await visit(person)).toBe(signedIn)
    expect(await accountPage(person)).not.toContain(admin.email)
  })
})

describe('a disabled account', () => {
  test('is closed to its identities too', async () => {
    await visit(server.person())
    const [registered] = (await eventsOf(server, 'UserRegistered')).slice(-1)
    const userId = String(registered?.payload.userId)
    const { log, now } = server.services
    await execute<string>(log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(userDecider, userId, { kind: 'disable', reason: 'left', now: now() }),
    )
    expect(await visit(server.person())).toBe('/sign-in?problem=account_disabled')
  })
})

describe('an answer counts', () => {
  const expired = '/sign-in?problem=upstream_expired'

  test('in the browser that asked, and in no other', async () => {
    const person = server.person()
    const back = await answerOf(await leaveFor(person))
    const other = server.person()
    expect(locationOf(await other.open(back))).toBe(expired)
    await other.open('/sign-in')
    expect(locationOf(await other.open(back))).toBe(expired)
    // Nor does the attempt of the other one use it up.
    expect(locationOf(await person.open(back))).toBe(signedIn)
  })

  test('once', async () => {
    const person = server.person()
    const back = await answerOf(await leaveFor(person))
    const twice = await Promise.all([person.open(back), person.open(back)])
    expect(twice.map(locationOf).sort()).toEqual([signedIn, expired])
    expect(locationOf(await person.open(back))).toBe(expired)
  })

  test('for the state that it was asked with', async () => {
    const person = server.person()
    const back = new URL(await answerOf(await leaveFor(person)))
    for (const state of ['', 'made up', 'x'.repeat(43)]) {
      back.searchParams.set('state', state)
      expect(locationOf(await person.open(back.href))).toBe(expired)
    }
    back.searchParams.delete('state')
    expect(locationOf(await person.open(back.href))).toBe(expired)
  })

  test('for its own state when two are under way: the codes cannot be swapped', async () => {
    const person = server.person()
    const one = new URL(await answerOf(await leaveFor(person)))
    const two = new URL(await answerOf(await leaveFor(person)))
    one.searchParams.set('code', two.searchParams.get('code') ?? '')
    expect(locationOf(await person.open(one.href))).toBe('/sign-in?problem=upstream_failed')
  })

  test('at the redirect URI of the upstream that was asked', async () => {
    const person = server.person()
    const back = (await answerOf(await leaveFor(person))).replace('/from/provider', '/from/wary')
    expect(locationOf(await person.open(back))).toBe(expired)
  })

  test('for ten minutes', async () => {
    let now = Date.now()
    const aged = await startTestServer(upstreamsAt(provider, { signUp: true }), {
      clock: () => now,
    })
    try {
      const person = aged.person()
      const back = await answerOf(await leaveFor(person))
      now += 10 * 60_000
      expect(locationOf(await person.open(back))).toBe(expired)
    } finally {
      await aged.stop()
    }
  })
})

describe('nothing is believed of a provider', () => {
  const refused = '/sign-in?problem=upstream_failed'
  const sign = (alg: string, secret: string) => (claims: object) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret))
  const mischiefs: Record<string, () => Provider['mischief']> = {
    'with another nonce': () => ({ claims: { nonce: 'of another sign-in' } }),
    'without a nonce': () => ({ claims: { nonce: undefined } }),
    'with an ID token that is not signed': () => ({
      idToken: (claims) => new UnsecuredJWT(claims).encode(),
    }),
    'with one that is signed with a secret': () => ({ idToken: sign('HS256', 'x'.repeat(32)) }),
    'with one for another client': () => ({ claims: { aud: 'another client' } }),
    'with one for several, of which another asked': () => ({
      claims: { aud: ['grantlog-at-provider', 'another'], azp: 'another' },
    }),
    'with one of another issuer': () => ({ claims: { iss: 'https://evil.example' } }),
    'with one that has expired': () => ({ claims: { exp: 1 } }),
    'with one of nobody': () => ({ claims: { sub: '' } }),
    'with no ID token': () => ({ idToken: () => undefined as never }),
    'whose userinfo is about somebody else': () => ({ userInfo: { sub: 'somebody else' } }),
    'whose answer says another issuer (RFC 9207)': () => ({
      answer: { iss: 'https://evil.example' },
    }),
    'whose code is another': () => ({ answer: { code: 'made up' } }),
  }
  for (const [name, mischief] of Object.entries(mischiefs)) {
    test(name, async () => {
      const before = (await eventsOf(server, 'SessionStarted')).length
      provider.mischief = mischief()
      const person = server.person()
      const sent = await visit(person)
      expect(sent).toBe(refused)
      expect((await eventsOf(server, 'SessionStarted')).length).toBe(before)
      const page = await person.open(sent)
      expect(page.status).toBe(400)
      expect(await page.text()).toContain('did not prove who you are')
    })
  }

  test('who says that the person refused: the page says so', async () => {
    provider.mischief = { answer: { error: 'access_denied' } }
    expect(await visit(server.person())).toBe('/sign-in?problem=upstream_denied')
  })

  test('who does not answer', async () => {
    const gone = await startProvider()
    const lonely = await startTestServer(upstreamsAt(gone))
    await gone.stop()
    try {
      const person = lonely.person()
      const html = await (await person.open('/sign-in')).text()
      const fields = { ...hiddenFields(html), upstream: 'provider' }
      const left = await person.submit('/sign-in/with', fields)
      expect(locationOf(await person.open(locationOf(left)))).toBe(refused)
    } finally {
      await lonely.stop()
    }
  })
})

describe('the form that leads there', () => {
  test('counts only from our own page', async () => {
    const person = server.person()
    await person.open('/sign-in')
    const sent = await person.submit('/sign-in/with', { upstream: 'provider', csrf: 'forged' })
    expect(locationOf(sent)).toBe('/sign-in?problem=expired_form')
  })

  test('names an upstream of the settings', async () => {
    const person = server.person()
    const fields = hiddenFields(await (await person.open('/sign-in')).text())
    const sent = await person.submit('/sign-in/with', { ...fields, upstream: 'nobody' })
    expect(locationOf(sent)).toBe('/sign-in?problem=upstream_failed')
  })

  test('is not there where nobody else can be asked', async () => {
    const alone = await startTestServer()
    try {
      expect(await (await alone.person().open('/sign-in')).text()).not.toContain('/sign-in/with')
    } finally {
      await alone.stop()
    }
  })

  test('and a problem in the URL is one of ours, and never a text', async () => {
    const html = await (await server.person().open('/sign-in?problem=<b>call+us')).text()
    expect(html).not.toContain('call us')
    expect(html).not.toContain('role="alert"')
  })
})

test('no account is registered twice by the address that a sign-in brought', async () => {
  await visit(server.person())
  const result = await registerUser(server.services, {
    email: `grace${count}@navy.example`,
    name: '',
    password: 'a very long passphrase',
    admin: false,
    actor: 'cli',
  })
  expect(result).toEqual({ outcome: 'refused', reason: 'email_taken' })
})
