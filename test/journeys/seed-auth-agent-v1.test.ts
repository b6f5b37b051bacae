/** What Auth Agent's REST API v1 promises: its OAuth endpoints, errors, limits and headers. */
import { decodeJwt } from 'jose'
import { loadSettings } from '../../src/config/load-settings.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { authenticate, registerAgent, send } from '../support/agents.ts'
import { authorizationUrl, newPkce, post, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { type Agent, agentOf } from './auth-agent-client.ts'
import { bodyOf, documentHolds, type Later, type Sentence } from './seed-document.ts'

const grace = { email: 'grace@example.com', name: 'Grace Hopper', password: 'a long way to COBOL' }
/** It stands still, so that a lifetime is a whole hour. */
const now = Date.now()
let server: TestServer
let agent: Agent
beforeAll(async () => {
  server = await startTestServer({}, { preset: 'auth-agent', clock: () => now })
  await registerUser(server.services, {
    ...grace,
    emailUnproved: true,
    admin: false,
    actor: 'cli',
  })
  agent = await agentOf(server, '/oauth2', { person: grace })
})
afterAll(() => server.stop())

const userinfo = (token: string, path = '/oauth2/userinfo') =>
  fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } })

/** Another server, so that what is counted here is nobody else's. */
async function alone(check: (other: TestServer) => Promise<void>): Promise<void> {
  const other = await startTestServer({}, { preset: 'auth-agent' })
  try {
    await check(other)
  } finally {
    await other.stop()
  }
}

const endpoints: Sentence[] = [
  {
    section: 'Base URL',
    says: 'the local port is 8787, and the version may stand before every path',
    async check() {
      const surroundings = {
        env: { GRANTLOG_PRESET: 'auth-agent' },
        cwd: '/',
        readFile: () => undefined,
      }
      expect(loadSettings(surroundings).port).toBe(8787)
      const versioned = await agentOf(server, '/v1/oauth2')
      const tokens = await versioned.connect({ scope: 'openid' })
      expect((await userinfo(tokens.access_token, '/v1/oauth2/userinfo')).status).toBe(200)
      for (const path of ['/.well-known/openid-configuration', '/.well-known/jwks.json']) {
        const here = await bodyOf(fetch(server.url + path))
        expect(await bodyOf(fetch(`${server.url}/v1${path}`))).toEqual(here)
      }
    },
  },
  {
    section: 'OAuth endpoints',
    says: 'discovery names authorize, token and userinfo below /oauth2',
    async check() {
      const { url } = server
      const body = await bodyOf(fetch(`${url}/.well-known/openid-configuration`))
      expect(body).toMatchObject({
        issuer: url,
        authorization_endpoint: `${url}/oauth2/authorize`,
        token_endpoint: `${url}/oauth2/token`,
        userinfo_endpoint: `${url}/oauth2/userinfo`,
        scopes_supported: ['openid', 'profile', 'email', 'permissions'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_methods_supported: [
          ...['none', 'client_secret_basic', 'client_secret_post'],
        ],
      })
    },
  },
  {
    section: 'OAuth endpoints',
    says: 'a code is exchanged with its verifier, and tokens are refreshed',
    async check() {
      const tokens = await agent.connect({ scope: 'openid' })
      expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600 } as never)
      expect(decodeJwt(tokens.access_token).aud).toBe(`${server.url}/api`)
      const next = await agent.refresh(tokens.refresh_token)
      expect(next.status).toBe(200)
      expect((await agent.refresh(tokens.refresh_token)).status).toBe(401)
    },
  },
]

const scopes: Sentence[] = [
  {
    section: 'Scopes',
    says: 'openid is required, and is what a request gets that names none',
    async check() {
      expect(await agent.errorOf({ scope: 'profile email' })).toBe('invalid_scope')
      expect((await agent.connect({ scope: undefined })).scope).toBe('openid')
    },
  },
  {
    section: 'Scopes',
    says: 'each scope opens its own claims: sub, then name, address and permissions',
    async check() {
      const bare = await agent.connect({ scope: 'openid' })
      expect(Object.keys(await bodyOf(userinfo(bare.access_token)))).toEqual(['sub'])
      const full = await agent.connect({ scope: 'openid profile email permissions' })
      expect(full.scope).toBe('openid profile email permissions')
      const body = await bodyOf(userinfo(full.access_token))
      const { email, name } = grace
      expect(body).toMatchObject({ name, email, email_verified: false, permissions: [] })
    },
  },
]

const errors: Sentence[] = [
  {
    section: 'Error codes',
    says: 'a missing parameter is 400 invalid_request, with error and error_description',
    async check() {
      const { status, body } = await post(server, '/oauth2/token', { form: {} })
      expect(status).toBe(400)
      expect(body).toMatchObject({
        error: 'invalid_request',
        error_description: 'Missing required parameter: grant_type',
      })
    },
  },
  {
    section: 'Error codes',
    says: 'an unknown client is 401 invalid_client',
    async check() {
      const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'dcr_nobody' }
      const answer = await post(server, '/oauth2/token', { form })
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    },
  },
  {
    section: 'Error codes',
    says: 'a wrong code, refresh token or verifier is 401 invalid_grant, without a challenge',
    async check() {
      const { code } = await agent.authorize({ scope: 'openid' })
      const answers = [
        await agent.exchange('nonsense', newPkce().verifier),
        await agent.exchange(code, newPkce().verifier),
        await agent.refresh('nonsense'),
      ]
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_grant' } })
        expect(answer.headers.has('www-authenticate')).toBe(false)
      }
    },
  },
  {
    section: 'Error codes',
    says: 'a bad access token is 401 invalid_token, one without the scope 403 insufficient_scope',
    async check() {
      expect((await bodyOf(userinfo('nonsense'), 401)).error).toBe('invalid_token')
      const { refresh_token } = await agent.connect({ scope: 'openid profile' })
      const narrow = await agent.refresh(refresh_token, { scope: 'profile' })
      const body = await bodyOf(userinfo(narrow.body.access_token), 403)
      expect(body.error).toBe('insufficient_scope')
    },
  },
  {
    section: 'Error response',
    says: 'the sentence is called error_description everywhere',
    async check() {
      for (const path of ['/api/nothing', '/nothing', '/.well-known/oauth-protected-resource/x']) {
        const body = await bodyOf(fetch(server.url + path), 404)
        expect(body).toHaveProperty('error_description')
        expect(body).not.toHaveProperty('message')
      }
    },
  },
]

const limits: Sentence[] = [
  {
    section: 'Rate limits',
    says: 'five registrations an hour; the sixth is 429 with Retry-After',
    check: () =>
      alone(async (other) => {
        const send = () =>
          fetch(`${other.url}/oauth2/register`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ redirect_uris: ['https://app.example/cb'] }),
          })
        for (let left = 4; left >= 0; left -= 1) {
          const { status, headers } = await send()
          expect(status).toBe(201)
          expect(headers.get('x-ratelimit-limit')).toBe('5')
          expect(headers.get('x-ratelimit-remaining')).toBe(String(left))
          expect(Number(headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000)
        }
        const refused = await send()
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
        expect((await bodyOf(refused, 429)).error).toBe('rate_limit_exceeded')
      }),
  },
  {
    section: 'Rate limits',
    says: 'ten failed authentications a minute',
    check: () =>
      alone(async (other) => {
        const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'dcr_nobody' }
        const statuses = []
        for (let count = 0; count < 11; count += 1) {
          statuses.push((await post(other, '/oauth2/token', { form })).status)
        }
        expect(statuses).toEqual([...Array(10).fill(401), 429])
      }),
  },
  {
    section: 'Rate limits',
    says: 'sixty refreshes an hour for a client, a thousand calls for an account',
    async check() {
      const { access_token, refresh_token } = await agent.connect({ scope: 'openid' })
      const refreshed = await agent.refresh(refresh_token)
      expect(refreshed.headers.get('x-ratelimit-limit')).toBe('60')
      const called = await userinfo(access_token)
      expect(called.headers.get('x-ratelimit-limit')).toBe('1000')
    },
  },
  {
    section: 'CORS',
    says: 'any origin, five methods, two headers, ten minutes',
    async check() {
      const preflight = await fetch(`${server.url}/oauth2/token`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,x-anything',
        },
      })
      const allow = (what: string) => preflight.headers.get(`access-control-${what}`)
      expect(allow('allow-origin')).toBe('*')
      expect(allow('allow-methods')).toBe('GET, POST, PUT, DELETE, OPTIONS')
      expect(allow('allow-headers')).toBe('Content-Type, Authorization')
      expect(allow('max-age')).toBe('600')
    },
  },
  {
    section: 'CORS',
    says: 'an operator may name origins in the place of all',
    async check() {
      const corsOrigins = ['https://app.example']
      const other = await startTestServer({ corsOrigins }, { preset: 'auth-agent' })
      try {
        const allowed = async (origin: string) => {
          const answer = await fetch(`${other.url}/oauth2/userinfo`, { headers: { origin } })
          return answer.headers.get('access-control-allow-origin')
        }
        expect(await allowed('https://app.example')).toBe('https://app.example')
        expect(await allowed('https://evil.example')).toBeNull()
      } finally {
        await other.stop()
      }
    },
  },
  {
    section: 'OAuth endpoints',
    says: 'the authorization endpoint answers below /oauth2 with a sign-in for a person',
    async check() {
      const client = await register(server)
      const url = authorizationUrl(server, client.client_id, { scope: 'openid' })
      const answer = await fetch(url.replace('/oauth/', '/oauth2/'), { redirect: 'manual' })
      expect(answer.headers.get('location')).toContain('/sign-in?request=')
    },
  },
]

/** As the document's own example has it. */
const sample = {
  agent_id: 'test_agent',
  agent_secret: 'Test123456!',
  model_name: 'gpt-4',
  owner_name: 'Test User',
  owner_email: 'test@example.com',
}

interface Enveloped {
  readonly success: true
  readonly data: Record<string, unknown>
}

async function dataOf(answer: Promise<Response>, status = 200): Promise<Enveloped['data']> {
  const body = (await bodyOf(answer, status)) as unknown as Enveloped
  expect(Object.keys(body)).toEqual(['success', 'data'])
  expect(body.success).toBe(true)
  return body.data
}

/** On a server of its own: five registrations an hour are soon used up. */
const withAgent = (check: (other: TestServer, token: string) => Promise<void>) =>
  alone(async (other) => {
    await dataOf(registerAgent(other, sample), 201)
    const { access_token } = await dataOf(authenticate(other, sample))
    await check(other, String(access_token))
  })

const agents: Sentence[] = [
  {
    section: 'Agent endpoints',
    says: 'POST /api/register-agent takes the document’s own example, five times an hour',
    check: () =>
      alone(async (other) => {
        const first = await registerAgent(other, sample)
        expect(first.headers.get('x-ratelimit-limit')).toBe('5')
        expect(await dataOf(Promise.resolve(first), 201)).toMatchObject({ agent_id: 'test_agent' })
        expect((await bodyOf(registerAgent(other, sample), 409)).error).toBe('agent_id_taken')
        for (let count = 0; count < 3; count += 1) await registerAgent(other, sample)
        const sixth = await bodyOf(registerAgent(other, sample), 429)
        expect(sixth.error).toBe('rate_limit_exceeded')
      }),
  },
  {
    section: 'Agent endpoints',
    says: 'POST /api/agent-auth takes the agent’s credentials, wrong ones ten times a minute',
    check: () =>
      withAgent(async (other) => {
        const wrong = { ...sample, agent_secret: 'Wrong123456!' }
        for (let count = 0; count < 10; count += 1) {
          const refused = await bodyOf(authenticate(other, wrong), 401)
          expect(refused.error).toBe('invalid_client')
        }
        await bodyOf(authenticate(other, wrong), 429)
      }),
  },
  {
    section: 'Agent endpoints',
    says: 'GET and PUT /api/agents/profile with the token as Bearer',
    check: () =>
      withAgent(async (other, token) => {
        const profile = (method: string, body?: unknown) =>
          send(other, '/v1/api/agents/profile', { method, token, body })
        const { model_name, owner_email } = await dataOf(profile('GET'))
        expect({ model_name, owner_email }).toEqual({
          model_name: 'gpt-4',
          owner_email: 'test@example.com',
        })
        expect(await dataOf(profile('PUT', { model_name: 'gpt-5' }))).toMatchObject({
          model_name: 'gpt-5',
        })
      }),
  },
  {
    section: 'Response format',
    says: 'success and data stand around those answers, and around no error',
    check: () =>
      withAgent(async (other) => {
        const answer = send(other, '/api/agents/profile', { method: 'GET', token: 'nonsense' })
        const body = await bodyOf(answer, 401)
        expect(body).toMatchObject({ error: 'invalid_token' })
        expect(body).toHaveProperty('error_description')
        expect(body).not.toHaveProperty('success')
      }),
  },
  {
    section: 'Scopes',
    says: 'profile tells name, agent_id and model_name; nothing proves the address',
    check: () =>
      withAgent(async (other, token) => {
        const asked = send(other, '/oauth2/userinfo', { method: 'GET', token })
        expect(await bodyOf(asked)).toMatchObject({
          name: 'Test User',
          agent_id: 'test_agent',
          model_name: 'gpt-4',
          email: 'test@example.com',
          email_verified: false,
          permissions: [],
        })
      }),
  },
]

const later: Later[] = [{ says: 'SDKs and webhooks', why: 'the document announces them' }]

documentHolds('Auth Agent, version 1', {
  sentences: [...endpoints, ...scopes, ...errors, ...limits, ...agents],
  later,
})
