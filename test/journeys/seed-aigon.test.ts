/** What Aigon's page on authentication promises: its OAuth half, and the bot. */
import { BotApi, tokenIn } from '../support/bot-api.ts'
import {
  authorizationUrl,
  authorize,
  basic,
  newPkce,
  post,
  type Registered,
  redeem,
  redirectUri,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { startTwoHosts } from '../support/two-hosts.ts'
import { bodyOf, documentHolds, type Sentence } from './seed-document.ts'

let now = Date.now()
let server: TestServer
/** The browsers' host is the issuer; programs use the other. */
let api: { url: string }
let client: Registered
/** Telegram, as the bot sees it. */
let telegram: BotApi
beforeAll(async () => {
  const port = await freePort()
  api = { url: `http://127.0.0.1:${port}` }
  telegram = await new BotApi().start()
  const given = { port, apiUrl: api.url, ...telegram.settings() }
  server = await startTestServer(given, { preset: 'aigon', clock: () => now })
  client = await register(api)
})
afterAll(async () => {
  await server.stop()
  await telegram.stop()
})

async function connect(from = client, headers: Record<string, string> = {}): Promise<Tokens> {
  const { code, pkce } = await authorize(server, from)
  const who = headers.authorization === undefined ? { client_id: from.client_id } : {}
  const form = { grant_type: 'authorization_code', ...who, redirect_uri: redirectUri, code }
  const asked = { form: { ...form, code_verifier: pkce.verifier }, headers }
  return (await post<Tokens>(api, '/oauth/token', asked)).body
}

const health = (path: string, token?: string) =>
  fetch(
    api.url + path,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  )

const sentences: Sentence[] = [
  {
    section: 'Endpoints',
    says: 'metadata and authorization are at the front host; registration, tokens, revocation at the API',
    async check() {
      const asked = fetch(`${server.url}/.well-known/oauth-authorization-server`)
      expect(await bodyOf(asked)).toMatchObject({
        issuer: server.url,
        authorization_endpoint: `${server.url}/oauth/authorize`,
        registration_endpoint: `${api.url}/oauth/register`,
        token_endpoint: `${api.url}/oauth/token`,
        revocation_endpoint: `${api.url}/oauth/revoke`,
        code_challenge_methods_supported: ['S256'],
        scopes_supported: ['account'],
        token_endpoint_auth_methods_supported: [
          ...['none', 'client_secret_basic', 'client_secret_post'],
        ],
      })
    },
  },
  {
    section: 'How it works',
    says: 'a client registers at the API, a person consents in front, and the API gives tokens',
    async check() {
      const tokens = await connect()
      expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'account' } as never)
      const confidential = await register(api, {
        token_endpoint_auth_method: 'client_secret_basic',
      })
      const { client_id, client_secret = '' } = confidential
      const authorization = basic(client_id, client_secret)
      expect((await connect(confidential, { authorization })).scope).toBe('account')
    },
  },
  {
    section: 'Standards',
    says: 'an access token lives about an hour, and is refreshed for about thirty days',
    async check() {
      const { access_token, expires_in, refresh_token } = await connect()
      expect(expires_in).toBe(3600)
      now += 3_600_000
      expect((await health('/health', access_token)).status).toBe(401)
      now += 29 * 86_400_000
      const next = await refresh(api, { client, refreshToken: refresh_token })
      expect((await health('/health', next.body.access_token)).status).toBe(200)
      now += 30 * 86_400_000
      const { refresh_token: refreshToken } = next.body
      expect((await refresh(api, { client, refreshToken })).body).toMatchObject({
        error: 'invalid_grant',
      } as never)
    },
  },
  {
    section: 'Endpoints',
    says: 'a revoked connection is gone at once',
    async check() {
      const { access_token, refresh_token } = await connect()
      const form = { token: refresh_token, client_id: client.client_id }
      expect((await post(api, '/oauth/revoke', { form })).status).toBe(200)
      expect((await health('/health', access_token)).status).toBe(401)
    },
  },
  {
    section: 'REST API',
    says: '/health wants a bearer token and says where to get one; /healthz is open',
    async check() {
      const { access_token } = await connect()
      expect((await health('/health', access_token)).status).toBe(200)
      const without = await health('/health')
      expect(without.headers.get('www-authenticate')).toContain('resource_metadata=')
      const body = await bodyOf(without, 401)
      expect(body).toMatchObject({ error: 'missing_authorization' })
      expect(typeof body.message).toBe('string')
      expect((await bodyOf(health('/health', 'nonsense'), 401)).error).toBe('invalid_token')
      expect((await health('/healthz')).status).toBe(200)
    },
  },
  {
    section: 'Telegram Auth Bot',
    says: '/get returns the current token and creates one for somebody who has none, without any account before',
    async check() {
      const person = { id: 42, first_name: 'Grace' }
      const first = tokenIn((await telegram.say(person, '/get'))[0])
      expect((await health('/health', first)).status).toBe(200)
      now += 3650 * 86_400_000
      expect((await health('/health', first)).status).toBe(200)
      expect(tokenIn((await telegram.say(person, '/get'))[0])).toBe(first)
    },
  },
  {
    section: 'Telegram Auth Bot',
    says: '/revoke invalidates the current token and issues a new one',
    async check() {
      const person = { id: 43, first_name: 'Ada' }
      const first = tokenIn((await telegram.say(person, '/get'))[0])
      const second = tokenIn((await telegram.say(person, '/revoke'))[0])
      expect((await health('/health', first)).status).toBe(401)
      expect((await health('/health', second)).status).toBe(200)
      expect(tokenIn((await telegram.say(person, '/get'))[0])).toBe(second)
    },
  },
  {
    section: 'Telegram Auth Bot',
    says: 'the bot is found at t.me/aigon_auth_bot',
    async check() {
      expect(await (await fetch(server.url)).text()).toContain('https://t.me/aigon_auth_bot')
    },
  },
]

sentences.push({
  section: 'How it works',
  says: 'the web app shows login and consent and passes on; the API alone issues the code',
  async check() {
    const hosts = await startTwoHosts({}, { preset: 'aigon' })
    const known = await register(hosts.api)
    const pkce = newPkce()
    const asked = { code_challenge: pkce.challenge }
    const back = await hosts.person().answer(authorizationUrl(hosts, known.client_id, asked))
    const code = back.searchParams.get('code') ?? ''
    expect((await redeem(hosts.api, { client: known, code, pkce })).status).toBe(200)
    const direct = await fetch(authorizationUrl(hosts.api, known.client_id, asked))
    expect(direct.status).toBe(421)
    await hosts.stop()
  },
})

documentHolds('Aigon', { sentences, later: [] })
