/** What Along's document promises to clients. */

import { presets } from '../../src/config/presets.ts'
import { publishClient } from '../support/client-document.ts'
import { fetchedSafe } from '../support/detail-types.ts'
import { startDocumentServer } from '../support/document-server.ts'
import { callOf, sendTo } from '../support/notes-gateway.ts'
import {
  authorizationUrl,
  authorize,
  connect as connectTo,
  newPkce,
  post,
  type Registered,
  redeem,
  redirectUri,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { OperatorApp } from '../support/operator-app.ts'
import { startOptionServer } from '../support/option-server.ts'
import { startRecordingUpstream } from '../support/recording-upstream.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { startTwoHosts } from '../support/two-hosts.ts'
import { bodyOf, documentHolds, type Sentence } from './seed-document.ts'

const proxy = { trustedProxies: ['127.0.0.1', '::1'] }
let now = Date.now()
let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer(proxy, { preset: 'along', clock: () => now })
  client = await register(server)
})
afterAll(() => server.stop())

async function connect(asked: Record<string, string> = {}): Promise<Tokens> {
  const { code, pkce } = await authorize(server, client, asked)
  return (await exchange(code, pkce.verifier)).body
}

function exchange(code: string, code_verifier: string) {
  const { client_id } = client
  const form = { grant_type: 'authorization_code', client_id, code, code_verifier }
  return post<Tokens & { error?: string }>(server, '/oauth/token', { form })
}

/** Where the authorization endpoint sends a browser, or the status of its page. */
async function sentTo(asked: Record<string, string | undefined>): Promise<URL | number> {
  const url = authorizationUrl(server, client.client_id, asked)
  const { status, headers } = await fetch(url, { redirect: 'manual' })
  const location = headers.get('location')
  return location === null ? status : new URL(location, server.url)
}

async function errorOf(asked: Record<string, string | undefined>): Promise<string | null> {
  const to = await sentTo(asked)
  return to instanceof URL ? to.searchParams.get('error') : String(to)
}

/** What a proxy before Along's MCP server is told. */
async function verified(token: string): Promise<number> {
  const headers = {
    'x-forwarded-method': 'POST',
    'x-forwarded-host': 'along.example',
    'x-forwarded-uri': '/mcp/v1',
    authorization: `Bearer ${token}`,
  }
  return (await fetch(`${server.url}/api/verify`, { headers })).status
}

const known = [
  'https://claude.ai/api/mcp/auth_callback',
  'https://chatgpt.com/connector_platform_oauth_redirect',
  'https://chatgpt.com/connector/oauth/abc123',
  'http://localhost:41234/anything/here',
] as const

const sentences: Sentence[] = [
  {
    section: 'Metadata',
    says: 'the well-known document names the endpoints below /oauth, both scopes, and documents as client ids',
    async check() {
      const { url } = server
      const body = await bodyOf(fetch(`${url}/.well-known/oauth-authorization-server`))
      expect(body).toMatchObject({
        issuer: url,
        authorization_endpoint: `${url}/oauth/authorize`,
        token_endpoint: `${url}/oauth/token`,
        registration_endpoint: `${url}/oauth/register`,
        scopes_supported: ['vault:read', 'vault:write'],
        client_id_metadata_document_supported: true,
      })
    },
  },
  {
    section: 'Metadata',
    says: 'the resource is the MCP endpoint of this host',
    async check() {
      const { url } = server
      for (const path of ['', '/mcp/v1']) {
        const asked = fetch(`${url}/.well-known/oauth-protected-resource${path}`)
        expect(await bodyOf(asked)).toMatchObject({
          resource: `${url}/mcp/v1`,
          scopes_supported: ['vault:read', 'vault:write'],
        })
      }
    },
  },
  {
    section: 'Scopes',
    says: 'every MCP request needs vault:read',
    async check() {
      expect(await verified((await connect()).access_token)).toBe(200)
      expect(await verified((await connect({ scope: 'vault:write' })).access_token)).toBe(403)
      expect(await verified('nonsense')).toBe(401)
    },
  },
  {
    section: 'Authorization request',
    says: 'a request that names no scope is for vault:read',
    async check() {
      expect((await connect()).scope).toBe('vault:read')
      const both = await connect({ scope: 'vault:read vault:write openid' })
      expect(both.scope).toBe('vault:read vault:write')
    },
  },
  {
    section: 'Authorization request',
    says: 'response type, challenge and S256 are required',
    async check() {
      expect(await errorOf({ response_type: 'token' })).toBe('unsupported_response_type')
      expect(await errorOf({ response_type: undefined })).toBe('invalid_request')
      expect(await errorOf({ code_challenge: undefined })).toBe('invalid_request')
      expect(await errorOf({ code_challenge_method: 'plain' })).toBe('invalid_request')
    },
  },
  {
    section: 'Authorization request',
    says: 'callbacks of claude.ai, chatgpt.com and localhost are known without registration',
    async check() {
      for (const uri of known) {
        const { back } = await authorize(server, client, { redirect_uri: uri })
        expect(back.href.startsWith(`${uri}?`)).toBe(true)
        expect(back.searchParams.has('code')).toBe(true)
      }
    },
  },
  {
    section: 'Authorization request',
    says: 'any other redirect URI, and any unknown client, gets a page and no redirect',
    async check() {
      const others = [
        'https://claude.ai/elsewhere',
        'https://claude.ai.evil.example/api/mcp/auth_callback',
        'https://chatgpt.com/connector/oauth/a/b',
        'http://localhost.evil.example/cb',
        'https://evil.example/',
      ]
      for (const redirect_uri of others) expect(await sentTo({ redirect_uri })).toBe(400)
      expect(await sentTo({ client_id: 'dcr_nobody' })).toBe(400)
    },
  },
  {
    section: 'Authorization request',
    says: 'the state comes back unchanged; the resource may be named, and must be this one',
    async check() {
      const state = 'a b+c/%20=é&ü'
      const resource = `${server.url}/mcp/v1`
      const { back } = await authorize(server, client, { state, resource })
      expect(back.searchParams.get('state')).toBe(state)
      expect(await errorOf({ resource: 'https://elsewhere.example/mcp' })).toBe('invalid_target')
    },
  },
  {
    section: 'Token exchange',
    says: 'a code is good for ten minutes, an access token for an hour',
    async check() {
      const { code, pkce } = await authorize(server, client)
      now += 600_001
      const late = await exchange(code, pkce.verifier)
      expect(late).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      const { access_token, expires_in } = await connect()
      expect(expires_in).toBe(3600)
      now += 3_600_000
      expect(await verified(access_token)).toBe(401)
    },
  },
  {
    section: 'Token exchange',
    says: 'the verifier must fit the challenge',
    async check() {
      const { code } = await authorize(server, client)
      const answer = await exchange(code, newPkce().verifier)
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    },
  },
  {
    section: 'Refreshing',
    says: 'a refresh gives a new pair and ends the old token; it lives ninety days',
    async check() {
      const day = 86_400_000
      const { refresh_token } = await connect()
      now += 90 * day - 1000
      const next = await refresh(server, { client, refreshToken: refresh_token })
      expect(next.status).toBe(200)
      expect(next.body.refresh_token).not.toBe(refresh_token)
      const again = await refresh(server, { client, refreshToken: refresh_token })
      expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      const late = await connect()
      now += 90 * day
      const { refresh_token: refreshToken } = late
      expect((await refresh(server, { client, refreshToken })).status).toBe(400)
    },
  },
  {
    section: 'Registration',
    says: 'a client of one’s own registers and uses its id from then on',
    async check() {
      const own = await register(server, { client_name: 'My own integration' })
      const { back } = await authorize(server, own, { redirect_uri: redirectUri })
      expect(back.searchParams.has('code')).toBe(true)
    },
  },
]

sentences.push({
  section: 'Scopes',
  says: 'the MCP endpoint is Along’s own server, which stands behind this one and never sees a token',
  async check() {
    const upstream = await startRecordingUpstream()
    const [resource] = presets.along.resources ?? []
    const tools = { 'read_*': 'vault:read', '*': 'vault:write' }
    const behind = { url: upstream.url, allowPrivate: true, scopes: ['vault:read'], tools }
    const resources = [{ ...resource, upstream: behind }]
    const along = await startTestServer({ resources }, { preset: 'along' })
    const { tokens } = await connectTo(along)
    const ask = (token: string, name: string) =>
      sendTo(`${along.url}/mcp/v1`, { token, body: callOf(name) })
    expect((await ask(tokens.access_token, 'read_note')).body.result).toBeDefined()
    expect((await ask(tokens.access_token, 'delete_note')).status).toBe(403)
    const writer = (await connectTo(along, { scope: 'vault:write' })).tokens.access_token
    expect((await ask(writer, 'delete_note')).status).toBe(403)
    expect(JSON.stringify(upstream.recorded)).not.toContain(tokens.access_token)
    await along.stop()
    await upstream.stop()
  },
})

sentences.push({
  section: 'User consent',
  says: 'people sign in at Along’s own app; a Safe of theirs is chosen there, and stays with the connection',
  async check() {
    const vault = await startOptionServer()
    vault.answer([{ value: 'safe_7', label: 'Our family' }])
    const given = {
      interactionUrl: 'http://localhost:1/connect',
      outbound: { allowedHosts: [vault.host] },
      authorizationDetailTypes: [{ ...fetchedSafe(vault.url, { required: false }), always: true }],
    }
    const hosts = await startTwoHosts(given, { preset: 'along' })
    vault.believe(hosts.url, vault.origin)
    const { url: issuer, privateKey, api } = hosts
    const app = new OperatorApp({ issuer, apiUrl: api.url, privateKey })
    const token_endpoint_auth_method = 'client_secret_post'
    const known = await register(api, { token_endpoint_auth_method })
    const pkce = newPkce()
    const asked = { code_challenge: pkce.challenge }
    const here = await app.arrive(authorizationUrl(hosts, known.client_id, asked))
    const { shown, authorization_details } = (await app.ask(here, { sub: 'ada' })).body
    expect(authorization_details[0].choices[0].options).toEqual({ safe_7: 'Our family' })
    expect(vault.heard[0]).toMatchObject({ front_sub: 'ada', client_id: known.client_id })
    const stranger = { 'choice-0-safe': 'safe_8' }
    expect((await app.accept(here, { sub: 'ada', shown, choices: stranger })).status).toBe(409)
    const choices = { 'choice-0-safe': 'safe_7' }
    const { body } = await app.accept(here, { sub: 'ada', shown, choices })
    const code = new URL(body.redirect_to).searchParams.get('code') ?? ''
    const redeemed = await redeem(api, { client: known, code, pkce })
    const refreshToken = redeemed.body.refresh_token
    const { body: again } = await refresh(api, { client: known, refreshToken })
    const kept = { authorization_details: [{ type: 'safe', safe: 'safe_7' }] }
    expect([redeemed.body, again]).toMatchObject([kept, kept])
    const { client_id, client_secret = '' } = known
    const form = { token: again.access_token, client_id, client_secret }
    expect((await post(api, '/oauth/introspect', { form })).body).toMatchObject(kept)
    // Whoever connects without a Safe has none anywhere.
    const without = await app.answer(authorizationUrl(hosts, known.client_id, asked), {
      sub: 'bob',
    })
    const ofBob = { client: known, code: without.searchParams.get('code') ?? '', pkce }
    expect((await redeem(api, ofBob)).body).not.toHaveProperty('authorization_details')
    await hosts.stop()
    await vault.stop()
  },
})

sentences.push({
  section: 'Registration',
  says: 'Claude and ChatGPT need no registration: they are known by the documents at their ids',
  async check() {
    const site = await startDocumentServer()
    const along = await startTestServer({ outbound: site.outbound }, { preset: 'along' })
    const callback = 'https://chatgpt.com/connector/oauth/along'
    const chatGpt = publishClient(site, { client_name: 'ChatGPT', redirect_uris: [callback] })
    const assistants = [
      ['https://claude.ai/oauth/mcp-oauth-client-metadata', known[0], 'Claude'],
      [chatGpt.client_id, callback, 'ChatGPT'],
    ] as const
    for (const [client_id, redirect_uri, name] of assistants) {
      const person = along.person()
      const pkce = newPkce()
      const asked = { redirect_uri, code_challenge: pkce.challenge }
      const back = await person.answer(authorizationUrl(along, client_id, asked))
      expect(back.href.startsWith(`${redirect_uri}?`)).toBe(true)
      const code = back.searchParams.get('code') ?? ''
      const form = { grant_type: 'authorization_code', client_id, code, redirect_uri }
      const exchanged = { form: { ...form, code_verifier: pkce.verifier } }
      const { status, body } = await post<Tokens>(along, '/oauth/token', exchanged)
      expect([status, body.scope]).toEqual([200, 'vault:read'])
      const apps = await (await person.open('/developers/connected-apps')).text()
      expect(apps).toContain(name)
    }
    // An id that is no document of anybody is never made up.
    const nobody = authorizationUrl(along, `${site.url}/clients/none.json`)
    expect((await fetch(nobody, { redirect: 'manual' })).status).toBe(400)
    await along.stop()
    await site.stop()
  },
})

documentHolds('Along', { sentences, later: [] })
