/**
 * What goes wrong here is told by its status and a request id, and by nothing of the inside; the
 * database being away is a 503 that says when to try again.
 */

import { join } from 'node:path'
import { Elysia } from 'elysia'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { errors } from '../../src/http/errors.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { authorizationUrl, connect, refresh, register } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Words that only our inside knows. */
const inside =
  /sqlite|libsql|select |insert |update |no such table|stream|\bat .*\.ts|node_modules|\/src\/|Error:|stack|writer|database_v|_v1/i

async function expectQuiet(
  response: Response,
  { status, error }: { status: number; error: string },
) {
  const body = await response.text()
  expect({ status: response.status, url: response.url }).toEqual({ status, url: response.url })
  const shown = body.replace(/<style[\s\S]*?<\/style>|<link[^>]*>/g, '')
  expect(shown).not.toMatch(inside)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('retry-after')).toBe(status === 503 ? '5' : null)
  if (response.headers.get('content-type') === 'application/json') {
    expect(JSON.parse(body).error).toBe(error)
    expect(JSON.parse(body).request_id).toMatch(/^rid_/)
  } else {
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(body).toContain('rid_')
  }
}

describe('while the database is away', () => {
  let server: TestServer
  let requests: Record<string, () => Promise<Response>>
  beforeAll(async () => {
    server = await startTestServer()
    const { client, tokens } = await connect(server, { scope: 'openid audit:read' })
    const person = server.person()
    const fields = hiddenFields(await (await person.open('/sign-in')).text())
    await person.submit('/sign-in', { ...fields, ...admin })
    const { cookie } = person
    const { url } = server
    const authorization = `Bearer ${tokens.access_token}`
    const send = (
      path: string,
      headers: Record<string, string>,
      body: string | Record<string, string>,
    ) =>
      fetch(url + path, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
      })
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(url + path, { headers, redirect: 'manual' })
    const { client_id } = client
    requests = {
      'a token for a code': () =>
        send('/oauth/token', form, {
          grant_type: 'authorization_code',
          client_id,
          code: 'x',
          code_verifier: 'x'.repeat(43),
        }),
      'a refresh': () =>
        send('/oauth/token', form, {
          grant_type: 'refresh_token',
          client_id,
          refresh_token: tokens.refresh_token,
        }),
      'a revocation': () => send('/oauth/revoke', form, { client_id, token: tokens.refresh_token }),
      'an introspection': () => send('/oauth/introspect', form, { client_id, token: 'x' }),
      'a registration': () =>
        send('/oauth/register', json, JSON.stringify({ redirect_uris: ['http://localhost/'] })),
      userinfo: () => get('/oauth/userinfo', { authorization }),
      'the JWK set': () => get('/.well-known/jwks.json'),
      'an authorization': () => fetch(authorizationUrl(server, client_id), { redirect: 'manual' }),
      'the audit, by token': () => get('/audit/events', { authorization }),
      'the audit, by session': () => get('/audit/events', { cookie }),
      'the MCP endpoint': () => send('/api/mcp', { ...json, authorization }, '{}'),
      'the front page': () => get('/', { cookie }),
      'the account page': () => get('/account', { cookie }),
      'the sign-in page': () => get('/sign-in?request=req_1', { cookie }),
      'the consent page': () => get('/consent?request=req_1', { cookie }),
      'a consent': () => send('/consent', { ...form, cookie }, { request_id: 'req_1' }),
      'a sign-in': () => send('/sign-in', { ...form, cookie }, { ...fields, ...admin }),
      'a sign-out': () => send('/sign-out', { ...form, cookie }, {}),
    }
    await server.store.close()
  })
  afterAll(() => server.stop())

  test('everything that needs it is a 503 with Retry-After, and nothing of the inside', async () => {
    for (const ask of Object.values(requests)) {
      await expectQuiet(await ask(), { status: 503, error: 'auth_backend_unavailable' })
    }
  })

  test('pages are pages, and the rest is JSON', async () => {
    for (const [what, ask] of Object.entries(requests)) {
      const isPage = /page|consent|sign-|an authorization/.test(what)
      const type = (await ask()).headers.get('content-type')
      expect({ what, type }).toEqual({
        what,
        type: isPage ? 'text/html; charset=utf-8' : 'application/json',
      })
    }
  })

  test('the server says that it is alive, and not ready', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${server.url}/readyz`)
    expect({ status: ready.status, retry: ready.headers.get('retry-after') }).toEqual({
      status: 503,
      retry: '5',
    })
    expect(await ready.text()).not.toMatch(inside)
  })

  test('the log has what the client was not told', () => {
    expect(server.logged()).toContain('LogUnavailable')
  })
})

// The writer waits five seconds for the lock before it gives up.
if (process.env.GRANTLOG_TEST_NIGHTLY) {
  test('a write that the database does not take is a 503, and the token is good afterwards', async () => {
    const server = await startTestServer()
    const path = join(server.dataDir, 'grantlog.db')
    const database = new LocalConnection(path, { busyTimeoutMs: 5_000 })
    try {
      const { client, tokens } = await connect(server)
      await server.services.signer.ensure('RS256')
      const ask = () => refresh(server, { client, refreshToken: tokens.refresh_token })
      database.execute('BEGIN IMMEDIATE')
      const { status, body, headers } = await ask()
      expect({ status, retry: headers.get('retry-after') }).toEqual({ status: 503, retry: '5' })
      expect(body).toMatchObject({ error: 'auth_backend_unavailable' })
      database.execute('ROLLBACK')
      expect((await ask()).status).toBe(200)
    } finally {
      database.close()
      await server.stop()
    }
  })
}

describe('what nobody expected', () => {
  test('a table that is gone is a 500 that says nothing of tables', async () => {
    const server = await startTestServer()
    const database = new LocalConnection(join(server.dataDir, 'grantlog.db'), {
      busyTimeoutMs: 5_000,
    })
    try {
      const { client_id } = await register(server)
      database.execute('ALTER TABLE expiring RENAME TO gone')
      const response = await fetch(`${server.url}/oauth/register`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ redirect_uris: ['http://localhost/'] }),
      })
      await expectQuiet(response, { status: 500, error: 'server_error' })
      expect(server.logged()).toContain('no such table')
      const asked = await fetch(authorizationUrl(server, client_id), { redirect: 'manual' })
      await expectQuiet(asked, { status: 503, error: 'auth_backend_unavailable' })
      database.execute('ALTER TABLE gone RENAME TO expiring')
      expect(
        (await fetch(authorizationUrl(server, client_id), { redirect: 'manual' })).status,
      ).toBe(303)
    } finally {
      database.close()
      await server.stop()
    }
  })

  test('an error whose message holds values is shown to nobody, and logged without them', async () => {
    const server = await startTestServer()
    try {
      const words =
        'Failed query: insert into "x" values (?)\nparams: planted-value,planted@example.com'
      const app = new Elysia()
        .use(errors(server.services))
        .get('/api/throws', () => {
          throw new Error(words, { cause: new Error(words) })
        })
        .get('/account', () => Promise.reject(new TypeError(words)))
        .get('/throws/text', () => {
          throw words
        })
      for (const path of ['/api/throws', '/account']) {
        const response = await app.handle(new Request(`http://localhost${path}`))
        await expectQuiet(response, { status: 500, error: 'server_error' })
      }
      const lines = server
        .logged()
        .split('\n')
        .filter((line) => line.includes('request failed'))
      expect(lines.length).toBe(2)
      for (const line of lines) {
        expect(line).toContain('Failed query')
        expect(line).not.toContain('planted')
        expect(line).toContain('rid_')
      }
    } finally {
      await server.stop()
    }
  })
})
