/** What a client meets at an MCP server that stands behind this one, and what that server sees. */
import { createHash } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { signedIn } from '../support/admin-browser.ts'
import { giveApiToken } from '../support/api-tokens.ts'
import { decide } from '../support/approvals.ts'
import {
  ask,
  callOf,
  type NotesGateway,
  sendTo,
  startNotesGateway,
  toolNames,
} from '../support/notes-gateway.ts'
import { eventsOf, post, type Tokens } from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import { json, tool } from '../support/recording-upstream.ts'
import { rejectionOf } from '../support/rejection.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let notes: NotesGateway
let token: string
beforeAll(async () => {
  notes = await startNotesGateway()
  token = (await notes.connect()).tokens.access_token
})
afterAll(() => notes.stop())

const send = (body: unknown, more = {}) => sendTo(notes.endpoint, { token, body, ...more })

describe('the resource', () => {
  test('is described by its own metadata', async () => {
    const url = `${notes.server.url}/.well-known/oauth-protected-resource/mcp/notes`
    expect(await (await fetch(url)).json()).toMatchObject({
      resource: notes.endpoint,
      scopes_supported: ['notes:read', 'notes:delete'],
    })
  })

  test('challenges whoever has no token, and who has one for something else', async () => {
    const other = await startNotesGateway()
    const foreign = (await other.connect()).tokens.access_token
    await other.stop()
    const metadata = `${notes.server.url}/.well-known/oauth-protected-resource/mcp/notes`
    for (const bad of [undefined, 'nonsense', foreign]) {
      const { status, headers } = await send(ask('tools/list'), { token: bad })
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toContain(`resource_metadata="${metadata}"`)
    }
    expect(notes.upstream.recorded).toEqual([])
  })

  test('answers pages of allowed origins alone', async () => {
    const strange = await startNotesGateway({}, { settings: { corsOrigins: [] } })
    const { tokens } = await strange.connect()
    const headers = { origin: 'https://evil.example' }
    const sending = { token: tokens.access_token, headers, body: ask('tools/list') }
    expect((await sendTo(strange.endpoint, sending)).status).toBe(403)
    expect(strange.upstream.recorded).toEqual([])
    await strange.stop()
  })

  test('answers a preflight, and shows a page the headers that it needs', async () => {
    const origin = 'https://app.example'
    const asked = { origin, 'access-control-request-method': 'POST' }
    const preflight = await fetch(notes.endpoint, { method: 'OPTIONS', headers: asked })
    expect(preflight.status).toBe(204)
    const { headers } = await send(ask('tools/list'), { headers: { origin } })
    expect(headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id')
  })

  test('takes POST, GET and DELETE', async () => {
    const { status, headers } = await send('{}', { method: 'PUT' })
    expect([status, headers.get('allow')]).toEqual([405, 'DELETE, GET, POST'])
  })

  test('opens to an API token where these are taken by MCP', async () => {
    const open = await startNotesGateway(
      {},
      { settings: { apiTokens: { acceptedOn: ['mcp'], scopes: [] } } },
    )
    await open.connect()
    const [approved] = await eventsOf(open.server, 'GrantApproved')
    const userId = String(approved?.payload.userId)
    const { token: apiToken } = await giveApiToken(open.server, { userId, scopes: ['notes:read'] })
    const answer = await sendTo(open.endpoint, { token: apiToken, body: callOf('read_note') })
    expect(answer.body.result).toEqual(resultOf('read_note'))
    const [made] = await eventsOf(open.server, 'ToolCallMade')
    expect(made?.payload.clientId).toMatch(/^tok_/)
    await open.stop()
  })
})

describe('the server behind it', () => {
  test('learns who asks by a header that our keys have signed, for this message alone', async () => {
    const [approved] = await eventsOf(notes.server, 'GrantApproved')
    const grantId = approved?.payload.grantId
    await send(callOf('read_note', { text: 'a' }))
    const recorded = notes.upstream.asked('tools/call').at(-1)
    const jwt = recorded?.headers.find(([name]) => name === 'x-grantlog-identity')?.[1] ?? ''
    const keys = createRemoteJWKSet(new URL(`${notes.server.url}/.well-known/jwks.json`))
    const { payload } = await jwtVerify(jwt, keys, {
      issuer: notes.server.url,
      audience: notes.upstream.url,
      typ: 'grantlog-identity+jwt',
    })
    const hash = createHash('sha256')
      .update(recorded?.body ?? '')
      .digest('base64url')
    expect(payload).toMatchObject({ scope: 'notes:read', grant: grantId, request_hash: hash })
    expect(payload.sub).toMatch(/^usr_/)
    expect(payload.client_id).toMatch(/^dcr_/)
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
  })

  test('gets nothing of ours unless the settings say so', async () => {
    await send(ask('ping'))
    const { headers = [] } = notes.upstream.recorded.at(-1) ?? {}
    expect(headers.filter(([name]) => name === 'authorization')).toEqual([])
  })

  const secret = 'upstream-secret-value'
  for (const [credential, header, value] of [
    ['bearer', 'authorization', `Bearer ${secret}`],
    ['header', 'x-api-key', secret],
  ] as const) {
    test(`is shown our own credential: ${credential}`, async () => {
      process.env.NOTES_SECRET = secret
      const given = { credential, credentialEnv: 'NOTES_SECRET', credentialHeader: 'X-Api-Key' }
      const own = await startNotesGateway(given)
      const { tokens } = await own.connect()
      await sendTo(own.endpoint, { token: tokens.access_token, body: callOf('read_note') })
      for (const { headers } of own.upstream.recorded) {
        expect(headers.filter(([name]) => name === header)).toEqual([[header, value]])
      }
      expect(JSON.stringify(await eventsOf(own.server))).not.toContain(secret)
      expect(own.server.logged()).not.toContain(secret)
      await own.stop()
    })
  }

  test('gets a token of its own, in which the client acts for the person', async () => {
    const own = await startNotesGateway({
      credential: 'exchange',
      audience: 'https://notes.example/mcp',
    })
    const { tokens, client } = await own.connect()
    await sendTo(own.endpoint, { token: tokens.access_token, body: callOf('read_note') })
    const { headers = [] } = own.upstream.recorded.at(-1) ?? {}
    const jwt = headers.find(([name]) => name === 'authorization')?.[1].slice('Bearer '.length)
    const keys = createRemoteJWKSet(new URL(`${own.server.url}/.well-known/jwks.json`))
    const { payload } = await jwtVerify(jwt ?? '', keys, {
      issuer: own.server.url,
      audience: 'https://notes.example/mcp',
      typ: 'at+jwt',
    })
    const acting = { sub: client.client_id, client_id: client.client_id }
    expect(payload).toMatchObject({ client_id: client.client_id, scope: 'notes:read', act: acting })
    expect(decodeJwt(jwt ?? '').sub).toMatch(/^usr_/)
    // It opens nothing here, by its audience and because no token of this id was issued.
    for (const path of ['/mcp/notes', '/oauth/userinfo']) {
      const again = { token: jwt, body: ask('tools/list') }
      expect((await sendTo(own.server.url + path, again)).status).toBe(401)
    }
    await own.stop()
  })

  test('is named by a secret that must be there when the server starts', async () => {
    const missing = startNotesGateway({ credential: 'bearer', credentialEnv: 'NO_SUCH_SECRET' })
    expect(String(await rejectionOf(missing))).toContain('the environment has no NO_SUCH_SECRET')
  })
})

describe('the headers of newer clients', () => {
  const newer = { 'mcp-protocol-version': '2026-07-28' }

  test('are made from the message, by what the tool itself wants repeated', async () => {
    const own = await startNotesGateway({ tools: { '*': 'notes:read' } })
    const properties = {
      text: { type: 'string', 'x-mcp-header': 'Text' },
      inner: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
    }
    own.upstream.tools = [tool('read_note', { inputSchema: { type: 'object', properties } })]
    const { tokens } = await own.connect()
    const body = callOf('read_note', { text: 'ü', inner: { n: 5 } })
    const headers = { ...newer, 'mcp-method': 'tools/call', 'mcp-param-text': 'another' }
    await sendTo(own.endpoint, { token: tokens.access_token, headers, body })
    const [called] = own.upstream.asked('tools/call')
    const mirrored = called?.headers.filter(([name]) => name.startsWith('mcp-')).sort()
    expect(mirrored).toEqual([
      ['mcp-method', 'tools/call'],
      ['mcp-name', 'read_note'],
      ['mcp-param-n', '5'],
      ['mcp-param-text', '=?base64?w7w=?='],
      ['mcp-protocol-version', '2026-07-28'],
    ])
    const [listed] = own.upstream.asked('tools/list')
    expect(listed?.headers).toContainEqual(['mcp-method', 'tools/list'])
    await own.stop()
  })

  test('must say what the message says', async () => {
    for (const wrong of [{ 'mcp-method': 'ping' }, { 'mcp-name': 'delete_note' }]) {
      const { status, body } = await send(callOf('read_note'), { headers: { ...newer, ...wrong } })
      expect([status, body.error.code]).toEqual([400, -32020])
    }
  })
})

describe('tools', () => {
  test('are listed as far as the token may call them', async () => {
    expect(toolNames(await send(ask('tools/list')))).toEqual(['read_note'])
    const both = (await notes.connect('notes:read notes:delete')).tokens.access_token
    const all = await send(ask('tools/list'), { token: both })
    expect(toolNames(all)).toEqual(['read_note', 'delete_note'])
  })

  test('are listed whole where the settings say so, without those that no scope opens', async () => {
    const whole = await startNotesGateway({ toolsList: 'whole' })
    whole.upstream.tools.push(tool('format_disk'))
    const { tokens } = await whole.connect()
    const listed = await sendTo(whole.endpoint, {
      token: tokens.access_token,
      body: ask('tools/list'),
    })
    expect(toolNames(listed)).toEqual(['read_note', 'delete_note'])
    await whole.stop()
  })

  test('that need another scope are challenged with it, and work once it is given', async () => {
    const before = notes.upstream.asked('tools/call').length
    const refused = await send(callOf('delete_note'))
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toContain(
      'error="insufficient_scope", scope="notes:delete"',
    )
    expect(notes.upstream.asked('tools/call')).toHaveLength(before)
    const both = (await notes.connect('notes:read notes:delete')).tokens.access_token
    expect((await send(callOf('delete_note'), { token: both })).body.result).toEqual(
      resultOf('delete_note'),
    )
  })

  test('that no scope opens, or that are not there, are refused in words', async () => {
    const unmapped = await send(callOf('format_disk'))
    expect(unmapped.body.error.message).toBe('The tool format_disk is not offered here')
    const unknown = await send(callOf('read_nothing'))
    expect(unknown.body.error.message).toBe('There is no tool read_nothing')
    const refusals = await eventsOf(notes.server, 'ToolCallRefused')
    expect(refusals.slice(-2).map(({ payload }) => payload.reason)).toEqual([
      'tool_unmapped',
      'tool_unknown',
    ])
  })

  test('of which the most specific pattern counts', async () => {
    const own = await startNotesGateway({
      tools: { '*': 'notes:delete', 'read_*': 'notes:delete', read_note: 'notes:read' },
    })
    const { tokens } = await own.connect()
    const sent = await sendTo(own.endpoint, {
      token: tokens.access_token,
      body: callOf('read_note'),
    })
    expect(sent.body.result).toEqual(resultOf('read_note'))
    await own.stop()
  })

  test('that need an approval go through once it was given, as they were asked, and once', async () => {
    const own = await startNotesGateway({ approval: ['read_*'] })
    const { tokens } = await own.connect()
    const read = (given: unknown) =>
      sendTo(own.endpoint, { token: tokens.access_token, body: callOf('read_note', given) })
    const { body } = await read({ id: 1 })
    const meta = body.result?._meta as Record<string, { id: string; status: string; url: string }>
    const waiting = meta['dev.grantlog/approval']
    const approvalId = String(waiting?.id)
    const url = `${own.server.url}/approvals/${approvalId}`
    expect(waiting).toEqual({ id: approvalId, status: 'asked', url })
    expect(body.result).toMatchObject({ isError: true, content: [{ type: 'text' }] })
    expect(JSON.stringify(body.result?.content)).toContain(url)
    expect(own.upstream.asked('tools/call')).toEqual([])
    const [asked] = await eventsOf(own.server, 'ApprovalAsked')
    await decide(own.server, { approvalId, userId: String(asked?.payload.userId) })
    expect((await read({ id: 2 })).body.result?.isError).toBe(true)
    expect((await read({ id: 1 })).body.result?.isError).toBeUndefined()
    expect(own.upstream.asked('tools/call')).toHaveLength(1)
    expect((await read({ id: 1 })).body.result?.isError).toBe(true)
    await own.stop()
  })
})

describe('other methods', () => {
  test('are offered where the settings name a scope, and not otherwise', async () => {
    const { body } = await send(ask('resources/list'))
    expect(body.error).toMatchObject({ code: -32601 })
    const own = await startNotesGateway({
      methods: { 'resources/*': 'notes:read', 'prompts/*': 'notes:delete' },
    })
    const { tokens } = await own.connect()
    const to = (method: string) =>
      sendTo(own.endpoint, { token: tokens.access_token, body: ask(method) })
    expect((await to('resources/list')).body.result).toEqual({})
    const prompts = await to('prompts/list')
    expect([prompts.status, prompts.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringContaining('scope="notes:delete"'),
    ])
    await own.stop()
  })

  test('are not told of in the handshake where nobody may ask them', async () => {
    const { body } = await send(ask('initialize', { protocolVersion: '2025-06-18' }))
    expect(body.result?.capabilities).toEqual({ tools: { listChanged: true } })
  })

  test('that are answers and notifications go on', async () => {
    const told = { jsonrpc: '2.0', method: 'notifications/initialized' }
    expect((await send(told)).status).toBe(202)
    const reply = { jsonrpc: '2.0', id: 7, result: { roots: [] } }
    expect((await send(reply)).status).toBe(202)
    expect(notes.upstream.recorded.at(-1)?.body).toBe(
      JSON.stringify({ jsonrpc: '2.0', id: 7, result: { roots: [] } }),
    )
  })

  test('need what every request needs', async () => {
    const own = await startNotesGateway({ scopes: ['notes:read'] })
    const { tokens } = await own.connect('notes:delete')
    for (const body of [ask('ping'), callOf('delete_note')]) {
      const sent = await sendTo(own.endpoint, { token: tokens.access_token, body })
      expect(sent.status).toBe(403)
      expect(sent.headers.get('www-authenticate')).toContain('scope="notes:read"')
    }
    expect(own.upstream.recorded).toEqual([])
    await own.stop()
  })
})

describe('the log', () => {
  test('has a call before it is sent, and then its end', async () => {
    const own = await startNotesGateway()
    const { tokens, client } = await own.connect()
    const seen: string[] = []
    own.upstream.on('tools/call', async ({ id }, response) => {
      const events = await eventsOf(own.server, 'ToolCallMade', 'ToolCallEnded')
      seen.push(...events.map(({ type }) => type))
      json(response, { jsonrpc: '2.0', id, result: { content: [], isError: true } })
    })
    const body = callOf('read_note', { text: 'private words' })
    await sendTo(own.endpoint, { token: tokens.access_token, body })
    expect(seen).toEqual(['ToolCallMade'])
    const [made, ended] = await eventsOf(own.server, 'ToolCallMade', 'ToolCallEnded')
    expect(made?.actor).toBe(`client:${client.client_id}`)
    expect(made?.payload).toMatchObject({ tool: 'read_note', resource: own.endpoint })
    expect(made?.payload).not.toHaveProperty('arguments')
    expect(JSON.stringify(made)).not.toContain('private words')
    expect(ended?.payload).toMatchObject({ outcome: 'tool_error' })
    await own.stop()
  })

  test('keeps arguments, sealed for the person, where the settings say so', async () => {
    const own = await startNotesGateway({ recordArguments: 'sealed' })
    const { tokens } = await own.connect()
    const body = callOf('read_note', { text: 'private words' })
    await sendTo(own.endpoint, { token: tokens.access_token, body })
    const [made] = await eventsOf(own.server, 'ToolCallMade')
    expect(made?.payload.arguments).toBe('{"text":"private words"}')
    await own.stop()
  })

  test('may have calls that only read afterwards, and never those that act', async () => {
    const own = await startNotesGateway({ recordReads: 'after' })
    const { tokens } = await own.connect('notes:read notes:delete')
    const seen: number[] = []
    own.upstream.on('tools/call', async ({ id }, response) => {
      seen.push((await eventsOf(own.server, 'ToolCallMade')).length)
      json(response, { jsonrpc: '2.0', id, result: { content: [] } })
    })
    for (const name of ['read_note', 'delete_note']) {
      await sendTo(own.endpoint, { token: tokens.access_token, body: callOf(name) })
    }
    // Before the first none is there; before the second its own, beside the first.
    expect(seen).toEqual([0, 2])
    const ended = await eventsOf(own.server, 'ToolCallEnded')
    expect(ended.map(({ payload }) => payload.outcome)).toEqual(['ok', 'ok'])
    await own.stop()
  })

  test('has equal hashes for equal arguments, however their members are ordered', async () => {
    await send(callOf('read_note', { a: 1, b: { c: 2, d: 3 } }))
    await send(callOf('read_note', { b: { d: 3, c: 2 }, a: 1 }))
    await send(callOf('read_note', { a: 1, b: { c: 2, d: 4 } }))
    const made = await eventsOf(notes.server, 'ToolCallMade')
    const [first, second, third] = made.slice(-3).map(({ payload }) => payload.argumentsHash)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  test('has no call of a token whose grant ended at that moment', async () => {
    const { tokens, client } = await notes.connect()
    const before = notes.upstream.asked('tools/call').length
    const form = { token: tokens.refresh_token, client_id: client.client_id }
    const body = new URLSearchParams(form)
    await fetch(`${notes.server.url}/oauth/revoke`, { method: 'POST', body })
    const sent = await send(callOf('read_note'), { token: tokens.access_token })
    expect(sent.status).toBe(401)
    expect(notes.upstream.asked('tools/call')).toHaveLength(before)
  })
})

test('a client that acts for itself is recorded as that, and no person', async () => {
  const own = await startNotesGateway({})
  const { services } = own.server
  const client = await addClient(services, { scope: 'notes:read' })
  const form = { grant_type: 'client_credentials', resource: own.endpoint }
  const { headers } = client
  const granted = await post<Tokens>(own.server, '/oauth/token', { form, headers })
  const token = granted.body.access_token
  const sent = await sendTo(own.endpoint, { token, body: callOf('read_note') })
  expect(sent.body.result).toEqual(resultOf('read_note'))
  const [made] = await eventsOf({ services }, 'ToolCallMade')
  expect(made?.payload.sub).toBe(made?.payload.clientId)
  expect(made?.payload).not.toHaveProperty('userId')
  await own.stop()
})

describe('a call is told', () => {
  test('to its person in words, on the page of the connected app', async () => {
    const person = notes.server.person()
    const { tokens } = await notes.connect('notes:read', person)
    await send(callOf('read_note'), { token: tokens.access_token })
    await send(callOf('delete_note'), { token: tokens.access_token })
    const [approved] = (await eventsOf(notes.server, 'GrantApproved')).slice(-1)
    const page = await person.open(`/developers/connected-apps/${approved?.payload.grantId}`)
    const html = await page.text()
    expect(html).toContain('What it called')
    expect(html).toMatch(/read_note.*at .*Notes.*: done/)
    expect(html).toMatch(/delete_note.*: refused, you have not allowed it/)
  })

  test('to administrators by its id, with its events and its consent', async () => {
    const ada = await signedIn(notes.server)
    await send(callOf('read_note'))
    await send(callOf('format_disk'))
    const tell = async (type: string) => {
      const [event] = (await eventsOf(notes.server, type)).slice(-1)
      const answer = await ada.open(`/audit/calls/${event?.payload.callId}`)
      return (await answer.json()) as Record<string, unknown>
    }
    const made = await tell('ToolCallMade')
    expect(made).toMatchObject({ tool: 'read_note', outcome: 'ok' })
    expect(made.said).toMatch(/^dcr_\S+ called read_note at \S+ for usr_\S+, and it was done$/)
    expect(made.events).toHaveLength(2)
    expect(made.consent).toMatchObject({ type: 'GrantApproved' })
    expect((await tell('ToolCallRefused')).said).toMatch(
      /and was refused: no scope opens the tool$/,
    )
    expect((await ada.open('/audit/calls/call_none')).status).toBe(404)
    expect((await fetch(`${notes.server.url}/audit/calls/call_none`)).status).toBe(401)
  })
})

/** What the server behind says to a call without arguments. */
function resultOf(tool: string) {
  return { content: [{ type: 'text', text: `${tool} {}` }] }
}
