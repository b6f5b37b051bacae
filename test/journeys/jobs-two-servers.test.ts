/** Jobs where several processes serve one libSQL server: each is one worker's, whichever was asked. */
import { DemoPerson } from '../../src/cli/demo-person.ts'
import { newPlace, run, type Serving, sourceProgram, startServing } from '../cli/processes.ts'
import { call } from '../support/api-tokens.ts'
import { JobWorker, workerToken } from '../support/job-worker.ts'
import {
  type LibsqlServer,
  libsqlServerAvailable,
  startLibsqlServer,
} from '../support/libsql-server.ts'
import { basic, connect } from '../support/oauth-client.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { admin, adminEnv } from './whole-flow.ts'

const jobs = 24
const booking = { restaurant: 'Da Enzo', date: '2027-02-01', time: '20:00', party_size: 2 }

describe.skipIf(!libsqlServerAvailable)('two processes on one libSQL server', () => {
  let database: LibsqlServer
  let one: Serving
  let other: Serving
  let token: string
  let workers: [JobWorker, JobWorker]
  const places: Awaited<ReturnType<typeof newPlace>>[] = []

  beforeAll(async () => {
    database = await startLibsqlServer()
    one = await startOn({})
    other = await startOn({ GRANTLOG_ISSUER: one.url })
    const person = () => new DemoPerson(one.url, admin)
    token = (await connect({ ...one, person })).tokens.access_token
    workers = await workersAtBoth()
  })

  afterAll(async () => {
    await Promise.all([one.end('SIGTERM'), other.end('SIGTERM')])
    await database.stop()
    for (const place of places) place.remove()
  })

  async function startOn(settings: Record<string, string>): Promise<Serving> {
    const empty = await newPlace()
    const shared = {
      GRANTLOG_DATABASE_URL: database.url,
      GRANTLOG_SECRET: 'one secret for both of them',
    }
    const place = { ...empty, env: { ...empty.env, ...adminEnv, ...shared, ...settings } }
    places.push(place)
    return startServing(sourceProgram, place)
  }

  /** The same worker, added as the documents say. */
  async function workersAtBoth(): Promise<[JobWorker, JobWorker]> {
    const [place] = places
    if (!place) throw new Error('Cannot add a worker: nothing serves')
    const grants = ['--grant-type', 'client_credentials', '--scope', 'jobs:work']
    const args = ['client', 'create', '--name', 'Worker', ...grants]
    const { out } = await run(sourceProgram, { place, args })
    const id = /^client_id\s+(\S+)/m.exec(out)?.[1] ?? ''
    const secret = /^client_secret\s+(\S+)/m.exec(out)?.[1] ?? ''
    const headers = { authorization: basic(id, secret) }
    const client = { client_id: id, client_secret: secret, headers }
    const access = await workerToken(one.url, client)
    return [new JobWorker(one.url, client, access), new JobWorker(other.url, client, access)]
  }

  async function start(at: Serving): Promise<string> {
    const body = { tool: 'book_restaurant', arguments: booking }
    const started = await call<{ job_id: string }>(at, '/api/jobs', { method: 'POST', token, body })
    expect(started.status).toBe(202)
    return started.body.job_id
  }

  test(`give each of ${jobs} jobs to one of ${jobs} who ask both at once`, async () => {
    const started: string[] = []
    for (let nth = 0; nth < jobs; nth += 1) started.push(await start(nth % 2 === 0 ? one : other))
    const claims = await Promise.all(
      started.map((_, nth) => (workers[nth % 2] as JobWorker).claim({ lease_seconds: 60 })),
    )
    const claimed = claims.map(({ body }) => String(body.job?.id))
    expect(claimed.toSorted()).toEqual(started.toSorted())
    // Whoever claimed at the one may report at the other.
    const done = await Promise.all(
      claims.map(({ body }, nth) => {
        const held = { id: String(body.job?.id), lease: String(body.lease) }
        return (workers[(nth + 1) % 2] as JobWorker).report(held, { type: 'done', result: nth })
      }),
    )
    expect(done.map(({ body }) => body.status)).toEqual(started.map(() => 'done'))
  })

  test('wake a worker that waits at the one for a job that came to the other', async () => {
    const waiting = workers[0].claim({ wait_seconds: 25 })
    const jobId = await start(other)
    const { body } = await waiting
    expect(body.job?.id).toBe(jobId)
    const held = { id: jobId, lease: String(body.lease) }
    const after = body.job?.events.at(-1)?.position ?? 0
    const heard = workers[0].listen(held, { after, wait: 25 })
    const path = `/api/jobs/${jobId}/cancel`
    expect((await call(other, path, { method: 'POST', token, body: {} })).status).toBe(200)
    expect((await heard).body).toMatchObject({ status: 'cancelled' })
  })
})
