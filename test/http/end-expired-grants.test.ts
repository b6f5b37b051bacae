/** What is over by time alone ends in the log too, and nothing ends that is still good. */
import { findClient } from '../../src/projections/clients.ts'
import { endExpiredGrants } from '../../src/tasks/end-expired-grants.ts'
import { hibernateClients } from '../../src/tasks/hibernate-clients.ts'
import { own } from '../support/client-management.ts'
import {
  authorizationUrl,
  authorize,
  connect,
  eventsOf,
  isLive,
  newPkce,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const secondsMs = 1000
const day = 24 * 60 * 60 * secondsMs

let server: TestServer
let now = Date.now()
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

const run = () => endExpiredGrants(server.services)

async function endsOf(clientId: string) {
  const approved = await eventsOf(server, 'GrantApproved')
  const own = approved.filter(({ payload }) => payload.clientId === clientId)
  const ended = await eventsOf(server, 'GrantEnded')
  return own.map(({ streamId }) => {
    const end = ended.find((event) => event.streamId === streamId)
    return end && [end.payload.reason, end.actor]
  })
}

const byTime = ['expired', 'system:end-expired-grants']

test('a code that nobody redeemed ends its grant', async () => {
  const client = await register(server)
  await authorize(server, client)
  now += server.services.settings.codeTtlSeconds * secondsMs - 1
  expect(await run()).toBe(0)
  now += 1
  expect(await run()).toBe(1)
  expect(await endsOf(client.client_id)).toEqual([byTime])
  expect(await run()).toBe(0)
})

test('a refresh token that nobody used ends its grant when it expires, and not before', async () => {
  const { client, tokens } = await connect(server)
  now += 20 * day
  const again = await refresh(server, { client, refreshToken: tokens.refresh_token })
  expect(again.status).toBe(200)
  now += 30 * day - 1
  expect(await run()).toBe(0)
  now += 1
  expect(await run()).toBe(1)
  expect(await endsOf(client.client_id)).toEqual([byTime])
  const late = await refresh(server, { client, refreshToken: again.body.refresh_token })
  expect([late.status, late.body]).toMatchObject([400, { error: 'invalid_grant' }])
})

test('an access token that outlives its refresh token keeps its grant', async () => {
  const other = await startTestServer(
    { accessTokenTtlSeconds: 3600, refreshTokenTtlSeconds: 60 },
    { clock: () => now },
  )
  try {
    const { tokens } = await connect(other)
    now += 3600 * secondsMs - 1
    expect(await endExpiredGrants(other.services)).toBe(0)
    expect(await isLive(other, tokens.access_token)).toBe(true)
    now += 1
    expect(await endExpiredGrants(other.services)).toBe(1)
  } finally {
    await other.stop()
  }
})

test('a client whose last grant ended by time goes to sleep, and wakes', async () => {
  const client = await register(server, own)
  await authorize(server, client)
  now += 91 * day
  await run()
  await hibernateClients(server.services)
  const { reader } = server.services
  expect(await findClient(reader, client.client_id)).toBeUndefined()
  expect((await authorize(server, client)).code).not.toBe('')
  expect(await findClient(reader, client.client_id)).toBeDefined()
})

test('many at once are ended by two processes without a quarrel', async () => {
  const client = await register(server)
  for (let n = 0; n < 5; n += 1) await authorize(server, client)
  now += day
  const ended = await Promise.all([run(), run(), run()])
  expect(ended.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(5)
  expect(await endsOf(client.client_id)).toEqual(Array.from({ length: 5 }, () => byTime))
})

test('of very many some are looked at in a run, and the next goes on behind them', async () => {
  const client = await register(server)
  const person = server.person()
  const asked = authorizationUrl(server, client.client_id, { code_challenge: newPkce().challenge })
  for (let n = 0; n < 300; n += 1) await person.answer(asked)
  now += day
  const ended = [await run(), await run(), await run()]
  expect(ended[0]).toBeLessThanOrEqual(250)
  expect(ended.reduce((sum, each) => sum + each, 0)).toBe(300)
  expect(await endsOf(client.client_id)).toEqual(Array.from({ length: 300 }, () => byTime))
})
