/**
 * What a reverse proxy is told about a request that it asks about.
 *
 * @see [RFC 6750 §3 - The WWW-Authenticate Response Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-3)
 * @see [RFC 7239 §8.1 - Header Validity and Integrity](https://www.rfc-editor.org/rfc/rfc7239.html#section-8.1)
 */
import { identityHeaders } from '../../src/protocol/forward-auth.ts'
import { dpopOffered } from '../support/dpop.ts'
import { type Connected, connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const resource = 'https://api.example.com/mcp'
const other = 'https://other.example/mcp'
const scopes = { read: 'Read', write: 'Write' }
const verify = [
  { host: 'api.example.com', path: '/reports', methods: ['GET'], resource, scopes: ['read'] },
  { host: 'api.example.com', path: '/reports', resource, scopes: ['read', 'write'] },
  { path: '/anyone', resource },
]

let server: TestServer
let reader: Connected
let writer: Connected
let stranger: Connected
beforeAll(async () => {
  server = await startTestServer({
    verify,
    trustedProxies: ['127.0.0.1', '::1'],
    resources: [
      { resource, name: 'API', scopes, defaultScopes: ['read'] },
      { resource: other, name: 'Other', scopes },
    ],
  })
  reader = await connect(server, { resource, scope: 'read' })
  writer = await connect(server, { resource, scope: 'read write' })
  stranger = await connect(server, { resource: other })
})
afterAll(() => server.stop())

interface Asked {
  readonly uri?: string
  readonly method?: string
  readonly host?: string
  readonly by?: Connected
}

function bearer(by: Connected | undefined): Record<string, string> {
  return by ? { authorization: `Bearer ${by.tokens.access_token}` } : {}
}

function ask(headers: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}/api/verify`, { ...init, headers })
}

/** As Caddy and Traefik ask. */
function forwarded({ uri = '/reports', method = 'GET', host = 'api.example.com', by }: Asked) {
  return ask({
    ...{ 'x-forwarded-uri': uri, 'x-forwarded-method': method, 'x-forwarded-host': host },
    ...{ 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' },
    ...bearer(by),
  })
}

describe('a request may pass', () => {
  test('with a good token, and the proxy is told whose it is', async () => {
    const answer = await forwarded({ by: reader, uri: '/reports/7?q=1' })
    expect(answer.status).toBe(200)
    const { headers } = answer
    expect(headers.get('x-auth-subject')).toMatch(/^usr_/)
    expect(headers.get('x-auth-client')).toBe(reader.client.client_id)
    expect(headers.get('x-auth-scope')).toBe('read')
    expect(headers.get('x-auth-resource')).toBe(resource)
    expect(headers.get('x-auth-grant')).toMatch(/^grt_/)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('when nginx asks, in its own words', async () => {
    const address = { 'x-original-url': 'https://api.example.com/reports?x', ...bearer(reader) }
    expect((await ask({ ...address, 'x-original-method': 'GET' })).status).toBe(200)
    expect((await ask({ ...address, 'x-original-method': 'PUT' })).status).toBe(403)
    expect((await ask(address)).status).toBe(400)
  })

  test('with any method that a route allows, whichever the proxy asks with', async () => {
    for (const method of ['PUT', 'DELETE', 'PROPFIND']) {
      expect((await forwarded({ method, by: writer })).status).toBe(200)
      expect((await forwarded({ method, by: reader })).status).toBe(403)
    }
  })

  test('at a host in capitals, with a port or with a dot at its end', async () => {
    for (const host of ['API.example.com', 'api.example.com:443', 'api.example.com.']) {
      expect((await forwarded({ host, by: reader })).status).toBe(200)
    }
  })
})

describe('a request does not pass', () => {
  test('without a token: 401, and a challenge that names scopes and metadata', async () => {
    const answer = await forwarded({ method: 'POST' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer scope="read write", ' +
        'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/mcp"' +
        dpopOffered,
    )
    expect(await answer.json()).toMatchObject({ error: 'missing_authorization' })
  })

  test('with a token in the query, or a session cookie: neither is looked at', async () => {
    const token = reader.tokens.access_token
    expect((await forwarded({ uri: `/reports?access_token=${token}` })).status).toBe(401)
    const person = server.person()
    await connect(server, { resource }, person)
    const headers = { 'x-forwarded-uri': '/reports', 'x-forwarded-method': 'GET' }
    const withCookie = { ...headers, 'x-forwarded-host': 'api.example.com', cookie: person.cookie }
    expect((await ask(withCookie)).status).toBe(401)
  })

  test('with a token that is none, or is for another resource: 401 invalid_token', async () => {
    const nonsense = { ...reader, tokens: { ...reader.tokens, access_token: 'nonsense' } }
    for (const by of [stranger, nonsense]) {
      const answer = await forwarded({ by })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
    }
  })

  test('without a scope: 403, and every scope that is needed', async () => {
    const answer = await forwarded({ method: 'PUT', by: reader })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toContain(
      'error="insufficient_scope", scope="read write", resource_metadata="https://',
    )
  })

  test('where no route is for it: another host, path or the beginning of a longer name', async () => {
    for (const asked of [{ host: 'evil.example' }, { uri: '/' }, { uri: '/reportsx' }]) {
      const answer = await forwarded({ ...asked, by: writer })
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ error: 'access_denied' })
    }
  })

  test('by a path that somebody could read in another way', async () => {
    const odd = [
      ...['/anyone/../reports', '/anyone/./x', '/anyone/..', '/anyone/%2e%2e/reports', '//reports'],
      ...['/anyone//x', '/anyone/%2freports', '/anyone/..%5creports', '/anyone\\..\\reports'],
      ...['/anyone/..;/reports', '/anyone;x=1', '/anyone/%00', '/anyone/%', '/anyone/%ff'],
      ...['/anyone/%252e%252e/reports', '/anyone/%0a', 'anyone', 'https://api.example.com/anyone'],
    ]
    for (const uri of odd) {
      expect([uri, (await forwarded({ uri, by: writer })).status]).toEqual([uri, 403])
      const original = { 'x-original-url': `https://api.example.com${uri}` }
      const asked = { ...original, 'x-original-method': 'GET', ...bearer(writer) }
      if (uri.startsWith('/')) expect((await ask(asked)).status).toBe(403)
    }
    expect((await forwarded({ uri: '/%61nyone/x', by: reader })).status).toBe(200)
  })

  test('when nothing says what was asked for: 400, and which header is missing', async () => {
    const told = { 'x-forwarded-uri': '/reports', 'x-forwarded-host': 'api.example.com' }
    const answer = await ask({ ...told, ...bearer(reader) })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ message: 'Missing header: X-Forwarded-Method' })
    expect((await forwarded({ host: 'a, b', by: reader })).status).toBe(400)
  })

  test('when two addresses are told: one of them is the client’s own', async () => {
    const told = { 'x-forwarded-uri': '/reports', 'x-forwarded-host': 'api.example.com' }
    const both = { ...told, 'x-original-url': 'https://api.example.com/anyone' }
    const methods = { 'x-forwarded-method': 'GET', 'x-original-method': 'GET' }
    expect((await ask({ ...both, ...methods, ...bearer(writer) })).status).toBe(403)
  })

  test('and every answer carries each identity header, so that none of a client’s own passes', async () => {
    const answers = [forwarded({}), forwarded({ by: stranger }), forwarded({ uri: '//' }), ask({})]
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(identityHeaders.map((name) => answer.headers.get(name))).toEqual(['', '', '', '', ''])
    }
  })
})

test('the endpoint itself takes GET alone', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await ask(bearer(reader), { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  }
})

test('nobody but a trusted proxy is believed', async () => {
  const open = await startTestServer({ trustedProxies: ['10.0.0.1'] })
  try {
    const told = { 'x-forwarded-uri': '/', 'x-forwarded-host': 'a', 'x-forwarded-method': 'GET' }
    const headers = { ...told, 'x-forwarded-for': '10.0.0.1' }
    const answer = await fetch(`${open.url}/api/verify`, { headers })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({
      message: 'Only a proxy named in trusted_proxies may ask',
    })
  } finally {
    await open.stop()
  }
})
