/** What Auth Agent's API v2 promises: OAuth at the root, discovery, errors and security. */
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { answerAs, goOn, openForAgent, statusIn } from '../support/agent-browser.ts'
import { registerAgent } from '../support/agents.ts'
import {
  basic,
  eventsOf,
  post,
  type Registered,
  redirectUri,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect } from '../support/test.ts'
import { type Agent, agentOf } from './auth-agent-client.ts'
import { bodyOf, documentHolds, type Later, type Sentence } from './seed-document.ts'

let server: TestServer
let agent: Agent
let confidential: Registered
beforeAll(async () => {
  server = await startTestServer({}, { preset: 'auth-agent' })
  agent = await agentOf(server, '')
  confidential = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
})
afterAll(() => server.stop())

const asConfidential = () => ({
  authorization: basic(confidential.client_id, confidential.client_secret ?? ''),
})

const userinfo = (token: string) =>
  fetch(`${server.url}/userinfo`, { headers: { authorization: `Bearer ${token}` } })

const registerAt = (metadata: Record<string, unknown>) =>
  fetch(`${server.url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  })

const discovery: Sentence[] = [
  {
    section: 'Discovery',
    says: 'the server metadata names authorize, token, introspect and revoke at the root',
    async check() {
      const { url } = server
      const body = await bodyOf(fetch(`${url}/.well-known/oauth-authorization-server`))
      expect(body).toMatchObject({
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        introspection_endpoint: `${url}/introspect`,
        revocation_endpoint: `${url}/revoke`,
        jwks_uri: `${url}/.well-known/jwks.json`,
        code_challenge_methods_supported: ['S256'],
        response_types_supported: ['code'],
      })
    },
  },
  {
    section: 'Discovery',
    says: 'access tokens are verified with the key set',
    async check() {
      const { access_token } = await agent.connect({ scope: 'openid' })
      const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`))
      const { payload } = await jwtVerify(access_token, keys, { issuer: server.url })
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600)
    },
  },
]

const endpoints: Sentence[] = [
  {
    section: 'OAuth endpoints',
    says: '/userinfo knows the address and no name',
    async check() {
      const { access_token } = await agent.connect({ scope: 'openid profile email permissions' })
      const body = await bodyOf(userinfo(access_token))
      expect(Object.keys(body).sort()).toEqual(['email', 'sub'])
    },
  },
  {
    section: 'OAuth endpoints',
    says: '/introspect tells about a token of the client that asks',
    async check() {
      const headers = asConfidential()
      const nonsense = await post(server, '/introspect', { form: { token: 'x' }, headers })
      expect(nonsense).toMatchObject({ status: 200, body: { active: false } })
      const own = await confidentialTokens()
      const told = await post(server, '/introspect', { form: { token: own }, headers })
      expect(told.body).toMatchObject({ active: true, scope: 'openid', token_type: 'Bearer' })
    },
  },
  {
    section: 'OAuth endpoints',
    says: '/revoke ends a token, and is 200 for one that never was',
    async check() {
      const form = { token: await confidentialTokens() }
      const headers = asConfidential()
      expect((await post(server, '/revoke', { form, headers })).status).toBe(200)
      const told = await post(server, '/introspect', { form, headers })
      expect(told.body).toEqual({ active: false })
      expect((await post(server, '/revoke', { form: { token: 'x' }, headers })).status).toBe(200)
    },
  },
  {
    section: 'Rate limiting',
    says: 'these paths have no limit, so they speak of none',
    async check() {
      const { access_token, refresh_token } = await agent.connect({ scope: 'openid' })
      const answers = [await userinfo(access_token), await agent.refresh(refresh_token)]
      for (const { headers } of answers) expect(headers.has('x-ratelimit-limit')).toBe(false)
      for (let count = 0; count < 7; count += 1) {
        expect((await registerAt({ redirect_uris: [`https://a${count}.example/cb`] })).status).toBe(
          201,
        )
      }
    },
  },
]

async function confidentialTokens(): Promise<string> {
  const browser = await agentOf(server, '', { client: confidential })
  const { code, verifier } = await browser.authorize({ scope: 'openid' })
  const form = {
    ...{ grant_type: 'authorization_code', redirect_uri: redirectUri, code },
    code_verifier: verifier,
  }
  const headers = asConfidential()
  const { body } = await post<{ access_token: string }>(server, '/token', { form, headers })
  return body.access_token
}

const errors: Sentence[] = [
  {
    section: 'Errors',
    says: 'a missing parameter is named in the words of the document',
    async check() {
      const code = { grant_type: 'authorization_code', code: 'x' }
      for (const [path, form] of [
        ['/token', code],
        ['/par', { response_type: 'code' }],
      ] as const) {
        const { status, body } = await post(server, path, { form })
        expect({ status, ...body }).toMatchObject({
          status: 400,
          error: 'invalid_request',
          error_description: 'Missing required parameter: client_id',
        })
      }
    },
  },
  {
    section: 'Errors',
    says: 'client authentication that fails is 401 invalid_client',
    async check() {
      const headers = { authorization: basic(confidential.client_id, 'wrong') }
      const answer = await post(server, '/introspect', { form: { token: 'x' }, headers })
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    },
  },
  {
    section: 'Errors',
    says: 'a bad code or refresh token is 400 invalid_grant here',
    async check() {
      const answers = [await agent.exchange('x', 'x'.repeat(43)), await agent.refresh('x')]
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      }
    },
  },
  {
    section: 'Errors',
    says: 'a grant type that is not offered is 400 unsupported_grant_type',
    async check() {
      for (const grant_type of ['password', 'client_credentials', 'implicit']) {
        const answer = await post(server, '/token', {
          form: { grant_type },
          headers: asConfidential(),
        })
        expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } })
      }
    },
  },
  {
    section: 'Errors',
    says: 'a grant type that this client may not use is 400 unauthorized_client',
    async check() {
      const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'] as const
      const settings = { grantTypes: [...grantTypes] }
      const other = await startTestServer(settings, { preset: 'auth-agent' })
      try {
        const { client_id } = await register(other)
        const form = { grant_type: 'client_credentials', client_id }
        const answer = await post(other, '/token', { form })
        expect(answer).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } })
      } finally {
        await other.stop()
      }
    },
  },
  {
    section: 'Errors',
    says: 'an unknown scope is invalid_scope',
    async check() {
      expect(await agent.errorOf({ scope: 'openid everything' })).toBe('invalid_scope')
    },
  },
]

const security: Sentence[] = [
  {
    section: 'Security',
    says: 'S256 is required; plain challenges and none at all are refused',
    async check() {
      expect(await agent.errorOf({ code_challenge_method: 'plain' })).toBe('invalid_request')
      expect(await agent.errorOf({ code_challenge_method: undefined })).toBe('invalid_request')
      expect(await agent.errorOf({ code_challenge: undefined })).toBe('invalid_request')
    },
  },
  {
    section: 'Security',
    says: 'redirects are https, http on localhost alone, and no scheme of one’s own',
    async check() {
      for (const uri of ['https://app.example/cb', 'http://localhost:3000/cb']) {
        await bodyOf(registerAt({ redirect_uris: [uri] }), 201)
      }
      for (const uri of ['http://app.example/cb', 'myapp://cb', 'javascript:alert(1)']) {
        const refused = await bodyOf(registerAt({ redirect_uris: [uri] }), 400)
        expect(refused.error).toBe('invalid_redirect_uri')
      }
    },
  },
  {
    section: 'Security',
    says: 'a refresh token is replaced at each use, and the old one is dead',
    async check() {
      const { refresh_token } = await agent.connect({ scope: 'openid' })
      const next = await agent.refresh(refresh_token)
      expect(next.body.refresh_token).not.toBe(refresh_token)
      expect((await agent.refresh(refresh_token)).body.error).toBe('invalid_grant')
    },
  },
  {
    section: 'Security',
    says: 'no client secret is stored in clear',
    async check() {
      await confidentialTokens()
      const log = JSON.stringify(await eventsOf(server))
      expect(log).toContain(confidential.client_id)
      expect(log).not.toContain(confidential.client_secret ?? '')
    },
  },
]

const backChannel: Sentence[] = [
  {
    section: 'Agent back channel',
    says: 'an agent that authenticates at /api/agent/authenticate makes the code of this browser',
    async check() {
      await registerAgent(server)
      const opened = { client: confidential, prefix: '' }
      const waiting = await openForAgent(server, { scope: 'openid email' }, opened)
      const answered = await bodyOf(answerAs(server, waiting))
      expect(answered).toMatchObject({ status: 'authenticated', scope: 'openid email' })
      expect(JSON.stringify(answered)).not.toContain('code=')
      const form = {
        ...{ grant_type: 'authorization_code', redirect_uri: redirectUri },
        code: (await goOn(waiting))?.searchParams.get('code') ?? '',
        code_verifier: waiting.verifier,
      }
      const headers = asConfidential()
      const { body } = await post<Tokens>(server, '/token', { form, headers })
      const told = await bodyOf(userinfo(body.access_token))
      expect(told.sub).toMatch(/^agt_/)
      // Nobody has proved the address, and nothing here could say so.
      expect(Object.keys(told)).toEqual(['sub'])
      const asked = { form: { token: body.access_token }, headers }
      const { body: introspected } = await post(server, '/introspect', asked)
      expect(introspected).toMatchObject({ active: true, sub: told.sub, scope: 'openid email' })
    },
  },
  {
    section: 'Agent back channel',
    says: '/api/check-status tells the browser that asks how it stands',
    check: () =>
      alone(async (other) => {
        await registerAgent(other)
        const waiting = await openForAgent(other, {}, { prefix: '' })
        const status = async () => (await statusIn(other, waiting, waiting.browser)).status
        expect(await status()).toBe('pending')
        await answerAs(other, waiting)
        expect(await status()).toBe('authenticated')
        await goOn(waiting)
        expect(await status()).toBe('completed')
        expect((await statusIn(other, waiting, other.person())).code).toBe(404)
      }),
  },
  {
    section: 'Security',
    says: 'agents’ secrets are kept as bcrypt hashes of 10 rounds',
    check: () =>
      alone(async (other) => {
        await registerAgent(other)
        await answerAs(other, await openForAgent(other))
        const kept = await other.services.expiring.get('waiting-agent', 'navigator')
        expect((kept as { secretHash: string }).secretHash).toMatch(/^\$2[aby]\$10\$/)
      }),
  },
]

async function alone(check: (other: TestServer) => Promise<void>): Promise<void> {
  const other = await startTestServer({}, { preset: 'auth-agent' })
  try {
    await check(other)
  } finally {
    await other.stop()
  }
}

const later: Later[] = []

documentHolds('Auth Agent, version 2', {
  sentences: [...discovery, ...endpoints, ...errors, ...security, ...backChannel],
  later,
})
