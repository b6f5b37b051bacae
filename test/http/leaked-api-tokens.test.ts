/**
 * Whoever finds an API token in public may end it, and learns nothing by it.
 *
 * @see [RFC 6750 §5.2 - Threat Mitigation](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.2)
 */

import { findApiToken } from '../../src/projections/api-tokens.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { acknowledgeLeak, regenerateApiToken } from '../../src/protocol/tokens/api-tokens.ts'
import { call, giveApiToken } from '../support/api-tokens.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const cause = { actor: 'cli', correlationId: 'test' }

let server: TestServer
let userId: string
beforeAll(async () => {
  server = await startTestServer({ rateLimits: { leakReports: { requests: 13 } } })
  userId = (await findUserByEmail(server.services, admin.email))?.userId ?? ''
})
afterAll(() => server.stop())

function report(body: unknown) {
  return call(server, '/api/tokens/leaked', { method: 'POST', body })
}

async function isGood(token: string): Promise<boolean> {
  return (await call(server, '/api/whoami', { token })).status === 200
}

describe('a report of leaked tokens', () => {
  test('ends those that are known, as secret scanners send it, and keeps no address of where', async () => {
    const { id, token } = await giveApiToken(server, { userId, scopes: ['read'] })
    const url = 'https://github.com/ada/dots/blob/main/.env'
    const sent = [{ token, type: 'grantlog_api_token', url, source: 'content' }]
    expect((await report(sent)).status).toBe(202)
    expect(await isGood(token)).toBe(false)
    const events = await eventsOf(server, 'ApiTokenRevoked')
    expect(events.at(-1)).toMatchObject({
      actor: 'system:leak-report',
      payload: { apiTokenId: id, userId, reason: 'leaked' },
    })
    expect(server.logged()).not.toContain(token)
  })

  test('is answered alike whether or not there was such a token', async () => {
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    const unknown = token.replace(/_live_.{5}/, '_live_AAAAA')
    const answers = [await report([{ token }]), await report([{ token }])]
    answers.push(await report([{ token: unknown }]), await report([{ token: 'password' }]))
    for (const { status, body } of answers) expect([status, body]).toEqual([202, { received: 1 }])
  })

  test('ends a token by the text before its last too, and takes one object as well as a list', async () => {
    const { id, token } = await giveApiToken(server, { userId, scopes: ['read'] })
    const asked = { apiTokenId: id, userId, overlapSeconds: 600 }
    const next = await regenerateApiToken(server.services, asked, cause)
    expect((await report({ token })).status).toBe(202)
    expect(next.outcome === 'accepted' && (await isGood(next.token))).toBe(false)
  })

  test('leaves its owner a notice until that is read', async () => {
    const { id, token } = await giveApiToken(server, { userId, scopes: ['read'] })
    await report([{ token }])
    const row = await findApiToken(server.services.reader, id)
    expect([typeof row?.leakedAt, row?.tokenHash]).toEqual(['number', null])
    const asked = { apiTokenId: id, userId }
    expect((await acknowledgeLeak(server.services, asked, cause)).outcome).toBe('accepted')
    expect(await findApiToken(server.services.reader, id)).toBeUndefined()
  })

  test('that is none is refused, and reports are counted by address', async () => {
    for (const body of [{}, [{}], [{ token: 1 }], [null], 'x', Array(101).fill({ token: 'x' })]) {
      const answer = await report(body)
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
    }
    const answer = await report([])
    expect([answer.status, answer.headers.has('retry-after')]).toEqual([429, true])
  })
})
