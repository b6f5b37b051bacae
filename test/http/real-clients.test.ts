/**
 * Clients as they are in the world: what each registers with, and where it really wants its answer,
 * from the registration to tokens, with nothing set.
 *
 * @see [RFC 7591 §3 - Client Registration Endpoint](https://www.rfc-editor.org/rfc/rfc7591.html#section-3)
 * @see [RFC 8252 §7.3 - Loopback Interface Redirection](https://www.rfc-editor.org/rfc/rfc8252.html#section-7.3)
 */
import { clients as bodies } from '../protocol/registration-bodies.ts'
import {
  type Answer,
  authorizationUrl,
  newPkce,
  post,
  proofOf,
  type Registered,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

type Body = Record<string, unknown>

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function register({ url }: TestServer, body: Body): Promise<Registered> {
  const response = await fetch(`${url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const registered = (await response.json()) as Registered
  expect([response.status, registered.error_description]).toEqual([201, undefined])
  return registered
}

interface Journey {
  readonly redirectUri: string
  readonly scope?: string
}

/** Authorize, consent, redeem, refresh, as a client and a person do. */
async function connect(
  at: TestServer,
  client: Registered,
  { redirectUri, scope }: Journey,
): Promise<Answer<Tokens>> {
  const { verifier, challenge } = newPkce()
  const resource = `${at.url}/api/mcp`
  const asked = { redirect_uri: redirectUri, code_challenge: challenge, scope, resource }
  const back = await at.person().answer(authorizationUrl(at, client.client_id, asked))
  expect(back.href.startsWith(redirectUri)).toBe(true)
  expect(back.searchParams.get('iss')).toBe(at.url)
  const { form, headers } = proofOf(client)
  const code = back.searchParams.get('code') ?? ''
  const common = { resource, ...form }
  const redeemed = await post<Tokens>(at, '/oauth/token', {
    form: {
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
      ...common,
    },
    headers,
  })
  expect(redeemed.status).toBe(200)
  const refresh_token = redeemed.body.refresh_token
  const refreshing = { grant_type: 'refresh_token', refresh_token, ...common }
  return post<Tokens>(at, '/oauth/token', { form: refreshing, headers })
}

const code = ['authorization_code', 'refresh_token']

/** What is not among the bodies that registration is tested with. */
const others: Record<string, Body> = {
  'mcp-remote, whose port is a hash': {
    redirect_uris: ['http://localhost:11023/oauth/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: code,
    response_types: ['code'],
    client_name: 'MCP CLI Proxy',
    client_uri: 'https://github.com/modelcontextprotocol/mcp-cli',
    software_id: '2e6dc280-f3c3-4e01-99a7-8181dbd1d23d',
    software_version: '0.1.37',
  },
  'the Inspector': {
    redirect_uris: ['http://localhost:6274/oauth/callback', 'http://127.0.0.1:6276/oauth/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: code,
    response_types: ['code'],
    client_name: 'MCP Inspector',
    client_uri: 'https://github.com/modelcontextprotocol/inspector',
    scope: '',
  },
  'the Python SDK, confidential': {
    redirect_uris: ['http://localhost:3030/callback'],
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: code,
    response_types: ['code'],
    client_name: 'Python client',
    scope: 'book read',
  },
  'claude.ai, registered instead of described': {
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: code,
    response_types: ['code'],
    client_name: 'Claude',
    scope: 'claudeai',
  },
}

/** Where a client really wants its answer, where that is not among what it registered. */
const really: Record<string, readonly string[]> = {
  'VS Code, with four redirect URIs and device_code': [
    'http://127.0.0.1:33418/',
    'http://127.0.0.1:51234/',
    'https://vscode.dev/redirect',
    'https://insiders.vscode.dev/redirect',
  ],
  'Cursor, with a scheme of its own': [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'http://localhost:8788/callback',
  ],
  'Claude Code, with loopback URIs that have no port': [
    'http://localhost:54545/callback',
    'http://127.0.0.1:60000/callback',
  ],
  'mcp-remote, whose port is a hash': ['http://localhost:3334/oauth/callback'],
}

const all: Record<string, Body> = {
  ...Object.fromEntries(Object.entries(bodies).map(([who, { sent }]) => [who, sent])),
  ...others,
}

for (const [who, body] of Object.entries(all)) {
  describe(who, () => {
    const uris = new Set([...(body.redirect_uris as string[]), ...(really[who] ?? [])])
    for (const redirectUri of uris) {
      test(`gets tokens at ${redirectUri}`, async () => {
        const client = await register(server, body)
        const refreshed = await connect(server, client, { redirectUri })
        expect(refreshed.status).toBe(200)
        expect(refreshed.body.refresh_token).toBeDefined()
      })
    }

    test('may ask for offline_access and for scopes that are not ours', async () => {
      const client = await register(server, body)
      const [redirectUri = ''] = uris
      const scope = 'read offline_access claudeai'
      const refreshed = await connect(server, client, { redirectUri, scope })
      expect([refreshed.status, refreshed.body.scope]).toEqual([200, 'read'])
    })
  })
}

test('one that is unknown hears 401 from the token endpoint, and its person what to do', async () => {
  const elsewhere = 'dcr_of_another_server'
  const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: elsewhere }
  const answer = await post(server, '/oauth/token', { form })
  expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
  const page = await fetch(authorizationUrl(server, elsewhere), { redirect: 'manual' })
  expect([page.status, page.headers.get('location')]).toEqual([400, null])
  expect(await page.text()).toContain('remove the connection to this server and add it again')
})

describe('a redirect pattern of the operator', () => {
  test('lets a known client use an address that it did not register', async () => {
    const redirectPatterns = ['https://chatgpt.com/connector/oauth/{id}', 'http://localhost:*/*']
    const open = await startTestServer({ redirectPatterns })
    try {
      const client = await register(open, { redirect_uris: ['https://app.example/cb'] })
      for (const redirectUri of [
        'https://chatgpt.com/connector/oauth/abc-123',
        'http://127.0.0.1:4711/any/path',
        'https://app.example/cb',
      ]) {
        expect((await connect(open, client, { redirectUri })).status).toBe(200)
      }
      const redirect_uri = 'https://chatgpt.com/connector/oauth/a/b'
      const url = authorizationUrl(open, client.client_id, { redirect_uri })
      expect((await fetch(url, { redirect: 'manual' })).status).toBe(400)
    } finally {
      await open.stop()
    }
  })
})
