/**
 * Bound tokens at a reverse proxy that asks here: what counts is the request that it received.
 *
 * @see [RFC 9449 §7 - Protected Resource Access](https://www.rfc-editor.org/rfc/rfc9449.html#section-7)
 */
import { connectBound, type DpopKey, newDpopKey, type ProofOf, proofOf } from '../support/dpop.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const resource = 'https://api.example.com/mcp'
const url = 'https://api.example.com/reports/7'

let server: TestServer
let key: DpopKey
let accessToken: string
beforeAll(async () => {
  server = await startTestServer({
    verify: [{ host: 'api.example.com', path: '/reports', resource, scopes: ['read'] }],
    trustedProxies: ['127.0.0.1', '::1'],
    resources: [{ resource, name: 'API', scopes: { read: 'Read' } }],
  })
  key = await newDpopKey()
  accessToken = (await connectBound(server, key)).tokens.access_token
})
afterAll(() => server.stop())

const asCaddy = {
  'x-forwarded-uri': '/reports/7?q=1',
  'x-forwarded-method': 'PUT',
  'x-forwarded-host': 'api.example.com',
  'x-forwarded-proto': 'https',
}
const asNginx = { 'x-original-url': `${url}?q=1`, 'x-original-method': 'PUT' }

async function ask(headers: Record<string, string>, of: Partial<ProofOf> = {}) {
  const dpop = await proofOf(key, { method: 'PUT', url, accessToken, ...of })
  const authorization = `DPoP ${accessToken}`
  return fetch(`${server.url}/api/verify`, { headers: { authorization, dpop, ...headers } })
}

describe('a proof for the request that the proxy received', () => {
  for (const [proxy, headers] of Object.entries({ Caddy: asCaddy, nginx: asNginx })) {
    test(`is good, as ${proxy} tells of it`, async () => {
      expect((await ask(headers)).status).toBe(200)
    })
  }
})

describe('SECURITY 12: a request does not pass', () => {
  const cases: Record<string, Partial<ProofOf>> = {
    'the question itself': { method: 'GET', url: 'http://localhost/api/verify' },
    'another method': { method: 'GET' },
    'another path': { url: 'https://api.example.com/reports/8' },
    'another host': { url: 'https://evil.example/reports/7' },
    'another scheme': { url: 'http://api.example.com/reports/7' },
  }
  for (const [words, of] of Object.entries(cases)) {
    test(`with a proof for ${words}`, async () => {
      const answer = await ask(asCaddy, of)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toStartWith('DPoP error="invalid_dpop_proof"')
      expect(answer.headers.get('x-auth-subject')).toBe('')
    })
  }

  test('with a bound token as a bearer token', async () => {
    const answer = await ask({ ...asCaddy, authorization: `Bearer ${accessToken}` })
    expect(answer.status).toBe(401)
  })
})
