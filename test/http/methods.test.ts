/** @see [RFC 9110 §15.5.6 - 405 Method Not Allowed](https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.6) */
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server.stop())

describe('a known path asked with another method is 405, and Allow says which there are', () => {
  for (const [method, path, allow] of [
    ['GET', '/oauth/token', 'POST'],
    ['DELETE', '/oauth/register', 'POST'],
    ['POST', '/oauth/register/cli_1', 'DELETE, GET, HEAD, PUT'],
    ['PUT', '/authorize', 'GET, HEAD, POST'],
    ['POST', '/.well-known/jwks.json', 'GET, HEAD'],
    ['POST', '/.well-known/oauth-protected-resource/api/mcp', 'GET, HEAD'],
    ['GET', '/switch-account', 'POST'],
  ] as const) {
    test(`${method} ${path}`, async () => {
      const response = await fetch(server.url + path, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe(allow)
      expect(((await response.json()) as { error: string }).error).toBe('method_not_allowed')
    })
  }
})

test('an unknown path is 404 with any method', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const response = await fetch(`${server.url}/nowhere`, { method })
    expect(response.status).toBe(404)
    expect(response.headers.get('allow')).toBe(null)
  }
})
