/** Version 1 of the official MCP SDK, which most applications still carry, over HTTP. */
import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { booking, defaultTools, endpointOf } from '../support/mcp-app.ts'
import { isLive, post } from '../support/oauth-client.ts'
import {
  connectOlderApp as connect,
  olderTransport as newTransport,
  OlderApp,
  openOlderApp as open,
} from '../support/older-app.ts'
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

const call = { name: 'book_restaurant', arguments: booking }

describe('the SDK', () => {
  test('discovers, registers, is let in, and works', async () => {
    const app = new OlderApp(server.person())
    const client = await connect(app, server)
    expect(app.redirects[0]?.searchParams.get('resource')).toBe(`${server.url}/api/mcp`)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(defaultTools)
    const booked = await client.callTool(call)
    const { jobId } = booked.structuredContent as { jobId: string }
    const asked = await client.callTool({ name: 'get_job_status', arguments: { jobId } })
    expect(asked.structuredContent).toMatchObject({ jobId, status: 'queued' })
    const told = await client.callTool({ name: 'get_job_audit', arguments: { jobId } })
    expect(told.structuredContent).toMatchObject({
      jobId,
      status: 'queued',
      events: [{ type: 'JobQueued', actor: `client:${app.registered().client_id}` }],
    })
    await client.close()
  })

  test('refreshes what has expired, without the person', async () => {
    const app = new OlderApp(server.person())
    const client = await connect(app, server)
    const before = app.held()
    elapsedMs += ((before.expires_in ?? 0) + 1) * 1000
    expect(await isLive(server, before.access_token)).toBe(false)
    expect((await client.listTools()).tools).toHaveLength(3)
    expect(app.held().refresh_token).not.toBe(before.refresh_token)
    expect(app.redirects).toHaveLength(1)
    await client.close()
  })

  test('asks the person again once its tokens are revoked', async () => {
    const app = new OlderApp(server.person())
    const client = await connect(app, server)
    const { access_token, refresh_token = '' } = app.held()
    const { client_id, client_secret = '' } = app.registered()
    // This version sends Basic credentials as they are, without encoding them.
    const authorization = `Basic ${btoa(`${client_id}:${client_secret}`)}`
    const form = { token: refresh_token, token_type_hint: 'refresh_token' }
    const revoked = await post(server, '/oauth/revoke', { form, headers: { authorization } })
    expect(revoked.status).toBe(200)
    expect(await isLive(server, access_token)).toBe(false)
    expect(await rejectionOf(client.listTools())).toBeInstanceOf(UnauthorizedError)
    expect(app.redirects).toHaveLength(2)
    await client.close()
  })

  test('is told which scope a tool needs, and works once the person has given it', async () => {
    const port = await freePort()
    const narrow = await startTestServer({ port, resources: [narrowResource(port)] })
    const app = new OlderApp(narrow.person())
    const client = await connect(app, narrow)
    expect(app.held().scope).toBe('read')
    // It answers the challenge with a refresh, sees it again, and gives up.
    expect(await rejectionOf(client.callTool(call))).toMatchObject({
      code: 403,
      message: expect.stringContaining('after trying upscoping'),
    })
    app.invalidateCredentials('tokens')
    const serverUrl = endpointOf(narrow)
    expect(await auth(app, { serverUrl, scope: 'read book' })).toBe('REDIRECT')
    await newTransport(app, narrow).finishAuth(app.takeCallback().get('code') ?? '')
    const wider = await open(app, narrow)
    expect((await wider.callTool(call)).isError).toBeFalsy()
    await narrow.stop()
  })
})
