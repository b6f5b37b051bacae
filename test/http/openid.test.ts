/**
 * The person behind a token: how new the proof must be, and what is told.
 *
 * @see [OpenID Connect Core 1.0 §3.1.2 - Authorization Endpoint](https://openid.net/specs/openid-connect-core-1_0.html#AuthorizationEndpoint)
 * @see [OpenID Connect Core 1.0 §5.3 - UserInfo Endpoint](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)
 */
import { createHash } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { authorizationUrl, connect, isLive, register } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const bob = { email: 'Bob@Example.com', password: 'a very long passphrase' }

// JWTs are checked with the machine's clock here, so this one stays near it.
let now = Date.now()
let server: TestServer
let clientId: string
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  clientId = (await register(server)).client_id
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
afterAll(() => server.stop())

/** Somebody who is signed in already. */
async function signedIn(credentials = admin) {
  const person = server.person(credentials)
  const fields = hiddenFields(await (await person.open('/sign-in')).text())
  await person.submit('/sign-in', { ...fields, ...credentials })
  return person
}

type Asked = Record<string, string>

/** Where an authorization request leads first. */
async function leads(person: { open(url: string): Promise<Response> }, asked: Asked) {
  const response = await person.open(authorizationUrl(server, clientId, asked))
  const location = new URL(response.headers.get('location') ?? '', server.url)
  return location.searchParams.get('error') ?? location.pathname
}

describe('SECURITY 29: prompt', () => {
  test('absent: somebody who is signed in goes to consent, others sign in', async () => {
    expect(await leads(await signedIn(), {})).toBe('/consent')
    expect(await leads(server.person(), {})).toBe('/sign-in')
  })
  test('consent, or one that is unknown: the same', async () => {
    expect(await leads(await signedIn(), { prompt: 'consent' })).toBe('/consent')
    expect(await leads(await signedIn(), { prompt: 'create' })).toBe('/consent')
  })
  test('none: never a page', async () => {
    expect(await leads(await signedIn(), { prompt: 'none' })).toBe('consent_required')
    expect(await leads(server.person(), { prompt: 'none' })).toBe('login_required')
  })
  for (const prompt of ['login', 'select_account', 'login consent']) {
    test(`${prompt}: signs in anew, and the consent cannot be opened around it`, async () => {
      const person = await signedIn()
      now += 1
      const asked = await person.open(authorizationUrl(server, clientId, { prompt }))
      const path = asked.headers.get('location') ?? ''
      expect(path).toMatch(/^\/sign-in\?request=/)
      const around = await person.open(path.replace('/sign-in', '/consent'))
      expect(around.headers.get('location')).toBe(path)
      now += 1
      const fields = hiddenFields(await (await person.open(path)).text())
      const next = await person.submit('/sign-in', { ...fields, ...admin })
      expect((await person.open(next.headers.get('location') ?? '')).status).toBe(200)
    })
  }
})

describe('SECURITY 29: max_age', () => {
  test('asks for a new sign-in when the last is longer ago', async () => {
    const person = await signedIn()
    now += 60_000
    expect(await leads(person, { max_age: '60' })).toBe('/consent')
    expect(await leads(person, { max_age: '59' })).toBe('/sign-in')
    expect(await leads(person, { max_age: '0' })).toBe('/sign-in')
    expect(await leads(person, { max_age: '59', prompt: 'none' })).toBe('login_required')
  })
})

function verify(idToken: string) {
  const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`))
  const expected = { issuer: server.url, algorithms: ['RS256'], currentDate: new Date(now) }
  return jwtVerify(idToken, keys, expected)
}

describe('an ID token', () => {
  test('says who signed in, when, for whom, with this nonce and this access token', async () => {
    const signedInAt = Math.floor(now / 1000)
    const { tokens, client } = await connect(server, {
      scope: 'openid profile email read',
      nonce: 'n-1',
    })
    const { payload, protectedHeader } = await verify(tokens.id_token ?? '')
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) })
    const hash = createHash('sha256').update(tokens.access_token).digest()
    expect(payload).toEqual({
      iss: server.url,
      sub: expect.stringMatching(/^usr_/) as unknown as string,
      aud: client.client_id,
      iat: Math.floor(now / 1000),
      exp: Math.floor(now / 1000) + 3600,
      auth_time: signedInAt,
      nonce: 'n-1',
      at_hash: hash.subarray(0, 16).toString('base64url'),
      amr: ['pwd'],
      sid: expect.stringMatching(/^ses_/) as unknown as string,
      email: admin.email,
      email_verified: true,
      updated_at: expect.any(Number) as unknown as number,
    })
  })

  test('comes with openid alone, and says no more than was asked for', async () => {
    expect((await connect(server, { scope: 'read' })).tokens).not.toHaveProperty('id_token')
    const { tokens } = await connect(server, { scope: 'openid' }, server.person(bob))
    const claims = decodeJwt(tokens.id_token ?? '')
    for (const name of ['email', 'name', 'nonce']) expect(claims).not.toHaveProperty(name)
  })

  test('is no access token', async () => {
    const { tokens } = await connect(server, { scope: 'openid' })
    expect(await isLive(server, tokens.id_token ?? '')).toBe(false)
  })
})

function userinfo(init: RequestInit & { headers?: Record<string, string> } = {}, query = '') {
  return fetch(`${server.url}/oauth/userinfo${query}`, init)
}

describe('userinfo', () => {
  test('tells what the scopes allow, to GET and POST', async () => {
    const { tokens } = await connect(server, { scope: 'openid profile email' }, server.person(bob))
    const { sub } = decodeJwt(tokens.id_token ?? '')
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    for (const method of ['GET', 'POST']) {
      const response = await userinfo({ method, headers })
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.json()).toEqual({
        sub,
        name: 'Bob',
        email: bob.email,
        email_verified: true,
        updated_at: expect.any(Number) as unknown as number,
      })
    }
  })

  test('without openid: 403 with the scope that is needed', async () => {
    const { tokens } = await connect(server, { scope: 'read' })
    const response = await userinfo({ headers: { authorization: `bearer ${tokens.access_token}` } })
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain(
      'error="insufficient_scope", scope="openid"',
    )
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' })
  })

  test('without a token, or with one where it must not be: 401 with the way to get one', async () => {
    const { tokens } = await connect(server, { scope: 'openid' })
    const metadata = `resource_metadata="${server.url}/.well-known/oauth-protected-resource/api/mcp"`
    const refused = [
      await userinfo(),
      await userinfo({}, `?access_token=${tokens.access_token}`),
      await userinfo({ headers: { authorization: `Basic ${tokens.access_token}` } }),
      await userinfo({ headers: { authorization: `Bearer ${tokens.access_token} x` } }),
      await userinfo({ headers: { authorization: `Bearer ${tokens.refresh_token}` } }),
      await userinfo({ headers: { authorization: 'Bearer' } }),
    ]
    for (const response of refused) {
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain(metadata)
    }
    // RFC 6750 §3.1: who sent no token at all is not told of an error.
    expect(refused[0]?.headers.get('www-authenticate')).not.toContain('error=')
  })

  test('no longer, once the person was disabled', async () => {
    const carol = { email: 'carol@example.com', password: 'a very long passphrase' }
    const made = await registerUser(server.services, {
      ...carol,
      name: '',
      admin: false,
      actor: 'cli',
    })
    const { tokens } = await connect(server, { scope: 'openid' }, server.person(carol))
    const userId = made.outcome === 'accepted' ? made.userId : ''
    await execute<string>(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(userDecider, userId, { kind: 'disable', reason: 'left', now }),
    )
    expect(await isLive(server, tokens.access_token)).toBe(false)
  })
})

describe('the audit is an administrator’s to share', () => {
  const url = () => authorizationUrl(server, clientId, { scope: 'audit:read openid' })

  test('an administrator can give it', async () => {
    const { tokens } = await connect(server, { scope: 'audit:read openid' })
    expect(tokens.scope).toBe('audit:read openid')
  })

  test('anybody else gives the rest, and is not even asked for it', async () => {
    const person = await signedIn(bob)
    const asked = await person.open(url())
    const html = await (await person.open(asked.headers.get('location') ?? '')).text()
    expect(html).not.toContain('Read the audit history')
    const { tokens } = await connect(server, { scope: 'audit:read openid' }, person)
    expect(tokens.scope).toBe('openid')
  })

  test('anybody else who is asked for it alone gives nothing', async () => {
    const back = await server
      .person(bob)
      .answer(authorizationUrl(server, clientId, { scope: 'audit:read' }))
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(back.searchParams.get('iss')).toBe(server.url)
  })
})
