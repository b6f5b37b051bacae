/**
 * What attackers try by way of the gateway: to get at the server behind it as somebody else, past
 * the scopes, or with the client's own token.
 *
 * @see [MCP 2025-11-25 - Security Best Practices](https://modelcontextprotocol.io/specification/2025-11-25/basic/security_best_practices)
 */
import {
  ask,
  callOf,
  type NotesGateway,
  type Sending,
  sendTo,
  startNotesGateway,
} from '../support/notes-gateway.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

let notes: NotesGateway
let token: string
beforeAll(async () => {
  notes = await startNotesGateway()
  token = (await notes.connect()).tokens.access_token
  await sendTo(notes.endpoint, { token, body: ask('tools/list') })
})
afterAll(() => notes.stop())
beforeEach(() => {
  notes.upstream.recorded.length = 0
})

/** Everything that reached the server behind, as one text. */
const reached = () => JSON.stringify(notes.upstream.recorded)

describe('SECURITY 42: the token of the client', () => {
  const everywhere: [string, (token: string) => Sending & { query?: string }][] = [
    ['in its own header', () => ({})],
    ['in the query beside it', (own) => ({ query: `?access_token=${own}` })],
    [
      'in other headers',
      (own) => ({
        headers: {
          'x-auth': own,
          cookie: `session=${own}`,
          'x-forwarded-access-token': own,
          'proxy-authorization': `Bearer ${own}`,
          'mcp-param-token': own,
          referer: `https://a.example/${own}`,
          'user-agent': own,
        },
      }),
    ],
    ['in the arguments', (own) => ({ body: callOf('read_note', { text: own }) })],
    [
      'in the arguments, escaped',
      (own) => ({
        body: JSON.stringify(callOf('read_note', { text: 'here' })).replace(
          '"here"',
          `"${[...own].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join('')}"`,
        ),
      }),
    ],
    ['as a key', (own) => ({ body: callOf('read_note', { [own]: 1 }) })],
    ['as the id', (own) => ({ body: callOf('read_note', {}, own) })],
    [
      'in a notification',
      (own) => ({
        body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { reason: own } },
      }),
    ],
    ['in a reply', (own) => ({ body: { jsonrpc: '2.0', id: 1, result: { own } } })],
    ['as the session', (own) => ({ headers: { 'mcp-session-id': own } })],
    ['as the last event', (own) => ({ headers: { 'last-event-id': own } })],
    ['as the version', (own) => ({ headers: { 'mcp-protocol-version': own } })],
    ['on a waiting stream', (own) => ({ method: 'GET', query: `?t=${own}` })],
    ['at the end of a session', (own) => ({ method: 'DELETE', headers: { 'x-token': own } })],
  ]
  for (const [where, sending] of everywhere) {
    test(`never reaches the server behind: ${where}`, async () => {
      const { query = '', ...sent } = sending(token)
      const isPost = (sent.method ?? 'POST') === 'POST'
      const body = isPost ? { body: callOf('read_note') } : {}
      await sendTo(notes.endpoint + query, { token, ...body, ...sent })
      expect(reached()).not.toContain(token)
      expect(reached()).not.toContain(token.slice(7, 40))
    })
  }
})

describe('SECURITY 42: who asks', () => {
  test('is said by us alone, whatever the client says of it', async () => {
    const claimed = {
      'x-grantlog-identity': 'e30.e30.',
      'X-Grantlog-Subject': 'admin',
      'x-forwarded-user': 'admin',
      'x-forwarded-for': '10.0.0.1',
      'remote-user': 'admin',
      'x-remote-user': 'admin',
      'x-user': 'admin',
      'x-real-ip': '10.0.0.1',
      forwarded: 'for=10.0.0.1',
      'x-api-key': 'admin',
      'x-http-method-override': 'DELETE',
      'mcp-name': 'read_note',
      'mcp-method': 'tools/call',
      connection: 'x-grantlog-identity',
    }
    const sent = await sendTo(notes.endpoint, {
      token,
      headers: claimed,
      body: callOf('read_note'),
    })
    expect(sent.body.result).toEqual(resultOf('read_note'))
    const [{ headers = [] } = {}] = notes.upstream.asked('tools/call')
    const names = headers.map(([name]) => name).sort()
    expect(names).toEqual([
      ...['accept', 'accept-encoding', 'connection', 'content-length', 'content-type', 'host'],
      ...['user-agent', 'x-grantlog-identity'],
    ])
    expect(JSON.stringify(headers)).not.toContain('admin')
    expect(headers.find(([name]) => name === 'x-grantlog-identity')?.[1]).toMatch(/^eyJ/)
  })
})

describe('SECURITY 42: a message that means one thing here and another there', () => {
  const doubled = (first: string, second: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${first},"name":${second}}}`
  const deleting: [string, unknown, Record<string, string>?][] = [
    ['a name twice, the harmless one first', doubled('"read_note"', '"delete_note"')],
    [
      'a method twice',
      '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"delete_note"}}',
    ],
    [
      'params twice',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_note"},"params":{"name":"delete_note"}}',
    ],
    ['an escaped name', doubled('"read_note"', '"delete\\u005fnote"')],
    [
      'an escaped key',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_note","n\\u0061me":"delete_note"}}',
    ],
    ['the method in capitals', { ...callOf('delete_note'), method: 'Tools/Call' }],
    ['the method with a space', { ...callOf('delete_note'), method: 'tools/call ' }],
    ['the method with a look-alike', { ...callOf('delete_note'), method: 'tооls/call' }],
    ['the method with a null', { ...callOf('delete_note'), method: 'tools/call\0' }],
    ['the method as a list', { ...callOf('delete_note'), method: ['tools/call'] }],
    ['the name as a list', { ...callOf('x'), params: { name: ['delete_note'] } }],
    ['the name as an object', { ...callOf('x'), params: { name: { toString: 'delete_note' } } }],
    ['the name in wide letters', callOf('ｄelete_note')],
    ['the name in capitals', callOf('DELETE_NOTE')],
    ['the name with a space', callOf('delete_note ')],
    ['the name with a path', callOf('read_x/../delete_note')],
    ['the name hidden behind zero width', callOf('delete\u200b_note')],
    ['a batch', [callOf('read_note'), callOf('delete_note')]],
    ['a batch of one', [callOf('delete_note')]],
    ['a call inside of a call', { ...callOf('read_note'), request: callOf('delete_note') }],
    [
      'a call as a notification',
      { jsonrpc: '2.0', method: 'tools/call', params: { name: 'delete_note' } },
    ],
    ['a call that is an answer too', { ...callOf('delete_note'), result: {} }],
    ['no version', { id: 1, method: 'tools/call', params: { name: 'delete_note' } }],
    [
      'a prototype',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"delete_note"},"name":"read_note"}}',
    ],
    ['a header that says another tool', callOf('read_note'), { 'mcp-name': 'delete_note' }],
    ['a header that says another method', callOf('read_note'), { 'mcp-method': 'ping' }],
    [
      'two lines',
      `${JSON.stringify(callOf('read_note'))}\n${JSON.stringify(callOf('delete_note'))}`,
    ],
    ['a mark at the start', `\ufeff${JSON.stringify(callOf('delete_note'))}`],
  ]
  for (const [what, body, headers = {}] of deleting) {
    test(`deletes nothing: ${what}`, async () => {
      const sent = await sendTo(notes.endpoint, { token, body, headers })
      expect(sent.status).toBeLessThan(500)
      for (const { body: seen } of notes.upstream.recorded) {
        const { method, params, ...rest } = JSON.parse(seen)
        if (method === 'tools/list') continue
        expect([method, params.name, Object.keys(rest).sort()]).toEqual([
          'tools/call',
          'read_note',
          ['id', 'jsonrpc'],
        ])
        expect(seen.match(/"name"/g)?.length).toBeLessThanOrEqual(2)
        expect(seen).toBe(JSON.stringify(JSON.parse(seen)))
      }
    })
  }

  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'text/json',
    'application/json-patch+json',
    '',
  ]
  for (const type of types) {
    test(`is read as JSON alone: ${type || 'no type'}`, async () => {
      const headers = { 'content-type': type }
      const sent = await sendTo(notes.endpoint, { token, headers, body: callOf('read_note') })
      expect(sent.status).toBe(415)
      expect(notes.upstream.recorded).toEqual([])
    })
  }

  test('in another encoding is what we read, and goes on as that', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-16' }
    const sent = await sendTo(notes.endpoint, { token, headers, body: callOf('read_note') })
    expect(sent.body.result).toEqual(resultOf('read_note'))
    const [{ headers: seen = [] } = {}] = notes.upstream.asked('tools/call')
    expect(seen).toContainEqual(['content-type', 'application/json'])
  })

  const malformed: [string, string][] = [
    ['nothing', ''],
    ['no JSON', '{'],
    ['a text', '"tools/call"'],
    ['null', 'null'],
    [
      'too deep',
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`,
    ],
    ['a long id', JSON.stringify(ask('ping', {}, 'x'.repeat(201)))],
    ['an id that is null', JSON.stringify({ ...ask('ping'), id: null })],
    ['an id that is a list', JSON.stringify({ ...ask('ping'), id: [1] })],
    ['params that are a list', JSON.stringify({ ...ask('ping'), params: [] })],
    [
      'an answer that is both',
      '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
    ],
  ]
  for (const [what, body] of malformed) {
    test(`is refused: ${what}`, async () => {
      const sent = await sendTo(notes.endpoint, { token, body })
      expect([sent.status, sent.body.jsonrpc]).toEqual([400, '2.0'])
      expect(notes.upstream.recorded).toEqual([])
    })
  }

  test('is refused when it is too large, whatever it says of its length', async () => {
    const body = JSON.stringify(callOf('read_note', { text: 'x'.repeat(1_048_576) }))
    expect((await sendTo(notes.endpoint, { token, body })).status).toBe(413)
    expect(notes.upstream.recorded).toEqual([])
  })
})

describe('SECURITY 42: the path', () => {
  test('is the one of the server behind, whatever is asked here', async () => {
    await sendTo(`${notes.endpoint}?x=1&session=2`, { token, body: callOf('read_note') })
    for (const below of ['/admin', '/../admin', '/%2e%2e/admin', '//evil.example/', ';a=b']) {
      await sendTo(notes.endpoint + below, { token, body: callOf('read_note') })
    }
    for (const { path, headers } of notes.upstream.recorded) {
      expect(path).toBe('/mcp')
      const host = headers.find(([name]) => name === 'host')?.[1]
      expect(host).toBe(new URL(notes.upstream.url).host)
    }
  })
})

/** What the server behind says to a call without arguments. */
function resultOf(tool: string) {
  return { content: [{ type: 'text', text: `${tool} {}` }] }
}
