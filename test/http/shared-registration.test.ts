/**
 * Public clients that register with the same words are one client; everybody else is one's own.
 *
 * @see [RFC 7591 §3.2.1 - Client Information Response](https://www.rfc-editor.org/rfc/rfc7591.html#section-3.2.1)
 */
import { type ClientCommand, clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { manage } from '../support/client-management.ts'
import {
  authorizationUrl,
  authorize,
  eventsOf,
  isLive,
  type Registered,
  redeem,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let now = Date.now()
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

const same = { software_id: 'the same', client_name: 'Claude Code' }

async function rejected(body: Record<string, unknown>) {
  return (await register(server, body)) as Registered & { error?: string }
}

async function onClient(id: string, command: ClientCommand): Promise<void> {
  const cause = { actor: 'cli', correlationId: 'test' }
  await execute<string>(server.services.log, cause, (work) =>
    work.decide(clientDecider, id, command),
  )
}

describe('a public client', () => {
  test('gets one id however often it registers, and nothing that manages it', async () => {
    const first = await register(server, same)
    now += 5000
    const again = await register(server, { ...same, logo_uri: null, contacts: [] })
    expect(again).toEqual(first)
    for (const field of ['registration_access_token', 'registration_client_uri', 'client_secret']) {
      expect(first).not.toHaveProperty(field)
    }
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      expect((await manage(server, [method, first])).status).toBe(401)
    }
  })

  test('has its registration prolonged by each that is the same', async () => {
    const { provisionalSeconds } = server.services.settings.registration
    const client = await register(server, { software_id: 'prolonged' })
    for (let week = 0; week < 3; week += 1) {
      now += (provisionalSeconds - 1) * 1000
      expect(await register(server, { software_id: 'prolonged' })).toEqual(client)
    }
    now += (provisionalSeconds - 1) * 1000
    const url = authorizationUrl(server, client.client_id)
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(303)
    now += 1000
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400)
  })

  test('enters the log once, as one that is shared, and keeps its id there', async () => {
    const client = await register(server, { software_id: 'logged' })
    await authorize(server, client)
    expect(await register(server, { software_id: 'logged' })).toEqual(client)
    await authorize(server, client)
    const events = await eventsOf(server, 'ClientRegistered')
    const own = events.filter(({ payload }) => payload.clientId === client.client_id)
    expect(own.map(({ payload }) => payload.shared)).toEqual([true])
  })

  test('is a grant of its own for each who connects: one end leaves the other', async () => {
    const [one, two] = [await register(server, same), await register(server, same)]
    const first = (await redeem(server, await authorize(server, one))).body
    const second = (await redeem(server, await authorize(server, two))).body
    now += 60_000
    await refresh(server, { client: one, refreshToken: first.refresh_token })
    now += 60_000
    const replay = await refresh(server, { client: one, refreshToken: first.refresh_token })
    expect(replay.body).toMatchObject({ error: 'invalid_grant' })
    expect(await isLive(server, second.access_token)).toBe(true)
  })

  test('that an operator disabled is told so, and is not registered again', async () => {
    const client = await register(server, { software_id: 'disabled' })
    await authorize(server, client)
    await onClient(client.client_id, { kind: 'disable', reason: 'phishing', now })
    const { error, client_id } = await rejected({ software_id: 'disabled' })
    expect([error, client_id]).toEqual(['invalid_client_metadata', undefined])
    await onClient(client.client_id, { kind: 'enable', now })
    expect(await register(server, { software_id: 'disabled' })).toEqual(client)
  })

  test('that an operator deleted gets another id, and then keeps that', async () => {
    const ids = new Set<string>()
    for (let life = 0; life < 3; life += 1) {
      const client = await register(server, { software_id: 'deleted' })
      expect((await authorize(server, client)).code).not.toBe('')
      expect((await register(server, { software_id: 'deleted' })).client_id).toBe(client.client_id)
      ids.add(client.client_id)
      await onClient(client.client_id, { kind: 'delete', now })
    }
    expect(ids.size).toBe(3)
  })
})

test('many at once are one', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, () => register(server, { software_id: 'at once' })),
  )
  expect(new Set(all.map(({ client_id }) => client_id)).size).toBe(1)
})

test('a client with a secret is its own each time', async () => {
  const confidential = { ...same, token_endpoint_auth_method: 'client_secret_basic' }
  const [one, two] = [await register(server, confidential), await register(server, confidential)]
  expect(one.client_id).not.toBe(two.client_id)
  expect(one.client_secret).not.toBe(two.client_secret)
  expect(one).toHaveProperty('registration_access_token')
})
