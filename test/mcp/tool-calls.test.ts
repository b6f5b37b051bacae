/** Calls of tools that an endpoint carries out, in the log and on the person's page. */

import { callRows } from '../../src/audit/grant-calls.ts'
import type { GivenSettings } from '../../src/config/settings.ts'
import type { GivenTool } from '../../src/config/tool-settings.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { english } from '../../src/web/words/english.tsx'
import { decide } from '../support/approvals.ts'
import { appsToken, connectApp } from '../support/connected-apps.ts'
import { connect, eventsOf } from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'
import { send2025, send2026, toolCall } from './mcp-client.ts'
import { type Endpoint, startEndpoint } from './tool-endpoint.ts'

let endpoint: Endpoint
let server: TestServer
let token: string
let clientId: string
let seenAtEndpoint: string[] = []

function toolAt(path: string, more: Partial<GivenTool> = {}): GivenTool {
  const [name] = path.slice(1).split('?')
  return {
    ...{ name: String(name), title: 'A tool', description: 'Does it', scope: 'book' },
    inputSchema: { type: 'object', properties: { lamp: { type: 'string' } } },
    http: { url: `${endpoint.url}${path}` },
    ...more,
  }
}

beforeAll(async () => {
  endpoint = await startEndpoint()
  const reads = { annotations: { readOnlyHint: true } }
  const http = (path: string, more: object) => ({
    http: { url: `${endpoint.url}${path}`, ...more },
  })
  server = await startTestServer({
    port: await freePort(),
    outbound: { allowedHosts: [new URL(endpoint.url).host] },
    tools: [
      toolAt('/switch'),
      toolAt('/refuse'),
      toolAt('/fail'),
      toolAt('/sealed', http('/switch', { recordArguments: 'sealed' })),
      toolAt('/look', { ...reads, ...http('/switch', { recordReads: 'after' }) }),
      toolAt('/change', http('/switch', { recordReads: 'after' })),
      toolAt('/ask', { ...http('/switch', {}), approval: true }),
    ] as GivenSettings['tools'] & object,
  })
  const connected = await connect(server)
  token = connected.tokens.access_token
  clientId = connected.client.client_id
  endpoint.whenAsked = async () => {
    seenAtEndpoint = (await recorded()).map(({ type }) => type)
  }
})
afterAll(async () => {
  await server.stop()
  await endpoint.stop()
})

let from = 0
beforeEach(async () => {
  from = (await all()).at(-1)?.position ?? 0
})

const all = () => eventsOf(server, 'ToolCallMade', 'ToolCallEnded', 'ToolCallRefused')
const recorded = async () => (await all()).filter(({ position }) => position > from)

async function call(name: string, given: Record<string, unknown> = { lamp: 'hall' }, as = token) {
  return send2025(server, { token: as, message: toolCall(name, given) })
}

describe('a call of an endpoint', () => {
  test('is on record before it is sent, and its end afterwards', async () => {
    await call('switch', { lamp: 'private words' })
    expect(seenAtEndpoint).toEqual(['ToolCallMade'])
    const [made, ended] = await recorded()
    expect(made?.actor).toBe(`client:${clientId}`)
    const [approved] = await eventsOf(server, 'GrantApproved')
    expect(made?.payload).toMatchObject({
      tool: 'switch',
      resource: `${server.url}/api/mcp`,
      clientId,
      userId: approved?.payload.userId,
      grantId: approved?.payload.grantId,
    })
    expect(made?.payload.accessTokenHash).toMatch(/^[\w-]{43}$/)
    expect(JSON.stringify(made)).not.toContain('private words')
    expect(ended?.payload).toMatchObject({ callId: made?.payload.callId, outcome: 'ok' })
    expect(ended?.payload.durationMs).toBeGreaterThanOrEqual(0)
  })

  test('tells an endpoint that refuses from one that fails', async () => {
    await call('refuse')
    await call('fail')
    const ended = (await recorded()).filter(({ type }) => type === 'ToolCallEnded')
    expect(ended.map(({ payload }) => payload.outcome)).toEqual(['tool_error', 'upstream_error'])
  })

  test('has equal hashes for equal arguments, and others for other tools', async () => {
    for (const name of ['switch', 'change']) await call(name, { lamp: 'a', more: 1 })
    await call('switch', { more: 1, lamp: 'a' })
    const made = (await recorded()).filter(({ type }) => type === 'ToolCallMade')
    const [first, other, again] = made.map(({ payload }) => payload.argumentsHash)
    expect([again, other === first]).toEqual([first, false])
  })

  test('keeps the arguments, sealed for the person, where the settings say so', async () => {
    await call('sealed', { lamp: 'the one by the door' })
    const [made] = await recorded()
    expect(made?.payload.arguments).toBe('{"lamp":"the one by the door"}')
  })

  test('may be written down afterwards where it only reads, and nowhere else', async () => {
    await call('look')
    expect(seenAtEndpoint).toEqual([])
    await call('change')
    expect(seenAtEndpoint).toEqual(['ToolCallMade', 'ToolCallEnded', 'ToolCallMade'])
  })

  test('with arguments that do not fit is none', async () => {
    expect((await call('switch', { lamp: 1 })).body.result?.isError).toBe(true)
    expect(await recorded()).toEqual([])
  })
})

describe('a call that is refused', () => {
  test('for a scope is on record, each of a batch, and nothing is sent', async () => {
    const reading = (await connect(server, { scope: 'read' })).tokens.access_token
    const before = endpoint.asked.length
    expect((await call('switch', { lamp: 'a' }, reading)).status).toBe(403)
    const message = toolCall('switch', { lamp: 'a' })
    expect((await send2026(server, { token: reading, message })).status).toBe(403)
    const batch = ['switch', 'refuse', 'nothing'].map((name, id) => ({
      ...toolCall(name, {}),
      id,
    }))
    const version = { 'mcp-protocol-version': '2025-03-26' }
    await send2025(server, { token: reading, message: batch }, version)
    const refused = await recorded()
    expect(refused.map(({ payload }) => [payload.tool, payload.reason])).toEqual([
      ['switch', 'scope_missing'],
      ['switch', 'scope_missing'],
      ['switch', 'scope_missing'],
      ['refuse', 'scope_missing'],
    ])
    expect(endpoint.asked.length).toBe(before)
  })

  test('whatever its arguments are, is refused as before', async () => {
    const reading = (await connect(server, { scope: 'read' })).tokens.access_token
    const deep = JSON.parse(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`)
    for (const given of [deep, [], 'text', null]) {
      const message = toolCall('switch', given as Record<string, unknown>)
      expect((await send2025(server, { token: reading, message })).status).toBe(403)
    }
    expect(await recorded()).toEqual([])
  })

  test('until the person approves is on record, and then the one that goes through', async () => {
    expect((await call('ask')).body.result?.isError).toBe(true)
    const [asked] = await eventsOf(server, 'ApprovalAsked')
    const { approvalId, userId } = asked?.payload ?? {}
    await decide(server, { approvalId: String(approvalId), userId: String(userId) })
    expect((await call('ask')).body.result?.isError).toBeUndefined()
    const [refused, made, ended] = await recorded()
    expect(refused?.payload).toMatchObject({ tool: 'ask', reason: 'approval_needed' })
    expect([made?.type, ended?.payload.outcome]).toEqual(['ToolCallMade', 'ok'])
  })

  test('whose grant has just ended sends nothing', async () => {
    const { tokens, client } = await connect(server)
    const before = endpoint.asked.length
    const body = new URLSearchParams({
      token: String(tokens.refresh_token),
      client_id: client.client_id,
    })
    await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body })
    expect((await call('switch', {}, tokens.access_token)).status).toBe(401)
    expect(endpoint.asked.length).toBe(before)
    expect(await recorded()).toEqual([])
  })
})

describe('the person', () => {
  test('sees what was called and what became of it, page by page, and nobody else does', async () => {
    const person = server.person()
    const { tokens, grantId } = await connectApp(server, { scope: 'book read' }, person)
    const as = tokens.access_token
    for (let at = 0; at < callRows; at += 1) await call('fail', {}, as)
    await call('switch', {}, as)
    const page = `/developers/connected-apps/${grantId}`
    const html = await (await person.open(page)).text()
    expect(html).toContain('>switch<')
    expect(html.split(english.gateway.calls.outcomes.upstream_error).length).toBe(callRows)
    const [, earlier] = /href="([^"]+calls_before=[^"#]+)/.exec(html) ?? []
    const older = await (await person.open(String(earlier))).text()
    expect(older.split(english.gateway.calls.outcomes.upstream_error).length).toBe(2)
    expect(older).not.toContain('calls_before')
    const credentials = { email: 'eve@example.com', password: 'a long enough phrase 7' }
    const about = { admin: false, name: 'Eve', actor: 'cli' }
    await registerUser(server.services, { ...credentials, ...about })
    const stranger = server.person(credentials)
    await connectApp(server, {}, stranger)
    expect((await stranger.open(page)).status).toBe(404)

    const ask = async (bearer: string, query = '') => {
      const headers = { authorization: `Bearer ${bearer}` }
      const url = `${server.url}/api/connected-apps/${grantId}${query}`
      return (await fetch(url, { headers })).json()
    }
    const own = await appsToken(server, person)
    const { calls, next_calls_before: before } = await ask(own)
    expect(calls[0]).toMatchObject({
      tool: 'switch',
      outcome: 'ok',
      resource: `${server.url}/api/mcp`,
    })
    const rest = await ask(own, `?calls_before=${before}`)
    expect([calls.length, rest.calls.length, rest.next_calls_before]).toEqual([
      callRows,
      1,
      undefined,
    ])
    expect((await ask(own, '?calls_before=%27--')).calls.length).toBe(callRows)
    expect((await ask(await appsToken(server, stranger))).calls).toBeUndefined()
  })
})
