/** What `npm start` runs, on Node; and that a server which is killed has lost nothing it said. */
import { newPlace, scriptProgram, startServing } from '../cli/processes.ts'
import { booking } from '../support/mcp-app.ts'
import { isLive } from '../support/oauth-client.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { adminEnv, auditedEvents, begin, end } from './whole-flow.ts'

let place: Awaited<ReturnType<typeof newPlace>>
beforeEach(async () => {
  const empty = await newPlace()
  place = { ...empty, env: { ...empty.env, ...adminEnv } }
})
afterEach(() => place.remove())

describe('npm start', () => {
  test('serves on the port that PORT names', async () => {
    const server = await startServing(scriptProgram, place)
    const alive = await fetch(`http://localhost:${place.env.PORT}/healthz`)
    expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok' }])
    expect(await server.end('SIGINT')).toBe(0)
  })

  test('starts again after a kill -9, and everything acknowledged is still there', async () => {
    const killed = await startServing(scriptProgram, place)
    const journey = await begin(killed)
    const before = await auditedEvents(killed, journey.person)
    // The last word before the end: a job that the client has an answer about.
    const booked = await journey.client.callTool({ name: 'book_restaurant', arguments: booking })
    const { jobId } = booked.structuredContent as { jobId: string }
    await killed.end('SIGKILL')

    const server = await startServing(scriptProgram, place)
    const after = await auditedEvents(server, journey.person)
    expect(after.slice(0, before.length)).toEqual(before)
    const started = after.filter(({ type }) => type === 'JobQueued').map((job) => job.stream_id)
    expect(started).toEqual([`job/${journey.jobId}`, `job/${jobId}`])
    expect(await isLive(server, journey.app.held().access_token)).toBe(true)
    await end(journey)
    expect(await server.end('SIGTERM')).toBe(0)
  })

  test('refuses a data folder that another process has, and says so', async () => {
    const server = await startServing(scriptProgram, place)
    const second = startServing(scriptProgram, place)
    const refused = await second.then(
      () => 'it served',
      (error: Error) => error.message,
    )
    expect(refused).toContain('another Grantlog process has it')
    await server.end('SIGTERM')
  })
})
