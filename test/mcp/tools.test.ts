/** The tools, called over HTTP: what they record, and what they tell to whom. */
import { registerUser } from '../../src/identity/register-user.ts'
import { idempotencyKeyName } from '../../src/mcp/job-tool.ts'
import { claimed, jobHappens } from '../support/job-happens.ts'
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { send2025, send2026, type ToolResult, toolCall } from './mcp-client.ts'

const booking = {
  restaurant: 'Da Enzo al 29',
  date: '2027-02-01',
  time: '20:00',
  party_size: 2,
  notes: 'a quiet table',
}
const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }

let server: TestServer
let token: string
let clientId: string
let foreignToken: string

beforeAll(async () => {
  server = await startTestServer()
  const user = { ...grace, name: 'Grace', admin: false, actor: 'cli' }
  await registerUser(server.services, user)
  const connected = await connect(server)
  token = connected.tokens.access_token
  clientId = connected.client.client_id
  foreignToken = (await connect(server, {}, server.person(grace))).tokens.access_token
})

afterAll(() => server.stop())

const callers = { 'a client of 2025': send2025, 'a client of 2026': send2026 }

async function call(
  name: string,
  given: Record<string, unknown>,
  as: { send?: typeof send2026; token?: string } = {},
): Promise<ToolResult> {
  const { send = send2026 } = as
  const reply = await send(server, { token: as.token ?? token, message: toolCall(name, given) })
  if (!reply.body.result) throw new Error(`No result: ${JSON.stringify(reply)}`)
  return reply.body.result
}

describe('book_restaurant', () => {
  for (const [who, send] of Object.entries(callers)) {
    test(`queues a job for ${who}, in the name of its person, under its grant`, async () => {
      const { structuredContent, content } = await call('book_restaurant', booking, { send })
      const jobId = String(structuredContent?.jobId)
      expect(structuredContent).toEqual({ jobId, status: 'queued' })
      expect(content[0]?.text).toContain(jobId)
      const [event] = await server.services.log.read({ streamId: `job/${jobId}` })
      expect(event?.actor).toBe(`client:${clientId}`)
      expect(event?.payload).toMatchObject({ jobId, clientId, tool: 'book_restaurant' })
      expect(JSON.parse(String(event?.payload.arguments))).toEqual(booking)
    })
  }

  test('takes the request id of the call as the correlation id of its event', async () => {
    const { structuredContent } = await call('book_restaurant', booking)
    const streamId = `job/${structuredContent?.jobId}`
    const [event] = await server.services.log.read({ streamId })
    expect(event?.correlationId).toMatch(/^rid_/)
  })

  test('refuses arguments outside their limits, without repeating them', async () => {
    const wrong: Record<string, unknown>[] = [
      { ...booking, party_size: 0 },
      { ...booking, party_size: '2' },
      { ...booking, restaurant: '' },
      { ...booking, date: '01.02.2027' },
      { ...booking, date: '2027-02-30' },
      { ...booking, time: '25:00' },
      { ...booking, notes: 'n'.repeat(1001) },
      { ...booking, table: 'by the window' },
    ]
    const before = await server.services.log.read({ types: ['JobQueued'] })
    for (const given of wrong) {
      const { isError, content } = await call('book_restaurant', given)
      expect(isError).toBe(true)
      expect(content[0]?.text).not.toContain('by the window')
    }
    expect(await server.services.log.read({ types: ['JobQueued'] })).toEqual(before)
  })

  test('answers the same job to a call that is repeated under one key, and keeps the key to it', async () => {
    const repeated = async (given: Record<string, unknown>, key: unknown) => {
      const { params } = toolCall('book_restaurant', given)
      const _meta = { [idempotencyKeyName]: key }
      const message = { id: 1, method: 'tools/call', params: { ...params, _meta } }
      const { result } = (await send2025(server, { token, message })).body
      return result?.structuredContent?.jobId ?? result?.content[0]?.text
    }
    const first = await repeated(booking, 'key-1')
    expect(first).toMatch(/^job_/)
    const { notes, ...others } = booking
    expect(await repeated({ notes, ...others }, 'key-1')).toBe(first)
    expect(await repeated(booking, 'key-2')).not.toBe(first)
    expect(await repeated({ ...booking, party_size: 3 }, 'key-1')).toContain('another call')
    for (const key of ['', 'k'.repeat(201), 7, { a: 1 }]) {
      expect(await repeated(booking, key)).toContain('Cannot start the job')
    }
  })

  test('declares its arguments and its answer as JSON Schema', async () => {
    const reply = await send2026(server, { token, message: { id: 1, method: 'tools/list' } })
    const tool = reply.body.result?.tools?.find(({ name }) => name === 'book_restaurant')
    expect(tool?.inputSchema).toMatchObject({
      type: 'object',
      required: ['restaurant', 'date', 'time', 'party_size'],
      properties: { party_size: { type: 'integer', minimum: 1, maximum: 50 } },
      additionalProperties: false,
    })
    expect(tool?.outputSchema).toMatchObject({ required: ['jobId', 'status'] })
    expect(tool?.annotations).toMatchObject({ readOnlyHint: false, openWorldHint: true })
  })
})

describe('get_job_status', () => {
  async function started(): Promise<string> {
    return String((await call('book_restaurant', booking)).structuredContent?.jobId)
  }

  test('tells when it was queued, and what was noted since', async () => {
    const jobId = await started()
    const told = async () => (await call('get_job_status', { jobId })).structuredContent
    expect(await told()).toEqual({
      ...{ jobId, tool: 'book_restaurant', status: 'queued' },
      ...{ queuedAt: expect.stringMatching(/Z$/), changedAt: expect.stringMatching(/Z$/) },
    })
    const progress = { kind: 'progress', note: 'calling them', percent: 40 } as const
    await jobHappens(server, jobId, claimed, progress)
    expect(await told()).toMatchObject({ status: 'running', note: 'calling them', percent: 40 })
    await jobHappens(server, jobId, { kind: 'finish', result: { table: 7 } })
    expect(await told()).toMatchObject({ status: 'done', result: { table: 7 } })
  })

  test('tells what the person must do and where, never where a worker says', async () => {
    const jobId = await started()
    const url = 'https://site.example/captcha'
    const pause = { kind: 'pause', pause: 'captcha', note: 'a check', url } as const
    const rest = { shownHash: 's'.repeat(43), expiresAt: Date.now() + 60_000 }
    await jobHappens(server, jobId, claimed, { ...pause, ...rest })
    const { structuredContent, content } = await call('get_job_status', { jobId })
    const approvals = `${server.url}/approvals/jobs/${jobId}`
    expect(structuredContent).toMatchObject({ status: 'captcha', action: { url: approvals } })
    expect(content[0]?.text).toContain(approvals)
    expect(JSON.stringify(structuredContent)).not.toContain(url)
  })

  test('tells why it came to nothing', async () => {
    const [failed, cancelled] = [await started(), await started()]
    const failure = { kind: 'fail', code: 'no_table', message: 'They are full' } as const
    await jobHappens(server, failed, claimed, failure)
    await jobHappens(server, cancelled, { kind: 'cancel', reason: 'cancelled_by_user' })
    const told = async (jobId: string) =>
      (await call('get_job_status', { jobId })).structuredContent
    const error = { code: 'no_table', message: 'They are full' }
    expect(await told(failed)).toMatchObject({ status: 'error', error })
    const byUser = { status: 'cancelled', error: { code: 'cancelled_by_user' } }
    expect(await told(cancelled)).toMatchObject(byUser)
  })

  test("says the same of another person's job and of one that does not exist", async () => {
    const asked = { token: foreignToken }
    const foreign = await call('get_job_status', { jobId: await started() }, asked)
    const unknown = await call('get_job_status', { jobId: 'job_none' }, asked)
    const words = (result: ToolResult) => result.content[0]?.text.replace(/"[^"]*"/, '')
    expect([foreign.isError, unknown.isError]).toEqual([true, true])
    expect(words(foreign)).toBe(words(unknown))
    expect(foreign.structuredContent).toBeUndefined()
  })
})

describe('get_job_audit', () => {
  test('replays the events of the job, in order, with what was sealed and without hashes', async () => {
    const booked = await call('book_restaurant', booking)
    const jobId = String(booked.structuredContent?.jobId)
    for (const send of [send2025, send2026]) {
      const { structuredContent } = await call('get_job_audit', { jobId }, { send })
      expect(structuredContent).toMatchObject({ jobId, tool: 'book_restaurant', status: 'queued' })
      const [event] = (structuredContent?.events ?? []) as Record<string, unknown>[]
      expect(event).toMatchObject({ type: 'JobQueued', actor: `client:${clientId}` })
      expect(String(event?.at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      const payload = event?.payload as Record<string, unknown>
      expect(JSON.parse(String(payload.arguments))).toEqual(booking)
      expect(payload.argumentsHash).toBeUndefined()
    }
  })

  test("says the same of another person's job and of one that does not exist", async () => {
    const booked = await call('book_restaurant', booking)
    const jobId = String(booked.structuredContent?.jobId)
    const foreign = await call('get_job_audit', { jobId }, { token: foreignToken })
    const unknown = await call('get_job_audit', { jobId: 'job_none' }, { token: foreignToken })
    expect(foreign.isError).toBe(true)
    expect(unknown.isError).toBe(true)
    const words = (result: ToolResult) => result.content[0]?.text.replace(/"[^"]*"/, '')
    expect(words(foreign)).toBe(words(unknown))
    expect(foreign.structuredContent).toBeUndefined()
  })
})
