/** What is tried to have something paid that nobody approved, or done that nobody allows any more. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { approvalOfJob } from '../support/approvals.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { type JobWorker, jobWorker, workerToken } from '../support/job-worker.ts'
import { eventsOf, post } from '../support/oauth-client.ts'
import { signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'another long enough password' }
const pay = {
  type: 'paused_payment',
  note: 'Pay first',
  payment: { amount: '84.50', currency: 'EUR', payee: 'Da Enzo', description: 'Four seats' },
}
const dearer = { ...pay, payment: { ...pay.payment, amount: '8450.00' } }
const done = { type: 'done', result: {} }

let server: TestServer
let caller: JobCaller
let worker: JobWorker
let ahead: number
beforeEach(async () => {
  ahead = 0
  server = await startTestServer({}, { clock: () => Date.now() + ahead })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'test' })
  caller = await jobCaller(server)
  worker = await jobWorker(server)
})
afterEach(() => server.stop())

async function signedIn(credentials = admin): Promise<DemoPerson> {
  const person = server.person(credentials)
  await signInAt(person, '/sign-in', credentials)
  return person
}

async function asked() {
  const jobId = await caller.start()
  const held = await worker.take({ lease_seconds: 10 })
  await worker.report(held, pay)
  const { approvalId, approval } = await approvalOfJob(server, jobId)
  return { jobId, held, approvalId, shown: approval.shownHash, page: `/approvals/${approvalId}` }
}

/** The form that approves, as the page has it now. */
async function formOf(person: DemoPerson, page: string): Promise<Record<string, string>> {
  const html = await (await person.open(page)).text()
  const form = html.split('<form').find((part) => part.includes('name="decision"'))
  if (form === undefined) throw new Error('Cannot approve: the page has no form for it')
  return { ...hiddenFields(form), decision: 'approve' }
}

async function statusOf(jobId: string): Promise<unknown> {
  const [job] = await server.services.log.load([`job/${jobId}`])
  return (job?.state as { status?: string } | null)?.status
}

const givenCount = async () => (await eventsOf(server, 'ApprovalGiven')).length

async function expectUnpaid(jobId: string): Promise<void> {
  expect([await statusOf(jobId), await givenCount()]).toEqual(['paused_payment', 0])
}

describe('SECURITY 39: a payment is approved by its person, on the page, once, as it was shown', () => {
  test('not when it was changed after it was shown, by the old form or the new one with the old price', async () => {
    const { jobId, held, page, shown } = await asked()
    const person = await signedIn()
    const before = await formOf(person, page)
    await worker.report(held, dearer)
    expect((await person.submit(page, before)).status).toBe(409)
    const now = `/approvals/${(await approvalOfJob(server, jobId)).approvalId}`
    expect(now).not.toBe(page)
    const crossed = { ...(await formOf(person, now)), shown }
    expect((await person.submit(now, crossed)).status).toBe(409)
    await expectUnpaid(jobId)
  })

  test('not twice, in two browsers at the same moment', async () => {
    const { page } = await asked()
    const people = [await signedIn(), await signedIn()]
    const ready = await Promise.all(
      people.map(async (person) => ({ person, form: await formOf(person, page) })),
    )
    const sent = await Promise.all(ready.map(({ person, form }) => person.submit(page, form)))
    expect(sent.map(({ status }) => status).sort()).toEqual([303, 409])
    expect(await givenCount()).toBe(1)
  })

  test('not by a form sent again, when the same is to be paid once more', async () => {
    const { jobId, held, page } = await asked()
    const person = await signedIn()
    const form = await formOf(person, page)
    expect((await person.submit(page, form)).status).toBe(303)
    await worker.report(held, pay)
    const { approvalId } = await approvalOfJob(server, jobId)
    expect((await person.submit(page, form)).status).toBe(409)
    expect((await person.submit(`/approvals/${approvalId}`, form)).status).toBe(400)
    expect([await statusOf(jobId), await givenCount()]).toEqual(['paused_payment', 1])
  })

  test('not by a form of a session before this one', async () => {
    const { jobId, page } = await asked()
    const person = await signedIn()
    const form = await formOf(person, page)
    const out = (await (await person.open('/account')).text()).split('<form')
    const leaving = out.find((part) => part.includes('action="/sign-out"')) ?? ''
    await person.submit('/sign-out', hiddenFields(leaving))
    const away = await person.submit(page, form)
    expect(away.headers.get('location')).toBe(`/sign-in?next=${page}`)
    await signInAt(person, '/sign-in', admin)
    expect((await person.submit(page, form)).status).toBe(400)
    await expectUnpaid(jobId)
  })

  test('not by another person, with their own form fields or with stolen ones', async () => {
    const { jobId, page, shown } = await asked()
    const stolen = await formOf(await signedIn(), page)
    const other = await signedIn(bob)
    expect((await other.open(page)).status).toBe(404)
    for (const form of [stolen, { decision: 'approve', shown }]) {
      expect((await other.submit(page, form)).status).toBe(404)
    }
    await expectUnpaid(jobId)
  })

  test('not by the token of the client, in whatever way it comes', async () => {
    const { jobId, page, shown, approvalId } = await asked()
    const authorization = `Bearer ${caller.accessToken}`
    const body = new URLSearchParams({ decision: 'approve', shown })
    for (const path of [page, `/api/approvals/${approvalId}`, `/api/approvals/${approvalId}/`]) {
      const sent = { method: 'POST', headers: { authorization }, body, redirect: 'manual' } as const
      expect((await fetch(server.url + path, sent)).status).toBe(403)
    }
    await expectUnpaid(jobId)
  })
})

describe('SECURITY 40: a worker does what it was let do, as long as it is let', () => {
  test('does not go on with a payment by itself, nor approve with its token', async () => {
    const { jobId, held, shown, approvalId } = await asked()
    const going = [{ type: 'resumed' }, { type: 'approved' }, { type: 'running' }]
    for (const step of going) expect((await worker.report(held, step)).status).toBe(400)
    const waiting = [done, { type: 'progress', note: 'x' }, { type: 'released' }]
    for (const step of waiting) {
      expect((await worker.report(held, step)).body.error).toBe('job_conflict')
    }
    const approving = await fetch(`${server.url}/api/approvals/${approvalId}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await workerToken(server.url, worker.client)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ decision: 'approve', shown }),
    })
    expect(approving.status).toBe(401)
    expect((await worker.claim()).body.job).toBeNull()
    await expectUnpaid(jobId)
  })

  test('does not finish by a lease that it has lost, to itself neither', async () => {
    const jobId = await caller.start()
    const stale = await worker.take({ lease_seconds: 10 })
    ahead += 11_000
    const next = await worker.take()
    expect(next.id).toBe(jobId)
    const late = await worker.report(stale, done)
    expect([late.status, late.body.error]).toEqual([409, 'lease_lost'])
    expect(await statusOf(jobId)).toBe('running')
    expect((await worker.report(next, done)).body.status).toBe('done')
  })

  test('does not get, continue or have paid what its grant allows no more', async () => {
    const { jobId, held, page } = await asked()
    const person = await signedIn()
    const form = await formOf(person, page)
    const queued = await caller.start()
    const revoked = { token: caller.refreshToken, client_id: caller.clientId }
    await post(server, '/oauth/revoke', { form: revoked })
    expect((await person.submit(page, form)).status).toBe(409)
    expect((await worker.report(held, { type: 'progress', note: 'x' })).body.error).toBe('job_over')
    expect((await worker.claim()).body.job).toBeNull()
    expect(await Promise.all([jobId, queued].map(statusOf))).toEqual(['cancelled', 'cancelled'])
    expect(await givenCount()).toBe(0)
  })
})
