/**
 * @see [RFC 9101 §6 - Validating JWT-Based Requests](https://www.rfc-editor.org/rfc/rfc9101.html#section-6)
 * @see [RFC 9101 §10.8 - Cross-JWT Confusion](https://www.rfc-editor.org/rfc/rfc9101.html#section-10.8)
 */
import { SignJWT, UnsecuredJWT } from 'jose'
import { newKey, registerSigning, type SigningClient } from '../support/client-assertion.ts'
import { newPkce, redirectUri, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let client: SigningClient
beforeAll(async () => {
  server = await startTestServer()
  client = await registerSigning(server, 'ES256')
})
afterAll(() => server.stop())

type Claims = Record<string, unknown>

function claimsOf({ client_id }: Pick<SigningClient, 'client_id'>, changes: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000)
  const all = {
    iss: client_id,
    aud: server.url,
    iat: now,
    exp: now + 60,
    client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'read',
    state: 'signed',
    code_challenge: newPkce().challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function signed(by: SigningClient, changes: Claims = {}, header: Record<string, unknown> = {}) {
  const typ = 'oauth-authz-req+jwt'
  return new SignJWT(claimsOf(by, changes))
    .setProtectedHeader({ alg: by.alg, typ, ...header })
    .sign(by.privateKey)
}

async function ask(query: Record<string, string>, by: { client_id: string } = client) {
  const { client_id } = by
  const url = `${server.url}/oauth/authorize?${new URLSearchParams({ client_id, ...query })}`
  const response = await fetch(url, { redirect: 'manual' })
  const location = new URL(response.headers.get('location') ?? '', server.url)
  return { status: response.status, location, told: Object.fromEntries(location.searchParams) }
}

async function goesOn(request: string, more: Record<string, string> = {}): Promise<boolean> {
  const { location } = await ask({ request, ...more })
  return location.pathname === '/sign-in'
}

describe('a signed request', () => {
  test('is followed, with its type or with `JWT` or without any', async () => {
    for (const typ of [
      'oauth-authz-req+jwt',
      'application/oauth-authz-req+jwt',
      'JWT',
      undefined,
    ]) {
      expect(await goesOn(await signed(client, {}, { typ }))).toBe(true)
    }
  })

  test('is all that counts: the same parameters outside change nothing and add nothing', async () => {
    const request = await signed(client)
    const outside = { redirect_uri: 'https://evil.example/', scope: 'book', state: 'mine' }
    expect(await goesOn(request, outside)).toBe(true)
    const without = await signed(client, { code_challenge: undefined })
    const { told } = await ask({
      request: without,
      code_challenge: newPkce().challenge,
      ...outside,
    })
    expect(told).toMatchObject({ error: 'invalid_request', state: 'signed' })
  })

  test('may hold lists and objects', async () => {
    const claims = { userinfo: { email: null } }
    const request = await signed(client, {
      resource: [`${server.url}/api/mcp`],
      claims,
      max_age: 60,
    })
    expect(await goesOn(request)).toBe(true)
  })

  test('that asks for what is not given is told so where it says', async () => {
    const { told } = await ask({ request: await signed(client, { scope: 'nothing:here' }) })
    expect(told).toMatchObject({ error: 'invalid_scope', state: 'signed', iss: server.url })
  })
})

describe('SECURITY 14: is shown to the person, and sent nowhere,', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const bad: Record<string, () => Promise<string> | string> = {
    'what is no JWT': () => 'not.a.jwt',
    'an object without a signature': () => new UnsecuredJWT(claimsOf(client)).encode(),
    'one that is signed with the public key as a secret': async () =>
      new SignJWT(claimsOf(client))
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(JSON.stringify(client.publicJwk))),
    'one by another key': async () => signed({ ...client, ...(await newKey('ES256')) }),
    'one that brings its key along': async () => {
      const own = await newKey('ES256')
      return signed({ ...client, ...own }, {}, { jwk: own.publicJwk })
    },
    'one that names where its key is': () => signed(client, {}, { jku: 'https://evil.example/' }),
    'one of another type': () => signed(client, {}, { typ: 'at+jwt' }),
    'one of another issuer': () => signed(client, { iss: 'somebody' }),
    'one without an issuer': () => signed(client, { iss: undefined }),
    'one for another server': () => signed(client, { aud: 'https://other.example' }),
    'one for several servers': () => signed(client, { aud: [server.url, 'https://other.example'] }),
    'one without an end': () => signed(client, { exp: undefined }),
    'one that has expired': () => signed(client, { exp: now() - 1 }),
    'one that never ends': () => signed(client, { exp: now() + 10 * 24 * 3600 }),
    'one that is not valid yet': () => signed(client, { nbf: now() + 300 }),
    'one without client_id': () => signed(client, { client_id: undefined }),
    'one with another client_id': () => signed(client, { client_id: 'another' }),
    'one that would pass for a client assertion': () => signed(client, { sub: client.client_id }),
    'one inside another': async () => signed(client, { request: await signed(client) }),
    'one that refers to another': () => signed(client, { request_uri: 'https://evil.example/' }),
    'one with a redirect URI that is not registered': () =>
      signed(client, { redirect_uri: 'https://evil.example/' }),
  }
  for (const [what, make] of Object.entries(bad)) {
    test(what, async () => {
      const { status, location } = await ask({ request: await make(), redirect_uri: redirectUri })
      expect([status, location.pathname]).toEqual([400, '/'])
    })
  }

  test('one of a client that has registered no key', async () => {
    const stranger = await register(server)
    const request = await signed({ ...client, ...stranger })
    expect((await ask({ request }, stranger)).status).toBe(400)
  })

  test('one with another algorithm than the registered one', async () => {
    const strict = await registerSigning(server, 'ES256', { request_object_signing_alg: 'RS256' })
    expect((await ask({ request: await signed(strict) }, strict)).status).toBe(400)
  })
})

describe('a request that is not signed', () => {
  test('is refused of a client that signs all of its own', async () => {
    const strict = await registerSigning(server, 'ES256', { require_signed_request_object: true })
    expect(strict.require_signed_request_object).toBe(true)
    const plain = claimsOf(strict) as Record<string, string>
    expect((await ask(plain, strict)).told).toMatchObject({ error: 'invalid_request' })
    const { location } = await ask({ request: await signed(strict) }, strict)
    expect(location.pathname).toBe('/sign-in')
  })

  test.each([
    ['none as its algorithm', { request_object_signing_alg: 'none' }],
    ['a symmetric algorithm', { request_object_signing_alg: 'HS256' }],
    ['a word where yes or no belongs', { require_signed_request_object: 'true' }],
  ])('a registration with %s is refused', async (_, metadata) => {
    const refused = await registerSigning(server, 'ES256', metadata)
    expect(refused.error).toBe('invalid_client_metadata')
  })

  test('a registration that requires them without a key is refused', async () => {
    const refused = await register(server, { require_signed_request_object: true })
    expect(refused.error).toBe('invalid_client_metadata')
  })
})

test('the metadata says what is understood', async () => {
  const response = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
  expect(await response.json()).toMatchObject({
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    require_signed_request_object: false,
    request_object_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
  })
})

test('SECURITY 6: the authorization endpoint has no CORS, and other response modes are refused', async () => {
  const origin = { origin: 'https://evil.example' }
  const asked = await fetch(`${server.url}/oauth/authorize`, { headers: origin })
  expect(asked.headers.get('access-control-allow-origin')).toBe(null)
  for (const response_mode of ['form_post', 'fragment', 'jwt']) {
    const request = await signed(client, { response_mode })
    expect((await ask({ request })).told.error).toBe('invalid_request')
  }
})
