/**
 * Who gets past the door of `/api/mcp`, and what the others are told.
 *
 * @see [MCP 2026-07-28 - Authorization](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 */
import { dpopOffered } from '../support/dpop.ts'
import { connect } from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Message, send2025, send2026, toolCall } from './mcp-client.ts'

const list: Message = { id: 1, method: 'tools/list' }
const booking = { restaurant: 'Da Enzo', date: '2027-02-01', time: '20:00', party_size: 2 }
const book = toolCall('book_restaurant', booking)

const defaultTools = ['book_restaurant', 'get_job_status', 'get_job_audit']

let server: TestServer
let own: string
let metadata: string
let full: string
let readOnly: string
let elsewhere: string

beforeAll(async () => {
  const port = await freePort()
  own = `http://localhost:${port}/api/mcp`
  metadata = `http://localhost:${port}/.well-known/oauth-protected-resource/api/mcp`
  const scopes = { book: 'Start jobs', read: 'See jobs' }
  const other = { resource: 'https://api.example.com/mcp', name: 'Other', scopes }
  server = await startTestServer({
    port,
    resources: [{ resource: own, name: 'Jobs', defaultScopes: ['book', 'read'], scopes }, other],
  })
  full = (await connect(server, { resource: own })).tokens.access_token
  readOnly = (await connect(server, { resource: own, scope: 'read' })).tokens.access_token
  const there = await connect(server, { resource: other.resource, scope: 'book read' })
  elsewhere = there.tokens.access_token
})

afterAll(() => server.stop())

describe('a request is refused', () => {
  test('without a token: 401, told where to ask and for which scopes', async () => {
    const reply = await send2026(server, { message: list })
    expect(reply.status).toBe(401)
    expect(reply.body.error).toBe('missing_authorization')
    expect(reply.challenge).toBe(
      `Bearer scope="book read", resource_metadata="${metadata}"${dpopOffered}`,
    )
  })

  test('with a token that is none: 401 invalid_token', async () => {
    const reply = await send2025(server, { token: 'nonsense', message: list })
    expect(reply.status).toBe(401)
    expect(reply.challenge).toContain('error="invalid_token"')
    expect(reply.challenge).toContain(`resource_metadata="${metadata}"`)
  })

  test('with a token whose audience is another resource: 401', async () => {
    for (const send of [send2025, send2026]) {
      const reply = await send(server, { token: elsewhere, message: list })
      expect(reply.status).toBe(401)
      expect(reply.challenge).toContain('error="invalid_token"')
    }
  })

  test('when the tool needs a scope that the token lacks: 403 with all that is needed', async () => {
    const before = await server.services.log.read({ types: ['JobQueued'] })
    for (const send of [send2025, send2026]) {
      const reply = await send(server, { token: readOnly, message: book })
      expect(reply.status).toBe(403)
      expect(reply.body.error).toBe('insufficient_scope')
      expect(reply.challenge).toBe(
        `Bearer error="insufficient_scope", scope="book", resource_metadata="${metadata}"`,
      )
    }
    expect(await server.services.log.read({ types: ['JobQueued'] })).toEqual(before)
  })

  test('when one call of a batch lacks its scope: nothing of it is run, and all scopes of it are named', async () => {
    const message = [{ ...toolCall('get_job_audit', { jobId: 'job_x' }), id: 2 }, book]
    const version = { 'mcp-protocol-version': '2025-03-26' }
    const reply = await send2025(server, { token: readOnly, message }, version)
    expect(reply.status).toBe(403)
    expect(reply.challenge).toContain('scope="book read"')
    expect(reply.body.message).toContain('The tool book_restaurant needs')
  })

  test('when it is a batch of more messages than anybody needs: 400', async () => {
    const version = { 'mcp-protocol-version': '2025-03-26' }
    const batch = (length: number) => Array.from({ length }, (_, id) => ({ ...list, id }))
    const ask = (length: number) =>
      send2025(server, { token: full, message: batch(length) }, version)
    expect((await ask(50)).status).toBe(200)
    const refused = await ask(51)
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request'])
  })

  test('when its body is too large: 413, and nothing is read into a tool', async () => {
    const large = toolCall('book_restaurant', { ...booking, notes: 'x'.repeat(70_000) })
    expect((await send2025(server, { token: full, message: large })).status).toBe(413)
  })

  test('when it is no POST: 405, for no session is kept', async () => {
    for (const method of ['GET', 'DELETE']) {
      const headers = { authorization: `Bearer ${full}`, accept: 'text/event-stream' }
      expect((await fetch(own, { method, headers })).status).toBe(405)
    }
  })

  test('when a 2026-07-28 header is missing or disagrees with the body: 400', async () => {
    const wrong = [
      { 'mcp-protocol-version': '' },
      { 'mcp-method': '' },
      { 'mcp-name': '' },
      { 'mcp-method': 'tools/list' },
      { 'mcp-name': 'get_job_audit' },
    ]
    for (const headers of wrong) {
      const reply = await send2026(server, { token: full, message: book }, headers)
      expect(reply.status).toBe(400)
      expect(reply.body.error).toMatchObject({ code: -32020 })
    }
  })
})

describe('a page', () => {
  const statusFrom = async (origin: string, to = server) =>
    (await send2026(to, { token: full, message: list }, { origin })).status

  test('of this server, of any https site or of this machine may ask, where all may', async () => {
    expect(await statusFrom(server.url)).toBe(200)
    expect(await statusFrom('https://inspector.example')).toBe(200)
    expect(await statusFrom('http://127.0.0.1:6274')).toBe(200)
  })

  test('of a plain-http site or of no origin at all is refused: 403', async () => {
    expect(await statusFrom('http://evil.example')).toBe(403)
    expect(await statusFrom('null')).toBe(403)
  })

  test('of an origin that the operator did not list is refused before its token is read', async () => {
    const strict = await startTestServer({ corsOrigins: ['https://app.example'] })
    try {
      const status = async (origin: string) =>
        (await send2025(strict, { message: list }, { origin })).status
      expect(await status('https://evil.example')).toBe(403)
      expect(await status('http://localhost:6274')).toBe(403)
      expect(await status('https://app.example')).toBe(401)
      expect(await status(strict.url)).toBe(401)
    } finally {
      await strict.stop()
    }
  })
})

describe('the endpoint answers', () => {
  test('a client of 2026-07-28 with JSON', async () => {
    const reply = await send2026(server, { token: full, message: list })
    expect(reply.status).toBe(200)
    expect(reply.contentType).toBe('application/json')
    expect(namesIn(reply.body.result?.tools)).toEqual(defaultTools)
  })

  test('a client of 2025 with an event stream of one message', async () => {
    const reply = await send2025(server, { token: full, message: list })
    expect(reply.status).toBe(200)
    expect(reply.contentType).toBe('text/event-stream')
    expect(namesIn(reply.body.result?.tools)).toEqual(defaultTools)
  })

  test('the handshake of every revision that is still in use', async () => {
    for (const protocolVersion of ['2025-03-26', '2025-06-18', '2025-11-25']) {
      const clientInfo = { name: 'test', version: '1' }
      const params = { protocolVersion, capabilities: {}, clientInfo }
      const message = { id: 1, method: 'initialize', params }
      const reply = await send2025(server, { token: full, message }, { 'mcp-protocol-version': '' })
      expect(reply.body.result).toMatchObject({ protocolVersion })
    }
  })

  test('404 where the operator configured other resources only', async () => {
    const resource = { resource: 'https://api.example.com', name: 'Other', scopes: { x: 'X' } }
    const without = await startTestServer({ resources: [resource] })
    try {
      expect((await send2025(without, { token: full, message: list })).status).toBe(404)
    } finally {
      await without.stop()
    }
  })

  test('401 from the moment that the grant was revoked', async () => {
    const { tokens, client } = await connect(server, { resource: own })
    const token = tokens.access_token
    expect((await send2026(server, { token, message: list })).status).toBe(200)
    const body = new URLSearchParams({ token, client_id: client.client_id })
    await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body })
    expect((await send2026(server, { token, message: list })).status).toBe(401)
  })
})

function namesIn(tools: readonly Readonly<Record<string, unknown>>[] = []): unknown[] {
  return tools.map(({ name }) => name)
}
