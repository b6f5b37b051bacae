/**
 * The endpoint to which a client pushes its request: what is taken, and what is refused at once.
 *
 * @see [RFC 9126 §2 - Pushed Authorization Request Endpoint](https://www.rfc-editor.org/rfc/rfc9126.html#section-2)
 * @see [RFC 9126 §2.3 - Error Response](https://www.rfc-editor.org/rfc/rfc9126.html#section-2.3)
 */
import { sha256 } from '../../src/domain/keyring.ts'
import {
  basic,
  eventsOf,
  post,
  type Registered,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import {
  type Asked,
  formOf,
  type Push,
  type Pushed,
  push,
  requestUriPrefix,
} from '../support/pushed-request.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let client: Registered
let byBasic: Registered
let byPost: Registered
beforeAll(async () => {
  server = await startTestServer()
  client = await register(server)
  byBasic = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
  byPost = await register(server, { token_endpoint_auth_method: 'client_secret_post' })
})
afterAll(() => server.stop())

describe('what was pushed', () => {
  test('is answered with 201, a reference of 256 random bits and its time, not to be stored', async () => {
    const answers = await Promise.all([push(server, { by: client }), push(server, { by: client })])
    for (const { status, body, headers } of answers) {
      expect(status).toBe(201)
      expect(Object.keys(body).toSorted()).toEqual(['expires_in', 'request_uri'])
      expect(body.request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/)
      expect(body.expires_in).toBe(60)
      expect(headers.get('cache-control')).toBe('no-store')
    }
    const [one, other] = answers.map(({ body }) => body.request_uri)
    expect(one).not.toBe(other)
  })

  test('is taken at every path that clients know', async () => {
    for (const path of ['/oauth/par', '/oauth2/par', '/par']) {
      expect((await post(server, path, { form: formOf(client) })).status).toBe(201)
    }
  })

  test('is kept without its reference and without credentials, and outside the log', async () => {
    const before = (await eventsOf(server)).length
    const { client_secret = '' } = byPost
    const { body } = await push(server, {
      by: byPost,
      asked: { client_secret, made_up: 'x-unknown-x' },
    })
    const reference = body.request_uri.slice(requestUriPrefix.length)
    const sql = 'SELECT kind, id, body FROM expiring'
    const rows = await server.services.reader.all({ sql, args: [] })
    const kept = rows.find(({ id }) => id === sha256(reference))
    expect(kept?.kind).toBe('pushed-request')
    expect(String(kept?.body)).not.toContain('x-unknown-x')
    const everything = JSON.stringify(rows) + server.logged()
    for (const secret of [reference, client_secret]) expect(everything).not.toContain(secret)
    expect((await eventsOf(server)).length).toBe(before)
  })
})

describe('the client proves who it is as at the token endpoint', () => {
  test('by Basic, or by a secret in the form', async () => {
    const { client_secret = '' } = byPost
    const authorization = basic(byBasic.client_id, byBasic.client_secret ?? '')
    expect((await push(server, { by: byBasic, headers: { authorization } })).status).toBe(201)
    expect((await push(server, { by: byPost, asked: { client_secret } })).status).toBe(201)
  })

  const wrong: Record<string, () => Partial<Push>> = {
    'an unknown client': () => ({ by: { client_id: 'dcr_nobody' } }),
    'a confidential client without its secret': () => ({ by: byBasic }),
    'a wrong secret': () => ({ by: byPost, asked: { client_secret: 'a wrong secret' } }),
    'a secret where none is registered': () => ({ asked: { client_secret: 'a wrong secret' } }),
    'another method than the registered one': () => ({
      by: byBasic,
      asked: { client_secret: byBasic.client_secret },
    }),
    'a form that names another client than the header': () => ({
      headers: { authorization: basic(byBasic.client_id, byBasic.client_secret ?? '') },
    }),
  }
  for (const [what, options] of Object.entries(wrong)) {
    test(`${what}: 401`, async () => {
      const { status, body, headers } = await push(server, { by: client, ...options() })
      expect([status, body.error]).toEqual([401, 'invalid_client'])
      expect(headers.get('cache-control')).toBe('no-store')
      expect(JSON.stringify(body)).not.toContain('a wrong secret')
    })
  }

  test('and names itself in the form even beside Basic, as it is part of the request', async () => {
    const headers = { authorization: basic(byBasic.client_id, byBasic.client_secret ?? '') }
    const { status, body } = await push(server, {
      by: client,
      asked: { client_id: undefined },
      headers,
    })
    expect([status, body.error]).toEqual([400, 'invalid_request'])
    expect(body.error_description).toBe('Missing required parameter: client_id')
  })
})

describe('a push is refused at once, as JSON, for', () => {
  const refused: Record<string, { asked: Asked; error?: string }> = {
    'a request_uri of its own': { asked: { request_uri: `${requestUriPrefix}x` } },
    'a request_uri elsewhere': { asked: { request_uri: 'http://169.254.169.254/' } },
    'a request object that nobody signed': {
      asked: { request: 'e30.e30.' },
      error: 'invalid_request_object',
    },
    'a redirect URI that is not registered': { asked: { redirect_uri: 'https://evil.example/' } },
    'no response_type': { asked: { response_type: undefined } },
    'the implicit grant': {
      asked: { response_type: 'token' },
      error: 'unsupported_response_type',
    },
    'response_mode fragment': { asked: { response_mode: 'fragment' } },
    'no code_challenge': { asked: { code_challenge: undefined } },
    'a code_challenge that is too short': { asked: { code_challenge: 'x'.repeat(42) } },
    'no code_challenge_method': { asked: { code_challenge_method: undefined } },
    'method plain': { asked: { code_challenge_method: 'plain' } },
    'an unknown resource': {
      asked: { resource: 'https://elsewhere.example/' },
      error: 'invalid_target',
    },
    'a scope that is not offered': { asked: { scope: 'nothing:here' }, error: 'invalid_scope' },
    'prompt=none with another': { asked: { prompt: 'none login' } },
    'max_age that is no number': { asked: { max_age: '-1' } },
    'a state longer than any': { asked: { state: 'x'.repeat(5_000) } },
    'a nonce longer than any': { asked: { nonce: 'x'.repeat(600) } },
  }
  for (const [what, { asked, error = 'invalid_request' }] of Object.entries(refused)) {
    test(what, async () => {
      const { status, body, headers } = await push(server, { by: client, asked })
      expect([status, body.error]).toEqual([400, error])
      expect(headers.get('content-type')).toBe('application/json')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(JSON.stringify(body)).not.toMatch(/evil|169\.254|xxx/)
    })
  }

  test('no redirect URI of a client that has two', async () => {
    const by = await register(server, { redirect_uris: [redirectUri, 'https://app.example/cb'] })
    const { status, body } = await push(server, { by, asked: { redirect_uri: undefined } })
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })

  test('a repeated parameter', async () => {
    const form = new URLSearchParams(formOf(client))
    form.append('redirect_uri', redirectUri)
    const response = await fetch(`${server.url}/oauth/par`, { method: 'POST', body: form })
    expect(response.status).toBe(400)
    expect(((await response.json()) as Pushed).error).toBe('invalid_request')
  })

  test('another method than POST', async () => {
    const response = await fetch(`${server.url}/oauth/par?${new URLSearchParams(formOf(client))}`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})
