/** Jobs that wait for a person: nothing is paid, and nothing begins, before they said so. */
import { jobHistory } from '../../src/audit/jobs.ts'
import { resumeJob } from '../../src/jobs/answer-job.ts'
import { decideApproval, endApprovals } from '../../src/jobs/decide-approval.ts'
import { queueJob } from '../../src/jobs/queue-job.ts'
import { approvalOfJob, cause, decide, openApprovals } from '../support/approvals.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { type JobWorker, jobWorker } from '../support/job-worker.ts'
import { post } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let caller: JobCaller
let worker: JobWorker
let ahead = 0

const object = { type: 'object' }
const tool = { title: 'T', description: 'D', scope: 'book', job: true, inputSchema: object }
const tools = [
  { ...tool, name: 'book_restaurant' },
  { ...tool, name: 'delete_file', approval: true },
]

beforeAll(async () => {
  const clock = () => Date.now() + ahead
  const approvals = { standingLimit: { EUR: '200' } }
  const accessTokenTtlSeconds = 30 * 24 * 3600
  server = await startTestServer({ approvals, accessTokenTtlSeconds, tools }, { clock })
  caller = await jobCaller(server)
  worker = await jobWorker(server)
})

afterAll(() => server.stop())

const done = { type: 'done', result: {} }
const right = { amount: '84.50', currency: 'EUR', payee: 'Da Enzo', description: 'Four seats' }

function payment(other: Partial<typeof right> = {}) {
  return { type: 'paused_payment', note: 'Pay first', payment: { ...right, ...other } }
}

async function paused(other: Partial<typeof right> = {}) {
  const jobId = await caller.start()
  const held = await worker.take()
  await worker.report(held, payment(other))
  return { jobId, held, ...(await approvalOfJob(server, jobId)) }
}

async function typesOf(streamId: string): Promise<string[]> {
  const events = await server.services.log.read({ streamId })
  return events.map(({ type }) => type)
}

async function statusOf(jobId: string): Promise<string> {
  const [job] = await server.services.log.load([`job/${jobId}`])
  return (job?.state as { status?: string } | null)?.status ?? 'unknown'
}

describe('SECURITY 39: a payment', () => {
  test('is asked for in the append in which the job pauses, with all that is to be seen', async () => {
    const { jobId, approvalId, shown, held } = await paused()
    expect(shown).toEqual({
      kind: 'payment',
      tool: 'book_restaurant',
      note: 'Pay first',
      parameters: {},
      payment: right,
    })
    const [asked] = await server.services.log.read({ streamId: `approval/${approvalId}` })
    const [pause] = await server.services.log.read({
      streamId: `job/${jobId}`,
      types: ['JobPaused'],
    })
    expect(pause?.payload.shownHash).toBe(asked?.payload.shownHash)
    expect(pause?.correlationId).toBe(asked?.correlationId)
    expect(Math.abs((pause?.position ?? 0) - (asked?.position ?? 0))).toBe(1)
    await decide(server, { approvalId, userId: String(asked?.payload.userId) })
    await worker.report(held, done)
  })

  test('goes on when it is approved, by one append, and its worker hears of it', async () => {
    const about = await paused()
    expect(await decide(server, about)).toEqual({ outcome: 'recorded' })
    const [given] = await server.services.log.read({
      streamId: `approval/${about.approvalId}`,
      types: ['ApprovalGiven'],
    })
    const [resumed] = await server.services.log.read({
      streamId: `job/${about.jobId}`,
      types: ['JobResumed'],
    })
    expect(given?.payload).toMatchObject({ channel: 'web', sessionId: 'ses_1', amr: ['pwd'] })
    expect(resumed?.payload.approvalId).toBe(about.approvalId)
    expect(Math.abs((given?.position ?? 0) - (resumed?.position ?? 0))).toBe(1)
    expect((await worker.report(about.held, done)).body.status).toBe('done')
  })

  test('that is denied ends the job, and the reason is kept', async () => {
    const about = await paused()
    const answer = await decide(server, about, { choice: 'deny', reason: 'Too dear' })
    expect(answer).toEqual({ outcome: 'recorded' })
    expect(await statusOf(about.jobId)).toBe('cancelled')
    const [denied] = await server.services.log.read({
      streamId: `approval/${about.approvalId}`,
      types: ['ApprovalDenied'],
    })
    expect(denied?.payload.reason).toBe('Too dear')
    expect((await worker.report(about.held, done)).body.error).toBe('job_over')
  })

  test('goes on by nothing else: no answer to a pause stands for an approval', async () => {
    const about = await paused()
    const shownHash = about.approval.shownHash
    expect(await resumeJob(server.services, { jobId: about.jobId, shownHash }, cause)).toEqual({
      outcome: 'refused',
      reason: 'approval_differs',
    })
    await decide(server, about, { choice: 'deny' })
  })

  test('of another amount voids what was asked before', async () => {
    const first = await paused()
    await worker.report(first.held, payment({ amount: '99.00' }))
    expect(await typesOf(`approval/${first.approvalId}`)).toEqual([
      'ApprovalAsked',
      'ApprovalVoided',
    ])
    expect(await decide(server, first)).toEqual({ outcome: 'refused', reason: 'approval_voided' })
    const second = await approvalOfJob(server, first.jobId)
    expect(second.shown?.payment?.amount).toBe('99.00')
    // What was seen of the first answers nothing of the second.
    const { shownHash } = first.approval
    const mixed = await decide(server, second, { shownHash })
    expect(mixed).toEqual({ outcome: 'refused', reason: 'shown_differs' })
    expect(await statusOf(first.jobId)).toBe('paused_payment')
    await decide(server, second, { choice: 'deny' })
  })

  test('is decided once, however many windows say something at once', async () => {
    const about = await paused()
    const choices = ['approve', 'deny', 'approve', 'deny', 'approve', 'deny'] as const
    const all = await Promise.all(choices.map((choice) => decide(server, about, { choice })))
    expect(all.filter(({ outcome }) => outcome === 'recorded')).toHaveLength(1)
    expect((await typesOf(`approval/${about.approvalId}`)).length).toBe(2)
    const types = await typesOf(`job/${about.jobId}`)
    expect(types.filter((t) => t === 'JobResumed' || t === 'JobCancelled')).toHaveLength(1)
    await worker.report(about.held, done)
  })

  test('is decided by nobody else', async () => {
    const about = await paused()
    const by = { userId: 'usr_other', channel: 'web' } as const
    const wish = { approvalId: about.approvalId, choice: 'approve', by } as const
    const { shownHash } = about.approval
    const refused = { outcome: 'refused', reason: 'approval_unknown' } as const
    expect(await decideApproval(server.services, { ...wish, shownHash }, cause)).toEqual(refused)
    expect(await typesOf(`approval/${about.approvalId}`)).toEqual(['ApprovalAsked'])
    await decide(server, about, { choice: 'deny' })
  })

  test('that nobody decides is over with its job', async () => {
    const about = await paused()
    ahead += 24 * 3_600_000 + 1000
    expect(await decide(server, about)).toEqual({ outcome: 'refused', reason: 'approval_expired' })
    expect((await typesOf(`approval/${about.approvalId}`)).at(-1)).toBe('ApprovalExpired')
  })
})

describe('what allowed a payment', () => {
  test('and was withdrawn voids the question, whoever comes first', async () => {
    const other = await jobCaller(server)
    const start = async () => {
      const jobId = await other.start()
      await worker.report(await worker.take(), payment())
      return approvalOfJob(server, jobId)
    }
    const [first, second] = [await start(), await start()]
    const form = { token: other.refreshToken, client_id: other.clientId }
    await post(server, '/oauth/revoke', { form })
    expect(await decide(server, first)).toEqual({ outcome: 'refused', reason: 'approval_voided' })
    expect(await endApprovals(server.services)).toBeGreaterThan(0)
    for (const { approvalId } of [first, second]) {
      const events = await server.services.log.read({ streamId: `approval/${approvalId}` })
      expect(events.at(-1)).toMatchObject({
        type: 'ApprovalVoided',
        payload: { reason: 'access_ended' },
      })
    }
  })
})

describe('a tool that needs approval', () => {
  async function start(key?: string) {
    const wish = { tool: 'delete_file', scope: 'book', arguments: { file: 'taxes.pdf' } }
    return queueJob(server.services, await caller.token(), {
      ...wish,
      idempotencyKey: key,
      correlationId: 'test',
    })
  }

  test('is begun by nobody before the person said so', async () => {
    const queued = await start()
    if (queued.outcome !== 'queued') throw new Error(queued.reason)
    const about = await approvalOfJob(server, queued.jobId)
    expect(about.approvalId).toBe(queued.approvalId as string)
    expect(about.shown).toEqual({
      kind: 'job',
      tool: 'delete_file',
      parameters: { file: 'taxes.pdf' },
    })
    expect((await worker.claim()).body.job).toBeNull()
    const waiting = worker.claim({ wait_seconds: 20 })
    await decide(server, about)
    const { body } = await waiting
    expect(body.job?.id).toBe(queued.jobId)
    await worker.report({ id: queued.jobId, lease: String(body.lease) }, done)
  })

  test('is not done when they said no', async () => {
    const queued = await start()
    if (queued.outcome !== 'queued') throw new Error(queued.reason)
    await decide(server, await approvalOfJob(server, queued.jobId), { choice: 'deny' })
    expect(await statusOf(queued.jobId)).toBe('cancelled')
    expect((await worker.claim()).body.job).toBeNull()
  })

  test('is asked about once, however often the same call is repeated', async () => {
    const [first, again] = [await start('key'), await start('key')]
    expect(again).toEqual(first)
    const { userId } = await caller.token()
    expect(await openApprovals(server, userId as string)).toHaveLength(1)
  })
})

describe('what is approved ahead', () => {
  test('is paid without a question up to its limit, and names what gave it', async () => {
    const first = await paused()
    await decide(server, first, { standing: true })
    await worker.report(first.held, done)
    const pay = async (amount: string) => {
      const jobId = await caller.start()
      const held = await worker.take()
      const { body } = await worker.report(held, payment({ amount }))
      return { jobId, held, status: body.status }
    }
    const second = await pay('150')
    expect(second.status).toBe('running')
    await worker.report(second.held, done)
    const [pause] = await server.services.log.read({
      streamId: `job/${second.jobId}`,
      types: ['JobPaused'],
    })
    const events = await server.services.log.read({
      streamId: `approval/${pause?.payload.approvalId}`,
    })
    expect(events.at(-1)).toMatchObject({
      type: 'ApprovalGiven',
      payload: { channel: 'standing', standingId: expect.any(String) },
    })
    const third = await pay('50.01')
    expect(third.status).toBe('paused_payment')
    await decide(server, await approvalOfJob(server, third.jobId), { choice: 'deny' })
    const fourth = await pay('50')
    expect(fourth.status).toBe('running')
    await worker.report(fourth.held, done)
  })

  test('cannot be overspent by many at once', async () => {
    ahead += 3_600_000 + 1000
    const first = await paused()
    await decide(server, first, { standing: true })
    await worker.report(first.held, done)
    const jobs = await Promise.all(Array.from({ length: 6 }, () => caller.start()))
    const helds = await Promise.all(jobs.map(() => worker.take()))
    const reports = helds.map((held) => worker.report(held, payment({ amount: '60' })))
    const statuses = (await Promise.all(reports)).map(({ body }) => body.status)
    expect(statuses.filter((status) => status === 'running')).toHaveLength(3)
    expect(statuses.filter((status) => status === 'paused_payment')).toHaveLength(3)
  })

  test('is over after an hour', async () => {
    ahead += 3_600_000 + 1000
    const about = await paused({ amount: '0.01' })
    expect(await statusOf(about.jobId)).toBe('paused_payment')
  })

  test('is for the operator to allow, currency by currency', async () => {
    const about = await paused({ currency: 'CHF' })
    await decide(server, about, { standing: true })
    await worker.report(about.held, done)
    const again = await paused({ currency: 'CHF', amount: '1' })
    expect(await statusOf(again.jobId)).toBe('paused_payment')
  })
})

test('what is asked stands in the log sealed, and its hash fits no other question', async () => {
  const about = await paused({ payee: 'A payee like no other' })
  const bytes = server.logged()
  expect(bytes).not.toContain('A payee like no other')
  const twin = await paused({ payee: 'A payee like no other' })
  expect(twin.approval.shownHash).not.toBe(about.approval.shownHash)
})

test('the history of a job says what its person was asked, and how they answered', async () => {
  const about = await paused()
  await decide(server, about)
  const history = await jobHistory(server.services, about.jobId)
  expect(history?.approvals).toMatchObject([
    { type: 'ApprovalAsked', payload: { shownHash: about.approval.shownHash } },
    { type: 'ApprovalGiven', payload: { channel: 'web', shownHash: about.approval.shownHash } },
  ])
})
