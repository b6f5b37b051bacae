/**
 * Tokens that a server gives by what it saw last of a database that others write to as well: one
 * journey where that still holds, and never a token where it does not.
 */
import { execute } from '../../src/domain/execute.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { userDecider } from '../../src/domain/user.ts'
import { rotateClientSecret } from '../../src/protocol/clients/operator-clients.ts'
import { type Relay, startRelay } from '../support/libsql-relay.ts'
import {
  type LibsqlServer,
  libsqlServerAvailable,
  startLibsqlServer,
} from '../support/libsql-server.ts'
import { basic, type Connected, connect, eventsOf, post, refresh } from '../support/oauth-client.ts'
import { addClient, type OperatorClient, operate } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const by = { actor: 'cli', correlationId: 'test' }

describe.skipIf(!libsqlServerAvailable)('a server on a database that another one writes to', () => {
  let database: LibsqlServer
  let relay: Relay
  let here: TestServer
  let there: TestServer

  beforeAll(async () => {
    database = await startLibsqlServer()
    relay = await startRelay(database.url)
    const resources = [
      {
        resource: '/api/mcp',
        name: 'Jobs',
        scopes: { read: 'See' },
        clientCredentialsScopes: ['read'],
      },
    ]
    here = await startTestServer({ databaseUrl: relay.url, resources })
    there = await startTestServer({ databaseUrl: database.url, resources, issuer: here.url })
  })
  afterAll(async () => {
    await here.stop()
    await there.stop()
    await relay.stop()
    await database.stop()
  })

  /** What the database was asked while this was done: reads, and transactions. */
  async function journeys(act: () => Promise<unknown>): Promise<{ reads: number; writes: number }> {
    const before = relay.asked.length
    await act()
    const kinds = relay.asked.slice(before).map(({ requests }) => JSON.stringify(requests))
    const writes = kinds.filter((text) => text.includes('"and"')).length
    return { reads: kinds.length - writes, writes }
  }

  /** An app whose tokens were refreshed here, until everything about it has been seen. */
  async function seenApp(): Promise<Connected> {
    let app = await connect(here)
    for (let time = 0; time < 2; time += 1) app = { ...app, tokens: (await again(app)).body }
    return app
  }

  function again({ client, tokens }: Connected, server = here) {
    return refresh(server, { client, refreshToken: tokens.refresh_token })
  }

  async function seenMachine(): Promise<OperatorClient> {
    const client = await addClient(there.services)
    for (let time = 0; time < 2; time += 1) expect((await ask(client)).status).toBe(200)
    return client
  }

  function ask(client: OperatorClient, { server = here, secret = client.client_secret } = {}) {
    const headers = { authorization: basic(client.client_id, secret) }
    return post(server, '/oauth/token', { form: { grant_type: 'client_credentials' }, headers })
  }

  const grantOf = async ({ client }: Connected) =>
    (await eventsOf(there, 'GrantApproved'))
      .map(({ payload }) => payload as { grantId: string; clientId: string; userId: string })
      .find(({ clientId }) => clientId === client.client_id)

  test('refreshes in one journey what it has seen', async () => {
    const app = await seenApp()
    expect(await journeys(() => again(app))).toEqual({ reads: 0, writes: 1 })
  })

  test('gives a client its own token in one journey', async () => {
    const client = await seenMachine()
    expect(await journeys(() => ask(client))).toEqual({ reads: 0, writes: 1 })
  })

  test('gives a token of which the other server has refreshed the grant meanwhile', async () => {
    const app = await seenApp()
    const { body: tokens } = await again(app, there)
    const { status, body } = await again({ ...app, tokens })
    expect(status).toBe(200)
    expect(body.refresh_token).not.toBe(tokens.refresh_token)
    expect((await again({ ...app, tokens: body })).status).toBe(200)
  })

  test('gives the same tokens again where the other server has rotated first', async () => {
    const app = await seenApp()
    const first = await again(app, there)
    const second = await again(app)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.body.refresh_token).toBe(first.body.refresh_token)
    expect(second.body.access_token).toBe(first.body.access_token)
  })

  test('gives the same tokens again to who asks twice at once', async () => {
    const app = await seenApp()
    const answers = await Promise.all([again(app), again(app), again(app, there)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
  })

  test('ends a grant of which an old token comes, and says so', async () => {
    const app = await seenApp()
    let { tokens } = app
    for (let time = 0; time < 2; time += 1) tokens = (await again({ ...app, tokens })).body
    expect((await again(app)).status).toBe(400)
    expect((await again({ ...app, tokens })).status).toBe(400)
    const grant = await grantOf(app)
    const ended = (await eventsOf(there, 'GrantEnded')).map(({ payload }) => payload)
    expect(ended).toContainEqual(expect.objectContaining({ grantId: grant?.grantId }))
  })

  test('refuses what the other server has ended', async () => {
    const app = await seenApp()
    const form = { token: app.tokens.refresh_token, client_id: app.client.client_id }
    expect((await post(there, '/oauth/revoke', { form })).status).toBe(200)
    const { status, body } = await again(app)
    expect([status, body]).toMatchObject([400, { error: 'invalid_grant' }])
  })

  test('refuses a client that the other server has disabled', async () => {
    const [app, client] = [await seenApp(), await seenMachine()]
    await operate(there.services, app.client.client_id, 'disable')
    await operate(there.services, client.client_id, 'disable')
    for (const { status, body } of [await again(app), await ask(client)]) {
      expect([status, body]).toMatchObject([401, { error: 'invalid_client' }])
    }
  })

  test('takes the secret that the other server has made, and no longer the old one', async () => {
    const client = await seenMachine()
    const rotation = { clientId: client.client_id, overlapSeconds: 0 }
    const rotated = await rotateClientSecret(there.services, rotation, by)
    const secret = rotated.outcome === 'accepted' ? rotated.secret : ''
    expect((await ask(client)).status).toBe(401)
    expect((await ask(client, { secret })).status).toBe(200)
    expect((await ask(client)).status).toBe(401)
  })

  test('refuses a wrong secret, and gives nothing for it', async () => {
    const client = await seenMachine()
    const before = (await eventsOf(there, 'AccessTokenIssued')).length
    const { status, body } = await ask(client, { secret: 'wrong' })
    expect([status, body]).toMatchObject([401, { error: 'invalid_client' }])
    expect((await eventsOf(there, 'AccessTokenIssued')).length).toBe(before)
  })

  test('lets a client wait that guessed at the other one, though its secret is right now', async () => {
    const client = await seenMachine()
    const kind = 'client-secret-pause'
    const ids = ['127.0.0.1', '0:0:0:0::/64'].map((a) => sha256(`${client.client_id} address ${a}`))
    const until = Date.now() + 60_000
    const { expiring } = there.services
    for (const id of ids) await expiring.put({ kind, id, body: { until }, expiresAt: until })
    expect((await ask(client)).status).toBe(429)
    for (const id of ids) await expiring.remove(kind, id)
    expect((await ask(client)).status).toBe(200)
  })

  test('refuses people whom the other server has disabled', async () => {
    const app = await seenApp()
    const grant = await grantOf(app)
    const command = { kind: 'disable', reason: 'a test', now: Date.now() } as const
    await execute<string>(there.services.log, by, (work) =>
      work.decide(userDecider, grant?.userId ?? '', command),
    )
    const { status, body } = await again(app)
    expect([status, body]).toMatchObject([400, { error: 'invalid_grant' }])
  })
})
