/** What every tool has in common, whatever it does. */
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { type Call, registerTool, type Tool } from '../../src/mcp/tool.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const planted = 'glt_at_planted-and-never-to-be-seen'

const failing: Tool = {
  tool: {
    ...{ name: 'failing', title: 'Fails', description: 'Fails in a way that nobody foresaw.' },
    ...{
      resource: 'x',
      scope: 'read',
      job: false,
      approval: false,
      inputSchema: { type: 'object' },
    },
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
  },
  run: () => Promise.reject(new Error(`Cannot read ${planted}`)),
}

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server.stop())

test('an error that nobody foresaw shows the caller a request id, and our log the cause', async () => {
  const call: Call = {
    services: server.services,
    token: {
      ...{ issuanceId: undefined, sub: 'usr_x', actors: [], clientIds: ['dcr_x'] },
      ...{ grantId: 'grt_x', userId: 'usr_x', clientId: 'dcr_x', resource: 'x', scopes: ['read'] },
      ...{ issuedAt: 0, expiresAt: 1, authTime: 0, amr: [], acr: undefined },
      tokenHash: 'a hash',
      ...{ claims: undefined, authorizationDetails: undefined, confirmation: undefined },
    },
    correlationId: 'rid_of_this_call',
    streams: true,
  }
  const handler = createMcpHandler(() => {
    const instance = new McpServer({ name: 'test', version: '1' })
    registerTool(instance, failing, call)
    return instance
  })
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'failing' } }
  const response = await handler.fetch(
    new Request('http://localhost/api/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
      },
      body: JSON.stringify(message),
    }),
  )
  const text = await response.text()
  expect(text).toContain('"isError":true')
  expect(text).toContain('rid_of_this_call')
  expect(text).not.toContain(planted)
  expect(server.logged()).toContain('tool failed')
})
