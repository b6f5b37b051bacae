/**
 * What broke other servers when real MCP clients came, one row of the team's list after the other.
 * Rows 7 and 8 are with metadata documents and client assertions.
 *
 * @see [MCP - Authorization](https://modelcontextprotocol.io/specification/draft/basic/authorization)
 */
import { loadSettings } from '../../src/config/load-settings.ts'
import {
  authorizationUrl,
  authorize,
  basic,
  connect,
  newPkce,
  post,
  redeem,
  redirectUri,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let now = Date.UTC(2026, 10, 21)
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

async function registration(body: Record<string, unknown>) {
  const answer = await fetch(`${server.url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

test('MCP.md row 1: the port of a loopback redirect is the client’s choice', async () => {
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    const client = await register(server, { redirect_uris: [`http://${host}/callback`] })
    const redirect_uri = `http://${host}:51733/callback`
    const { back } = await authorize(server, client, { redirect_uri })
    expect(back.href.startsWith(`${redirect_uri}?code=`)).toBe(true)
  }
})

test('MCP.md row 2: one private scheme among the redirects spoils nothing', async () => {
  const redirect_uris = [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'http://localhost:8787/callback',
  ]
  const { status, body } = await registration({ redirect_uris })
  expect([status, body.redirect_uris]).toEqual([201, redirect_uris])
})

describe('MCP.md rows 3 and 4: the way back from the consent page', () => {
  test('is a 303, and the page’s policy lets the browser follow it', async () => {
    const redirect_uri = 'https://claude.ai/api/mcp/auth_callback'
    const client = await register(server, { redirect_uris: [redirect_uri] })
    const person = server.person()
    await person.answer(authorizationUrl(server, client.client_id, { redirect_uri }))
    const next = await person.open(authorizationUrl(server, client.client_id, { redirect_uri }))
    expect(next.status).toBe(303)
    const page = await person.open(next.headers.get('location') ?? '')
    const policy = page.headers.get('content-security-policy') ?? ''
    const formAction = /form-action ([^;]*)/.exec(policy)?.[1]?.split(' ')
    expect(formAction).toEqual(["'self'", 'https://claude.ai'])
  })
})

describe('MCP.md row 5: the issuer is the same to the byte wherever it is said', () => {
  test('and so cannot end in a slash, which half of all clients drop', () => {
    const env = { GRANTLOG_ISSUER: 'https://auth.example.com/' }
    const given = { env, readFile: () => undefined, cwd: '/' }
    expect(() => loadSettings(given)).toThrow(/trailing slash/)
  })

  for (const path of ['', '/tenant', '/a/b']) {
    test(`at "${path}"`, async () => {
      const port = await freePort()
      const issuer = `http://localhost:${port}${path}`
      const there = await startTestServer({ port, issuer })
      try {
        const origin = `http://localhost:${port}`
        for (const at of [
          `${origin}/.well-known/oauth-authorization-server${path}`,
          `${origin}/.well-known/openid-configuration${path}`,
          `${origin}${path}/.well-known/openid-configuration`,
        ]) {
          const metadata = (await (await fetch(at)).json()) as Record<string, string>
          expect([at, metadata.issuer]).toEqual([at, there.services.settings.issuer])
          expect(metadata.token_endpoint).not.toContain('//oauth')
        }
      } finally {
        await there.stop()
      }
    })
  }
})

test('MCP.md row 6: a resource of a bare host is itself with a slash, and none means the only one', async () => {
  const port = await freePort()
  const resource = 'https://api.example.com'
  const scopes = { read: 'Read' }
  const there = await startTestServer({ port, resources: [{ resource, name: 'API', scopes }] })
  try {
    for (const asked of [resource, `${resource}/`, 'HTTPS://API.example.com', undefined]) {
      const client = await register(there, { token_endpoint_auth_method: 'client_secret_post' })
      const { code, pkce } = await authorize(there, client, { resource: asked })
      const { client_id, client_secret = '' } = client
      const form = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
      const answer = await post<{ access_token: string }>(there, '/oauth/token', {
        form: { ...form, client_id, client_secret, ...(asked ? { resource: asked } : {}) },
      })
      const token = answer.body.access_token
      const seen = await post(there, '/oauth/introspect', {
        form: { token, client_id, client_secret },
      })
      expect(seen.body.aud).toBe(resource)
    }
  } finally {
    await there.stop()
  }
})

test('MCP.md row 9: refreshing twice at once signs nobody out', async () => {
  const { client, tokens } = await connect(server)
  const again = () => refresh(server, { client, refreshToken: tokens.refresh_token })
  const [first, second] = await Promise.all([again(), again()])
  expect([first.status, second.status]).toEqual([200, 200])
  expect(second.body.refresh_token).toBe(first.body.refresh_token)
  const next = await refresh(server, { client, refreshToken: first.body.refresh_token })
  expect(next.status).toBe(200)
})

test('MCP.md row 10: a refresh token comes without offline_access, whatever grant types were registered', async () => {
  for (const grant_types of [undefined, ['authorization_code'], ['authorization_code', 'x']]) {
    const client = await register(server, grant_types ? { grant_types } : {})
    for (const scope of [undefined, 'read', 'read offline_access']) {
      const { code, pkce } = await authorize(server, client, { scope })
      const { body } = await redeem(server, { client, code, pkce })
      const renewed = await refresh(server, { client, refreshToken: body.refresh_token })
      expect(renewed.status).toBe(200)
    }
  }
})

test('MCP.md row 11: a scope that was missing or narrower at registration is no obstacle', async () => {
  for (const scope of [undefined, '', 'read', 'something:else']) {
    const client = await register(server, scope === undefined ? {} : { scope })
    const { code, pkce } = await authorize(server, client, { scope: 'read book' })
    const { body } = await redeem(server, { client, code, pkce })
    expect(body.scope.split(' ').toSorted()).toEqual(['book', 'read'])
  }
})

test('MCP.md row 12: optional fields that are null or empty are as good as absent', async () => {
  const fields = ['client_name', 'client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'scope']
  const more = ['contacts', 'grant_types', 'response_types', 'software_id', 'jwks_uri', 'jwks']
  for (const value of [null, '']) {
    const optional = Object.fromEntries([...fields, 'software_version'].map((f) => [f, value]))
    const lists = Object.fromEntries(more.map((f) => [f, null]))
    const { status, body } = await registration({
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: null,
      ...lists,
      ...optional,
    })
    expect(status).toBe(201)
    expect(Object.values(body)).not.toContain(null)
  }
})

test('MCP.md row 13: beside a secret stands when it expires, and alone it does not', async () => {
  const secret = await registration({ redirect_uris: [redirectUri] })
  expect(secret.body).toMatchObject({ client_secret_expires_at: 0 })
  const redirect_uris = [redirectUri]
  const none = await registration({ redirect_uris, token_endpoint_auth_method: 'none' })
  expect(none.body).not.toHaveProperty('client_secret_expires_at')
})

describe('MCP.md row 14: a browser’s client gets through', () => {
  const paths = [
    '/api/mcp',
    '/oauth/token',
    '/oauth/register',
    '/oauth/revoke',
    '/oauth/userinfo',
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-protected-resource/api/mcp',
    '/.well-known/jwks.json',
  ]
  for (const path of paths) {
    test(path, async () => {
      const origin = 'http://localhost:6274'
      const method = path.startsWith('/.well-known') || path.endsWith('info') ? 'GET' : 'POST'
      const preflight = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization, content-type, mcp-protocol-version',
        },
      })
      expect(preflight.status).toBeLessThan(300)
      const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase() ?? ''
      for (const name of ['authorization', 'content-type', 'mcp-protocol-version']) {
        expect(allowed).toContain(name)
      }
      const answer = await fetch(server.url + path, { method, headers: { origin } })
      expect(['*', origin]).toContain(answer.headers.get('access-control-allow-origin') ?? '')
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
      const exposed = answer.headers.get('access-control-expose-headers')?.toLowerCase() ?? ''
      expect(exposed).toContain('www-authenticate')
    })
  }
})

test('MCP.md row 15: an id that is gone is told so in words, and an idle one is not gone', async () => {
  const client = await register(server, { client_name: 'Never consented to' })
  now += 8 * 86_400_000
  const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: client.client_id }
  const answer = await post(server, '/oauth/token', { form })
  expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
  const page = await fetch(authorizationUrl(server, client.client_id), { redirect: 'manual' })
  expect(page.status).toBe(400)
  expect(await page.text()).toMatch(/add (it|the connection)|remove/i)
})

test('MCP.md row 16: forty-two identical registrations are one client', async () => {
  const body = {
    client_name: 'Claude',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  }
  const answers = await Promise.all(Array.from({ length: 42 }, () => registration(body)))
  expect(new Set(answers.map((answer) => answer.body.client_id)).size).toBe(1)
})

test('MCP.md row 17: clients behind one address do not use up each other’s limits', async () => {
  const there = await startTestServer({
    rateLimits: { refresh: { requests: 2, perSeconds: 3600 } },
  })
  try {
    const busy = await connect(there)
    let refreshToken = busy.tokens.refresh_token
    const statuses: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const answer = await refresh(there, { client: busy.client, refreshToken })
      statuses.push(answer.status)
      refreshToken = answer.body.refresh_token ?? refreshToken
    }
    expect(statuses).toEqual([200, 200, 429])
    const client = await register(there, { client_name: 'Another, on the same address' })
    const pkce = newPkce()
    const asked = { code_challenge: pkce.challenge }
    const back = await there.person().answer(authorizationUrl(there, client.client_id, asked))
    const code = back.searchParams.get('code') ?? ''
    const { body } = await redeem(there, { client, code, pkce })
    const other = await refresh(there, { client, refreshToken: body.refresh_token })
    expect(other.status).toBe(200)
  } finally {
    await there.stop()
  }
})

test('MCP.md row 18: the token endpoint tells an unknown client 401 invalid_client', async () => {
  for (const grant_type of ['authorization_code', 'refresh_token']) {
    const grant = { grant_type, code: 'x', refresh_token: 'x', code_verifier: 'x'.repeat(43) }
    const inForm = await post(server, '/oauth/token', { form: { ...grant, client_id: 'dcr_gone' } })
    expect([inForm.status, inForm.body.error]).toEqual([401, 'invalid_client'])
    const headers = { authorization: basic('dcr_gone', 'secret') }
    const inHeader = await post(server, '/oauth/token', { form: grant, headers })
    expect([inHeader.status, inHeader.body.error]).toEqual([401, 'invalid_client'])
  }
})

test('MCP.md row 19: ids and secrets read the same in both encodings of Basic', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { body } = await registration({ redirect_uris: [redirectUri] })
    expect(body.client_id).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(body.client_secret).toMatch(/^[A-Za-z0-9_-]+$/)
  }
})
