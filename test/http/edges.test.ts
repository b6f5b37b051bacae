/**
 * What holds for every request: who may ask from a page, how much, under which name.
 *
 * @see [Fetch §3.2 - CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol)
 * @see [RFC 9110 §15.5.20 - 421 Misdirected Request](https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.20)
 */
import { connect as openSocket } from 'node:net'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ limits: { bodyBytesMax: 4096, queryBytesMax: 1024 } })
})
afterAll(() => server.stop())

const origin = 'https://app.example.com'

function ask(path: string, method: string, headers: Record<string, string> = {}) {
  return fetch(server.url + path, { method, headers: { origin, ...headers }, redirect: 'manual' })
}

describe('pages of other origins', () => {
  const open: [string, string][] = [
    ['GET', '/.well-known/oauth-authorization-server'],
    ['GET', '/.well-known/openid-configuration'],
    ['GET', '/.well-known/oauth-protected-resource/api/mcp'],
    ['GET', '/.well-known/jwks.json'],
    ['POST', '/oauth/token'],
    ['POST', '/oauth2/token'],
    ['POST', '/token'],
    ['POST', '/oauth/par'],
    ['POST', '/oauth2/par'],
    ['POST', '/par'],
    ['POST', '/oauth/register'],
    ['GET', '/oauth/register/cli_1'],
    ['PUT', '/oauth2/register/cli_1'],
    ['DELETE', '/register/cli_1'],
    ['POST', '/oauth/revoke'],
    ['POST', '/oauth/introspect'],
    ['GET', '/oauth/userinfo'],
    ['POST', '/api/mcp'],
  ]
  for (const [method, path] of open) {
    test(`may call ${method} ${path}, read its errors, and never send cookies`, async () => {
      const preflight = await ask(path, 'OPTIONS', {
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,mcp-protocol-version',
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-methods')).toContain(method)
      expect(preflight.headers.get('access-control-allow-headers')).toContain(
        'mcp-protocol-version',
      )
      const answer = await ask(path, method)
      for (const { headers } of [preflight, answer]) {
        expect(headers.get('access-control-allow-origin')).toBe('*')
        expect(headers.get('access-control-allow-credentials')).toBeNull()
      }
      expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
    })
  }

  const closed = [
    '/oauth/authorize',
    '/oauth2/authorize',
    '/authorize',
    '/sign-in',
    '/consent',
    '/account',
    '/setup',
    '/',
    '/audit/events',
  ]
  for (const path of closed) {
    test(`may not call ${path}`, async () => {
      for (const method of ['OPTIONS', 'GET', 'POST']) {
        const { headers } = await ask(path, method)
        for (const name of headers.keys()) expect(name).not.toMatch(/^access-control-/)
      }
    })
  }

  test('are told apart where the operator names them', async () => {
    const strict = await startTestServer({ corsOrigins: [origin] })
    try {
      const url = `${strict.url}/.well-known/jwks.json`
      const own = await fetch(url, { headers: { origin } })
      expect(own.headers.get('access-control-allow-origin')).toBe(origin)
      expect(own.headers.get('vary')).toContain('Origin')
      for (const other of ['https://evil.example', `${origin}.evil.example`, 'null']) {
        const { headers } = await fetch(url, { headers: { origin: other } })
        expect(headers.get('access-control-allow-origin')).toBeNull()
      }
    } finally {
      await strict.stop()
    }
  })
})

const formType = 'application/x-www-form-urlencoded'
const formPaths = [
  '/oauth/token',
  '/oauth/par',
  '/oauth/introspect',
  '/oauth/revoke',
  '/sign-in',
  '/consent',
  '/sign-out',
  '/setup',
  '/oauth/authorize',
]

describe('a body', () => {
  for (const path of formPaths) {
    test(`for ${path} is a form: 415 for anything else`, async () => {
      for (const type of [
        'application/json',
        'text/plain',
        'multipart/form-data; boundary=x',
        `${formType}x`,
      ]) {
        const headers = { 'content-type': type }
        const response = await fetch(server.url + path, { method: 'POST', headers, body: '{}' })
        expect(response.status).toBe(415)
        expect(response.headers.get('cache-control')).toBe('no-store')
      }
      const untyped = await fetch(server.url + path, { method: 'POST', body: new Uint8Array([97]) })
      expect(untyped.status).toBe(415)
    })

    test(`for ${path} that is too large: 413, announced or not`, async () => {
      const headers = { 'content-type': formType }
      const body = `x=${'y'.repeat(5_000)}`
      const announced = await fetch(server.url + path, { method: 'POST', headers, body })
      expect(announced.status).toBe(413)
      const chunks = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let n = 0; n < 5; n += 1) controller.enqueue(new Uint8Array(1_000).fill(97))
          controller.close()
        },
      })
      const init: RequestInit & { duplex: 'half' } = {
        method: 'POST',
        headers,
        body: chunks,
        duplex: 'half',
      }
      const streamed = await fetch(server.url + path, init)
      expect(streamed.status).toBe(413)
    })
  }

  test('may name its charset, in any case', async () => {
    const headers = { 'content-type': 'Application/X-WWW-Form-URLencoded; charset=UTF-8' }
    const response = await fetch(`${server.url}/oauth/token`, {
      method: 'POST',
      headers,
      body: 'a=b',
    })
    expect(await response.json()).toMatchObject({
      error: 'invalid_request',
      error_description: 'Missing required parameter: grant_type',
    })
  })
})

test('a query that is longer than the limit: 414', async () => {
  const { client_id } = await register(server)
  const url = authorizationUrl(server, client_id, { state: 'x'.repeat(2_000) })
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(414)
})

/** Sends bytes as they are: a client library would mend what is wrong with them. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(Number(new URL(server.url).port), '127.0.0.1', () =>
      socket.write(text),
    )
    let answer = ''
    socket.on('data', (data) => {
      answer += data.toString('latin1')
    })
    socket.on('end', () => resolve(answer))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

describe('the Host of a request', () => {
  const asked = (host: string, path = '/healthz') =>
    sendRaw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)

  test('may be any name of this machine', async () => {
    for (const host of ['localhost', 'localhost:1', '127.0.0.1', '[::1]:8484']) {
      expect(await asked(host)).toMatch(/^HTTP\/1\.1 200/)
    }
  })

  test('may not be another: 421, since a page could point its own name here', async () => {
    const others = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '192.168.0.1',
    ]
    for (const host of [...others, 'evil.example:8484', '0.0.0.0']) {
      for (const path of ['/healthz', '/oauth/token', '/nowhere', '/']) {
        expect(await asked(host, path)).toMatch(/^HTTP\/1\.1 421/)
      }
    }
  })

  test('that is none is a 4xx, not a fault of ours', async () => {
    for (const host of ['', 'a b', '[', '%', 'localhost:99999', 'a@localhost', '/', '"']) {
      for (const path of ['/healthz', '/oauth/authorize', '/nowhere']) {
        expect(await asked(host, path)).toMatch(/^HTTP\/1\.1 (200|4\d\d) /)
      }
    }
  })
})

describe('a path', () => {
  test('that leads nowhere is a 404 with a request id, that our log can be searched for', async () => {
    for (const path of [
      '/nowhere',
      '/oauth/nowhere',
      '/api/nowhere',
      '//evil.example/x',
      '/%00',
      '/%ff',
      '/oauth/token/..;/x',
    ]) {
      const response = await fetch(server.url + path, { redirect: 'manual' })
      expect(response.status).toBe(404)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.json()).toMatchObject({
        error: 'not_found',
        request_id: expect.stringMatching(/^rid_/),
      })
    }
  })

  test('is not overridden by a header or a parameter', async () => {
    const headers = {
      'x-http-method-override': 'POST',
      'x-original-url': '/account',
      'x-rewrite-url': '/account',
    }
    const response = await fetch(`${server.url}/oauth/token?_method=POST`, { headers })
    expect(response.status).toBe(405)
  })
})
