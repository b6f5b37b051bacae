/** The history of a job: from the consent that allowed it to where it stands, now or at any time. */
import { sha256 } from '../../src/domain/keyring.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { type JobWorker, jobWorker } from '../support/job-worker.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Asker, signedInAsker } from './ask.ts'

let server: TestServer
let caller: JobCaller
let worker: JobWorker
let ask: Asker
let jobId: string
let now = Date.parse('2027-01-01T10:00:00Z')
/** When it was queued, claimed, had progressed, and was done. */
const times: string[] = []

beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  caller = await jobCaller(server)
  worker = await jobWorker(server)
  ask = await signedInAsker(server)
  const next = () => {
    times.push(new Date(now).toISOString())
    now += 5_000
  }
  jobId = await caller.start({ given: { seats: 4 } })
  next()
  const held = await worker.take()
  next()
  await worker.report(held, { type: 'progress', note: 'Looking' })
  next()
  await worker.report(held, { type: 'done', result: 'a table' })
  next()
})

afterAll(() => server.stop())

test('a job tells who asked, by which token, under which consent, and what happened in order', async () => {
  const { status, body } = await ask(`/jobs/${jobId}`)
  expect(status).toBe(200)
  const { clientId } = caller
  expect(body).toMatchObject({
    job_id: jobId,
    client_id: clientId,
    api_token_id: null,
    token: sha256(caller.accessToken).slice(0, 12),
    tool: 'book_restaurant',
    status: 'done',
    consent: { type: 'GrantApproved', payload: { grantId: body.grant_id, clientId } },
  })
  expect(body.consent).toMatchObject({ actor: `user:${body.user_id}` })
  const types = body.events.map(({ type }) => type)
  expect(types).toEqual(['JobQueued', 'JobClaimed', 'JobProgressed', 'JobFinished'])
  expect(body.events[0]?.payload.arguments).toBe('{"seats":4}')
  expect(body.events[3]?.payload).toMatchObject({ result: 'a table' })
})

test('it names whoever did anything', async () => {
  const { body } = await ask(`/jobs/${jobId}`)
  expect(body.actors).toEqual({
    [`client:${caller.clientId}`]: { kind: 'client', name: 'Test client' },
    [`client:${worker.client.client_id}`]: { kind: 'client', name: 'Worker' },
  })
})

describe('at a time', () => {
  const then = ['queued', 'running', 'running', 'done']

  test('a job stands as it stood then, and what came later is not told', async () => {
    for (const [nth, at] of times.entries()) {
      const { body } = await ask(`/jobs/${jobId}`, { at })
      expect([body.status, body.events.length]).toEqual([String(then[nth]), nth + 1])
    }
  })

  test('or at a position of the log, it is the same', async () => {
    const { body: whole } = await ask(`/jobs/${jobId}`)
    for (const [nth, { position }] of whole.events.entries()) {
      const { body } = await ask(`/jobs/${jobId}`, { at: String(position) })
      expect([body.status, body.position]).toEqual([String(then[nth]), position])
    }
  })

  test('before it was queued there is none', async () => {
    const position = Number((await ask(`/jobs/${jobId}`)).body.events[0]?.position) - 1
    const at = new Date(Date.parse(String(times[0])) - 1).toISOString()
    for (const moment of [at, String(position)]) {
      const { status, body } = await ask(`/jobs/${jobId}`, { at: moment })
      expect([status, body.error]).toEqual([404, 'not_found'])
    }
  })

  const malformed: Record<string, string>[] = [
    { at: 'yesterday' },
    { at: '2027-01-01T10:00:00' },
    { at: '2027-02-01T10:00:00Z' },
    { at: '-1' },
    { position: '1' },
  ]
  for (const parameters of malformed) {
    test(`that is ${JSON.stringify(parameters)} is refused`, async () => {
      const { status, body } = await ask(`/jobs/${jobId}`, parameters)
      expect([status, body.error]).toEqual([400, 'invalid_request'])
    })
  }
})
