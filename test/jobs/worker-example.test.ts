/** The worker of examples/ as it stands there: it asks the person, fails in words, and hears the end. */
import { type Handler, work } from '../../examples/worker.ts'
import { resumeJob } from '../../src/jobs/answer-job.ts'
import { cancelJob } from '../../src/jobs/cancel-job.ts'
import { findJobView, type JobView } from '../../src/jobs/job-view.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { addClient } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const end = new AbortController()
const cause = { actor: 'user:somebody', correlationId: 'test' }

let server: TestServer
let caller: JobCaller
let working: Promise<void>
let heardOfEnd: unknown

const handlers: Record<string, Handler> = {
  async asks(_job, tell) {
    const url = 'https://example.com/captcha'
    const { answer } = await tell.ask({ type: 'captcha', note: 'Prove it', url })
    return { answer }
  },
  async fails() {
    throw new Error('No table')
  },
  async talks() {
    return 'x'.repeat(300)
  },
  async waits(_job, tell) {
    await new Promise((done) => tell.signal.addEventListener('abort', done))
    heardOfEnd = tell.signal.aborted
  },
}

beforeAll(async () => {
  server = await startTestServer({ jobs: { resultBytesMax: 256 } })
  caller = await jobCaller(server)
  const client = await addClient(server.services, { scope: 'jobs:work' })
  const { client_id: clientId, client_secret: clientSecret } = client
  const who = { url: server.url, clientId, clientSecret }
  working = work({ ...who, handlers, atOnce: 1, heartbeatSeconds: 0.1, signal: end.signal })
})

afterAll(async () => {
  end.abort()
  await working
  await server.stop()
})

/** Once it is in this status; the test's own time is the limit. */
async function whenIt(jobId: string, status: string): Promise<JobView> {
  for (;;) {
    const found = await findJobView(server.services.log, jobId)
    if (found?.view.status === status) return found.view
    await new Promise((done) => setTimeout(done, 10))
  }
}

test('an answer of the person comes back to the handler', async () => {
  const jobId = await caller.start({ tool: 'asks' })
  const { pause } = await whenIt(jobId, 'captcha')
  const answer = { jobId, shownHash: String(pause?.pause_id), answer: 'seven bridges' }
  await resumeJob(server.services, answer, cause)
  expect((await whenIt(jobId, 'done')).result).toEqual({ answer: 'seven bridges' })
})

test('what a handler throws is the error of the job', async () => {
  const { error } = await whenIt(await caller.start({ tool: 'fails' }), 'error')
  expect(error).toEqual({ code: 'failed', message: 'No table' })
})

test('a result that is not taken ends the job and not the worker', async () => {
  const { error } = await whenIt(await caller.start({ tool: 'talks' }), 'error')
  expect(error?.message).toContain('has a result of over 256 bytes')
})

test('a job that is cancelled is let go of', async () => {
  const jobId = await caller.start({ tool: 'waits' })
  await whenIt(jobId, 'running')
  await cancelJob(server.services, { jobId, reason: 'cancelled_by_user' }, cause)
  // The next job comes only once the worker is free.
  await whenIt(await caller.start({ tool: 'fails' }), 'error')
  expect(heardOfEnd).toBe(true)
})
