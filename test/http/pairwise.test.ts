/**
 * A person has another id in each sector, the same one each time, and the audit knows who it is.
 *
 * @see [OpenID Connect Core 1.0 §8.1 - Pairwise Identifier Algorithm](https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg)
 */
import { decodeJwt } from 'jose'
import {
  authorizationUrl,
  basic,
  eventsOf,
  newPkce,
  post,
  type Registered,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const jwt = 'jwt' as const
const resources = ['https://a.example/', 'https://b.example/'].map((resource) => ({
  ...{ resource, name: resource, accessTokenFormat: jwt, scopes: { read: 'Read' } },
}))

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    subjectType: 'pairwise',
    resources,
    trustedProxies: ['127.0.0.1', '::1'],
    verify: [{ path: '/', resource: 'https://a.example/', scopes: ['read'] }],
  })
})
afterAll(() => server.stop())

function registerAt(...redirect_uris: string[]): Promise<Registered> {
  return register(server, { redirect_uris, token_endpoint_auth_method: 'client_secret_basic' })
}

async function connect(client: Registered, resource = 'https://a.example/') {
  const pkce = newPkce()
  const redirect_uri = (client.redirect_uris as string[])[0] ?? ''
  const url = authorizationUrl(server, client.client_id, {
    ...{ redirect_uri, resource, scope: 'openid read', code_challenge: pkce.challenge },
  })
  const back = await server.person().answer(url)
  const code = back.searchParams.get('code') ?? ''
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri,
    code_verifier: pkce.verifier,
  }
  const headers = { authorization: basic(client.client_id, client.client_secret ?? '') }
  const { body } = await post<Tokens>(server, '/oauth/token', { form, headers })
  return { tokens: body, sub: decodeJwt(body.id_token ?? '').sub, headers }
}

describe('pairwise subjects', () => {
  test('are the same for clients of one host, and others for another host', async () => {
    const one = await connect(await registerAt('https://app.example.com/cb'))
    const same = await connect(await registerAt('https://app.example.com/other'))
    const other = await connect(await registerAt('https://app.example.org/cb'))
    expect(one.sub).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(same.sub).toBe(one.sub)
    expect(other.sub).not.toBe(one.sub)
  })

  test('are of the client alone where no host is its own', async () => {
    const host = await connect(await registerAt('https://app.example.com/cb'))
    const loopback = ['http://127.0.0.1/cb']
    const subs = await Promise.all([
      connect(await registerAt(...loopback)),
      connect(await registerAt(...loopback)),
      // Naming somebody else's host beside an own address does not join that sector.
      connect(await registerAt('https://app.example.com/cb', ...loopback)),
    ])
    expect(new Set([host, ...subs].map(({ sub }) => sub)).size).toBe(4)
  })

  test('are told by userinfo as by the ID token', async () => {
    const { tokens, sub } = await connect(await registerAt('https://app.example.com/cb'))
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const response = await fetch(`${server.url}/oauth/userinfo`, { headers })
    expect(await response.json()).toEqual({ sub })
  })

  test('of access tokens are the resource’s, in the JWT, by introspection, and behind a proxy', async () => {
    const client = await registerAt('https://app.example.com/cb')
    const [a, b] = [await connect(client), await connect(client, 'https://b.example/')]
    const subs = [a, b].map(({ tokens }) => decodeJwt(tokens.access_token).sub)
    expect(new Set([a.sub, ...subs]).size).toBe(3)
    const form = { token: a.tokens.access_token }
    const { body } = await post(server, '/oauth/introspect', { form, headers: a.headers })
    expect(body.sub).toBe(subs[0] as string)
    const proxied = await fetch(`${server.url}/api/verify`, {
      headers: {
        authorization: `Bearer ${a.tokens.access_token}`,
        ...{ 'x-forwarded-host': 'a.example', 'x-forwarded-proto': 'https' },
        ...{ 'x-forwarded-uri': '/x', 'x-forwarded-method': 'GET' },
      },
    })
    expect(proxied.headers.get('x-auth-subject')).toBe(subs[0] as string)
    const refresh = { token: a.tokens.refresh_token }
    const introspected = await post(server, '/oauth/introspect', {
      form: refresh,
      headers: a.headers,
    })
    expect(introspected.body.sub).toBe(a.sub as string)
  })

  test('are taken back in hints, at sign-in and at sign-out', async () => {
    const client = await registerAt('https://app.example.com/cb')
    const { tokens } = await connect(client)
    const person = server.person()
    const redirect_uri = 'https://app.example.com/cb'
    const code = await person.answer(authorizationUrl(server, client.client_id, { redirect_uri }))
    expect(code.searchParams.has('code')).toBe(true)
    const hint = tokens.id_token ?? ''
    const url = authorizationUrl(server, client.client_id, { redirect_uri, id_token_hint: hint })
    expect((await person.open(url)).headers.get('location')).toMatch(/^\/consent/)
    const asked = await person.open(`/oauth/logout?id_token_hint=${hint}`)
    const left = await person.open(asked.headers.get('location') ?? '')
    expect(await left.text()).toContain('You are signed out')
  })

  test('hide nobody from the audit', async () => {
    const [user] = await eventsOf(server, 'UserRegistered')
    for (const { payload } of await eventsOf(server, 'GrantApproved')) {
      expect(payload.userId).toBe(user?.payload.userId as string)
    }
  })

  test('have one salt, made once', async () => {
    expect((await eventsOf(server, 'PairwiseSaltMade')).length).toBe(1)
  })
})

test('a client of two hosts cannot register: it would have no sector', async () => {
  const refused = await registerAt('https://a.example.com/cb', 'https://b.example.com/cb')
  expect(refused.error).toBe('invalid_redirect_uri')
})

test('the metadata says so', async () => {
  const response = await fetch(`${server.url}/.well-known/openid-configuration`)
  expect(await response.json()).toMatchObject({ subject_types_supported: ['pairwise'] })
})
