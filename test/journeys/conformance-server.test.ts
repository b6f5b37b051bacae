/**
 * What the MCP project asks of an MCP server, asked by its own suite through a proxy that adds a
 * token. The tools that the suite looks for are declared as any operator would declare tools.
 */
import type { GivenTool } from '../../src/config/tool-settings.ts'
import { waitForQueue } from '../../src/jobs/job-signals.ts'
import { startEndpoint } from '../mcp/tool-endpoint.ts'
import { startBearerProxy } from '../support/bearer-proxy.ts'
import { conformanceAvailable, runServerConformance } from '../support/conformance.ts'
import { claimed, jobHappens, lastJob } from '../support/job-happens.ts'
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { describe, expect, test } from '../support/test.ts'

const name = { type: 'string' }
const contact = { type: 'string', enum: ['phone', 'email'] }
const byPhone = { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] }

const everyKeyword = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { $anchor: 'addressDef', type: 'object', properties: { street: name, city: name } },
  },
  properties: {
    ...{ name, phone: name, email: name, contactMethod: contact },
    address: { $ref: '#/$defs/address' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: byPhone,
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

const inHeader = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  required: ['region'],
}

const progressing = 'test_tool_with_progress'
const nothing = { type: 'object' }

function toolsAt(url: string): GivenTool[] {
  const words = (title: string) => ({ title, description: title, scope: 'book' })
  const job = { ...words('Starts a job'), job: true }
  const calling = (path: string) => ({ ...words('Calls'), http: { url: `${url}${path}` } })
  return [
    { name: 'json_schema_2020_12_tool', ...job, inputSchema: everyKeyword },
    { name: 'test_simple_text', ...calling('/switch'), inputSchema: nothing },
    { name: 'test_error_handling', ...calling('/refuse'), inputSchema: nothing },
    { name: progressing, ...job, inputSchema: nothing },
    { name: 'test_custom_headers', ...calling('/switch'), inputSchema: inHeader },
  ]
}

/** Carries out, in a few steps, what the suite wants to hear of. */
async function work(server: TestServer, signal: AbortSignal): Promise<void> {
  const patience = { ms: 60_000, signal, does: (tool: string) => tool === progressing }
  for (;;) {
    await waitForQueue(server.services.log, patience)
    if (signal.aborted) return
    const half = { kind: 'progress', note: 'half of it', percent: 50 } as const
    await jobHappens(server, await lastJob(server), claimed, half, { kind: 'finish', result: {} })
  }
}

describe.skipIf(!conformanceAvailable)('the suite for servers', () => {
  test('passes but for what is known, with its reason, not to be offered', async () => {
    const endpoint = await startEndpoint()
    const server = await startTestServer({
      mcp: { progressSeconds: 30 },
      outbound: { allowedHosts: [new URL(endpoint.url).host] },
      tools: toolsAt(endpoint.url) as never,
    })
    const { tokens } = await connect(server)
    const proxy = await startBearerProxy(server.url, tokens.access_token)
    const ending = new AbortController()
    const working = work(server, ending.signal)
    try {
      const { exitCode, output } = await runServerConformance(`${proxy.url}/api/mcp`)
      expect(output).toMatch(/✓ http-header-validation: 14 passed, 0 failed/)
      expect(output).toMatch(/✓ http-custom-header-server-validation: [1-9]\d* passed, 0 failed/)
      expect(output).toMatch(/✓ json-schema-2020-12: [1-9]\d* passed, 0 failed/)
      expect(output).not.toMatch(/Unexpected failures|Stale/)
      expect(exitCode).toBe(0)
    } finally {
      ending.abort()
      await working
      proxy.stop()
      await server.stop()
      await endpoint.stop()
    }
  })
})
