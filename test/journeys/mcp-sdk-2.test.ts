/** Version 2 of the official MCP client, with its own OAuth code, against a server over HTTP. */
import {
  IssuerMismatchError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import {
  booking,
  connectApp,
  defaultTools,
  endpointOf,
  McpApp,
  newClient,
  reconnectApp,
} from '../support/mcp-app.ts'
import { eventsOf, isLive, post } from '../support/oauth-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { narrowResource } from './narrow-resource.ts'

let server: TestServer
let elapsedMs = 0
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => Date.now() + elapsedMs })
})
afterAll(() => server.stop())

/** One that has an id to itself, where public registrations in the same words share theirs. */
class AppWithSecret extends McpApp {
  constructor(person: ConstructorParameters<typeof McpApp>[0]) {
    super(person)
    this.clientMetadata.token_endpoint_auth_method = 'client_secret_post'
  }
}

const calls = [{ name: 'book_restaurant', arguments: booking }] as const

describe.each(['legacy', 'auto'] as const)('a client that connects by %p', (mode) => {
  test('discovers, registers, is let in, and works', async () => {
    const app = new McpApp(server.person())
    const client = await connectApp(app, endpointOf(server), mode)
    expect(client.getNegotiatedProtocolVersion()).toBe(
      mode === 'auto' ? '2026-07-28' : '2025-11-25',
    )
    const [asked] = app.redirects
    expect(asked?.searchParams.get('resource')).toBe(`${server.url}/api/mcp`)
    expect(asked?.searchParams.get('scope')).toBe('book read')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(defaultTools)
    const booked = await client.callTool(calls[0])
    const { jobId } = booked.structuredContent as { jobId: string }
    const now = await client.callTool({ name: 'get_job_status', arguments: { jobId } })
    expect(now.structuredContent).toMatchObject({ jobId, status: 'queued' })
    const told = await client.callTool({ name: 'get_job_audit', arguments: { jobId } })
    expect(told.structuredContent).toMatchObject({
      jobId,
      tool: 'book_restaurant',
      status: 'queued',
      events: [{ type: 'JobQueued', actor: `client:${app.registered().client_id}` }],
    })
    await client.close()
  })
})

describe('tokens', () => {
  test('that expire are refreshed by the SDK, without the person', async () => {
    const app = new McpApp(server.person())
    const client = await connectApp(app, endpointOf(server))
    const before = app.held()
    elapsedMs += ((before.expires_in ?? 0) + 1) * 1000
    expect(await isLive(server, before.access_token)).toBe(false)
    expect((await client.listTools()).tools).toHaveLength(3)
    expect(app.held().refresh_token).not.toBe(before.refresh_token)
    expect(app.redirects).toHaveLength(1)
    await client.close()
  })

  test('that are revoked end the work, and the SDK asks the person again', async () => {
    const app = new McpApp(server.person())
    const client = await connectApp(app, endpointOf(server))
    const { access_token, refresh_token: token = '' } = app.held()
    const { client_id } = app.registered()
    const revoked = await post(server, '/oauth/revoke', { form: { token, client_id } })
    expect([revoked.status, revoked.body]).toEqual([200, {}])
    expect(await isLive(server, access_token)).toBe(false)
    expect(await rejectionOf(client.listTools())).toBeInstanceOf(UnauthorizedError)
    expect(app.redirects).toHaveLength(2)
    expect(app.registered().client_id).toBe(client_id)
    await client.close()
  })
})

describe('an answer', () => {
  test('of another issuer is not redeemed', async () => {
    const app = new McpApp(server.person())
    const transport = new StreamableHTTPClientTransport(endpointOf(server), { authProvider: app })
    expect(await rejectionOf(newClient().connect(transport))).toBeInstanceOf(UnauthorizedError)
    const answer = app.takeCallback()
    expect(answer.get('iss')).toBe(server.url)
    const forged = new URLSearchParams(answer)
    forged.set('iss', 'https://other.example')
    expect(await rejectionOf(transport.finishAuth(forged))).toBeInstanceOf(IssuerMismatchError)
    await transport.finishAuth(answer)
    expect(await isLive(server, app.held().access_token)).toBe(true)
  })

  test('that denies carries the reason and the issuer', async () => {
    const app = new McpApp(server.person(), 'deny')
    const transport = new StreamableHTTPClientTransport(endpointOf(server), { authProvider: app })
    expect(await rejectionOf(newClient().connect(transport))).toBeInstanceOf(UnauthorizedError)
    const answer = app.takeCallback()
    expect([answer.get('error'), answer.get('code')]).toEqual(['access_denied', null])
    expect(answer.get('iss')).toBe(server.url)
    expect(String(await rejectionOf(transport.finishAuth(answer)))).toContain(
      'The request was denied',
    )
  })
})

describe('a token without the scope of a tool', () => {
  test('makes the SDK step up to the union of scopes, and then the call works', async () => {
    const port = await freePort()
    const narrow = await startTestServer({ port, resources: [narrowResource(port)] })
    const app = new AppWithSecret(narrow.person())
    const endpoint = endpointOf(narrow)
    const client = await connectApp(app, endpoint)
    const before = app.held()
    expect(before.scope).toBe('read')
    expect(await rejectionOf(client.callTool(calls[0]))).toBeInstanceOf(UnauthorizedError)
    const [, again] = app.redirects
    expect(again?.searchParams.get('scope')?.split(' ').sort()).toEqual(['book', 'read'])
    const transport = new StreamableHTTPClientTransport(endpoint, { authProvider: app })
    await transport.finishAuth(app.takeCallback())
    expect(app.held().scope?.split(' ').sort()).toEqual(['book', 'read'])
    const wider = await reconnectApp(app, endpoint)
    expect((await wider.callTool(calls[0])).isError).toBeFalsy()
    const [first, second] = await eventsOf(narrow, 'GrantApproved')
    expect(second?.payload).toMatchObject({
      addsTo: (first?.payload as { grantId: string } | undefined)?.grantId,
      access: [{ resource: endpoint.href, scopes: expect.arrayContaining(['book', 'read']) }],
    })
    expect(await isLive(narrow, before.access_token)).toBe(true)
    await narrow.stop()
  })
})
