/**
 * A client that nobody uses sleeps in the log, and is there when it is needed again.
 *
 * @see [RFC 7591 §3.2.1 - Client Information Response](https://www.rfc-editor.org/rfc/rfc7591.html#section-3.2.1)
 */
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { findClient } from '../../src/projections/clients.ts'
import { hibernateClients } from '../../src/tasks/hibernate-clients.ts'
import { manage, own, replacement, tokenOf } from '../support/client-management.ts'
import {
  authorizationUrl,
  authorize,
  eventsOf,
  isLive,
  post,
  proofOf,
  type Registered,
  redeem,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const day = 24 * 60 * 60 * 1000
const cause = { actor: 'cli', correlationId: 'test' }

let server: TestServer
let now = Date.now()
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

async function connected(metadata: Record<string, unknown> = own) {
  const client = await register(server, metadata)
  const tokens = (await redeem(server, await authorize(server, client))).body
  return { client, tokens }
}

/** Ends what the client holds, so that nothing keeps it awake. */
async function disconnect({ client, tokens }: Awaited<ReturnType<typeof connected>>) {
  const { form, headers } = proofOf(client)
  await post(server, '/oauth/revoke', {
    form: { ...form, token: tokens.refresh_token },
    headers,
  })
}

async function asleep(metadata?: Record<string, unknown>) {
  const held = await connected(metadata)
  await disconnect(held)
  now += 91 * day
  await hibernateClients(server.services)
  expect(await rowOf(held.client)).toBeUndefined()
  return held
}

const rowOf = ({ client_id }: Registered) => findClient(server.services.reader, client_id)

async function typesOf({ client_id }: Registered) {
  const events = await eventsOf(server)
  const mine = events.filter(({ streamId }) => streamId === `client/${client_id}`)
  return mine.map(({ type }) => type)
}

describe('a client goes to sleep', () => {
  test('when it holds no grant and nobody consented for long enough', async () => {
    const held = await connected()
    await disconnect(held)
    now += 89 * day
    expect(await hibernateClients(server.services)).toBe(0)
    now += 2 * day
    expect(await hibernateClients(server.services)).toBe(1)
    expect(await hibernateClients(server.services)).toBe(0)
    expect(await typesOf(held.client)).toEqual(['ClientRegistered', 'ClientHibernated'])
  })

  test('not while it holds a grant', async () => {
    const { client } = await connected()
    now += 91 * day
    await hibernateClients(server.services)
    expect(await rowOf(client)).toBeDefined()
  })

  test('not soon after somebody came back to it', async () => {
    const first = await connected()
    await disconnect(first)
    now += 80 * day
    await disconnect({
      client: first.client,
      tokens: (await redeem(server, await authorize(server, first.client))).body,
    })
    now += 80 * day
    await hibernateClients(server.services)
    expect(await rowOf(first.client)).toBeDefined()
  })

  test('not when an operator has disabled it', async () => {
    const held = await connected()
    await disconnect(held)
    await execute<string>(server.services.log, cause, (work) =>
      work.decide(clientDecider, held.client.client_id, { kind: 'disable', reason: 'x', now }),
    )
    now += 91 * day
    await hibernateClients(server.services)
    expect((await rowOf(held.client))?.status).toBe('disabled')
  })

  test('not against a consent at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const held = await connected()
      await disconnect(held)
      now += 91 * day
      const [authorized] = await Promise.all([
        authorize(server, held.client),
        hibernateClients(server.services),
        hibernateClients(server.services),
      ])
      const { status, body } = await redeem(server, authorized)
      expect(status).toBe(200)
      expect(await isLive(server, body.access_token)).toBe(true)
      expect(await rowOf(held.client)).toBeDefined()
    }
  })
})

describe('a client that sleeps', () => {
  for (const method of ['none', 'client_secret_basic', 'client_secret_post']) {
    test(`wakes at a consent with the same id and secret, by ${method}`, async () => {
      const { client } = await asleep({ token_endpoint_auth_method: method, contacts: ['a@b.c'] })
      const { status, body } = await redeem(server, await authorize(server, client))
      expect(status).toBe(200)
      expect(await isLive(server, body.access_token)).toBe(true)
      const again = await refresh(server, { client, refreshToken: body.refresh_token })
      expect(again.status).toBe(200)
      expect((await rowOf(client))?.contacts).toEqual(['a@b.c'])
      expect(await typesOf(client)).toEqual(['ClientRegistered', 'ClientHibernated', 'ClientWoken'])
    })
  }

  test('proves itself at the token endpoint, and only its grants are gone', async () => {
    const { client, tokens } = await asleep()
    const answer = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect([answer.status, answer.body]).toMatchObject([400, { error: 'invalid_grant' }])
    const wrong = { ...client, client_secret: 'wrong' }
    const stranger = await refresh(server, { client: wrong, refreshToken: tokens.refresh_token })
    expect([stranger.status, stranger.body]).toMatchObject([401, { error: 'invalid_client' }])
  })

  test('is not woken by being looked at', async () => {
    const { client } = await asleep()
    const page = await fetch(authorizationUrl(server, client.client_id), { redirect: 'manual' })
    expect(page.status).toBe(303)
    expect(await rowOf(client)).toBeUndefined()
  })

  test('manages its registration (RFC 7592), and wakes as it then is', async () => {
    const { client } = await asleep()
    const body = replacement(client, { client_name: 'Renamed asleep' })
    const changed = await manage(server, ['PUT', client], { body })
    expect([changed.status, changed.body.client_name]).toEqual([200, 'Renamed asleep'])
    const read = await manage(server, ['GET', client])
    expect(read.body).toEqual(changed.body)
    expect(read.body.client_id_issued_at).toBe(client.client_id_issued_at)
    expect(await rowOf(client)).toBeUndefined()
    expect((await authorize(server, client)).code).not.toBe('')
    expect((await rowOf(client))?.metadata.clientName).toBe('Renamed asleep')
    expect((await manage(server, ['GET', client])).body).toEqual(changed.body)
    expect(tokenOf(client)).toBe(String(read.body.registration_access_token))
  })

  test('is gone for ever once it deletes itself', async () => {
    const { client } = await asleep()
    expect((await manage(server, ['DELETE', client])).status).toBe(204)
    expect((await manage(server, ['GET', client])).status).toBe(401)
    const page = await fetch(authorizationUrl(server, client.client_id), { redirect: 'manual' })
    expect(page.status).toBe(400)
  })

  test('is unknown while an operator has disabled it, and sleeps on when enabled', async () => {
    const { client } = await asleep()
    const { log } = server.services
    await execute<string>(log, cause, (work) =>
      work.decide(clientDecider, client.client_id, { kind: 'disable', reason: 'x', now }),
    )
    expect((await manage(server, ['GET', client])).status).toBe(401)
    await execute<string>(log, cause, (work) =>
      work.decide(clientDecider, client.client_id, { kind: 'enable', now }),
    )
    expect((await manage(server, ['GET', client])).status).toBe(200)
    expect((await authorize(server, client)).code).not.toBe('')
  })

  test('that is shared keeps its id, and registering does not wake it', async () => {
    const metadata = { software_id: 'sleeper', token_endpoint_auth_method: 'none' }
    const { client } = await asleep(metadata)
    expect(await register(server, metadata)).toEqual(client)
    expect(await rowOf(client)).toBeUndefined()
    expect((await authorize(server, client)).code).not.toBe('')
    expect((await rowOf(client))?.shared).toBe(true)
  })
})

test('what was rebuilt from the log is what was there', async () => {
  const { tables } = await server.store.rebuild()
  expect(tables.filter(({ differed }) => differed)).toEqual([])
})

describe('a client that acts for itself', () => {
  const resources = [
    {
      resource: 'https://machines.example/api',
      name: 'Machines',
      scopes: { read: 'Read' },
      clientCredentialsScopes: ['read'],
      accessTokenTtlSeconds: 20 * 24 * 60 * 60,
    },
  ]
  const registration = { hibernateAfterSeconds: 10 * 24 * 60 * 60 }

  test('does not sleep while one of its tokens is good', async () => {
    const other = await startTestServer({ resources, registration }, { clock: () => now })
    try {
      const client = await register(other, { ...own, grant_types: ['client_credentials'] })
      const { headers } = proofOf(client)
      const form = { grant_type: 'client_credentials' }
      const row = () => findClient(other.services.reader, client.client_id)
      for (let turn = 0; turn < 3; turn += 1) {
        expect((await post(other, '/oauth/token', { form, headers })).status).toBe(200)
        now += 19 * day
        await hibernateClients(other.services)
        expect(await row()).toBeDefined()
      }
      now += 2 * day
      await hibernateClients(other.services)
      expect(await row()).toBeUndefined()
      expect((await post(other, '/oauth/token', { form, headers })).status).toBe(200)
      expect(await row()).toBeDefined()
    } finally {
      await other.stop()
    }
  })
})
