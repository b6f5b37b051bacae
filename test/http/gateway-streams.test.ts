/** Streams and sessions of an MCP server that stands behind this one. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ask,
  callOf,
  type NotesGateway,
  sendTo,
  startNotesGateway,
} from '../support/notes-gateway.ts'
import { eventsOf, post } from '../support/oauth-client.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

let notes: NotesGateway
let token: string
beforeEach(async () => {
  notes = await startNotesGateway({ streamCheckSeconds: 1 })
  token = (await notes.connect()).tokens.access_token
})
afterEach(() => notes.stop())

const sse = { 'content-type': 'text/event-stream' }
const event = (message: unknown, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`
const progress = (n: number) => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: 1, progress: n },
})

function open(body: unknown, more: RequestInit = {}): Promise<Response> {
  const isPost = body !== undefined
  return fetch(notes.endpoint, {
    method: isPost ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      ...(isPost ? { 'content-type': 'application/json' } : {}),
      ...more.headers,
    },
    ...(isPost ? { body: JSON.stringify(body) } : {}),
    ...(more.signal ? { signal: more.signal } : {}),
  })
}

/** The messages of a stream, however they were cut on their way; comments are none. */
async function* readerOf({ body }: Response): AsyncGenerator<string, undefined> {
  if (!body) throw new Error('There is no body to read')
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true })
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    yield* messages.filter((message) => !message.startsWith(':'))
  }
  return undefined
}

async function nextOf(reader: ReturnType<typeof readerOf>): Promise<string | undefined> {
  return (await reader.next()).value
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20)
}

describe('a stream', () => {
  test('comes through message by message, before it is whole', async () => {
    let goOn = () => {}
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    notes.upstream.on('tools/call', async ({ id }, response) => {
      response.writeHead(200, sse)
      response.write(event(progress(1)))
      await held
      response.write(event(progress(2)))
      response.end(event({ jsonrpc: '2.0', id, result: { content: [] } }))
    })
    const response = await open(callOf('read_note'))
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = readerOf(response)
    expect(await nextOf(reader)).toContain('"progress":1')
    goOn()
    expect(await nextOf(reader)).toContain('"progress":2')
    expect(await nextOf(reader)).toContain('"result"')
    expect(await nextOf(reader)).toBeUndefined()
    const [ended] = await eventsOf(notes.server, 'ToolCallEnded')
    expect(ended?.payload.outcome).toBe('ok')
  })

  test('that the client leaves is left here too, and the call is recorded as interrupted', async () => {
    notes.upstream.on('tools/call', (_, response) => {
      response.writeHead(200, sse)
      response.write(event(progress(1)))
    })
    const leaving = new AbortController()
    const response = await open(callOf('read_note'), { signal: leaving.signal })
    await nextOf(readerOf(response))
    leaving.abort()
    await until(() => notes.upstream.cut() > 0)
    await until(async () => (await eventsOf(notes.server, 'ToolCallEnded')).length > 0)
    const [ended] = await eventsOf(notes.server, 'ToolCallEnded')
    expect(ended?.payload.outcome).toBe('interrupted')
  })

  test('that breaks off before the answer says so', async () => {
    notes.upstream.on('tools/call', (_, response) => {
      response.writeHead(200, sse)
      response.write(event(progress(1)), () => response.destroy())
    })
    const response = await open(callOf('read_note', {}, 'seven'))
    const text = await response.text()
    expect(text).toContain('"id":"seven","error"')
    expect(text).toContain('broke off before it answered')
  })

  test('that can be gone on with ends without a word, and its place is for this client alone', async () => {
    notes.upstream.on('tools/call', (_, response) => {
      response.writeHead(200, sse)
      response.end(event(progress(1), 'bare-event-9'))
    })
    const text = await (await open(callOf('read_note'))).text()
    expect(text).not.toContain('bare-event-9')
    expect(text).not.toContain('error')
    const place = /^id: (.+)$/m.exec(text)?.[1] ?? ''
    notes.upstream.on('GET', (_, response) => {
      response.writeHead(200, sse)
      response.end(event({ jsonrpc: '2.0', id: 1, result: { content: [] } }))
    })
    const again = await open(undefined, { headers: { 'last-event-id': place } })
    expect(await again.text()).toContain('"result"')
    const { headers = [] } = notes.upstream.recorded.at(-1) ?? {}
    expect(headers).toContainEqual(['last-event-id', 'bare-event-9'])
    for (const made of ['bare-event-9', `${place}x`, 'x'.repeat(5000)]) {
      expect((await open(undefined, { headers: { 'last-event-id': made } })).status).toBe(404)
    }
  })

  test('carries nothing that is no message, and no answer to somebody else', async () => {
    notes.upstream.on('tools/call', ({ id }, response) => {
      response.writeHead(200, sse)
      response.write('data: not json\n\n')
      response.write('event: other\ndata: {}\n\n')
      response.write(event([{ jsonrpc: '2.0', method: 'notifications/message' }]))
      response.write(event({ jsonrpc: '2.0', id: 999, result: { secret: 'of another' } }))
      response.end(event({ jsonrpc: '2.0', id, result: { content: [] }, more: 'beside it' }))
    })
    const text = await (await open(callOf('read_note'))).text()
    expect(text.match(/^data: /gm)).toHaveLength(1)
    for (const strange of ['not json', 'of another', 'beside it', 'other']) {
      expect(text).not.toContain(strange)
    }
  })

  test('with an event that is too large breaks off', async () => {
    const small = await startNotesGateway({ answerBytesMax: 2048 })
    const { tokens } = await small.connect()
    small.upstream.on('tools/call', ({ id }, response) => {
      response.writeHead(200, sse)
      const result = { content: [{ type: 'text', text: 'x'.repeat(5000) }] }
      response.end(event({ jsonrpc: '2.0', id, result }))
    })
    const sending = { token: tokens.access_token, body: callOf('read_note') }
    const { text } = await sendTo(small.endpoint, sending)
    expect([text.includes('broke off'), text.includes('xxxx')]).toEqual([true, false])
    await small.stop()
  })

  test('shows the tools that the token may know, in lists that are streamed and later on too', async () => {
    notes.upstream.on('tools/list', ({ id }, response) => {
      response.writeHead(200, sse)
      response.end(event({ jsonrpc: '2.0', id, result: { tools: notes.upstream.tools } }))
    })
    const listed = await (await open(ask('tools/list'))).text()
    notes.upstream.on('GET', (_, response) => {
      response.writeHead(200, sse)
      response.end(event({ jsonrpc: '2.0', id: 1, result: { tools: notes.upstream.tools } }))
    })
    const later = await (await open(undefined)).text()
    for (const text of [listed, later]) {
      expect(text).toContain('read_note')
      expect(text).not.toContain('delete_note')
    }
  })

  test('that waits brings what the server asks, until the token is revoked', async () => {
    notes.upstream.on('GET', (_, response) => {
      response.writeHead(200, sse)
      response.write(event({ jsonrpc: '2.0', id: 5, method: 'roots/list' }))
    })
    const { tokens, client } = await notes.connect()
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const response = await open(undefined, { headers })
    const reader = readerOf(response)
    expect(await nextOf(reader)).toContain('roots/list')
    const form = { token: tokens.refresh_token, client_id: client.client_id }
    await post(notes.server, '/oauth/revoke', { form })
    expect(await nextOf(reader)).toBeUndefined()
    await until(() => notes.upstream.cut() > 0)
  })

  test('is one of twenty of a person', async () => {
    notes.upstream.on('GET', (_, response) => {
      response.writeHead(200, sse)
      response.write(event(progress(1)))
    })
    const leaving = new AbortController()
    const all = await Promise.all(
      Array.from({ length: 20 }, () => open(undefined, { signal: leaving.signal })),
    )
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200))
    expect((await open(undefined)).status).toBe(503)
    leaving.abort()
    await until(async () => {
      const trying = new AbortController()
      const { status } = await open(undefined, { signal: trying.signal })
      trying.abort()
      return status === 200
    })
  })
})

describe('SECURITY 42: a session', () => {
  const start = async (bearer = token) => {
    const { headers } = await sendTo(notes.endpoint, {
      token: bearer,
      body: ask('initialize', { protocolVersion: '2025-06-18' }),
    })
    return headers.get('mcp-session-id') ?? ''
  }

  test('has another name here than there, and goes on under it', async () => {
    const session = await start()
    expect(session).not.toContain('bare-session')
    expect(Buffer.from(session.slice(2), 'base64url').toString('latin1')).not.toContain('bare')
    const headers = { 'mcp-session-id': session }
    await sendTo(notes.endpoint, { token, headers, body: ask('ping') })
    const { headers: seen = [] } = notes.upstream.recorded.at(-1) ?? {}
    expect(seen).toContainEqual(['mcp-session-id', expect.stringMatching(/^bare-session-\d+$/)])
  })

  test('of another client, of another person, and one that was made up are not found', async () => {
    const session = await start()
    const bare = notes.upstream.recorded.length
    const other = (await notes.connect()).tokens.access_token
    const tampered = session.slice(0, -2) + (session.endsWith('AA') ? 'BB' : 'AA')
    const tries = [
      [other, session],
      [token, tampered],
      [token, 'bare-session-1'],
      [token, '1.'],
      [token, `9.${session.slice(2)}`],
    ] as const
    for (const [bearer, id] of tries) {
      for (const [method, body] of [['POST', ask('ping')], ['GET'], ['DELETE']] as const) {
        const headers = { 'mcp-session-id': id }
        const sent = await sendTo(notes.endpoint, { token: bearer, method, headers, body })
        expect([method, sent.status]).toEqual([method, 404])
      }
    }
    expect(notes.upstream.recorded).toHaveLength(bare)
  })

  test('that the server has ended is not found either', async () => {
    const session = await start()
    notes.upstream.on('ping', (_, response) => response.writeHead(404).end())
    const headers = { 'mcp-session-id': session }
    const sent = await sendTo(notes.endpoint, { token, headers, body: ask('ping') })
    expect([sent.status, sent.body.error.code]).toEqual([404, -32001])
  })

  test('is ended by the client that has it', async () => {
    const headers = { 'mcp-session-id': await start() }
    const sent = await sendTo(notes.endpoint, { token, method: 'DELETE', headers })
    expect(sent.status).toBe(202)
    expect(notes.upstream.recorded.at(-1)?.method).toBe('DELETE')
  })
})

describe('a server that does not answer as it should', () => {
  const unanswered = async (gateway = notes, bearer = token) => {
    const sent = await sendTo(gateway.endpoint, { token: bearer, body: callOf('read_note') })
    return [sent.status, sent.body.error?.message]
  }

  test('is not followed elsewhere, and its errors are its own', async () => {
    await sendTo(notes.endpoint, { token, body: ask('tools/list') })
    const down = 'The server behind this gateway does not answer; try again in a moment'
    const refuses =
      'The server behind this gateway refuses the gateway; its operator has to look at it'
    const cases = [
      [302, 502, down],
      [307, 502, down],
      [401, 502, refuses],
      [403, 502, refuses],
      [404, 502, down],
      [418, 502, down],
      [429, 503, down],
      [500, 502, down],
      [503, 503, down],
    ] as const
    for (const [theirs, status, words] of cases) {
      notes.upstream.on('tools/call', (_, response) =>
        response
          .writeHead(theirs, { location: notes.server.url, 'www-authenticate': 'Bearer x="y"' })
          .end('an internal word'),
      )
      expect([theirs, ...(await unanswered())]).toEqual([theirs, status, words])
    }
    const ended = await eventsOf(notes.server, 'ToolCallEnded')
    expect(new Set(ended.map(({ payload }) => payload.outcome))).toEqual(
      new Set(['upstream_error']),
    )
  })

  test('may answer with what is no answer, and the client sees none of it', async () => {
    await sendTo(notes.endpoint, { token, body: ask('tools/list') })
    const strange: [string, string][] = [
      ['text/html', '<h1>Hello</h1>'],
      ['application/json', 'not json'],
      ['application/json', '[]'],
      ['application/json', '{"jsonrpc":"2.0","id":2,"result":{}}'],
      ['application/json', '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"a"}}'],
      [
        'application/json',
        `{"jsonrpc":"2.0","id":1,"result":${'['.repeat(100)}${']'.repeat(100)}}`,
      ],
      ['', ''],
    ]
    for (const [type, body] of strange) {
      notes.upstream.on('tools/call', (_, response) =>
        response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body),
      )
      expect([body, (await unanswered())[0]]).toEqual([body, 502])
    }
  })

  test('passes on what it says is wrong with a request', async () => {
    notes.upstream.on('ping', ({ id }, response) => {
      const error = { code: -32000, message: 'No valid session', data: { inner: 'path' } }
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id, error }))
    })
    const { status, body } = await sendTo(notes.endpoint, { token, body: ask('ping') })
    expect([status, body.error.message]).toEqual([400, 'No valid session'])
    expect(JSON.stringify(body)).not.toContain('inner')
  })

  test('may be late, or gone', async () => {
    const late = await startNotesGateway({ timeoutSeconds: 1 })
    const { tokens } = await late.connect()
    late.upstream.on('tools/call', () => {})
    expect((await unanswered(late, tokens.access_token))[0]).toBe(504)
    await late.stop()
    await notes.upstream.stop()
    const sent = await sendTo(notes.endpoint, { token, body: ask('ping') })
    expect([sent.status, sent.headers.get('retry-after')]).toEqual([502, '5'])
    expect(sent.text).not.toMatch(/127\.0\.0\.1|ECONN|connect/i)
  })

  test('is not asked at all at a private address unless the operator says so', async () => {
    const outside = await startNotesGateway({ allowPrivate: false })
    const { tokens } = await outside.connect()
    const sent = await sendTo(outside.endpoint, { token: tokens.access_token, body: ask('ping') })
    expect(sent.status).toBe(502)
    expect(outside.upstream.recorded).toEqual([])
    await outside.stop()
  })
})
