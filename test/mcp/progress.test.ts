/**
 * How a client is told of its job while its call is open, where the operator lets calls wait.
 *
 * @see [MCP 2026-07-28 - Progress](https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/progress)
 */
import { claimed, jobHappens, lastJob } from '../support/job-happens.ts'
import { booking, connectApp, endpointOf, McpApp } from '../support/mcp-app.ts'
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { send2025, send2026, toolCall } from './mcp-client.ts'

let server: TestServer
let token: string
beforeAll(async () => {
  server = await startTestServer({ mcp: { progressSeconds: 60 } })
  token = (await connect(server)).tokens.access_token
})
afterAll(() => server.stop())

const note = (note: string, percent: number) => ({ kind: 'progress', note, percent }) as const

interface Progress {
  readonly progress: number
  readonly message?: string | undefined
}

/** A call of the SDK that wants to know; what it was told decides what happens next. */
async function followed(
  mode: 'legacy' | 'auto',
  next: (message: string, jobId: string) => Promise<void>,
) {
  const client = await connectApp(new McpApp(server.person()), endpointOf(server), mode)
  const told: Progress[] = []
  const onprogress = async (progress: Progress) => {
    told.push(progress)
    await next(progress.message ?? '', await lastJob(server))
  }
  const params = { name: 'book_restaurant', arguments: booking }
  const result = await client.callTool(params, { onprogress })
  await client.close()
  return { told, result }
}

describe.each(['legacy', 'auto'] as const)('a client that connects by %p and asks', (mode) => {
  test('is told of each step, in rising numbers, and answered at the end', async () => {
    const { told, result } = await followed(mode, async (message, jobId) => {
      if (message === 'queued') await jobHappens(server, jobId, claimed)
      if (message === 'running') await jobHappens(server, jobId, note('calling them', 40))
      if (message === 'calling them, 40 %')
        await jobHappens(server, jobId, note('they look it up', 20))
      if (message !== 'they look it up, 20 %') return
      await jobHappens(server, jobId, { kind: 'finish', result: { table: 7 } })
    })
    expect(told.map(({ message }) => message)).toEqual([
      ...['queued', 'running', 'calling them, 40 %', 'they look it up, 20 %', 'done'],
    ])
    const numbers = told.map(({ progress }) => progress)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(result.structuredContent).toMatchObject({ status: 'done' })
  })

  test('is answered when only the person can go on', async () => {
    const { result } = await followed(mode, async (message, jobId) => {
      if (message === 'queued') await jobHappens(server, jobId, claimed)
      if (message !== 'running') return
      const rest = { note: 'a check', shownHash: 's'.repeat(43), expiresAt: Date.now() + 60_000 }
      await jobHappens(server, jobId, { kind: 'pause', pause: 'captcha', ...rest })
    })
    expect(result.structuredContent).toMatchObject({ status: 'captcha' })
  })
})

test('a client that does not ask is answered at once', async () => {
  for (const send of [send2025, send2026]) {
    const { result } = (
      await send(server, { token, message: toolCall('book_restaurant', booking) })
    ).body
    expect(result?.structuredContent).toMatchObject({ status: 'queued' })
  }
})

/** Begins a call that wants to know, and reads the message that comes first. */
async function beginCall(where: TestServer, as: string) {
  const leaving = new AbortController()
  const { params } = toolCall('book_restaurant', booking)
  const asked = { ...params, _meta: { progressToken: 1 } }
  const response = await fetch(`${where.url}/api/mcp`, {
    method: 'POST',
    signal: leaving.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${as}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: asked }),
  })
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  let text = ''
  for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
    text += decoder.decode(piece.value, { stream: true })
    if (text.includes('\n\n')) break
  }
  return { isTold: text.includes('"message":"queued"'), leave: () => leaving.abort() }
}

test('a client that leaves takes nothing with it: the job stays, and can be ended', async () => {
  const { isTold, leave } = await beginCall(server, token)
  expect(isTold).toBe(true)
  const jobId = await lastJob(server)
  leave()
  await jobHappens(server, jobId, claimed, { kind: 'finish', result: 'a table' })
  const message = toolCall('get_job_status', { jobId })
  const { result } = (await send2025(server, { token, message })).body
  expect(result?.structuredContent).toMatchObject({ status: 'done', result: 'a table' })
})

test('so many wait and no more, and whoever leaves makes room', async () => {
  const small = await startTestServer({
    mcp: { progressSeconds: 60 },
    jobs: { streamsMax: 1, openPerPersonMax: 1000 },
  })
  try {
    const as = (await connect(small)).tokens.access_token
    const first = await beginCall(small, as)
    const second = await beginCall(small, as)
    expect([first.isTold, second.isTold]).toEqual([true, false])
    first.leave()
    let next = second
    // Each asks over the network, and meanwhile the server hears that the first is gone.
    while (!next.isTold) next = await beginCall(small, as)
    next.leave()
  } finally {
    await small.stop()
  }
})

describe('nobody waits', () => {
  const statusOf = async (settings: Parameters<typeof startTestServer>[0]) => {
    const other = await startTestServer(settings)
    try {
      const as = (await connect(other)).tokens.access_token
      const { params } = toolCall('book_restaurant', booking)
      const asked = { ...params, _meta: { progressToken: 1 } }
      const message = { id: 1, method: 'tools/call', params: asked }
      return (await send2025(other, { token: as, message })).body.result?.structuredContent?.status
    } finally {
      await other.stop()
    }
  }

  test('where the operator did not say so', async () => {
    expect(await statusOf({})).toBe('queued')
  })

  test('where the answer is one JSON document', async () => {
    expect(await statusOf({ mcp: { progressSeconds: 60, jsonReplies: true } })).toBe('queued')
  })
})
