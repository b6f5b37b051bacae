/** Starting jobs: once for each call, however often it is repeated, and no more than there may be. */
import { jobEventTypes } from '../../src/domain/job-events.ts'
import { queueJob } from '../../src/jobs/queue-job.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let caller: JobCaller

beforeAll(async () => {
  server = await startTestServer({ jobs: { openPerPersonMax: 60, argumentsBytesMax: 256 } })
  caller = await jobCaller(server)
})

afterAll(() => server.stop())

const table = { restaurant: 'Da Enzo', date: '2027-02-01', covers: 2 }

async function queue(wish: { key?: string; given?: unknown; tool?: string; by?: JobCaller } = {}) {
  return queueJob(server.services, await (wish.by ?? caller).token(), {
    tool: wish.tool ?? 'book_restaurant',
    scope: 'book',
    arguments: wish.given ?? table,
    idempotencyKey: wish.key,
    correlationId: 'req_1',
  })
}

function jobEvents() {
  const types = jobEventTypes.map(({ name }) => name)
  return server.services.log.read({ types, limit: 500 })
}

test('a job says who asked for what, under which consent, and what that had to allow', async () => {
  const queued = await queue()
  if (queued.outcome !== 'queued') throw new Error(queued.reason)
  const streamId = `job/${queued.jobId}`
  const [event] = await server.services.log.read({ streamId })
  const { userId, grantId } = await caller.token()
  expect(event).toMatchObject({
    type: 'JobQueued',
    actor: `client:${caller.clientId}`,
    payload: {
      userId,
      grantId,
      clientIds: [caller.clientId],
      scope: 'book',
      resource: `${server.url}/api/mcp`,
    },
  })
  expect(JSON.parse(String(event?.payload.arguments))).toEqual(table)
})

describe('an idempotency key', () => {
  test('makes the same call the same job, whatever order its arguments come in', async () => {
    const first = await queue({ key: 'a' })
    const before = (await jobEvents()).length
    const reversed = Object.fromEntries(Object.entries(table).toReversed())
    expect(await queue({ key: 'a', given: reversed })).toEqual(first)
    expect((await jobEvents()).length).toBe(before)
  })

  test('makes one job of many calls at once', async () => {
    const before = (await jobEvents()).length
    const all = await Promise.all(Array.from({ length: 20 }, () => queue({ key: 'at once' })))
    expect(new Set(all.map((queued) => JSON.stringify(queued))).size).toBe(1)
    expect((await jobEvents()).length).toBe(before + 1)
  })

  const other = { outcome: 'refused', reason: 'idempotency_key_reused' }
  test('refuses another call: other arguments, or another tool', async () => {
    await queue({ key: 'b' })
    const before = (await jobEvents()).length
    expect(await queue({ key: 'b', given: { ...table, covers: 3 } })).toMatchObject(other)
    expect(await queue({ key: 'b', tool: 'book_hotel' })).toMatchObject(other)
    expect((await jobEvents()).length).toBe(before)
  })

  test('is each client’s own', async () => {
    const [mine, theirs] = await Promise.all([
      queue({ key: 'c' }),
      jobCaller(server).then((by) => queue({ key: 'c', by })),
    ])
    expect([mine.outcome, theirs.outcome]).toEqual(['queued', 'queued'])
    expect(mine).not.toEqual(theirs)
  })

  test('is not needed: each call without one is a job', async () => {
    expect(await queue()).not.toEqual(await queue())
  })
})

test('a key has an end too', async () => {
  const refused = { outcome: 'refused', reason: 'idempotency_key_malformed' } as const
  expect(await queue({ key: '' })).toEqual(refused)
  expect(await queue({ key: 'k'.repeat(201) })).toEqual(refused)
})

test('arguments have an end', async () => {
  const refused = { outcome: 'refused', reason: 'arguments_too_large' } as const
  expect(await queue({ given: { notes: 'x'.repeat(256) } })).toEqual(refused)
})

test('a person has only so many jobs that are not over, however many ask at once', async () => {
  const many = await Promise.all(Array.from({ length: 80 }, () => queue()))
  const refused = many.filter(({ outcome }) => outcome === 'refused')
  expect(refused[0]).toEqual({ outcome: 'refused', reason: 'too_many_jobs' })
  expect((await jobEvents()).filter(({ type }) => type === 'JobQueued').length).toBe(60)
})

test('a token that was withdrawn in this instant starts nothing', async () => {
  const by = await jobCaller(server)
  const token = await by.token()
  const form = new URLSearchParams({ token: by.accessToken, client_id: by.clientId })
  await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body: form })
  const queued = await queue({ by: { ...by, token: async () => token } })
  expect(queued).toEqual({ outcome: 'refused', reason: 'access_withdrawn' })
})
