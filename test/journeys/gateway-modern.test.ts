/** A server of MCP 2026-07-28 behind this one, in a process of its own, asked as its revision wants it. */
import { startModernMcpServer } from '../support/modern-mcp-server.ts'
import { ask, sendTo } from '../support/notes-gateway.ts'
import { connect } from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let counter: Awaited<ReturnType<typeof startModernMcpServer>>
let server: TestServer
let token: string

beforeAll(async () => {
  counter = await startModernMcpServer()
  const upstream = { url: counter.url, allowPrivate: true, tools: { count: 'count:use' } }
  const scopes = { 'count:use': 'Count' }
  const counting = { resource: '/mcp/counter', name: 'Counter', scopes, upstream }
  server = await startTestServer({
    port: await freePort(),
    resources: [{ ...counting, defaultScopes: ['count:use'] }],
  })
  token = (await connect(server)).tokens.access_token
})
afterAll(async () => {
  await server.stop()
  await counter.stop()
})

const version = '2026-07-28'
const meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

function send(method: string, params: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const headers = {
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(params.name === undefined ? {} : { 'mcp-name': String(params.name) }),
  }
  const body = ask(method, { ...params, _meta: { ...meta, ...more } })
  return sendTo(`${server.url}/mcp/counter`, { token, headers, body })
}

describe('without a handshake', () => {
  test('its tools are listed', async () => {
    const { status, text } = await send('tools/list', {})
    expect(status).toBe(200)
    expect(text).toContain('"name":"count"')
  })

  test('its tool is called, and tells of its progress before the answer', async () => {
    await send('tools/list', {})
    const call = { name: 'count', arguments: { to: 3 } }
    const { status, text } = await send('tools/call', call, { progressToken: 'p1' })
    expect(status).toBe(200)
    const steps = [...text.matchAll(/"progress":(\d)/g)].map(([, step]) => step)
    expect(steps).toEqual(['1', '2', '3'])
    expect(text).toContain('counted to 3')
    expect(text.indexOf('"progress":3')).toBeLessThan(text.indexOf('counted to 3'))
  })
})
