/**
 * JSON in the place of an event stream, for programs that read nothing else (`mcp.json_replies`).
 *
 * @see [MCP 2025-06-18 - Streamable HTTP](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports)
 */
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Message, send2025, send2026, toolCall } from './mcp-client.ts'

const list: Message = { id: 1, method: 'tools/list' }
const booking = { restaurant: 'Da Enzo', date: '2027-02-01', time: '20:00', party_size: 2 }
const book = toolCall('book_restaurant', booking)

let server: TestServer
let token: string
let reading: string
beforeAll(async () => {
  server = await startTestServer({ mcp: { jsonReplies: true } })
  token = (await connect(server)).tokens.access_token
  reading = (await connect(server, { scope: 'read' })).tokens.access_token
})
afterAll(() => server.stop())

describe('a client of 2025 gets JSON', () => {
  test('for a list, a call, and a handshake that it need not begin with', async () => {
    const handshake: Message = {
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      },
    }
    for (const message of [list, book, handshake]) {
      const reply = await send2025(server, { token, message })
      expect(reply).toMatchObject({ status: 200, contentType: 'application/json' })
      expect(reply.body.result).toBeDefined()
    }
  })

  test('for a batch of 2025-03-26, all answers in one list', async () => {
    const version = { 'mcp-protocol-version': '2025-03-26' }
    const message = [list, { ...book, id: 2 }]
    const reply = await send2025(server, { token, message }, version)
    expect(reply.contentType).toBe('application/json')
    const ids = (reply.body as unknown as { id: number }[]).map(({ id }) => id)
    expect(ids.sort()).toEqual([1, 2])
  })

  test('and 202 for a notification', async () => {
    const message = { method: 'notifications/initialized' }
    expect((await send2025(server, { token, message })).status).toBe(202)
  })

  test('and the refusals that everybody gets: scope, size, method, version', async () => {
    const jobs = () => server.services.log.read({ types: ['JobQueued'] })
    const before = await jobs()
    const narrow = await send2025(server, { token: reading, message: book })
    expect(narrow.status).toBe(403)
    expect(narrow.body.error).toBe('insufficient_scope')
    expect(narrow.body.message).toBe(
      'The tool book_restaurant needs the scope book; the token has read',
    )
    const large = toolCall('book_restaurant', { ...booking, notes: 'x'.repeat(70_000) })
    expect((await send2025(server, { token, message: large })).status).toBe(413)
    expect(await jobs()).toEqual(before)
    for (const method of ['GET', 'DELETE']) {
      const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
      expect((await fetch(`${server.url}/api/mcp`, { method, headers })).status).toBe(405)
    }
    const unknown = { 'mcp-protocol-version': '1999-01-01' }
    expect((await send2025(server, { token, message: list }, unknown)).status).toBe(400)
  })
})

test('a client of 2026-07-28 is answered as ever', async () => {
  const reply = await send2026(server, { token, message: list })
  expect(reply).toMatchObject({ status: 200, contentType: 'application/json' })
  const narrow = await send2026(server, { token: reading, message: book })
  expect(narrow.status).toBe(403)
})
