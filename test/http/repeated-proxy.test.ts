/**
 * A proxy asks about each request that it gets: it is told again what it was told before, for the
 * same request, and nobody else is.
 *
 * @see [RFC 7239 §8.1 - Header Validity and Integrity](https://www.rfc-editor.org/rfc/rfc7239.html#section-8.1)
 */
import { connect as connectSocket } from 'node:net'
import { lastUseOf } from '../../src/protocol/tokens/api-token-use.ts'
import { giveApiToken } from '../support/api-tokens.ts'
import { connect } from '../support/oauth-client.ts'
import {
  type Asking,
  api,
  newPerson,
  startAsking,
  verifyAt,
} from '../support/repeated-questions.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

let asking: Asking
let token: string
beforeEach(async () => {
  asking = await startAsking({ trustedProxies: ['127.0.0.1', '::1'] })
  const { tokens } = await connect(asking.server, { scope: 'read', resource: api })
  token = tokens.access_token
})
afterEach(() => asking.server.stop())

/** How many answers it takes to ask. */
async function madeFor(ask: () => Promise<unknown>): Promise<number> {
  const before = asking.made()
  await ask()
  return asking.made() - before
}

/** The same question from another machine, as far as the server can see. */
async function statusFrom(localAddress: string): Promise<number> {
  const { hostname, port } = new URL(asking.server.url)
  const answer = Promise.withResolvers<string>()
  const socket = connectSocket({ host: '127.0.0.1', port: Number(port), localAddress }, () => {
    const lines = [
      ...['GET /api/verify HTTP/1.1', `host: ${hostname}:${port}`, 'connection: close'],
      ...['x-forwarded-uri: /', 'x-forwarded-method: GET', 'x-forwarded-host: a.example'],
      ...[`authorization: Bearer ${token}`, '', ''],
    ]
    socket.write(lines.join('\r\n'))
  })
  socket.once('data', (data) => answer.resolve(String(data)))
  socket.once('error', answer.reject)
  const [, status] = (await answer.promise).split(' ')
  socket.destroy()
  return Number(status)
}

describe('what a proxy asks', () => {
  const verified = (more: Record<string, string> = {}) => verifyAt(asking, token, more)

  test('is refused to a peer that is none, though a proxy was just told', async () => {
    await verified()
    expect(await madeFor(() => verified())).toBe(0)
    expect(await statusFrom('127.0.0.1')).toBe(200)
    expect(await statusFrom('127.0.0.2')).toBe(403)
  })

  test('is answered for the request that it asks about, and for no other', async () => {
    await verified()
    expect(await madeFor(() => verified())).toBe(0)
    for (const changed of [
      { path: '/write' },
      { path: '/signed' },
      { path: '/x/../write' },
      { 'x-original-url': 'https://a.example/' },
      { 'x-forwarded-host': 'a.example/write' },
      { authorization: 'Bearer nonsense' },
      { authorization: `DPoP ${token}` },
      { authorization: '' },
    ]) {
      const { status } = await verified(changed)
      expect(`${JSON.stringify(changed)} ${status >= 400}`).toBe(`${JSON.stringify(changed)} true`)
    }
    expect((await verified()).status).toBe(200)
  })

  test('is told who it is with each answer', async () => {
    const names = ['x-auth-subject', 'x-auth-client', 'x-auth-scope', 'x-auth-grant']
    const all = async () => {
      const { headers } = await verified()
      return [...names, 'cache-control', 'content-type'].map((name) => headers.get(name))
    }
    const first = await all()
    expect(first[0]).toMatch(/^usr_/)
    expect(await madeFor(async () => expect(await all()).toEqual(first))).toBe(0)
  })
})

test('a token in use is noted as one again after ten minutes of the same question', async () => {
  const { services } = asking.server
  const { userId } = await newPerson(asking.server)
  const key = await giveApiToken(asking.server, { userId, scopes: ['read'], resource: api })
  const start = services.now()
  for (let minutes = 0; minutes <= 11; minutes += 0.5) {
    expect((await verifyAt(asking, key.token)).status).toBe(200)
    asking.later(30_000)
  }
  const used = (await lastUseOf(services, key.id))?.at ?? 0
  expect(used - start).toBeGreaterThanOrEqual(600_000)
})
