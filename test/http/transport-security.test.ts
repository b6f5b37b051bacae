/** Behind TLS, browsers are told to stay there. */
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let behindTls: TestServer
let onLoopback: TestServer

beforeAll(async () => {
  behindTls = await startTestServer({ issuer: 'https://auth.example.com' })
  onLoopback = await startTestServer()
})

afterAll(async () => {
  await behindTls.stop()
  await onLoopback.stop()
})

describe('Strict-Transport-Security (RFC 6797 §6.1)', () => {
  for (const path of ['/', '/healthz', '/oauth/token', '/nowhere', '/.well-known/jwks.json']) {
    test(`is on ${path} where the issuer is https, and nowhere else`, async () => {
      const secured = await fetch(behindTls.url + path)
      expect(secured.headers.get('strict-transport-security')).toBe('max-age=31536000')
      const plain = await fetch(onLoopback.url + path)
      expect(plain.headers.get('strict-transport-security')).toBe(null)
    })
  }
})
