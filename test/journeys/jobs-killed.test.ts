/**
 * Workers that are killed at any moment and replaced, or frozen until they are thought dead and then
 * let go on: every job still comes to one end, and none is done twice. They are real processes over
 * real HTTP; what happens to which of them comes from a seed. The server's clock is ten times as fast
 * as ours, so that leases end soon.
 */
import type { ChildProcess } from 'node:child_process'
import process from 'node:process'
import type { RecordedEvent } from '../../src/domain/event-log.ts'
import { jobEventTypes } from '../../src/domain/job-events.ts'
import { jobCaller } from '../support/job-caller.ts'
import { addClient, type OperatorClient } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { expect, test } from '../support/test.ts'
import { killProcess as kill, startWorkerProcess } from '../support/worker-process.ts'

const speed = 10
const ends = ['JobFinished', 'JobFailed', 'JobCancelled']
const [jobs, workers] = [200, 8]
/** Longer than a lease by the server's clock. */
const frozenMs = 1_000
/** Another each night; a change is not held up by what it did not do. */
const usualSeed = process.env.GRANTLOG_TEST_NIGHTLY ? Date.now() % 1_000_000 : 7
const seed = Number(process.env.GRANTLOG_TEST_SEED ?? usualSeed)

test(`${jobs} jobs end once each, whatever happens to ${workers} workers (seed ${seed})`, async () => {
  const began = Date.now()
  const clock = () => began + (Date.now() - began) * speed
  const server = await startTestServer({ jobs: { openPerPersonMax: 1000 } }, { clock })
  const client = await addClient(server.services, { scope: 'jobs:work' })
  const random = generator(seed)
  const crew = Array.from({ length: workers }, () => startWorker(server, client))
  try {
    const caller = await jobCaller(server)
    for (let nth = 0; nth < jobs; nth += 1) {
      await caller.start({ given: { party_size: 1 + Math.floor(random() * 50) } })
    }
    let [killed, frozen] = [0, 0]
    while ((await openJobs(server)) > 0) {
      await new Promise((done) => setTimeout(done, 20 + random() * 150))
      const place = Math.floor(random() * crew.length)
      const victim = crew[place] as ChildProcess
      if (random() < 0.5) {
        frozen += 1
        victim.kill('SIGSTOP')
        setTimeout(() => victim.kill('SIGCONT'), frozenMs)
        continue
      }
      killed += 1
      await kill(victim)
      crew[place] = startWorker(server, client)
    }
    expect(frozen).toBeGreaterThan(0)
    expect(killed).toBeGreaterThan(0)
    expectOneEndEach(await eventsOfJobs(server))
  } finally {
    await Promise.all(crew.map(kill))
    await server.stop()
  }
})

function startWorker({ url }: TestServer, client: OperatorClient): ChildProcess {
  const env = { HEARTBEAT_SECONDS: String(1.5 / speed) }
  return startWorkerProcess('killed-worker.ts', { url, client, env })
}

async function openJobs({ services }: TestServer): Promise<number> {
  const sql = 'SELECT count(*) AS "open" FROM "jobs_v1" WHERE "ended_at" IS NULL'
  return Number((await services.reader.get({ sql, args: [] }))?.open)
}

async function eventsOfJobs({ services }: TestServer): Promise<Map<string, RecordedEvent[]>> {
  const byJob = new Map<string, RecordedEvent[]>()
  const types = jobEventTypes.map(({ name }) => name)
  for await (const event of services.log.replay({ types })) {
    byJob.set(event.streamId, [...(byJob.get(event.streamId) ?? []), event])
  }
  return byJob
}

/** By the log alone. */
function expectOneEndEach(byJob: Map<string, RecordedEvent[]>): void {
  expect(byJob.size).toBe(jobs)
  for (const events of byJob.values()) {
    const types = events.map(({ type }) => type)
    expect(types.filter((type) => ends.includes(type))).toHaveLength(1)
    expect(ends).toContain(String(types.at(-1)))
    let holder: unknown
    for (const { type, payload } of events) {
      // Nobody gets a job that somebody has, and whoever says anything has it.
      if (type === 'JobClaimed') {
        expect(holder).toBeUndefined()
        holder = payload.attempt
      } else if (type === 'JobReturned') {
        holder = undefined
      } else if (type === 'JobProgressed' || type === 'JobFinished') {
        expect(payload.attempt).toBe(holder)
        // The worker says which attempt it believes to be: a revenant would say an older one.
        expect(payload.note ?? payload.result).toBe(`attempt ${holder}`)
      }
    }
  }
  const all = [...byJob.values()].flat()
  // Else nothing was tried here.
  expect(all.filter(({ type }) => type === 'JobReturned').length).toBeGreaterThan(0)
}

/** Numbers from 0 to 1, the same ones for the same seed (a linear congruential generator). */
function generator(first: number): () => number {
  let state = first >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
