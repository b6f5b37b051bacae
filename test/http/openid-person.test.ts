/**
 * Which person a client will have, and which claims it asks for one by one.
 *
 * @see [OpenID Connect Core 1.0 §3.1.2.1 - Authentication Request](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)
 * @see [OpenID Connect Core 1.0 §5.5 - Requesting Claims](https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter)
 */
import { decodeJwt } from 'jose'
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { setPermissions } from '../../src/identity/permissions.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import {
  authorizationUrl,
  newPkce,
  type Registered,
  redeem,
  register,
} from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'a very long passphrase' }

let now = Date.now()
let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer({ userinfoMinimalPaths: ['/userinfo'] }, { clock: () => now })
  client = await register(server)
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
afterAll(() => server.stop())

async function signIn(person: DemoPerson, path: string, credentials: typeof bob) {
  const fields = hiddenFields(await (await person.open(path)).text())
  return person.submit('/sign-in', { ...fields, ...credentials })
}

async function signedIn(credentials = admin) {
  const person = server.person(credentials)
  await signIn(person, '/sign-in', credentials)
  return person
}

/** A person approves what is asked; what the client gets, and what userinfo tells it. */
async function connected(asked: Record<string, string>, credentials = bob, by = client) {
  const pkce = newPkce()
  const url = authorizationUrl(server, by.client_id, { ...asked, code_challenge: pkce.challenge })
  const back = await server.person(credentials).answer(url)
  const { body } = await redeem(server, {
    client: by,
    code: back.searchParams.get('code') ?? '',
    pkce,
  })
  const claims = body.id_token === undefined ? {} : decodeJwt(body.id_token)
  const userinfo = async (path = '/oauth/userinfo') => {
    const headers = { authorization: `Bearer ${body.access_token}` }
    return (await (await fetch(server.url + path, { headers })).json()) as Record<string, unknown>
  }
  return { idToken: body.id_token ?? '', claims, userinfo }
}

async function leads(person: DemoPerson, asked: Record<string, string>) {
  const response = await person.open(authorizationUrl(server, client.client_id, asked))
  const location = new URL(response.headers.get('location') ?? '', server.url)
  return location.searchParams.get('error') ?? location.pathname
}

describe('SECURITY 29: id_token_hint', () => {
  test('of the person who is signed in changes nothing', async () => {
    const { idToken } = await connected({ scope: 'openid' })
    const person = await signedIn(bob)
    expect(await leads(person, { id_token_hint: idToken })).toBe('/consent')
    now += 2 * 3_600_000
    expect(await leads(person, { id_token_hint: idToken })).toBe('/consent')
  })

  test('of somebody else: login_required without a page, else a new sign-in', async () => {
    const { idToken } = await connected({ scope: 'openid' })
    const person = await signedIn(admin)
    const hinted = { id_token_hint: idToken }
    expect(await leads(person, { ...hinted, prompt: 'none' })).toBe('login_required')
    expect(await leads(person, hinted)).toBe('/sign-in')
  })

  test('and when somebody else signs in all the same, the client learns that', async () => {
    const { idToken } = await connected({ scope: 'openid' })
    const person = server.person()
    const url = authorizationUrl(server, client.client_id, { id_token_hint: idToken })
    const asked = await person.open(url)
    const next = await signIn(person, asked.headers.get('location') ?? '', admin)
    const refused = await person.open(next.headers.get('location') ?? '')
    const back = new URL(refused.headers.get('location') ?? '')
    expect(back.searchParams.get('error')).toBe('login_required')
    expect(back.searchParams.get('state')).toBe('a state')
  })

  test('that is of another client, forged or no token: of no use with prompt=none', async () => {
    const other = await register(server, { client_name: 'Another' })
    const foreign = await connected({ scope: 'openid' }, bob, other)
    const person = await signedIn(bob)
    for (const id_token_hint of [foreign.idToken, `${foreign.idToken}x`, 'x']) {
      expect(await leads(person, { id_token_hint, prompt: 'none' })).toBe('login_required')
      expect(await leads(person, { id_token_hint })).toBe('/consent')
    }
  })
})

describe('wishes that nothing can fulfil', () => {
  test('display, ui_locales and acr_values are let through', async () => {
    const person = await signedIn()
    const asked = { display: 'popup', ui_locales: 'de', acr_values: 'urn:x' }
    expect(await leads(person, asked)).toBe('/consent')
  })

  test('login_hint fills in the address', async () => {
    const person = server.person()
    const url = authorizationUrl(server, client.client_id, { login_hint: bob.email })
    const page = await person.open((await person.open(url)).headers.get('location') ?? '')
    expect(await page.text()).toContain(`value="${bob.email}"`)
  })
})

describe('claims', () => {
  const asking = (claims: unknown) => ({ scope: 'openid', claims: JSON.stringify(claims) })

  test('go where they were asked for, and nowhere else', async () => {
    const { claims, userinfo } = await connected(
      asking({
        id_token: { email: { essential: true } },
        userinfo: { name: null, shoe_size: null },
      }),
    )
    expect(claims.email).toBe(bob.email)
    expect(claims).not.toHaveProperty('name')
    expect(await userinfo()).toEqual({ sub: claims.sub, name: 'Bob' })
  })

  test('are shown to the person as the scopes that would ask for them', async () => {
    const person = await signedIn(bob)
    const url = authorizationUrl(
      server,
      client.client_id,
      asking({ userinfo: { email_verified: null } }),
    )
    const page = await person.open((await person.open(url)).headers.get('location') ?? '')
    const html = await page.text()
    expect(html).toContain('See your e-mail address')
    expect(html).not.toContain('See your name')
  })

  test('with a value for sub will have that person alone', async () => {
    const { claims } = await connected({ scope: 'openid' })
    const wanted = asking({ id_token: { sub: { value: claims.sub } } })
    expect(await leads(await signedIn(bob), wanted)).toBe('/consent')
    const other = await signedIn(admin)
    expect(await leads(other, wanted)).toBe('/sign-in')
    expect(await leads(other, { ...wanted, prompt: 'none' })).toBe('login_required')
  })

  test('with an essential acr that is not there: access_denied', async () => {
    const acr = { essential: true, values: ['urn:two-factors'] }
    expect(await leads(await signedIn(), asking({ id_token: { acr } }))).toBe('access_denied')
    const voluntary = { values: ['urn:two-factors'] }
    expect(await leads(await signedIn(), asking({ id_token: { acr: voluntary } }))).toBe('/consent')
  })

  test('that are no object of objects, or too long: invalid_request', async () => {
    const person = await signedIn()
    const wrong = ['x', '[]', '"x"', '1', '{"id_token":[]}', '{"userinfo":"x"}']
    for (const claims of [...wrong, `{"x":"${'y'.repeat(4096)}"}`]) {
      expect(await leads(person, { scope: 'openid', claims })).toBe('invalid_request')
    }
    for (const claims of ['null', '{}', '{"id_token":null}', '{"id_token":{"sub":{"value":1}}}']) {
      expect(await leads(person, { scope: 'openid', claims })).toBe('/consent')
    }
  })
})

describe('permissions', () => {
  const set = (email: string, permissions: string[]) =>
    setPermissions(server.services, { email, permissions, actor: 'cli' })

  test('are told as they are set, to whoever asked for them', async () => {
    const { claims, userinfo } = await connected({ scope: 'openid permissions' })
    expect(claims.permissions).toEqual([])
    expect(await set('BOB@example.com', ['a:read', 'b', 'a:read'])).toEqual({ outcome: 'accepted' })
    expect((await userinfo()).permissions).toEqual(['a:read', 'b'])
    const without = await connected({ scope: 'openid' })
    expect(await without.userinfo()).toEqual({ sub: claims.sub })
  })

  test('of nobody, malformed ones, and too many are refused', async () => {
    const reasonOf = async (email: string, permissions: string[]) => {
      const outcome = await set(email, permissions)
      return outcome.outcome === 'refused' ? outcome.reason : outcome.outcome
    }
    expect(await reasonOf('nobody@example.com', [])).toBe('user_unknown')
    expect(await reasonOf('no address', [])).toBe('user_unknown')
    for (const bad of ['', 'a b', 'a,b', 'é', 'x'.repeat(129)]) {
      expect(await reasonOf(bob.email, [bad])).toBe('permission_malformed')
    }
    const many = Array.from({ length: 101 }, (_, index) => `p${index}`)
    expect(await reasonOf(bob.email, many)).toBe('too_many_permissions')
  })
})

test('a minimal path of userinfo tells sub and email alone', async () => {
  const { claims, userinfo } = await connected({ scope: 'openid profile email permissions' })
  expect(await userinfo('/userinfo')).toEqual({ sub: claims.sub, email: bob.email })
  expect(Object.keys(await userinfo('/oauth2/userinfo')).toSorted()).toEqual([
    ...['email', 'email_verified', 'name', 'permissions', 'sub', 'updated_at'],
  ])
})
