/**
 * Registration as real clients send it, over real HTTP.
 *
 * @see [RFC 7591 §3 - Client Registration Endpoint](https://www.rfc-editor.org/rfc/rfc7591.html#section-3)
 */
import type { GivenSettings } from '../../../src/config/settings.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../../support/test.ts'
import { clients } from '../registration-bodies.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

type Body = Record<string, unknown>

async function send(body: unknown, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': type }
  const response = await fetch(`${server.url}/oauth/register`, {
    method: 'POST',
    headers,
    body: text,
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Body,
  }
}

describe('is accepted', () => {
  for (const [who, { sent, replied }] of Object.entries(clients)) {
    test(who, async () => {
      const { status, body, headers } = await send(sent)
      expect(status).toBe(201)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(body).toMatchObject(replied)
      expect(body.client_id).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(Number.isInteger(body.client_id_issued_at)).toBe(true)
      // A `null` member makes the SDK's own schema fail.
      expect(JSON.stringify(body)).not.toContain('null')
      const isPublic = body.token_endpoint_auth_method === 'none'
      expect('client_secret' in body).toBe(!isPublic)
      expect(body.client_secret_expires_at).toBe(isPublic ? undefined : 0)
    })
  }

  test('at every path that clients know', async () => {
    for (const prefix of ['/oauth', '/oauth2', '']) {
      const response = await fetch(`${server.url}${prefix}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ redirect_uris: ['http://localhost:1/cb'] }),
      })
      expect(response.status).toBe(201)
    }
  })

  test('with a secret and an id of its own each time', async () => {
    const same = { redirect_uris: ['http://localhost:1/cb'] }
    const [one, two] = [(await send(same)).body, (await send(same)).body]
    expect(one.client_id).not.toBe(two.client_id)
    expect(one.client_secret).not.toBe(two.client_secret)
  })
})

describe('is refused', () => {
  const uris = ['http://localhost:1/cb']
  const refusals: Record<string, { sent: unknown; error: string }> = {
    'without a redirect URI': { sent: {}, error: 'invalid_redirect_uri' },
    'with an empty list of them': { sent: { redirect_uris: [] }, error: 'invalid_redirect_uri' },
    'with an empty one': { sent: { redirect_uris: [''] }, error: 'invalid_redirect_uri' },
    'with one that is no text': { sent: { redirect_uris: [7] }, error: 'invalid_redirect_uri' },
    'with a text for a list': {
      sent: { redirect_uris: 'http://localhost/' },
      error: 'invalid_redirect_uri',
    },
    'with a good one and a bad one': {
      sent: { redirect_uris: [...uris, 'https://a.example/#x'] },
      error: 'invalid_redirect_uri',
    },
    'with http beyond loopback': {
      sent: { redirect_uris: ['http://a.example/'] },
      error: 'invalid_redirect_uri',
    },
    'with 33 of them': {
      sent: { redirect_uris: Array.from({ length: 33 }, (_, n) => `http://localhost/${n}`) },
      error: 'invalid_redirect_uri',
    },
    'for the implicit grant': {
      sent: { redirect_uris: uris, grant_types: ['implicit'] },
      error: 'invalid_client_metadata',
    },
    'for response type token': {
      sent: { redirect_uris: uris, response_types: ['token'] },
      error: 'invalid_client_metadata',
    },
    'with an unknown method': {
      sent: { redirect_uris: uris, token_endpoint_auth_method: 'tls_client_auth' },
      error: 'invalid_client_metadata',
    },
    'with a script for a homepage': {
      sent: { redirect_uris: uris, client_uri: 'javascript:alert(1)' },
      error: 'invalid_client_metadata',
    },
    'with a name that is no text': {
      sent: { redirect_uris: uris, client_name: {} },
      error: 'invalid_client_metadata',
    },
    'with a name of 2049 characters': {
      sent: { redirect_uris: uris, client_name: 'x'.repeat(2049) },
      error: 'invalid_client_metadata',
    },
    'as a list': { sent: [], error: 'invalid_client_metadata' },
    'as null': { sent: 'null', error: 'invalid_client_metadata' },
    'as text that is no JSON': { sent: '{"redirect_uris":', error: 'invalid_request' },
    'as nothing': { sent: '', error: 'invalid_request' },
    'as brackets within brackets': { sent: '['.repeat(60_000), error: 'invalid_request' },
  }
  for (const [how, { sent, error }] of Object.entries(refusals)) {
    test(how, async () => {
      const answer = await send(sent)
      expect({ status: answer.status, error: answer.body.error }).toEqual({ status: 400, error })
      expect(answer.headers.get('cache-control')).toBe('no-store')
    })
  }

  test('as a form', async () => {
    const answer = await send('redirect_uris=x', 'application/x-www-form-urlencoded')
    expect({ status: answer.status, error: answer.body.error }).toEqual({
      status: 415,
      error: 'invalid_request',
    })
  })

  test('and what was sent is not told back', async () => {
    const planted = 'planted-in-the-body'
    const bodies = [
      { redirect_uris: [`http://${planted}.example/`] },
      { redirect_uris: uris, token_endpoint_auth_method: planted },
      { redirect_uris: uris, client_uri: planted },
      { redirect_uris: uris, grant_types: [planted] },
      `{"${planted}"`,
    ]
    for (const body of bodies)
      expect(JSON.stringify((await send(body)).body)).not.toContain(planted)
  })

  test('when the operator has closed it, and then it is not advertised', async () => {
    const closed = await startTestServer({ registration: { open: false } })
    try {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ redirect_uris: uris })
      const response = await fetch(`${closed.url}/oauth/register`, {
        method: 'POST',
        headers,
        body,
      })
      expect(response.status).toBe(403)
      const metadata = await fetch(`${closed.url}/.well-known/oauth-authorization-server`)
      expect(await metadata.json()).not.toHaveProperty('registration_endpoint')
    } finally {
      await closed.stop()
    }
  })
})

describe('as the operator wants it:', () => {
  const uris = ['https://app.example/cb']

  async function registerAt(settings: GivenSettings, body: Body) {
    const other = await startTestServer(settings)
    try {
      const url = `${other.url}/oauth/register`
      const headers = { 'content-type': 'application/json' }
      const sent = { redirect_uris: uris, ...body }
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(sent) })
      return { status: response.status, body: (await response.json()) as Body }
    } finally {
      await other.stop()
    }
  }

  test('a method that is not offered is answered with the one that is (RFC 7591 §3.2.1)', async () => {
    const registration: GivenSettings['registration'] = {
      tokenEndpointAuthMethods: ['client_secret_basic', 'client_secret_post'],
      defaultTokenEndpointAuthMethod: 'client_secret_post',
    }
    for (const method of ['none', null, undefined]) {
      const answer = await registerAt({ registration }, { token_endpoint_auth_method: method })
      expect(answer.status).toBe(201)
      expect(answer.body.token_endpoint_auth_method).toBe('client_secret_post')
      expect(typeof answer.body.client_secret).toBe('string')
    }
  })

  test('private schemes are refused', async () => {
    const registration = { privateSchemes: false }
    const asked = { redirect_uris: ['http://localhost:1/cb', 'cursor://anysphere.cursor-mcp/cb'] }
    const answer = await registerAt({ registration }, asked)
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_redirect_uri'])
    expect(answer.body.error_description).not.toContain('private scheme')
  })

  test('a scope that nothing offers is refused', async () => {
    const registration = { unknownScope: 'refuse' } as const
    const bad = await registerAt({ registration }, { scope: 'read fly' })
    expect([bad.status, bad.body.error]).toEqual([400, 'invalid_client_metadata'])
    const good = await registerAt({ registration }, { scope: 'read  book ' })
    expect([good.status, good.body.scope]).toEqual([201, 'read book'])
  })

  test('a protected brand is refused, and the refusal says whom to ask', async () => {
    const settings = { brands: ['Onegent', 'Apple'], supportContact: 'help@example.com' }
    const bad = await registerAt(settings, { client_name: 'Official Аррӏе client' })
    expect([bad.status, bad.body.error]).toEqual([400, 'invalid_client_metadata'])
    expect(bad.body.error_description).toContain('Apple')
    expect(bad.body.error_description).toContain('help@example.com')
    expect(JSON.stringify(bad.body)).not.toContain('Official')
  })
})
