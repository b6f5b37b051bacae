/**
 * The MCP project's own server that offers everything, behind this one: what an application on
 * either version of the SDK can do there, and what it is asked for first.
 */
import {
  type OAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import {
  type EverythingServer,
  everythingAvailable,
  startEverythingServer,
} from '../support/everything-server.ts'
import { McpApp, newClient } from '../support/mcp-app.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const isHere = everythingAvailable ? describe : describe.skip
const scopes = { 'all:use': 'Use what does no harm', 'all:env': 'Read the environment' }

let everything: EverythingServer
let server: TestServer
let endpoint: URL
beforeAll(async () => {
  if (!everythingAvailable) return
  everything = await startEverythingServer()
  server = await startTestServer({
    port: await freePort(),
    resources: [
      {
        resource: '/mcp/everything',
        name: 'Everything',
        scopes,
        defaultScopes: ['all:use'],
        upstream: {
          url: everything.url,
          allowPrivate: true,
          tools: { '*': 'all:use', 'get-env': 'all:env' },
          methods: { 'resources/*': 'all:use', 'prompts/*': 'all:use', 'logging/*': 'all:use' },
          toolsList: 'whole',
        },
      },
    ],
  })
  endpoint = new URL(`${server.url}/mcp/everything`)
})
afterAll(async () => {
  await server?.stop()
  await everything?.stop()
})

/** From a first call that is refused to a connection with tokens. */
async function connect(app: McpApp) {
  const first = new StreamableHTTPClientTransport(endpoint, { authProvider: app })
  expect(await rejectionOf(newClient().connect(first))).toBeInstanceOf(UnauthorizedError)
  await first.finishAuth(app.takeCallback())
  const transport = new StreamableHTTPClientTransport(endpoint, { authProvider: app })
  const client = newClient()
  await client.connect(transport)
  return { client, transport }
}

isHere('an application on version 2 of the SDK', () => {
  test('finds the tools, and works with them', async () => {
    const { client } = await connect(new McpApp(server.person()))
    const { tools } = await client.listTools()
    const direct = newClient()
    await direct.connect(new StreamableHTTPClientTransport(new URL(everything.url)))
    expect(tools).toEqual((await direct.listTools()).tools)
    await direct.close()
    const echoed = await client.callTool({ name: 'echo', arguments: { message: 'hello' } })
    expect(echoed.content).toEqual([{ type: 'text', text: 'Echo: hello' }])
    const structured = await client.callTool({
      name: 'get-structured-content',
      arguments: { location: 'Chicago' },
    })
    expect(structured.structuredContent).toHaveProperty('temperature')
    await client.close()
  })

  test('is told of the progress of a call while it runs', async () => {
    const { client } = await connect(new McpApp(server.person()))
    const steps: number[] = []
    const long = { name: 'trigger-long-running-operation', arguments: { duration: 1, steps: 4 } }
    const done = await client.callTool(long, { onprogress: ({ progress }) => steps.push(progress) })
    expect(steps).toEqual([1, 2, 3, 4])
    expect(JSON.stringify(done.content)).toContain('completed')
    await client.close()
  })

  test('reads resources and prompts where the settings name a scope for them', async () => {
    const { client } = await connect(new McpApp(server.person()))
    expect(client.getServerCapabilities()).toMatchObject({ resources: {}, prompts: {} })
    const { resources } = await client.listResources()
    expect(resources.length).toBeGreaterThan(0)
    const { prompts } = await client.listPrompts()
    expect(prompts.length).toBeGreaterThan(0)
    await client.close()
  })

  test('is asked for a scope that a tool needs, and calls it once the person has given it', async () => {
    const app = new McpApp(server.person())
    const { client, transport } = await connect(app)
    const call = { name: 'get-env', arguments: {} }
    expect(app.held().scope).toBe('all:use')
    expect(await rejectionOf(client.callTool(call))).toBeInstanceOf(UnauthorizedError)
    expect(app.redirects.at(-1)?.searchParams.get('scope')).toContain('all:env')
    await transport.finishAuth(app.takeCallback())
    expect(new Set((app.held() as OAuthTokens).scope?.split(' '))).toEqual(
      new Set(['all:use', 'all:env']),
    )
    // In the same session as before.
    expect((await client.callTool(call)).isError).toBeFalsy()
    await client.close()
  })

  test('that asks for what is newer first comes to what the server has', async () => {
    const app = new McpApp(server.person())
    await (await connect(app)).client.close()
    const client = newClient('auto')
    await client.connect(new StreamableHTTPClientTransport(endpoint, { authProvider: app }))
    const echoed = await client.callTool({ name: 'echo', arguments: { message: 'hello' } })
    expect(echoed.isError).toBeFalsy()
    await client.close()
  })

  test('ends its session', async () => {
    const { client, transport } = await connect(new McpApp(server.person()))
    await transport.terminateSession()
    // The words are those of the server behind.
    expect(String(await rejectionOf(client.listTools()))).toContain('Server not initialized')
  })
})

isHere('an application on version 1 of the SDK', () => {
  async function open(token: string, capabilities: Record<string, object> = {}) {
    const client = new OldClient({ name: 'older', version: '1.0.0' }, { capabilities })
    const headers = { authorization: `Bearer ${token}` }
    const transport = new OldTransport(endpoint, { requestInit: { headers } })
    return { client, start: () => client.connect(transport as Parameters<OldClient['connect']>[0]) }
  }

  async function token(): Promise<string> {
    const app = new McpApp(server.person())
    const { client } = await connect(app)
    await client.close()
    return app.held().access_token
  }

  test('works with the tools, with progress', async () => {
    const { client, start } = await open(await token())
    await start()
    const sum = await client.callTool({ name: 'get-sum', arguments: { a: 2, b: 3 } })
    expect(JSON.stringify(sum.content)).toContain('5')
    const steps: number[] = []
    const long = { name: 'trigger-long-running-operation', arguments: { duration: 1, steps: 3 } }
    await client.callTool(long, undefined, { onprogress: ({ progress }) => steps.push(progress) })
    expect(steps).toEqual([1, 2, 3])
    await client.close()
  })

  test('is asked by the server, and its answer goes back', async () => {
    const { client, start } = await open(await token(), { sampling: {} })
    client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
      role: 'assistant',
      model: 'test',
      content: { type: 'text', text: `heard: ${JSON.stringify(params.messages[0]?.content)}` },
    }))
    await start()
    const sampled = await client.callTool({
      name: 'trigger-sampling-request',
      arguments: { prompt: 'say something', maxTokens: 10 },
    })
    expect(JSON.stringify(sampled.content)).toContain('heard:')
    await client.close()
  })

  test('hears what the server says by itself, on the stream that waits', async () => {
    const { client, start } = await open(await token())
    const heard = new Promise<string>((resolve) =>
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) =>
        resolve(params.level),
      ),
    )
    await start()
    await client.setLoggingLevel('debug')
    await client.callTool({ name: 'toggle-simulated-logging', arguments: {} })
    expect(typeof (await heard)).toBe('string')
    await client.close()
  })
})

isHere('the log', () => {
  test('has each call and each refusal, by which client under which consent', async () => {
    const made = await eventsOf(server, 'ToolCallMade')
    const ended = await eventsOf(server, 'ToolCallEnded')
    expect(ended).toHaveLength(made.length)
    expect(new Set(made.map(({ payload }) => payload.tool))).toContain('get-env')
    for (const { actor, payload } of made) {
      expect(actor).toBe(`client:${payload.clientId}`)
      expect(payload.grantId).toMatch(/^grt_/)
    }
    const [refused] = await eventsOf(server, 'ToolCallRefused')
    expect(refused?.payload).toMatchObject({ tool: 'get-env', reason: 'scope_missing' })
  })
})
