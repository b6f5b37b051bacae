/** Workers over HTTP: each job goes to one of them, and only that one has a say while it holds it. */

import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { resumeJob } from '../../src/jobs/answer-job.ts'
import { endLostLeases, expireJobs } from '../../src/jobs/end-waiting.ts'
import { jobsResource } from '../../src/protocol/resources.ts'
import { scopesOfPerson } from '../../src/protocol/who-may.ts'
import { approvalOfJob, decide } from '../support/approvals.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { type JobWorker, jobWorker } from '../support/job-worker.ts'
import { post, register } from '../support/oauth-client.ts'
import { operate } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let caller: JobCaller
let worker: JobWorker
let ahead = 0

beforeAll(async () => {
  const clock = () => Date.now() + ahead
  // Days pass here, and nobody is to sign in again for that.
  const accessTokenTtlSeconds = 30 * 24 * 3600
  const jobs = { attemptsMax: 2, resultBytesMax: 256 }
  server = await startTestServer({ jobs, accessTokenTtlSeconds }, { clock })
  caller = await jobCaller(server)
  worker = await jobWorker(server)
})

afterAll(() => server.stop())

async function typesOf(jobId: string): Promise<string[]> {
  const events = await server.services.log.read({ streamId: `job/${jobId}` })
  return events.map(({ type }) => type)
}

const cause = { actor: 'user:somebody', correlationId: 'test' }

/** The newest pause of a job, answered as the person would. */
async function resume(jobId: string, answer?: string) {
  const [paused] = await server.services.log.read({
    streamId: `job/${jobId}`,
    types: ['JobPaused'],
    order: 'newest first',
  })
  if (paused?.payload.pause === 'paused_payment') {
    return decide(server, await approvalOfJob(server, jobId))
  }
  const shownHash = String(paused?.payload.shownHash)
  return resumeJob(server.services, { jobId, shownHash, answer }, cause)
}

const captcha = { type: 'captcha', note: 'Prove it', url: 'https://example.com/captcha' }
const done = { type: 'done', result: { table: 4 } }

describe('claiming', () => {
  test('gives the job that has waited longest, with what it takes to do it', async () => {
    const first = await caller.start({ given: { seats: 4 } })
    const second = await caller.start()
    const { body } = await worker.claim({ lease_seconds: 20 })
    const { userId } = await caller.token()
    expect(body).toMatchObject({
      job: {
        id: first,
        tool: 'book_restaurant',
        arguments: { seats: 4 },
        sub: userId,
        client_id: caller.clientId,
        resource: `${server.url}/api/mcp`,
        scope: 'book',
        attempt: 1,
        events: [{ type: 'queued' }, { type: 'claimed', attempt: 1 }],
      },
      status: 'running',
    })
    const other = await worker.take()
    expect(other.id).toBe(second)
    for (const held of [{ id: first, lease: String(body.lease) }, other]) {
      expect((await worker.report(held, done)).body).toEqual({
        status: 'done',
        lease_ends_at: null,
      })
    }
  })

  test('gives nothing where there is nothing', async () => {
    expect((await worker.claim()).body).toEqual({ job: null })
  })

  test('gives each job to one of many who ask at once', async () => {
    const started = await Promise.all(Array.from({ length: 12 }, () => caller.start()))
    const claims = await Promise.all(Array.from({ length: 20 }, () => worker.claim()))
    const got = claims.flatMap(({ body }) => (body.job ? [body.job.id] : []))
    expect(got.toSorted()).toEqual(started.toSorted())
    for (const { body } of claims) {
      if (body.job) await worker.report({ id: body.job.id, lease: String(body.lease) }, done)
    }
  })

  test('gives only what the worker says that it can do', async () => {
    const jobId = await caller.start({ tool: 'book_flight' })
    expect((await worker.claim({ tools: ['book_hotel'] })).body.job).toBeNull()
    const held = await worker.take({ tools: ['book_hotel', 'book_flight'] })
    expect(held.id).toBe(jobId)
    await worker.report(held, done)
  })

  test('waits for a job as long as the worker wants', async () => {
    const waiting = worker.claim({ wait_seconds: 20 })
    const jobId = await caller.start()
    const { body } = await waiting
    expect(body.job?.id).toBe(jobId)
    await worker.report({ id: jobId, lease: String(body.lease) }, done)
  })

  test('gives nothing to a worker that has hung up', async () => {
    const hangUp = new AbortController()
    const waiting = worker.claim({ wait_seconds: 20 }, hangUp.signal).catch(() => 'hung up')
    // Its request has come when a later one has been answered.
    await worker.claim()
    hangUp.abort()
    expect(await waiting).toBe('hung up')
    await worker.claim()
    const jobId = await caller.start()
    const held = await worker.take({ wait_seconds: 5 })
    expect([held.id, held.job.attempt]).toEqual([jobId, 1])
    await worker.report(held, done)
  })

  const malformed: Record<string, unknown>[] = [
    { lease_seconds: 1 },
    { wait_seconds: 31 },
    { tools: [] },
    { tools: 'all' },
    { priority: 'high' },
  ]
  for (const body of malformed) {
    test(`refuses ${JSON.stringify(body)}`, async () => {
      expect((await worker.claim(body)).status).toBe(400)
    })
  }
})

describe('a worker is a client of the operator’s with a token of scope jobs:work', () => {
  test('nobody is let in without a token, and the challenge says where to get one', async () => {
    const response = await fetch(`${server.url}/api/jobs/claim`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(401)
    const challenge = response.headers.get('www-authenticate')
    expect(challenge).toContain('/.well-known/oauth-protected-resource/api/jobs')
  })

  test('a token of a person’s client is for another resource', async () => {
    const headers = { authorization: `Bearer ${caller.accessToken}` }
    expect((await worker.ask('/api/jobs/claim', { method: 'POST', headers })).status).toBe(401)
  })

  test('no person can give the scope, not even an administrator', () => {
    const person = {
      email: 'ada@example.com',
      emailVerifiedAt: 1,
      admin: true,
      groups: ['everybody'],
    }
    const resource = jobsResource(server.services.settings)
    expect(scopesOfPerson(resource, ['jobs:work'], person)).toEqual([])
  })

  test('a client that registered itself does not get it', async () => {
    const registered = await register(server, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_post',
      scope: 'jobs:work',
    })
    const { body } = await post<{ error: string }>(server, '/oauth/token', {
      form: {
        grant_type: 'client_credentials',
        client_id: registered.client_id,
        client_secret: String(registered.client_secret),
        resource: `${server.url}/api/jobs`,
        scope: 'jobs:work',
      },
    })
    expect(body.error).toBe('invalid_scope')
  })

  test('one whose client was disabled gets and says nothing', async () => {
    const other = await jobWorker(server)
    const jobId = await caller.start()
    const held = await other.take()
    await operate(server.services, other.client.client_id, 'disable')
    expect((await other.claim()).status).toBe(401)
    expect((await other.report(held, done)).status).toBe(401)
    ahead += 60_000
    const again = await worker.take()
    expect(again.id).toBe(jobId)
    await worker.report(again, done)
  })
})

describe('SECURITY 40: steps', () => {
  test('are recorded in order, all or none', async () => {
    const jobId = await caller.start()
    const held = await worker.take()
    const progress = { type: 'progress', note: 'Looking', percent: 10 }
    expect((await worker.report(held, progress, { type: 'heartbeat' })).status).toBe(200)
    const before = await typesOf(jobId)
    // Nothing comes after a pause but an answer.
    const refused = await worker.report(held, progress, captcha, done)
    expect([refused.status, refused.body.error]).toEqual([409, 'job_conflict'])
    expect(await typesOf(jobId)).toEqual(before)
    await worker.report(held, progress, done)
    expect(await typesOf(jobId)).toEqual([...before, 'JobProgressed', 'JobFinished'])
  })

  test('of a job that has ended are refused, the last one repeated too', async () => {
    await caller.start()
    const held = await worker.take()
    await worker.report(held, { type: 'error', code: 'full', message: 'No table' })
    const repeated = await worker.report(held, done)
    expect([repeated.status, repeated.body.error]).toEqual([409, 'job_over'])
  })

  const nobody = { lease_lost: 409 }
  test('need the lease of this job: not another one’s, not another worker’s', async () => {
    await Promise.all([caller.start(), caller.start()])
    const [one, two] = [await worker.take(), await worker.take()]
    const thief = await jobWorker(server)
    const tries = [
      await worker.report({ id: one.id, lease: two.lease }, done),
      await thief.report(one, done),
      await worker.report({ id: 'job_unknown', lease: one.lease }, done),
      await thief.listen(one),
    ]
    for (const { status, body } of tries) {
      expect({ [String(body.error)]: status }).toEqual(nobody)
    }
    expect((await worker.report({ id: one.id, lease: 'mine' }, done)).status).toBe(400)
    expect(await typesOf(one.id)).toEqual(['JobQueued', 'JobClaimed'])
    for (const held of [one, two]) await worker.report(held, done)
  })

  const hostile: Record<string, Record<string, unknown>> = {
    'no such step': { type: 'approve' },
    'a field too many': { ...done, user: 'usr_1' },
    'too large a result': { type: 'done', result: 'x'.repeat(300) },
    'a percentage over 100': { type: 'progress', note: 'x', percent: 101 },
    'a plain http address': { ...captcha, url: 'http://example.com' },
    'a script for an address': { ...captcha, url: 'javascript:alert(1)' },
    'an address with a password': { ...captcha, url: 'https://a:b@example.com' },
    'an amount that is a number': payment({ amount: 84.5 }),
    'an amount in words': payment({ amount: '1e3' }),
    'an amount below nothing': payment({ amount: '-1.00' }),
    'a currency of its own': payment({ currency: 'euro' }),
    'a code in words': { type: 'error', code: 'It is full', message: 'x' },
  }
  for (const [what, step] of Object.entries(hostile)) {
    test(`refuse ${what}, and change nothing`, async () => {
      const jobId = await caller.start()
      const held = await worker.take()
      const refused = await worker.report(held, { type: 'progress', note: 'x' }, step)
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request'])
      expect(refused.body.message).toContain('events[1]')
      expect(await typesOf(jobId)).toEqual(['JobQueued', 'JobClaimed'])
      await worker.report(held, done)
    })
  }
})

function payment(wrong: Record<string, unknown> = {}) {
  const right = { amount: '84.50', currency: 'EUR', payee: 'Da Enzo', description: 'Four seats' }
  return { type: 'paused_payment', note: 'Pay first', payment: { ...right, ...wrong } }
}

describe('SECURITY 40: a worker that is not heard of', () => {
  test('loses the job to the next, and changes nothing when it comes back', async () => {
    const jobId = await caller.start()
    const dead = await worker.take({ lease_seconds: 10 })
    ahead += 9_000
    expect((await worker.claim()).body.job).toBeNull()
    ahead += 2_000
    const next = await (await jobWorker(server)).claim()
    expect(next.body.job).toMatchObject({ id: jobId, attempt: 2 })
    const late = await worker.report(dead, done)
    expect([late.status, late.body.error]).toEqual([409, 'lease_lost'])
    const types = ['JobQueued', 'JobClaimed', 'JobReturned', 'JobClaimed']
    expect(await typesOf(jobId)).toEqual(types)
    ahead += 60_000
    // The second one was lost, too; there may be no third.
    expect(await endLostLeases(server.services)).toBe(1)
    expect(await typesOf(jobId)).toEqual([...types, 'JobReturned', 'JobFailed'])
  })

  test('keeps it as long as it is heard of', async () => {
    const jobId = await caller.start()
    const held = await worker.take({ lease_seconds: 10 })
    for (let beat = 0; beat < 4; beat += 1) {
      ahead += 9_000
      await worker.report(held, { type: 'heartbeat' })
      expect(await endLostLeases(server.services)).toBe(0)
    }
    ahead += 9_000
    await worker.listen(held)
    ahead += 9_000
    expect((await worker.report(held, done)).body.status).toBe('done')
    // Signs of life are no events.
    expect(await typesOf(jobId)).toEqual(['JobQueued', 'JobClaimed', 'JobFinished'])
  })

  test('gives it back by itself, at no cost', async () => {
    const jobId = await caller.start()
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const held = await worker.take()
      expect([held.id, held.job.attempt]).toEqual([jobId, attempt])
      const released = await worker.report(held, { type: 'released' })
      expect(released.body.status).toBe('queued')
    }
    await worker.report(await worker.take(), done)
  })
})

describe('SECURITY 40: a pause', () => {
  test('is the person’s to end: its worker hears of it while it waits', async () => {
    const jobId = await caller.start()
    const held = await worker.take()
    const paused = await worker.report(held, captcha)
    expect(paused.body.status).toBe('captcha')
    const story = await worker.listen(held)
    const after = story.body.events?.at(-1)?.position ?? 0
    const heard = worker.listen(held, { after, wait: 20 })
    await resume(jobId, 'seven bridges')
    expect((await heard).body).toMatchObject({
      status: 'running',
      events: [{ type: 'resumed', answer: 'seven bridges' }],
    })
    expect((await worker.report(held, done)).body.status).toBe('done')
  })

  test('outlasts any lease, and then goes on at the next worker, who learns of it', async () => {
    const jobId = await caller.start()
    const held = await worker.take({ lease_seconds: 5 })
    await worker.report(held, payment())
    ahead += 3_600_000
    expect(await endLostLeases(server.services)).toBe(0)
    expect((await worker.claim()).body.job).toBeNull()
    expect(await resume(jobId)).toEqual({ outcome: 'recorded' })
    const next = await worker.take()
    const types = next.job.events.map(({ type }) => type)
    const told = ['queued', 'claimed', 'paused_payment', 'resumed', 'returned', 'claimed']
    expect(types).toEqual(told)
    expect((await worker.report(held, done)).body.error).toBe('lease_lost')
    await worker.report(next, done)
  })

  test('is left by no worker', async () => {
    const jobId = await caller.start()
    const held = await worker.take()
    await worker.report(held, payment())
    const steps = [done, captcha, { type: 'progress', note: 'x' }, { type: 'released' }]
    for (const step of [...steps, { type: 'error', code: 'x', message: 'x' }]) {
      expect((await worker.report(held, step)).body.error).toBe('job_conflict')
    }
    expect((await typesOf(jobId)).at(-1)).toBe('JobPaused')
    await resume(jobId)
    await worker.report(held, done)
  })

  test('that nobody answers ends the job in time', async () => {
    const jobId = await caller.start()
    await worker.report(await worker.take(), captcha)
    ahead += 24 * 3_600_000 - 60_000
    expect(await expireJobs(server.services)).toBe(0)
    ahead += 120_000
    expect(await expireJobs(server.services)).toBe(1)
    expect((await typesOf(jobId)).at(-1)).toBe('JobFailed')
  })
})

function revoke({ refreshToken, clientId }: JobCaller) {
  const form = { token: refreshToken, client_id: clientId }
  return post(server, '/oauth/revoke', { form })
}

describe('SECURITY 40: a job that nothing allows any more', () => {
  test('is not handed out: the consent was revoked', async () => {
    const by = await jobCaller(server)
    const jobId = await by.start()
    await revoke(by)
    expect((await worker.claim()).body.job).toBeNull()
    expect(await typesOf(jobId)).toEqual(['JobQueued', 'JobCancelled'])
  })

  test('ends under a worker at its next step, and in its long poll', async () => {
    const by = await jobCaller(server)
    const jobId = await by.start()
    const held = await worker.take()
    await revoke(by)
    const step = await worker.report(held, { type: 'heartbeat' })
    expect([step.status, step.body.error]).toEqual([409, 'job_over'])
    const { body } = await worker.listen(held, { after: 0, wait: 20 })
    expect(body.status).toBe('cancelled')
    expect(body.events?.at(-1)).toMatchObject({ type: 'cancelled', reason: 'access_ended' })
    expect((await typesOf(jobId)).at(-1)).toBe('JobCancelled')
  })

  test('is still written down when it is done already', async () => {
    const by = await jobCaller(server)
    await by.start()
    const held = await worker.take()
    await revoke(by)
    expect((await worker.report(held, done)).body.status).toBe('done')
  })

  test('does not go on when its person comes back to it', async () => {
    const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }
    const user = { ...grace, name: 'Grace', admin: false, actor: 'cli' }
    await registerUser(server.services, user)
    const by = await jobCaller(server, grace)
    const { userId = '' } = await by.token()
    const jobId = await by.start()
    await worker.report(await worker.take(), captcha)
    const { log, now } = server.services
    await execute<string>(log, cause, (work) =>
      work.decide(userDecider, userId, { kind: 'disable', reason: 'a test', now: now() }),
    )
    expect(await resume(jobId)).toEqual({ outcome: 'accepted', status: 'cancelled' })
  })
})
