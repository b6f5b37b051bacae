/**
 * The authorization endpoint: what is shown to the person, what travels to the client, and what
 * stands in it.
 *
 * @see [RFC 6749 §4.1.2.1 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2.1)
 * @see [RFC 7636 §4.4.1 - Error Response](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.4.1)
 * @see [RFC 9207 §2 - Response Parameter iss](https://www.rfc-editor.org/rfc/rfc9207.html#section-2)
 */
import {
  authorizationUrl,
  authorize,
  newPkce,
  type Registered,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer()
  client = await register(server)
})
afterAll(() => server.stop())

type Asked = Record<string, string | undefined>

function ask(parameters: Asked = {}, clientId = client.client_id): Promise<Response> {
  return fetch(authorizationUrl(server, clientId, parameters), { redirect: 'manual' })
}

function locationOf(response: Response): URL {
  return new URL(response.headers.get('location') ?? 'none:', server.url)
}

describe('the person is told, and nothing is redirected', () => {
  const shown: Record<string, Asked> = {
    'an unknown client': { client_id: 'dcr_nobody' },
    'a client id longer than any': { client_id: 'x'.repeat(5_000) },
    'no client': { client_id: undefined },
    'a redirect URI that is not registered': { redirect_uri: 'https://evil.example/cb' },
    'a redirect URI with userinfo': { redirect_uri: 'http://127.0.0.1:9999@evil.example/callback' },
    'a redirect URI with a fragment': { redirect_uri: `${redirectUri}#x` },
    'a redirect URI with a line feed': { redirect_uri: `${redirectUri}\r\nx: y` },
  }
  for (const [what, parameters] of Object.entries(shown)) {
    test(what, async () => {
      const response = await ask(parameters)
      expect(response.status).toBe(400)
      expect(response.headers.get('location')).toBeNull()
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('x-frame-options')).toBe('DENY')
      expect(await response.text()).not.toContain('evil.example')
    })
  }

  for (const name of ['client_id', 'redirect_uri']) {
    test(`a repeated ${name}`, async () => {
      const url = `${authorizationUrl(server, client.client_id)}&${name}=x`
      const response = await fetch(url, { redirect: 'manual' })
      expect({ status: response.status, location: response.headers.get('location') }).toEqual({
        status: 400,
        location: null,
      })
    })
  }

  test('no redirect URI of a client that has two', async () => {
    const two = await register(server, { redirect_uris: [redirectUri, 'https://app.example/cb'] })
    expect((await ask({ redirect_uri: undefined }, two.client_id)).status).toBe(400)
  })
})

describe('the client is told, with state and iss', () => {
  const told: Record<string, { asked: Asked; error: string }> = {
    'no response_type': { asked: { response_type: undefined }, error: 'invalid_request' },
    'the implicit grant': { asked: { response_type: 'token' }, error: 'unsupported_response_type' },
    'a hybrid flow': {
      asked: { response_type: 'code id_token' },
      error: 'unsupported_response_type',
    },
    'response_mode fragment': { asked: { response_mode: 'fragment' }, error: 'invalid_request' },
    'no code_challenge': { asked: { code_challenge: undefined }, error: 'invalid_request' },
    'no code_challenge and no method': {
      asked: { code_challenge: undefined, code_challenge_method: undefined },
      error: 'invalid_request',
    },
    'no method, which would mean plain': {
      asked: { code_challenge_method: undefined },
      error: 'invalid_request',
    },
    'method plain': { asked: { code_challenge_method: 'plain' }, error: 'invalid_request' },
    'method s256': { asked: { code_challenge_method: 's256' }, error: 'invalid_request' },
    'a challenge that is too short': {
      asked: { code_challenge: 'x'.repeat(42) },
      error: 'invalid_request',
    },
    'a challenge that is too long': {
      asked: { code_challenge: 'x'.repeat(44) },
      error: 'invalid_request',
    },
    'a challenge with padding': {
      asked: { code_challenge: `${'x'.repeat(42)}=` },
      error: 'invalid_request',
    },
    'an unknown resource': {
      asked: { resource: 'https://elsewhere.example/' },
      error: 'invalid_target',
    },
    'a scope that is not offered': { asked: { scope: 'nothing:here' }, error: 'invalid_scope' },
    'a scope with a quote': { asked: { scope: 'a"b' }, error: 'invalid_scope' },
    'a request_uri': {
      asked: { request_uri: 'http://169.254.169.254/' },
      error: 'request_uri_not_supported',
    },
    'prompt=none with another': { asked: { prompt: 'none login' }, error: 'invalid_request' },
    'max_age that is no number': { asked: { max_age: '-1' }, error: 'invalid_request' },
    'a nonce longer than any': { asked: { nonce: 'x'.repeat(600) }, error: 'invalid_request' },
  }
  for (const [what, { asked, error }] of Object.entries(told)) {
    test(what, async () => {
      const response = await ask({ state: 'a state&"#', ...asked })
      expect(response.status).toBe(303)
      const location = locationOf(response)
      expect(location.origin + location.pathname).toBe(redirectUri)
      expect(location.searchParams.get('error')).toBe(error)
      expect(location.searchParams.get('state')).toBe('a state&"#')
      expect(location.searchParams.get('iss')).toBe(server.url)
      expect(location.searchParams.get('code')).toBeNull()
    })
  }

  test('a repeated parameter', async () => {
    const url = `${authorizationUrl(server, client.client_id)}&scope=a&scope=b`
    const location = locationOf(await fetch(url, { redirect: 'manual' }))
    expect(location.searchParams.get('error')).toBe('invalid_request')
    expect(location.searchParams.get('error_description')).toBe('Repeated parameter: scope')
  })

  test('without a state when it sent none, and at the port it asked from', async () => {
    const asked = {
      state: undefined,
      response_type: 'token',
      redirect_uri: 'http://127.0.0.1:4711/callback',
    }
    const location = locationOf(await ask(asked))
    expect(location.host).toBe('127.0.0.1:4711')
    expect(location.searchParams.has('state')).toBe(false)
  })

  test('that the person denied', async () => {
    const url = authorizationUrl(server, client.client_id)
    const back = await server.person().answer(url, 'deny')
    expect(Object.fromEntries(back.searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The request was denied',
      state: 'a state',
      iss: server.url,
    })
  })
})

describe('the client gets a code', () => {
  test('with state and iss, and nothing else', async () => {
    const { back } = await authorize(server, client)
    expect([...back.searchParams.keys()].toSorted()).toEqual(['code', 'iss', 'state'])
    expect(back.searchParams.get('state')).toBe('a state')
    expect(back.searchParams.get('iss')).toBe(server.url)
  })

  test('at a URI with a query of its own, which stays', async () => {
    const own = await register(server, { redirect_uris: ['https://app.example/cb?tenant=7'] })
    const { back } = await authorize(server, own, {
      redirect_uri: 'https://app.example/cb?tenant=7',
    })
    expect(back.searchParams.get('tenant')).toBe('7')
    expect(back.searchParams.get('code')).toMatch(/^glt_ac_/)
  })

  test('without naming its only redirect URI, and with parameters that nobody knows', async () => {
    const { back } = await authorize(server, client, { redirect_uri: undefined, made_up: 'x' })
    expect(back.origin + back.pathname).toBe(redirectUri)
    expect(back.searchParams.get('code')).toMatch(/^glt_ac_/)
  })

  test('for a request that was posted (OpenID Connect Core §3.1.2.1), but not as JSON', async () => {
    const body = new URL(authorizationUrl(server, client.client_id)).search.slice(1)
    const send = (type: string) =>
      fetch(`${server.url}/oauth/authorize`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': type },
        body,
      })
    const posted = await send('application/x-www-form-urlencoded')
    expect(posted.status).toBe(303)
    expect(locationOf(posted).pathname).toBe('/sign-in')
    expect((await send('application/json')).status).toBe(415)
  })

  test('at every path that clients know', async () => {
    for (const prefix of ['/oauth', '/oauth2', '']) {
      const { search } = new URL(authorizationUrl(server, client.client_id))
      const response = await fetch(`${server.url}${prefix}/authorize${search}`, {
        redirect: 'manual',
      })
      expect(locationOf(response).pathname).toBe('/sign-in')
    }
  })
})

test('nothing of the request travels in the address of a page', async () => {
  const { challenge } = newPkce()
  const location = locationOf(await ask({ state: 'planted', code_challenge: challenge }))
  expect([...location.searchParams.keys()]).toEqual(['request'])
  expect(location.href).not.toContain('planted')
})
