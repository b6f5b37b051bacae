/**
 * Where the operator names a secret scanner's keys, its reports count and nobody else's.
 * @see [GitHub - Secret scanning partner program](https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program)
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { call, giveApiToken } from '../support/api-tokens.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const path = '/meta/public_keys/secret_scanning'
const pair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const scanner = pair('P-256')
const later = pair('P-256')
const stranger = pair('P-256')
const larger = pair('P-384')

let site: DocumentServer
let server: TestServer
let userId: string
let now = Date.now()
beforeAll(async () => {
  site = await startDocumentServer()
  publish(['first', scanner.publicKey], ['larger', larger.publicKey])
  const apiTokens = { leakReportKeysUrl: site.url + path }
  server = await startTestServer(
    { apiTokens, outbound: site.outbound, rateLimits: { leakReports: { requests: 1000 } } },
    { clock: () => now },
  )
  userId = (await findUserByEmail(server.services, admin.email))?.userId ?? ''
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})

function publish(...keys: [id: string, key: KeyObject][]) {
  const published = keys.map(([id, key]) => ({
    key_identifier: id,
    key: key.export({ type: 'spki', format: 'pem' }),
    is_current: true,
  }))
  const headers = { 'content-type': 'application/json' }
  site.put(path, { headers, body: JSON.stringify({ public_keys: published }) })
}

function signed(body: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(body), key).toString('base64')
}

async function report(body: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`${server.url}/api/tokens/leaked`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return response.status
}

function by(keyId: string, signature: string) {
  return { 'Github-Public-Key-Identifier': keyId, 'Github-Public-Key-Signature': signature }
}

async function newToken() {
  const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
  const isGood = async () => (await call(server, '/api/whoami', { token })).status === 200
  return { token, isGood, body: JSON.stringify([{ token, type: 'grantlog', url: 'https://x' }]) }
}

describe('a report by the secret scanner', () => {
  test('ends the token, and its keys are fetched once', async () => {
    const before = site.asked.length
    for (const _ of [1, 2]) {
      const { body, isGood } = await newToken()
      expect(await report(body, by('first', signed(body, scanner.privateKey)))).toBe(202)
      expect(await isGood()).toBe(false)
    }
    expect(site.asked.length).toBe(before + 1)
  })

  test('by a key that came later counts, which is asked for at most once a minute', async () => {
    const { body, isGood } = await newToken()
    publish(['first', scanner.publicKey], ['later', later.publicKey])
    const headers = by('later', signed(body, later.privateKey))
    expect(await report(body, headers)).toBe(403)
    now += 61_000
    expect(await report(body, headers)).toBe(202)
    expect(await isGood()).toBe(false)
    const before = site.asked.length
    for (let n = 0; n < 5; n += 1) await report(body, by(`unknown-${n}`, 'AAAA'))
    expect(site.asked.length).toBe(before)
  })
})

describe('a report counts for nothing', () => {
  const cases: [why: string, headers: (body: string) => Record<string, string>][] = [
    ['unsigned', () => ({})],
    [
      'without the name of a key',
      (body) => ({ 'Github-Public-Key-Signature': signed(body, scanner.privateKey) }),
    ],
    ['without a signature', () => ({ 'Github-Public-Key-Identifier': 'first' })],
    ['signed by somebody else', (body) => by('first', signed(body, stranger.privateKey))],
    ['signed for another body', (body) => by('first', signed(`${body} `, scanner.privateKey))],
    ['with an empty signature', () => by('first', '')],
    ['with a signature that is none', () => by('first', 'no base64 at all!')],
    ['with a signature without end', () => by('first', 'A'.repeat(5000))],
    ['by a key of another curve', (body) => by('larger', signed(body, larger.privateKey))],
    ['by a key that nobody published', (body) => by('nobody', signed(body, stranger.privateKey))],
    [
      'by the name of what every object has',
      (body) => by('__proto__', signed(body, stranger.privateKey)),
    ],
  ]
  test.each(cases)('%s', async (_, headers) => {
    const { body, isGood } = await newToken()
    expect(await report(body, headers(body))).toBe(403)
    expect(await isGood()).toBe(true)
  })

  test('while the keys cannot be had, and then it does again', async () => {
    const { body, isGood } = await newToken()
    const headers = by('first', signed(body, scanner.privateKey))
    now += 2 * 3600_000
    for (const page of [
      { status: 500 },
      { body: 'no JSON' },
      { body: '{"public_keys":[null,{}]}' },
    ]) {
      site.put(path, page)
      expect(await report(body, headers)).toBe(403)
      now += 61_000
    }
    expect(await isGood()).toBe(true)
    publish(['first', scanner.publicKey])
    expect(await report(body, headers)).toBe(202)
  })
})
