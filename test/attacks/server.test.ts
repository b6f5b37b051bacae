/**
 * What attackers try with the server as a whole, by the lines of the team's list. That no input is
 * a fault of ours (35) is also searched at random in `test/http/any-input.test.ts`, that no secret
 * is written anywhere (38) in `test/safety/secrets.test.ts`.
 *
 * @see [RFC 6749 §3.2 - Token Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)
 * @see [RFC 9700 §4.13 - Attacks through Reverse Proxies](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.13)
 */
import { request as rawRequest } from 'node:http'
import { loadSettings } from '../../src/config/load-settings.ts'
import {
  authorizationUrl,
  connect,
  eventsOf,
  type Registered,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer()
  client = await register(server)
})
afterAll(() => server.stop())

function tokenRequest(body: string, headers: Record<string, string> = {}, path = '/oauth/token') {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })
}

describe('SECURITY 32: a request says each thing once, in a form, by POST', () => {
  test('a repeated parameter is refused at the token endpoint and at the authorization endpoint', async () => {
    const form = `grant_type=refresh_token&client_id=${client.client_id}&refresh_token=a`
    for (const more of ['refresh_token=b', 'grant_type=refresh_token', 'scope=a&scope=b']) {
      const answer = await tokenRequest(`${form}&${more}`)
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
    }
    const url = `${authorizationUrl(server, client.client_id)}&scope=read&scope=book`
    const location = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? ''
    expect(new URL(location).searchParams.get('error')).toBe('invalid_request')
  })

  test('unknown parameters are ignored', async () => {
    const url = `${authorizationUrl(server, client.client_id)}&utm_source=x&__proto__=1&constructor=2`
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(303)
  })

  for (const path of ['/oauth/token', '/oauth/revoke', '/oauth/introspect', '/oauth/par']) {
    test(`${path} takes no GET, no JSON, no multipart, and nothing from the query`, async () => {
      const get = await fetch(`${server.url}${path}?grant_type=x`)
      expect([get.status, get.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')])
      for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain']) {
        const answer = await tokenRequest('{"token":"x"}', { 'content-type': type }, path)
        expect(answer.status).toBe(415)
      }
      const { refresh_token } = (await connect(server)).tokens
      const query = `?client_id=${client.client_id}&token=${refresh_token}&grant_type=refresh_token`
      const answer = await tokenRequest('', {}, path + query)
      expect([400, 401]).toContain(answer.status)
    })
  }
})

describe('SECURITY 33: nothing that holds a token or decides is kept by a cache', () => {
  test('tokens, errors and pages', async () => {
    const { tokens } = await connect(server, { scope: 'openid' })
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const answers = [
      await tokenRequest('grant_type=x'),
      await tokenRequest(`client_id=${client.client_id}&token=x`, {}, '/oauth/revoke'),
      await fetch(`${server.url}/oauth/userinfo`, { headers }),
      await fetch(`${server.url}/oauth/userinfo`),
      await fetch(`${server.url}/sign-in`),
      await fetch(authorizationUrl(server, client.client_id), { redirect: 'manual' }),
      await fetch(`${server.url}/nothing/here`),
      await fetch(`${server.url}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [redirectUri] }),
      }),
    ]
    for (const answer of answers) {
      expect([answer.url, answer.headers.get('cache-control')]).toEqual([answer.url, 'no-store'])
    }
  })
})

describe('SECURITY 34: Host and forwarding headers are believed from named proxies alone', () => {
  function asHost(host: string, path = '/.well-known/openid-configuration') {
    return new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(server.url)
      const asked = rawRequest({ hostname, port, path, headers: { host } }, (answer) => {
        let body = ''
        answer.on('data', (part) => {
          body += part
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      })
      asked.on('error', reject).end()
    })
  }

  test('a server on loopback answers to no other name', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '169.254.169.254']) {
      expect([421, 400]).toContain((await asHost(host)).status)
    }
  })

  test('what is forwarded changes no link, no issuer and no address of a stranger', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-prefix': '/evil',
      'x-original-url': '/evil',
      'x-rewrite-url': '/evil',
      forwarded: 'for=203.0.113.7;host=evil.example;proto=https',
    }
    const metadata = await fetch(`${server.url}/.well-known/openid-configuration`, { headers })
    expect(metadata.status).toBe(200)
    expect(await metadata.text()).not.toContain('evil.example')
    const body = new URLSearchParams({ email: admin.email, password: 'wrong password' })
    await fetch(`${server.url}/sign-in`, { method: 'POST', headers, body })
    expect(server.logged()).not.toContain('203.0.113.7')
  })
})

describe('SECURITY 35: no input is a fault of ours, and none shows how we are made', () => {
  const paths = [
    '/oauth/authorize?client_id=%00&redirect_uri=%ff%fe',
    `/oauth/authorize?state=${'x'.repeat(9000)}`,
    '/oauth/register/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/audit/events/%00',
    '/audit/connected-apps?user=%27%20OR%201=1--',
    '/.well-known/oauth-protected-resource/%2e%2e/%2e%2e',
    '/%',
    '/%c0%af',
    '//evil.example/',
  ]
  for (const path of paths) {
    test(path.slice(0, 60), async () => {
      const answer = await fetch(server.url + path, { redirect: 'manual' })
      const text = await answer.text()
      expect(answer.status).toBeLessThan(500)
      expect(/\bat .*\.ts:\d+|node_modules|SQLITE|SELECT |drizzle/i.exec(text)).toBeNull()
    })
  }

  test('bodies: deep, broken, huge, or of another kind', async () => {
    const bodies = [
      '['.repeat(20_000),
      `{"redirect_uris":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      '{"redirect_uris":["http://127.0.0.1/cb"],"__proto__":{"admin":true}}',
      '{"redirect_uris":{"length":1e9}}',
      '\ud800',
      'null',
      '"x"',
      `{"client_name":"${'x'.repeat(60_000)}","redirect_uris":["http://127.0.0.1/cb"]}`,
      `{"client_name":"${'x'.repeat(70_000)}"}`,
    ]
    for (const body of bodies) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${server.url}/oauth/register`, { method: 'POST', headers, body })
      expect(answer.status).toBeLessThan(500)
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('SECURITY 36: what comes in stays what it is', () => {
  test('a state with line feeds makes no header and no second line', async () => {
    const state = 'x\r\nSet-Cookie: evil=1\r\n\r\n<script>'
    const url = authorizationUrl(server, client.client_id, { state, response_type: 'token' })
    const answer = await fetch(url, { redirect: 'manual' })
    expect(answer.headers.get('set-cookie') ?? '').not.toContain('evil')
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('state')).toBe(state)
  })

  test('a log line stays one line, whatever is sent', async () => {
    const before = server.logged().split('\n').length
    const forgedLine = '{"level":30,"msg":"forged"}'
    const asked = `\r\n${forgedLine}\r\n`
    await tokenRequest(new URLSearchParams({ grant_type: asked, client_id: asked }).toString())
    await fetch(`${server.url}/nothing?${encodeURIComponent(asked)}`)
    const lines = server
      .logged()
      .split('\n')
      .slice(before - 1)
    expect(lines).not.toContain(forgedLine)
    for (const line of lines.filter(Boolean)) expect(() => JSON.parse(line)).not.toThrow()
  })

  test('no header and no parameter turns one method into another', async () => {
    const overrides = { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE' }
    const answer = await fetch(`${server.url}/oauth/token?_method=POST`, { headers: overrides })
    expect(answer.status).toBe(405)
  })

  test('no path reaches what stands beside it', async () => {
    for (const path of ['/assets/../secret', '/assets/%2e%2e/secret', '/assets/..%2fsecret']) {
      expect((await fetch(server.url + path)).status).toBe(404)
    }
  })
})

describe('SECURITY 37: TLS everywhere but on loopback', () => {
  const load = (issuer: string) =>
    loadSettings({ env: { GRANTLOG_ISSUER: issuer }, readFile: () => undefined, cwd: '/' })

  test('an issuer of plain http is refused at start, unless it is loopback', () => {
    for (const issuer of [
      'http://auth.example.com',
      'http://10.0.0.1',
      'http://localhost.example',
    ]) {
      expect(() => load(issuer)).toThrow(/https/)
    }
    expect(load('http://127.0.0.1:1').issuer).toBe('http://127.0.0.1:1')
  })

  test('behind TLS browsers are told to stay there', async () => {
    const secure = await startTestServer({ issuer: 'https://auth.example.com' })
    try {
      const answer = await fetch(`${secure.url}/health`)
      expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/)
    } finally {
      await secure.stop()
    }
  })
})

describe('SECURITY 38: a secret is shown to its owner, and to nobody else', () => {
  test('not in the log, not in an event, not in an error that repeats what was sent', async () => {
    const { tokens, code, pkce } = await connect(server, { scope: 'openid read' })
    const secret = 'a-secret-that-must-not-come-back'
    const answers = [
      await tokenRequest(`grant_type=${secret}&client_secret=${secret}&client_id=${secret}`),
      await fetch(`${server.url}/oauth/userinfo`, {
        headers: { authorization: `Bearer ${secret}` },
      }),
      await fetch(`${server.url}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [secret], client_secret: secret }),
      }),
    ]
    for (const answer of answers) expect(await answer.text()).not.toContain(secret)
    const events = JSON.stringify(await eventsOf(server))
    const own = [
      tokens.access_token,
      tokens.refresh_token,
      tokens.id_token ?? '',
      code,
      pkce.verifier,
    ]
    for (const value of [...own, admin.password, secret]) {
      expect(server.logged().includes(value)).toBe(false)
      expect(events.includes(value)).toBe(false)
    }
  })
})
