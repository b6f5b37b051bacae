/** What Onegent's guide promises of a job: its seven statuses, and the pause before payment. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { giveApiToken } from '../support/api-tokens.ts'
import { approvalOfJob } from '../support/approvals.ts'
import { type Held, type JobWorker, jobWorker } from '../support/job-worker.ts'
import { connect } from '../support/oauth-client.ts'
import { signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { bodyOf, documentHolds, type Sentence } from './seed-document.ts'

let server: TestServer
let person: DemoPerson
let worker: JobWorker
let accessToken: string
beforeAll(async () => {
  server = await startTestServer({}, { preset: 'onegent' })
  person = server.person()
  await signInAt(person, '/sign-in', admin)
  worker = await jobWorker(server)
  accessToken = (await connect(server, { scope: 'book read' }, person)).tokens.access_token
})
afterAll(() => server.stop())

interface Told {
  readonly jobId: string
  readonly status: string
  readonly action?: { readonly url: string }
  readonly result?: unknown
}

async function call(name: string, given: object): Promise<Told> {
  const answer = await fetch(`${server.url}/api/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${accessToken}`,
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name, arguments: given },
    }),
  })
  const { result } = (await bodyOf(answer)) as { result: { structuredContent: Told } }
  return result.structuredContent
}

const told = (jobId: string) => call('get_job_status', { jobId })

async function book(): Promise<string> {
  const profile = {
    ...{ first_name: 'Alex', last_name: 'Example' },
    ...{ email: 'alex@example.com', phone: '+14155550123' },
  }
  const table = { restaurant_name: 'Carbone', city: 'New York', covers: 2 }
  const time = { date: '2027-06-15', time: '19:00' }
  return (await call('book_restaurant', { ...table, ...time, profile })).jobId
}

const pay = {
  type: 'paused_payment',
  note: 'A card is needed',
  payment: { amount: '50.00', currency: 'USD', payee: 'Carbone', description: 'Deposit' },
}
const done = { type: 'done', result: { confirmation: 'C-1' } }

async function paused(pause: Record<string, unknown> = pay) {
  const jobId = await book()
  const held = await worker.take()
  await worker.report(held, pause)
  return { jobId, held, url: (await told(jobId)).action?.url ?? '' }
}

/** In the web app, by the form of the page that the agent was told of. */
async function decideAt(url: string, decision: string): Promise<void> {
  const { pathname } = new URL(url)
  const html = await (await person.open(pathname)).text()
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  const sent = await person.submit(pathname, { ...hiddenFields(form), decision })
  expect(sent.status).toBe(303)
}

async function expectPaid(held: Held, jobId: string): Promise<void> {
  expect((await told(jobId)).status).toBe('running')
  await worker.report(held, done)
  expect(await told(jobId)).toMatchObject({ status: 'done', result: done.result })
}

const sentences: Sentence[] = [
  {
    section: '5 Statuses',
    says: 'a job is queued, running, paused_payment, captcha, needs_login, done or error, and says so at once',
    async check() {
      const jobId = await book()
      const seen = [(await told(jobId)).status]
      const held = await worker.take()
      seen.push((await told(jobId)).status)
      const elsewhere = { note: 'You are needed', url: 'https://site.example/check' }
      for (const type of ['captcha', 'needs_login']) {
        await worker.report(held, { type, ...elsewhere })
        const { status, action } = await told(jobId)
        seen.push(status)
        await decideAt(action?.url ?? '', 'resume')
      }
      await worker.report(held, pay)
      const { status, action } = await told(jobId)
      seen.push(status)
      await decideAt(action?.url ?? '', 'approve')
      await expectPaid(held, jobId)
      seen.push('done')
      const failed = await book()
      await worker.report(await worker.take(), { type: 'error', code: 'full', message: 'No table' })
      seen.push((await told(failed)).status)
      expect(seen).toEqual([
        ...['queued', 'running', 'captcha', 'needs_login', 'paused_payment'],
        ...['done', 'error'],
      ])
    },
  },
  {
    section: '5 Statuses',
    says: 'there is no eighth: a charge that the person refuses ends the job as an error',
    async check() {
      const { jobId, held, url } = await paused()
      await decideAt(url, 'deny')
      expect((await told(jobId)).status).toBe('error')
      expect((await worker.report(held, done)).body.error).toBe('job_over')
    },
  },
  {
    section: '5 Payment',
    says: 'the agent is sent to the web app, where the person sees the charge and approves it',
    async check() {
      const { jobId, held, url } = await paused()
      expect(url.startsWith(`${server.url}/approvals/`)).toBe(true)
      const page = await (await person.open(new URL(url).pathname)).text()
      for (const words of ['50.00', 'USD', 'Carbone', 'Deposit']) expect(page).toContain(words)
      await decideAt(url, 'approve')
      await expectPaid(held, jobId)
    },
  },
  {
    section: '5 Payment',
    says: 'nothing else leads past the pause: no token, no key, no worker and no session without the page',
    async check() {
      const { jobId, held, url } = await paused()
      const { approvalId, userId, approval } = await approvalOfJob(server, jobId)
      const key = await giveApiToken(server, { userId, scopes: ['book', 'read'] })
      const body = JSON.stringify({ decision: 'approve', shown: approval.shownHash })
      for (const bearer of [accessToken, key.token]) {
        const answer = await fetch(`${server.url}/api/approvals/${approvalId}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
          body,
        })
        expect(answer.status).toBe(403)
      }
      const progress = { type: 'progress', note: 'x' }
      for (const step of [done, progress]) {
        expect((await worker.report(held, step)).body.error).toBe('job_conflict')
      }
      for (const type of ['resumed', 'running']) {
        expect((await worker.report(held, { type })).status).toBe(400)
      }
      const bare = await person.submit(new URL(url).pathname, { decision: 'approve' })
      expect(bare.status).toBe(400)
      expect((await told(jobId)).status).toBe('paused_payment')
      await decideAt(url, 'approve')
      await expectPaid(held, jobId)
    },
  },
]

documentHolds('Onegent, the jobs', { sentences, later: [] })
