/** What Onegent's OAuth guide promises to whoever writes an agent, for everything but pages and jobs. */

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { pythonPath } from '../support/capabilities.ts'
import { jobHappens } from '../support/job-happens.ts'
import {
  authorizationUrl,
  authorize,
  basic,
  eventsOf,
  newPkce,
  post,
  type Registered,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { callTool, runPython } from './onegent-programs.ts'
import { bodyOf, documentHolds, type Sentence } from './seed-document.ts'

const callback = 'https://acme-travel.example.com/oauth/callback'
const acme = {
  client_name: 'Acme Travel Concierge',
  client_uri: 'https://acme-travel.example.com',
  redirect_uris: [callback],
  scope: 'book read',
  token_endpoint_auth_method: undefined,
}

let now = Date.now()
let server: TestServer
let client: Registered
let tokens: Tokens
beforeAll(async () => {
  server = await startTestServer({}, { preset: 'onegent', clock: () => now })
  client = await register(server, acme)
  tokens = await connect()
})
afterAll(() => server.stop())

const codeFor = (scope = 'book read') =>
  authorize(server, client, { redirect_uri: callback, scope })

const credentials = () => ({
  authorization: basic(client.client_id, client.client_secret ?? ''),
})

function exchange(changes: Record<string, string> = {}, headers = credentials()) {
  const form = { grant_type: 'authorization_code', redirect_uri: callback, ...changes }
  return post<Tokens & { error?: string }>(server, '/oauth/token', { form, headers })
}

async function connect(scope?: string): Promise<Tokens> {
  const { code, pkce } = await codeFor(scope)
  return (await exchange({ code, code_verifier: pkce.verifier })).body
}

function refresh(refresh_token: string) {
  const form = { grant_type: 'refresh_token', refresh_token }
  return post<Tokens & { error?: string }>(server, '/oauth/token', { form, headers: credentials() })
}

const revoke = (token: string, headers = credentials()) =>
  post(server, '/oauth/revoke', { form: { token }, headers })

function registration(changes: Record<string, unknown>) {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ ...acme, ...changes })
  return fetch(`${server.url}/oauth/register`, { method: 'POST', headers, body })
}

function mcp(message: Record<string, unknown>, token: string | undefined = tokens.access_token) {
  return fetch(`${server.url}/api/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  })
}

/** The sample of the document. */
const booking = {
  restaurant_name: 'Carbone',
  city: 'New York',
  date: '2026-06-15',
  time: '19:00',
  covers: 2,
  profile: {
    first_name: 'Alex',
    last_name: 'Example',
    email: 'alex@example.com',
    phone: '+14155550123',
  },
}
const book = (id: number | string) => ({
  id,
  method: 'tools/call',
  params: { name: 'book_restaurant', arguments: booking },
})
const isGood = async (token: string) => (await mcp({ id: 1, method: 'tools/list' }, token)).status

const discovery: Sentence[] = [
  {
    section: '1 Discovery',
    says: 'the server metadata has these members, and `iss` as the one addition',
    async check() {
      const { url } = server
      expect(await bodyOf(fetch(`${url}/.well-known/oauth-authorization-server`))).toEqual({
        issuer: url,
        authorization_endpoint: `${url}/oauth/authorize`,
        token_endpoint: `${url}/oauth/token`,
        revocation_endpoint: `${url}/oauth/revoke`,
        registration_endpoint: `${url}/oauth/register`,
        scopes_supported: ['book', 'read'],
        response_types_supported: ['code'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        authorization_response_iss_parameter_supported: true,
      })
    },
  },
  {
    section: '1 Discovery',
    says: 'the resource metadata has four members, at the root and beside the resource',
    async check() {
      const { url } = server
      for (const path of ['', '/api/mcp']) {
        const asked = fetch(`${url}/.well-known/oauth-protected-resource${path}`)
        expect(await bodyOf(asked)).toEqual({
          resource: `${url}/api/mcp`,
          authorization_servers: [url],
          bearer_methods_supported: ['header'],
          scopes_supported: ['book', 'read'],
        })
      }
    },
  },
  {
    section: '1 Discovery',
    says: 'nothing else is described: it is no OpenID provider',
    async check() {
      for (const path of ['', '/api/mcp']) {
        const asked = await fetch(`${server.url}/.well-known/openid-configuration${path}`)
        expect(asked.status).toBe(404)
      }
      const { body } = await exchangeWith('openid book')
      expect(body.scope).toBe('book')
      expect(body.id_token).toBeUndefined()
    },
  },
]

async function exchangeWith(scope: string) {
  const { code, pkce } = await codeFor(scope)
  return exchange({ code, code_verifier: pkce.verifier })
}

const registering: Sentence[] = [
  {
    section: '2 Option A',
    says: 'registration answers 201 with the fields of the document, and a secret that never expires',
    async check() {
      const registered = await bodyOf(registration({}), 201)
      const { client_id, client_secret, ...rest } = registered
      expect(String(client_id)).toMatch(/^dcr_/)
      expect(String(client_secret).length).toBeGreaterThan(40)
      expect(rest).toMatchObject({
        client_secret_expires_at: 0,
        redirect_uris: [callback],
        client_name: 'Acme Travel Concierge',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: 'book read',
      })
    },
  },
  {
    section: '2 Option A',
    says: 'a client that asks for no secret gets one, since both methods need it',
    async check() {
      const registered = await bodyOf(registration({ token_endpoint_auth_method: 'none' }), 201)
      expect(registered.token_endpoint_auth_method).toBe('client_secret_basic')
      expect(registered.client_secret).toBeDefined()
    },
  },
  {
    section: '2 Option A',
    says: 'of the secret a hash is kept and nothing else',
    async check() {
      const log = JSON.stringify(await eventsOf(server))
      expect(log).toContain(client.client_id)
      expect(log).not.toContain(client.client_secret ?? '')
      for (const token of [tokens.access_token, tokens.refresh_token]) {
        expect(log).not.toContain(token)
      }
    },
  },
  {
    section: '2 Constraints',
    says: 'redirects are https, or http on localhost or 127.0.0.1; others are invalid_redirect_uri',
    async check() {
      for (const uri of ['http://localhost:3000/cb', 'http://127.0.0.1/cb', callback]) {
        await bodyOf(registration({ redirect_uris: [uri] }), 201)
      }
      for (const uri of ['http://acme.example.com/cb', 'cursor://cb', 'com.acme:/cb', 'cb']) {
        const refused = await bodyOf(registration({ redirect_uris: [uri] }), 400)
        expect(refused.error).toBe('invalid_redirect_uri')
      }
    },
  },
  {
    section: '2 Constraints',
    says: 'six brands are nobody’s name, however they are spelled: invalid_client_metadata',
    async check() {
      const brands = ['Onegent', 'Anthropic', 'OpenAI', 'Apple', 'Google', 'Microsoft']
      for (const brand of brands) {
        for (const client_name of [brand, `My ${brand.toUpperCase()} helper`]) {
          const refused = await bodyOf(registration({ client_name }), 400)
          expect(refused.error).toBe('invalid_client_metadata')
        }
      }
    },
  },
  {
    section: '2 Constraints',
    says: 'the scope of a registration is what it has in common with book and read',
    async check() {
      const wide = await bodyOf(registration({ scope: 'read admin openid audit:read' }), 201)
      expect(wide.scope).toBe('read')
    },
  },
]

const authorizing: Sentence[] = [
  {
    section: '3 Authorization',
    says: 'S256 is required, and `code` the only response',
    async check() {
      const errorOf = async (changes: Record<string, string | undefined>) => {
        const url = authorizationUrl(server, client.client_id, {
          redirect_uri: callback,
          ...changes,
        })
        const location = (await fetch(url, { redirect: 'manual' })).headers.get('location')
        return new URL(location ?? '', server.url).searchParams.get('error')
      }
      expect(await errorOf({ code_challenge_method: 'plain' })).toBe('invalid_request')
      expect(await errorOf({ code_challenge: undefined })).toBe('invalid_request')
      expect(await errorOf({ response_type: 'token' })).toBe('unsupported_response_type')
    },
  },
  {
    section: '3 Authorization',
    says: 'the consent names client, address and scopes, and asks Approve or Deny without checkboxes',
    async check() {
      const person = server.person()
      const before = authorizationUrl(server, client.client_id, { redirect_uri: callback })
      await person.answer(before)
      const asked = authorizationUrl(server, client.client_id, { redirect_uri: callback })
      const onward = (await person.open(asked)).headers.get('location') ?? ''
      const page = await (await person.open(onward)).text()
      for (const words of [
        'Onegent',
        acme.client_name,
        'acme-travel.example.com',
        'book',
        'read',
      ]) {
        expect(page).toContain(words)
      }
      for (const button of ['Approve', 'Deny']) expect(page).toContain(button)
      expect(page).not.toContain('checkbox')
    },
  },
  {
    section: '3 Authorization',
    says: 'approving leads back with code and state, denying with access_denied, state and no code',
    async check() {
      const { back } = await codeFor()
      expect(back.href.startsWith(`${callback}?`)).toBe(true)
      expect(back.searchParams.get('state')).toBe('a state')
      const asked = authorizationUrl(server, client.client_id, { redirect_uri: callback })
      const denied = (await server.person().answer(asked, 'deny')).searchParams
      expect(denied.get('error')).toBe('access_denied')
      expect(denied.get('state')).toBe('a state')
      expect(denied.has('code')).toBe(false)
    },
  },
]

const exchanging: Sentence[] = [
  {
    section: '4 Exchange',
    says: 'the answer has five members: opaque tokens, Bearer, an hour, the scope',
    async check() {
      const { access_token, refresh_token, ...rest } = await connect()
      expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3600, scope: 'book read' } as never)
      for (const token of [access_token, refresh_token]) expect(token).toMatch(/^ogk_[\w-]+$/)
    },
  },
  {
    section: '4 Exchange',
    says: 'a secret in the form does as well as one in the header',
    async check() {
      const posting = await register(server, {
        ...acme,
        token_endpoint_auth_method: 'client_secret_post',
      })
      const { client_id, client_secret = '' } = posting
      const { code, pkce } = await authorize(server, posting, { redirect_uri: callback })
      const form = {
        ...{ grant_type: 'authorization_code', redirect_uri: callback, code },
        ...{ code_verifier: pkce.verifier, client_id, client_secret },
      }
      expect((await post(server, '/oauth/token', { form })).status).toBe(200)
    },
  },
  {
    section: '4 Exchange',
    says: 'a code is good once and for ten minutes',
    async check() {
      const { code, pkce } = await codeFor()
      const asked = { code, code_verifier: pkce.verifier }
      expect((await exchange(asked)).status).toBe(200)
      expect(await exchange(asked)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      const late = await codeFor()
      now += 600_001
      const answer = await exchange({ code: late.code, code_verifier: late.pkce.verifier })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      tokens = await connect()
    },
  },
  {
    section: '4 Exchange',
    says: 'the redirect URI is sent again, byte for byte',
    async check() {
      for (const redirect_uri of [
        `${callback}/`,
        callback.replace('acme', 'ACME'),
        `${callback}?`,
      ]) {
        const { code, pkce } = await codeFor()
        const answer = await exchange({ code, code_verifier: pkce.verifier, redirect_uri })
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      }
      const { code, pkce } = await codeFor()
      const form = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
      const answer = await post(server, '/oauth/token', { form, headers: credentials() })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    },
  },
  {
    section: '4 Errors',
    says: 'a verifier that does not fit is invalid_grant, one of the wrong length invalid_request',
    async check() {
      const { code } = await codeFor()
      const other = await exchange({ code, code_verifier: newPkce().verifier })
      expect(other).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      for (const length of [42, 129]) {
        const answer = await exchange({ code, code_verifier: 'x'.repeat(length) })
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      }
    },
  },
  {
    section: '4 Errors',
    says: 'a wrong id or secret is 401 invalid_client',
    async check() {
      for (const authorization of [basic(client.client_id, 'wrong'), basic('dcr_x', 'y')]) {
        const answer = await exchange(
          { code: 'x', code_verifier: 'x'.repeat(43) },
          { authorization },
        )
        expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
      }
    },
  },
]

const calling: Sentence[] = [
  {
    section: '5 Tools',
    says: 'tools/list and tools/call work straight away, with number and text ids, and answer JSON',
    async check() {
      for (const id of [1, 'a-text-id']) {
        const listed = await mcp({ id, method: 'tools/list', params: {} })
        expect(listed.headers.get('content-type')).toContain('application/json')
        const list = (await bodyOf(listed)) as { id: unknown; result: { tools: unknown[] } }
        expect(list.id).toBe(id)
        expect(list.result.tools).toHaveLength(6)
        const called = (await bodyOf(mcp(book(id)))) as { id: unknown; result: ToolResult }
        expect(called.id).toBe(id)
        expect(called.result.structuredContent.jobId).toMatch(/^job_/)
        expect(called.result.structuredContent.status).toBe('queued')
      }
    },
  },
  {
    section: '5 Tools',
    says: 'there are six tools, each with its schemas, words and three hints',
    async check() {
      const { result } = (await bodyOf(mcp({ id: 1, method: 'tools/list' }))) as {
        result: { tools: ListedTool[] }
      }
      expect(result.tools.map(({ name }) => name)).toEqual(toolNames)
      for (const { name, description, annotations, ...schemas } of result.tools) {
        expect(schemas.inputSchema.type).toBe('object')
        expect(Object.keys(schemas.inputSchema.properties)).not.toEqual([])
        expect(schemas.outputSchema.type).toBe('object')
        expect(description.length).toBeGreaterThan(40)
        expect(annotations.readOnlyHint).toBe(name.startsWith('get_'))
        const hints = ['readOnlyHint', 'openWorldHint', 'destructiveHint']
        for (const hint of hints) expect(annotations).toHaveProperty(hint)
      }
    },
  },
  {
    section: '5 Tools',
    says: 'a list is allowed to any token, whatever its scope, and is always whole',
    async check() {
      for (const scope of ['read', 'book']) {
        const { access_token } = await connect(scope)
        const listed = (await bodyOf(mcp({ id: 1, method: 'tools/list' }, access_token))) as {
          result: { tools: ListedTool[] }
        }
        expect(listed.result.tools.map(({ name }) => name)).toEqual(toolNames)
      }
    },
  },
  {
    section: '5 Tools',
    says: 'each of the four that book takes what it describes, and nothing that is not so',
    async check() {
      for (const [name, given] of Object.entries(samples)) {
        const { structuredContent } = await resultOf(name, given)
        expect(structuredContent.jobId).toMatch(/^job_/)
        expect(structuredContent.status).toBe('queued')
        const { profile: _, ...nameless } = given as { profile?: unknown }
        for (const wrong of [nameless, { ...given, covers: 0, guests: 0, extra: 1 }, {}]) {
          expect((await resultOf(name, wrong)).isError).toBe(true)
        }
      }
      const noSuchDay = { ...booking, date: '2027-02-30' }
      expect((await resultOf('book_restaurant', noSuchDay)).isError).toBe(true)
    },
  },
  {
    section: '5 Tools',
    says: 'get_job_status tells at once how the job of a jobId stands, as often as it is asked',
    async check() {
      const { structuredContent } = await resultOf('book_restaurant', booking)
      const { jobId } = structuredContent
      for (let times = 0; times < 3; times += 1) {
        const told = (await resultOf('get_job_status', { jobId })).structuredContent
        expect(told).toMatchObject({ jobId, tool: 'book_restaurant', status: 'queued' })
      }
      const audited = (await resultOf('get_job_audit', { jobId })).structuredContent
      expect(audited).toMatchObject({ jobId, status: 'queued', events: [{ type: 'JobQueued' }] })
    },
  },
  {
    section: '5 Tools',
    says: 'both versions of the official client see the six, call them, and find the answers as described',
    async check() {
      const [endpoint, { access_token }] = [new URL(`${server.url}/api/mcp`), tokens]
      const requestInit = { headers: { authorization: `Bearer ${access_token}` } }
      const info = { name: 'acme', version: '1' }
      const older = new OlderClient(info)
      const transport = new OlderTransport(endpoint, { requestInit })
      await older.connect(transport as Parameters<OlderClient['connect']>[0])
      const newer = new Client(info)
      await newer.connect(new StreamableHTTPClientTransport(endpoint, { requestInit }))
      for (const sdk of [older, newer]) {
        const { tools } = await sdk.listTools()
        expect(tools.map(({ name }) => name)).toEqual(toolNames)
        for (const [name, given] of Object.entries(samples)) {
          const started = await sdk.callTool({ name, arguments: { ...given } })
          const { jobId } = started.structuredContent as { jobId: string }
          for (const asking of ['get_job_status', 'get_job_audit']) {
            const told = await sdk.callTool({ name: asking, arguments: { jobId } })
            expect(told.structuredContent).toMatchObject({ jobId, tool: name, status: 'queued' })
          }
        }
        await sdk.close()
      }
    },
  },
  {
    section: '5 Tools',
    says: 'a job that was cancelled is an error: the document knows no other end without success',
    async check() {
      const { structuredContent } = await resultOf('book_restaurant', booking)
      const { jobId } = structuredContent
      await jobHappens(server, jobId, { kind: 'cancel', reason: 'cancelled_by_user' })
      for (const tool of ['get_job_status', 'get_job_audit']) {
        expect((await resultOf(tool, { jobId })).structuredContent.status).toBe('error')
      }
    },
  },
  {
    section: '8 Scopes',
    says: 'book is for the four that book and read for the two that tell, and no token does more',
    async check() {
      const reading = await connect('read')
      // Of the other client's consent to read, a new one would be an addition.
      const writer = await register(server, acme)
      const authorization = basic(writer.client_id, writer.client_secret ?? '')
      const asked = { redirect_uri: callback, scope: 'book' }
      const { code, pkce } = await authorize(server, writer, asked)
      const answer = await exchange({ code, code_verifier: pkce.verifier }, { authorization })
      const writing = answer.body
      const statusOf = async (name: string, { access_token }: Tokens) => {
        const params = { name, arguments: {} }
        return (await mcp({ id: 1, method: 'tools/call', params }, access_token)).status
      }
      for (const name of toolNames) {
        const isReading = name.startsWith('get_')
        expect(await statusOf(name, reading)).toBe(isReading ? 200 : 403)
        expect(await statusOf(name, writing)).toBe(isReading ? 403 : 200)
      }
    },
  },
  {
    section: '8 Scopes',
    says: 'a missing scope is 403 with realm, error and scope in the challenge, and a message that names tool and scopes',
    async check() {
      const reading = await connect('read')
      const answer = await mcp(book(1), reading.access_token)
      const challenge = 'Bearer realm="onegent-mcp", error="insufficient_scope", scope="book"'
      expect(answer.headers.get('www-authenticate')?.startsWith(`${challenge}, resource_`)).toBe(
        true,
      )
      const body = await bodyOf(answer, 403)
      expect(body.error).toBe('insufficient_scope')
      for (const word of ['book_restaurant', 'book', 'read']) expect(body.message).toContain(word)
      expect(body.error_description).toBeUndefined()
    },
  },
]

interface ToolResult {
  readonly isError?: boolean
  readonly structuredContent: { readonly jobId: string; readonly status: string }
}

interface ListedTool {
  readonly name: string
  readonly description: string
  readonly annotations: { readonly readOnlyHint: boolean }
  readonly inputSchema: { readonly type: string; readonly properties: object }
  readonly outputSchema: { readonly type: string }
}

const toolNames = [
  ...['book_restaurant', 'book_hotel', 'book_flight', 'book_activity'],
  ...['get_job_status', 'get_job_audit'],
]

const { profile } = booking
const samples: Readonly<Record<string, object>> = {
  book_restaurant: booking,
  book_hotel: {
    ...{ city: 'Lisbon', check_in: '2027-05-01', check_out: '2027-05-04' },
    ...{ guests: 2, profile },
  },
  book_flight: {
    ...{ origin: 'JFK', destination: 'Lisbon', departure_date: '2027-04-30' },
    ...{ passengers: 2, cabin: 'economy', profile },
  },
  book_activity: {
    ...{ activity_name: 'Tile museum', city: 'Lisbon', date: '2027-05-02' },
    ...{ participants: 2, profile },
  },
}

async function resultOf(name: string, given: object): Promise<ToolResult> {
  const params = { name, arguments: given }
  return (await bodyOf(mcp({ id: 1, method: 'tools/call', params }))).result as ToolResult
}

const ending: Sentence[] = [
  {
    section: '6 Refresh',
    says: 'each use gives a new pair; a second use of the same token is invalid_grant',
    async check() {
      const first = await connect()
      const next = await refresh(first.refresh_token)
      expect(next.status).toBe(200)
      expect(next.body.access_token).not.toBe(first.access_token)
      expect(next.body.refresh_token).not.toBe(first.refresh_token)
      const again = await refresh(first.refresh_token)
      expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    },
  },
  {
    section: '6 Refresh',
    says: 'an access token lives one hour, a refresh token thirty days',
    async check() {
      const start = now
      const { access_token, refresh_token } = await connect()
      now = start + 3_600_000
      expect(await isGood(access_token)).toBe(401)
      now = start + 30 * 86_400_000 - 1000
      const next = (await refresh(refresh_token)).body
      now += 30 * 86_400_000
      const late = await refresh(next.refresh_token)
      expect(late).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      tokens = await connect()
    },
  },
  {
    section: '7 Revoke',
    says: 'revoking is always 200, for a token that never was and for one that is gone',
    async check() {
      const { refresh_token } = await connect()
      for (const token of ['never was', refresh_token, refresh_token]) {
        expect((await revoke(token)).status).toBe(200)
      }
    },
  },
  {
    section: '7 Revoke',
    says: 'revoking one token of a pair leaves the other',
    async check() {
      const one = await connect()
      await revoke(one.access_token)
      expect(await isGood(one.access_token)).toBe(401)
      expect((await refresh(one.refresh_token)).status).toBe(200)
      const other = await connect()
      await revoke(other.refresh_token)
      expect(await isGood(other.access_token)).toBe(200)
      expect((await refresh(other.refresh_token)).body.error).toBe('invalid_grant')
    },
  },
]

const errors: Sentence[] = [
  {
    section: '10 Errors',
    says: 'without a bearer header /api/mcp is 401 missing_authorization, with a dead one invalid_token; both say where to discover',
    async check() {
      const where = `resource_metadata="${server.url}/.well-known/oauth-protected-resource`
      const list = { id: 1, method: 'tools/list' }
      for (const [token, error] of [
        ['', 'missing_authorization'],
        ['x', 'invalid_token'],
      ] as const) {
        const answer = await mcp(list, token)
        expect(answer.headers.get('www-authenticate')).toContain(where)
        const body = await bodyOf(answer, 401)
        expect(body.error).toBe(error)
        expect(typeof body.message).toBe('string')
      }
    },
  },
  {
    section: '10 Errors',
    says: 'a missing parameter and a broken body are 400 invalid_request, said in error_description',
    async check() {
      const missing = await exchange({ code: 'x' })
      expect(missing).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      expect(missing.body).toHaveProperty('error_description')
    },
  },
  {
    section: '10 Errors',
    says: 'while the database is away everything is 503 auth_backend_unavailable, with Retry-After',
    async check() {
      const other = await startTestServer({}, { preset: 'onegent' })
      try {
        await other.store.close()
        const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'x' }
        const answer = await post(other, '/oauth/token', { form })
        expect(answer).toMatchObject({ status: 503, body: { error: 'auth_backend_unavailable' } })
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
        const ready = await bodyOf(fetch(`${other.url}/readyz`), 503)
        expect(typeof ready.message).toBe('string')
      } finally {
        await other.stop()
      }
    },
  },
]

const programs: Sentence[] = [
  {
    section: '9 TypeScript',
    says: 'a program without an SDK gets from the code to a job',
    async check() {
      const { access_token } = await connect()
      const result = await callTool(server.url, access_token, {
        name: 'book_restaurant',
        given: booking,
      })
      expect(result).toMatchObject({ result: { structuredContent: { status: 'queued' } } })
    },
  },
  ...(pythonPath === undefined
    ? []
    : [
        {
          section: '9 Python',
          says: 'the same in Python, from the authorization URL to a job',
          async check() {
            const result = await runPython(server, {
              clientId: client.client_id,
              clientSecret: client.client_secret ?? '',
              redirectUri: callback,
              booking,
            })
            expect(result).toMatchObject({ result: { structuredContent: { status: 'queued' } } })
          },
        },
      ]),
]

documentHolds('Onegent', {
  sentences: [
    ...[discovery, registering, authorizing, exchanging],
    ...[calling, ending, errors, programs],
  ].flat(),
  later: [],
})
