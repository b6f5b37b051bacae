/**
 * Whoever has proved nothing leaves nothing for ever: the log stays as long as it was, except for
 * one event of counts for each hour.
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { countActivity } from '../../src/tasks/count-activity.ts'
import { authorizationUrl, eventsOf, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const hourMs = 3_600_000
const requestsEach = process.env.GRANTLOG_TEST_NIGHTLY ? 33_334 : 1_000
const inFlight = 50

let now = Math.floor(Date.now() / hourMs) * hourMs
let server: TestServer
beforeAll(async () => {
  const limits = { signInFailuresMax: 2 }
  // The limit on registration would leave nothing to look at.
  const rateLimits = { registration: { requests: 0 } }
  server = await startTestServer({ limits, rateLimits, logLevel: 'silent' }, { clock: () => now })
})
afterAll(() => server.stop())

/** Asks so often, some at the same time. */
async function often(ask: (nth: number) => Promise<Response>): Promise<number[]> {
  const statuses: number[] = []
  for (let done = 0; done < requestsEach; done += inFlight) {
    const count = Math.min(inFlight, requestsEach - done)
    const answers = await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const response = await ask(done + n)
        await response.arrayBuffer()
        return response.status
      }),
    )
    statuses.push(...answers)
  }
  return [...new Set(statuses)].toSorted()
}

function counted() {
  return eventsOf(server, 'AnonymousActivityCounted')
}

async function rowsOf(table: string): Promise<number> {
  const row = await server.services.reader.get({
    sql: `SELECT count(*) AS n FROM ${table}`,
    args: [],
  })
  return Number(row?.n)
}

describe('thousands of requests by nobody', () => {
  let before = 0
  let clientId = ''
  beforeAll(async () => {
    clientId = (await register(server)).client_id
    before = (await eventsOf(server)).length
  })

  test('for authorizations leave the log as long as it was', async () => {
    const url = () => authorizationUrl(server, clientId)
    expect(await often(() => fetch(url(), { redirect: 'manual' }))).toEqual([303])
    const unknown = authorizationUrl(server, 'dcr_nobody')
    expect((await fetch(unknown, { redirect: 'manual' })).status).toBe(400)
    expect((await eventsOf(server)).length).toBe(before)
  })

  test('to sign in leave the log as long as it was', async () => {
    const person = server.person()
    const fields = hiddenFields(await (await person.open('/sign-in')).text())
    const attempt = (nth: number) =>
      person.submit('/sign-in', { ...fields, email: `n${nth}@example.com`, password: 'a guess' })
    expect(await often(attempt)).toEqual([400, 429])
    expect((await eventsOf(server)).length).toBe(before)
  })

  test('to register leave the log as long as it was', async () => {
    const body = JSON.stringify({ redirect_uris: ['http://localhost/'] })
    const headers = { 'content-type': 'application/json' }
    const attempt = () => fetch(`${server.url}/oauth/register`, { method: 'POST', headers, body })
    expect(await often(attempt)).toEqual([201])
    expect((await eventsOf(server)).length).toBe(before)
  })

  test('are counted in one event once their hour is over, however many processes count', async () => {
    await countActivity(server.services)
    expect(await counted()).toEqual([])
    const hour = now / hourMs
    now += hourMs
    await Promise.all([1, 2, 3].map(() => countActivity(server.services)))
    const [event, ...others] = await counted()
    expect(others).toEqual([])
    expect(event?.payload).toMatchObject({
      hour,
      counts: { 'authorization-requests': requestsEach + 1, registrations: requestsEach + 1 },
    })
    const counts = (event?.payload.counts ?? {}) as Record<string, number>
    expect(counts['failed-sign-ins']).toBeGreaterThan(0)
    expect((await eventsOf(server)).length).toBe(before + 1)
  })

  test('are forgotten when their time is over', async () => {
    expect(await rowsOf('expiring')).toBeGreaterThan(requestsEach * 2)
    now += 8 * 24 * hourMs
    await server.services.expiring.purge()
    expect(await rowsOf('expiring')).toBe(0)
  })
})

describe('an hour', () => {
  test('in which nobody came is not counted', async () => {
    const before = (await counted()).length
    now += 5 * hourMs
    await countActivity(server.services)
    expect((await counted()).length).toBe(before)
  })

  test('is counted once each, when several are over', async () => {
    const before = (await counted()).length
    for (let hour = 0; hour < 3; hour += 1) {
      await register(server)
      now += hourMs
    }
    await countActivity(server.services)
    await countActivity(server.services)
    const hours = (await counted()).slice(before)
    expect(hours.map(({ payload }) => payload.counts)).toEqual(Array(3).fill({ registrations: 1 }))
    expect(await rowsOf('observed_counters')).toBe(0)
  })
})
