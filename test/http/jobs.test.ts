/** Jobs for the person that they are for: started, seen and ended by them, and by nobody else. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { call, giveApiToken } from '../support/api-tokens.ts'
import { EventStream } from '../support/event-stream.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { type JobWorker, jobWorker } from '../support/job-worker.ts'
import { connect, post } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }
const booking = { restaurant: 'Da Enzo', date: '2027-02-01', time: '20:00', party_size: 2 }
const done = { type: 'done', result: { table: 4 } }

let server: TestServer
let mine: JobCaller
let other: JobCaller
let theirs: JobCaller
let worker: JobWorker
let apiToken: string
let readOnly: string

beforeAll(async () => {
  server = await startTestServer({ jobs: { openPerPersonMax: 30 } })
  const user = { ...grace, name: 'Grace', admin: false, actor: 'cli' }
  await registerUser(server.services, user)
  mine = await jobCaller(server)
  other = await jobCaller(server)
  theirs = await jobCaller(server, grace)
  worker = await jobWorker(server)
  const { userId = '' } = await mine.token()
  apiToken = (await giveApiToken(server, { userId, scopes: ['book', 'read'] })).token
  readOnly = (await connect(server, { scope: 'read' })).tokens.access_token
})

afterAll(() => server.stop())

async function sessionOf(credentials: { email: string; password: string }): Promise<string> {
  const person = server.person(credentials)
  const form = hiddenFields(await (await person.open('/sign-in')).text())
  await person.submit('/sign-in', { ...form, ...credentials })
  return person.cookie
}

interface AsSession {
  readonly cookie: string
  readonly origin?: string
  readonly body?: unknown
}

async function bySession(path: string, { cookie, origin, body }: AsSession) {
  const response = await fetch(server.url + path, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      cookie,
      'content-type': 'application/json',
      ...(origin === undefined ? {} : { origin }),
    },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function start(token: string, body: unknown, key?: string) {
  const response = await fetch(`${server.url}/api/jobs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  })
  const text = (await response.json()) as Record<string, string>
  return { status: response.status, body: text, location: response.headers.get('location') }
}

function cancel(jobId: string, token: string) {
  return call(server, `/api/jobs/${jobId}/cancel`, { method: 'POST', token, body: {} })
}

async function lastEvent(jobId: string) {
  const query = { streamId: `job/${jobId}`, order: 'newest first', limit: 1 } as const
  return (await server.services.log.read(query))[0]
}

const wish = { tool: 'book_restaurant', arguments: booking }

describe('starting a job', () => {
  test('answers its id at once, to a client and to an API token', async () => {
    for (const token of [mine.accessToken, apiToken]) {
      const { status, body, location } = await start(token, wish)
      expect([status, body.status]).toEqual([202, 'queued'])
      expect(location).toBe(`/api/jobs/${body.job_id}`)
      const shown = await call(server, String(location), { token })
      expect(shown.body).toMatchObject({ job_id: body.job_id, arguments: booking, pause: null })
      await cancel(String(body.job_id), token)
    }
  })

  test('twice under one key is once; another call under it is refused', async () => {
    const first = await start(apiToken, wish, 'k-1')
    expect((await start(apiToken, wish, 'k-1')).body.job_id).toBe(String(first.body.job_id))
    const changed = { ...wish, arguments: { ...booking, party_size: 3 } }
    const refused = await start(apiToken, changed, 'k-1')
    expect([refused.status, refused.body.error]).toEqual([422, 'idempotency_key_reused'])
    await cancel(String(first.body.job_id), apiToken)
  })

  const wrong: Record<string, unknown> = {
    'arguments that the tool does not take': { ...wish, arguments: { city: 'Rome' } },
    'a tool that there is not': { ...wish, tool: 'book_rocket' },
    'a tool that starts no job': { tool: 'get_job_status', arguments: { jobId: 'job_1' } },
    'a field too many': { ...wish, user: 'usr_1' },
    'no arguments': { tool: 'book_restaurant' },
  }
  for (const [what, body] of Object.entries(wrong)) {
    test(`is refused with ${what}`, async () => {
      const refused = await start(apiToken, body)
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request'])
    })
  }

  test('needs the scope of the tool, and the challenge names it', async () => {
    const refused = await start(readOnly, wish)
    expect([refused.status, refused.body.error]).toEqual([403, 'insufficient_scope'])
    expect(refused.body.message).toContain('book_restaurant needs the scope book')
  })

  test('is not for a worker, nor for a browser that is signed in', async () => {
    expect((await worker.ask('/api/jobs', { method: 'POST', body: '{}' })).status).toBe(401)
    const cookie = await sessionOf(admin)
    const refused = await bySession('/api/jobs', { cookie, origin: server.url, body: wish })
    expect(refused.status).toBe(401)
  })

  test('ends where too many are not over', async () => {
    const all = await Promise.all(Array.from({ length: 31 }, () => start(theirs.accessToken, wish)))
    const refused = all.filter(({ status }) => status === 429)
    expect(refused.map(({ body }) => body.error)).toEqual(['too_many_jobs'])
    for (const { body } of all) if (body.job_id) await cancel(body.job_id, theirs.accessToken)
  })
})

describe('seeing jobs', () => {
  test('lists one’s own, newest first, in pages, by status', async () => {
    const ids = [await mine.start(), await mine.start(), await mine.start()]
    await cancel(String(ids[1]), mine.accessToken)
    const seen: string[] = []
    for (let after = ''; ; ) {
      const path = `/api/jobs?limit=2${after && `&after=${after}`}`
      const page = await call<Page>(server, path, { token: mine.accessToken })
      expect(page.body.jobs.length).toBeLessThan(3)
      seen.push(...page.body.jobs.map(({ job_id }) => job_id))
      if (page.body.next_after === undefined) break
      after = page.body.next_after
    }
    expect(seen.slice(0, 3)).toEqual(ids.toReversed())
    expect(new Set(seen).size).toBe(seen.length)
    const queued = await call<Page>(server, '/api/jobs?status=queued', { token: apiToken })
    expect(queued.body.jobs.map(({ job_id }) => job_id)).toEqual([String(ids[2]), String(ids[0])])
    for (const id of ids) await cancel(id, mine.accessToken)
  })

  const malformed = ['status=happy', 'limit=0', 'limit=101', 'limit=x', 'after=1', 'after=x.y z']
  for (const query of malformed) {
    test(`refuses ?${query}`, async () => {
      const refused = await call(server, `/api/jobs?${query}`, { token: mine.accessToken })
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request'])
    })
  }

  test('shows somebody else’s as it shows none, in every way', async () => {
    const jobId = await mine.start()
    const cookie = await sessionOf(grace)
    const answers = async (id: string) => [
      await call(server, `/api/jobs/${id}`, { token: theirs.accessToken }),
      await cancel(id, theirs.accessToken),
      await call(server, `/api/jobs/${id}/stream`, { token: theirs.accessToken }),
      await bySession(`/api/jobs/${id}`, { cookie }),
      await bySession(`/api/jobs/${id}/cancel`, { cookie, origin: server.url, body: {} }),
    ]
    const told = (all: Awaited<ReturnType<typeof answers>>) =>
      all.map(({ status, body }) => [status, body.error, body.message])
    const foreign = told(await answers(jobId))
    expect(foreign).toEqual(told(await answers('job_none')))
    expect(new Set(foreign.map(([status]) => status))).toEqual(new Set([404]))
    const list = await call<Page>(server, '/api/jobs', { token: theirs.accessToken })
    expect(list.body.jobs.map(({ job_id }) => job_id)).not.toContain(jobId)
    await cancel(jobId, mine.accessToken)
  })

  test('needs the scope that the tools take which tell of jobs', async () => {
    const jobId = await mine.start()
    const { tokens } = await connect(server, { scope: 'book' })
    for (const path of ['/api/jobs', `/api/jobs/${jobId}`, `/api/jobs/${jobId}/stream`]) {
      const refused = await call(server, path, { token: tokens.access_token })
      expect([refused.status, refused.body.error]).toEqual([403, 'insufficient_scope'])
    }
    expect((await call(server, `/api/jobs/${jobId}`, { token: readOnly })).status).toBe(200)
    await cancel(jobId, mine.accessToken)
  })

  test('tells what the person is asked, and what it came to', async () => {
    const jobId = await mine.start()
    const held = await worker.take()
    const note = 'Looking for a table'
    const asked = { note: 'Prove it', url: 'https://example.com/captcha' }
    await worker.report(held, { type: 'progress', note, percent: 20 })
    await worker.report(held, { type: 'captcha', ...asked })
    const { body } = await call(server, `/api/jobs/${jobId}`, { token: readOnly })
    expect(body).toMatchObject({ status: 'captcha', note, percent: 20, pause: asked, result: null })
    const cookie = await sessionOf(admin)
    expect((await bySession(`/api/jobs/${jobId}`, { cookie })).body).toEqual(body)
    await cancel(jobId, mine.accessToken)
    const over = await call(server, `/api/jobs/${jobId}`, { token: readOnly })
    expect(over.body).toMatchObject({
      status: 'cancelled',
      pause: null,
      error: { code: 'cancelled_by_client' },
    })
  })
})

interface Page {
  readonly jobs: readonly { readonly job_id: string }[]
  readonly next_after?: string
}

describe('ending a job', () => {
  test('is for the client that started it, and the person’s own token', async () => {
    const [one, two] = [await mine.start(), await mine.start()]
    const refused = await cancel(one, other.accessToken)
    expect([refused.status, refused.body.error]).toEqual([403, 'access_denied'])
    expect((await cancel(one, mine.accessToken)).body.status).toBe('cancelled')
    expect((await lastEvent(one))?.payload.reason).toBe('cancelled_by_client')
    expect((await cancel(two, apiToken)).body.status).toBe('cancelled')
    expect((await lastEvent(two))?.payload.reason).toBe('cancelled_by_user')
    const again = await cancel(two, apiToken)
    expect([again.status, again.body.error]).toEqual([409, 'job_over'])
  })

  test('takes the scope that starting it took', async () => {
    const jobId = await mine.start()
    const refused = await cancel(jobId, readOnly)
    expect([refused.status, refused.body.error]).toEqual([403, 'insufficient_scope'])
    expect((await lastEvent(jobId))?.type).toBe('JobQueued')
    await cancel(jobId, mine.accessToken)
  })

  test('works for whoever is signed in, from pages of this server alone', async () => {
    const jobId = await theirs.start()
    const cookie = await sessionOf(grace)
    const path = `/api/jobs/${jobId}/cancel`
    for (const origin of [undefined, 'https://evil.example', 'null']) {
      const from = origin === undefined ? {} : { origin }
      const refused = await bySession(path, { cookie, ...from, body: {} })
      expect([refused.status, refused.body.error]).toEqual([403, 'access_denied'])
    }
    expect((await lastEvent(jobId))?.type).toBe('JobQueued')
    const ended = await bySession(path, { cookie, origin: server.url, body: {} })
    expect(ended.status).toBe(200)
    expect((await lastEvent(jobId))?.payload.reason).toBe('cancelled_by_user')
  })

  test('works for an administrator who says why', async () => {
    const jobId = await theirs.start()
    const as = { cookie: await sessionOf(admin), origin: server.url }
    const path = `/api/jobs/${jobId}/cancel`
    expect((await bySession(path, { ...as, body: {} })).status).toBe(400)
    expect((await bySession(path, { ...as, body: { reason: 'A mistake' } })).status).toBe(200)
    const events = await server.services.log.read({ streamId: `job/${jobId}` })
    expect(events.map(({ type }) => type)).toEqual(['JobQueued', 'JobCancelled', 'ReasonGiven'])
    expect(events.at(-1)?.payload.reason).toBe('A mistake')
  })

  test('ends it under its worker', async () => {
    const jobId = await mine.start()
    const held = await worker.take()
    const heard = worker.listen(held, { after: (await lastEvent(jobId))?.position ?? 0, wait: 20 })
    await cancel(jobId, mine.accessToken)
    const { body } = await heard
    expect(body).toMatchObject({ status: 'cancelled', events: [{ type: 'cancelled' }] })
    expect((await worker.report(held, done)).body.error).toBe('job_over')
  })
})

test('a worker that asks in the instant of the end is told one thing', async () => {
  for (let nth = 0; nth < 25; nth += 1) {
    const jobId = await mine.start()
    const held = await worker.take()
    const after = (await lastEvent(jobId))?.position ?? 0
    const [heard] = await Promise.all([
      worker.listen(held, { after, wait: 20 }),
      cancel(jobId, mine.accessToken),
    ])
    // A status from before the last event would contradict it.
    expect(heard.body).toMatchObject({ status: 'cancelled', events: [{ type: 'cancelled' }] })
  }
})

describe('the stream of a job', () => {
  const open = (jobId: string, headers: Record<string, string> = {}) => {
    const authorization = `Bearer ${readOnly}`
    return EventStream.open(`${server.url}/api/jobs/${jobId}/stream`, { authorization, ...headers })
  }

  test('tells each step as it happens, and ends with the job', async () => {
    const jobId = await mine.start()
    const stream = await open(jobId)
    expect((await stream.next())?.event).toBe('queued')
    const held = await worker.take()
    expect((await stream.next())?.event).toBe('claimed')
    await worker.report(held, { type: 'progress', note: 'Looking', percent: 50 })
    expect(await stream.next()).toMatchObject({ event: 'progress', data: { note: 'Looking' } })
    await worker.report(held, done)
    const rest = await stream.rest()
    expect(rest.map(({ event, data }) => [event, data.result])).toEqual([['done', { table: 4 }]])
  })

  test('goes on where it was cut off', async () => {
    const jobId = await mine.start()
    const cut = await open(jobId)
    const first = await cut.next()
    cut.close()
    await worker.report(await worker.take(), done)
    const again = await open(jobId, { 'last-event-id': String(first?.id) })
    const rest = await again.rest()
    expect(rest.map(({ event }) => event)).toEqual(['claimed', 'done'])
  })

  test('is there for whoever is signed in', async () => {
    const jobId = await mine.start()
    await cancel(jobId, mine.accessToken)
    const cookie = await sessionOf(admin)
    const stream = await EventStream.open(`${server.url}/api/jobs/${jobId}/stream`, { cookie })
    expect((await stream.rest()).map(({ event }) => event)).toEqual(['queued', 'cancelled'])
  })

  test('is refused with another’s id for its place', async () => {
    const jobId = await mine.start()
    const stream = await open(jobId, { 'last-event-id': 'evt_1' })
    expect(stream.status).toBe(400)
    await cancel(jobId, mine.accessToken)
  })

  test('is open only so many times for one person', async () => {
    const jobId = await mine.start()
    const streams = await Promise.all(Array.from({ length: 22 }, () => open(jobId)))
    const statuses = streams.map(({ status }) => status)
    expect(statuses.filter((status) => status === 429).length).toBe(2)
    await cancel(jobId, mine.accessToken)
    await Promise.all(streams.filter(({ status }) => status === 200).map((s) => s.rest()))
    const after = await open(jobId)
    expect(after.status).toBe(200)
    await after.rest()
  })
})

test('a token of a client whose consent was revoked sees nothing more', async () => {
  const by = await jobCaller(server)
  const jobId = await by.start()
  const form = { token: by.refreshToken, client_id: by.clientId }
  await post(server, '/oauth/revoke', { form })
  expect((await call(server, `/api/jobs/${jobId}`, { token: by.accessToken })).status).toBe(401)
  await cancel(jobId, apiToken)
})
