/**
 * Registration as real clients send it, over real HTTP.
 *
 * @see [RFC 7591 §3 - Client Registration Endpoint](https://www.rfc-editor.org/rfc/rfc7591.html#section-3)
 */
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

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

const code = ['authorization_code', 'refresh_token']

const clients: Record<string, { sent: Body; replied: Body }> = {
  'the TypeScript SDK 1.x, which sends hardly anything': {
    sent: {
      client_name: 'sdk',
      redirect_uris: ['http://localhost:6274/oauth/callback'],
      scope: 'book read',
    },
    replied: {
      scope: 'book read',
      grant_types: code,
      token_endpoint_auth_method: 'client_secret_basic',
    },
  },
  'the TypeScript SDK 2.x': {
    sent: {
      client_name: 'sdk 2',
      redirect_uris: ['http://127.0.0.1:6276/oauth/callback'],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    replied: { application_type: 'native', token_endpoint_auth_method: 'none' },
  },
  'VS Code, with four redirect URIs and device_code': {
    sent: {
      client_name: 'Visual Studio Code',
      client_uri: 'https://code.visualstudio.com',
      grant_types: [...code, 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        'http://127.0.0.1:33418/',
      ],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    replied: { grant_types: code, client_uri: 'https://code.visualstudio.com' },
  },
  'Cursor, with a scheme of its own': {
    sent: {
      client_name: 'Cursor',
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    replied: {
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
    },
  },
  'Claude Code, with loopback URIs that have no port': {
    sent: {
      client_name: 'Claude Code (test)',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'book read offline_access',
    },
    replied: { scope: 'book read' },
  },
  'a client like ChatGPT, confidential and with everything said': {
    sent: {
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
      client_uri: 'https://chatgpt.com',
      logo_uri: 'https://chatgpt.com/logo.png',
      tos_uri: 'https://openai.com/terms',
      policy_uri: 'https://openai.com/privacy',
      contacts: ['support@example.com'],
      software_id: 'chatgpt',
      software_version: '1.0',
    },
    replied: {
      token_endpoint_auth_method: 'client_secret_post',
      contacts: ['support@example.com'],
    },
  },
  'a client whose optional fields are null': {
    sent: {
      client_name: null,
      redirect_uris: ['http://localhost:1/cb'],
      grant_types: null,
      response_types: null,
      token_endpoint_auth_method: null,
      application_type: null,
      scope: null,
      client_uri: null,
      logo_uri: null,
      contacts: null,
      jwks: null,
    },
    replied: { client_name: 'Unnamed client', grant_types: code },
  },
  'a client whose optional fields are empty': {
    sent: {
      client_name: '',
      redirect_uris: ['http://localhost:1/cb'],
      grant_types: [],
      response_types: [],
      token_endpoint_auth_method: '',
      scope: '',
      client_uri: '',
      logo_uri: '',
      tos_uri: '',
      policy_uri: '',
      contacts: [],
      software_id: '',
    },
    replied: { client_name: 'Unnamed client', grant_types: code, response_types: ['code'] },
  },
  'a client that says more than we know': {
    sent: {
      redirect_uris: ['http://localhost:1/cb'],
      backchannel_logout_uri: 'x',
      'client_name#de': 'x',
      __proto__: null,
    },
    replied: { redirect_uris: ['http://localhost:1/cb'] },
  },
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
