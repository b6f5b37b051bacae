/** The applications of a person as they were at a time: every moment of one story, asked for later. */
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { connect, refresh } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Asker, signedInAsker } from './ask.ts'

const hour = 3_600_000
const start = Date.parse('2026-11-21T08:00:00Z')

let server: TestServer
let ask: Asker
let userId: string
let clientId: string
let now = start

const cause = { actor: 'cli', correlationId: 'a test' }

/**
 *  8:00 the server starts       10:00 the client is disabled
 *  9:00 a client is approved    10:30 and enabled again
 *  9:30 it refreshes            11:00 its grant ends         12:00 the questions are asked
 */
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  now = start + hour
  const { client, tokens } = await connect(server)
  clientId = client.client_id
  now = start + 1.5 * hour
  const refreshed = await refresh(server, { client, refreshToken: tokens.refresh_token })
  now = start + 2 * hour
  await execute<string>(server.services.log, cause, (work) =>
    work.decide(clientDecider, clientId, { kind: 'disable', reason: 'a test', now }),
  )
  now = start + 2.5 * hour
  await execute<string>(server.services.log, cause, (work) =>
    work.decide(clientDecider, clientId, { kind: 'enable', now }),
  )
  now = start + 3 * hour
  const form = { token: refreshed.body.refresh_token, client_id: clientId }
  await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body: new URLSearchParams(form) })
  now = start + 4 * hour
  ask = await signedInAsker(server)
  const [registered] = await server.services.log.read({ types: ['UserRegistered'] })
  userId = String(registered?.payload.userId)
})

afterAll(() => server.stop())

async function at(hours: number | undefined, user = userId) {
  const time = hours === undefined ? {} : { at: new Date(start + hours * hour).toISOString() }
  const { status, body } = await ask('/connected-apps', { user, ...time })
  expect(status).toBe(200)
  return body
}

describe('the applications of a person', () => {
  test('were none before the consent', async () => {
    expect((await at(0.5)).connected_apps).toEqual([])
  })

  test('were one after it, with its name, scopes and times', async () => {
    const { connected_apps, user_id, user_status } = await at(1.2)
    expect({ user_id, user_status }).toEqual({ user_id: userId, user_status: 'active' })
    expect(connected_apps).toEqual([
      {
        grant_id: expect.any(String),
        client_id: clientId,
        client_name: 'Test client',
        client_status: 'active',
        access: [{ resource: `${server.url}/api/mcp`, scopes: ['book', 'read'] }],
        approved_at: '2026-11-21T09:00:00.000Z',
        last_issued_at: '2026-11-21T09:00:00.000Z',
        status: 'active',
      },
    ])
  })

  test('show the last issue of tokens by that time, not the last there is', async () => {
    const [app] = (await at(1.7)).connected_apps
    expect(app?.last_issued_at).toBe('2026-11-21T09:30:00.000Z')
  })

  test('stand with the status that their client had then', async () => {
    const [disabled] = (await at(2.2)).connected_apps
    expect(disabled).toMatchObject({ status: 'active', client_status: 'disabled' })
    const [enabled] = (await at(2.7)).connected_apps
    expect(enabled).toMatchObject({ status: 'active', client_status: 'active' })
  })

  test('are none once the grant has ended, then and now', async () => {
    expect((await at(3.5)).connected_apps).toEqual([])
    expect((await at(undefined)).connected_apps).toEqual([])
  })

  test('are found by e-mail address too, and by time in milliseconds', async () => {
    const byId = await at(1.2)
    expect(await at(1.2, ` ${admin.email.toUpperCase()}`)).toEqual(byId)
    const milliseconds = { user: userId, at: String(start + 1.2 * hour) }
    expect((await ask('/connected-apps', milliseconds)).body).toEqual(byId)
  })

  test('are the same however often a past moment is asked for, whatever happens later', async () => {
    const before = await at(1.2)
    await connect(server)
    expect(await at(1.2)).toEqual(before)
    expect((await at(undefined)).connected_apps).toHaveLength(1)
  })

  test('show a grant whose tokens ran out as expired', async () => {
    const later = now
    now += 31 * 24 * hour
    const askLater = await signedInAsker(server)
    const { body } = await askLater('/connected-apps', { user: userId })
    expect(body.connected_apps.map(({ status }) => status)).toEqual(['expired'])
    const then = { user: userId, at: String(later) }
    const past = await askLater('/connected-apps', then)
    expect(past.body.connected_apps.map(({ status }) => status)).toEqual(['active'])
  })
})

describe('the question is refused', () => {
  test('for somebody who did not exist then: 404', async () => {
    const asker = await signedInAsker(server)
    const { status } = await asker('/connected-apps', { user: userId, at: String(start - hour) })
    expect(status).toBe(404)
  })

  test('without a user, for the future, or for no time at all: 400, naming the parameter', async () => {
    const future = new Date(now + hour).toISOString()
    const wrong: [string, Record<string, string>][] = [
      ['user', {}],
      ['at', { user: userId, at: future }],
      ['at', { user: userId, at: 'noon' }],
    ]
    const asker = await signedInAsker(server)
    for (const [name, parameters] of wrong) {
      const { status, body } = await asker('/connected-apps', parameters)
      expect(status).toBe(400)
      expect(body.error).toBe('invalid_request')
      expect(body.message).toContain(name)
    }
  })
})
