/**
 * What resources are told of how and when the person signed in, and a resource that wants more.
 *
 * @see [RFC 9470 §3 - Authentication Requirements Challenge](https://www.rfc-editor.org/rfc/rfc9470.html#section-3)
 * @see [RFC 9470 §5 - Authorization Response](https://www.rfc-editor.org/rfc/rfc9470.html#section-5)
 * @see [RFC 9470 §6 - Authorization Server Metadata and Token Claims](https://www.rfc-editor.org/rfc/rfc9470.html#section-6)
 */
import { decodeJwt } from 'jose'
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { withDemands } from '../../src/protocol/authorization/authentication-context.ts'
import {
  authorizationUrl,
  connect,
  introspect,
  newPkce,
  post,
  redeem,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import { codeAt, enrol, sendCode, signInAt } from '../support/second-factor.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const mfa = 'https://refeds.org/profile/mfa' as const
const jwts = 'https://jwts.example/mcp'
const fresh = 'https://fresh.example/mcp'
const machines = 'client_credentials'
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
let now = Date.now()
let server: TestServer
let strong: string
beforeAll(async () => {
  const port = await freePort()
  strong = `http://localhost:${port}/api/mcp`
  const scopes = { read: 'Read' }
  server = await startTestServer(
    {
      port,
      trustedProxies: ['127.0.0.1', '::1'],
      apiTokens: { acceptedOn: ['rest'] },
      verify: [{ path: '/fresh', resource: fresh, scopes: ['read'] }],
      resources: [
        { resource: jwts, name: 'JWTs', scopes, accessTokenFormat: 'jwt' },
        { resource: fresh, name: 'Fresh', scopes, maxAgeSeconds: 600 },
        { resource: strong, name: 'Strong', scopes, acrValues: [mfa], maxAgeSeconds: 3600 },
      ],
    },
    { clock: () => now },
  )
})
afterAll(() => server.stop())

let count = 0
/** Somebody who shows codes of an app, and did so just now. */
async function withSecondFactor(): Promise<DemoPerson> {
  count += 1
  const credentials = { email: `person-${count}@example.com`, password: 'a very long passphrase' }
  await registerUser(server.services, { ...credentials, name: 'E', admin: false, actor: 'cli' })
  const person = server.person(credentials)
  await signInAt(person, '/sign-in', credentials)
  const { key } = await enrol(person, now)
  now += 30_000
  const again = server.person(credentials)
  const half = (await signInAt(again, '/sign-in', credentials)).headers.get('location') ?? ''
  await sendCode(again, half, codeAt(key, now))
  return again
}

function callMcp(token: string): Promise<Response> {
  return fetch(strong, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  })
}

function verified(token: string): Promise<Response> {
  const original = { 'x-original-url': 'https://a.example/fresh', 'x-original-method': 'GET' }
  const headers = { ...original, authorization: `Bearer ${token}` }
  return fetch(`${server.url}/api/verify`, { headers })
}

/** As a server would have given it to a client before the resource demanded anything. */
async function oldToken(resource: string): Promise<string> {
  const before = server.services.settings.resources.find((r) => r.resource === resource)
  const demands = before as { acrValues: string[]; maxAgeSeconds: number }
  const kept = { ...demands }
  Object.assign(demands, { acrValues: [], maxAgeSeconds: 0 })
  try {
    return (await connect(server, { resource })).tokens.access_token
  } finally {
    Object.assign(demands, { acrValues: kept.acrValues, maxAgeSeconds: kept.maxAgeSeconds })
  }
}

describe('acr, auth_time and amr', () => {
  test('are claims of a JWT access token, and stay what they were after a refresh', async () => {
    const person = await withSecondFactor()
    const { client, tokens } = await connect(server, { resource: jwts }, person)
    const claims = decodeJwt(tokens.access_token)
    expect(claims).toMatchObject({ acr: mfa, amr: ['pwd', 'otp', 'mfa'] })
    expect(claims.auth_time).toBe(Math.floor(now / 1000))
    now += 60_000
    const again = await refresh(server, { client, refreshToken: tokens.refresh_token })
    const { acr, amr, auth_time } = decodeJwt(again.body.access_token)
    expect({ acr, amr, auth_time }).toEqual({
      ...{ acr: mfa, amr: ['pwd', 'otp', 'mfa'] },
      auth_time: claims.auth_time,
    })
  })

  test('are in introspection; without a class there is no acr', async () => {
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const pkce = newPkce()
    const person = server.person()
    const asked = { resource: fresh, code_challenge: pkce.challenge }
    const back = await person.answer(authorizationUrl(server, client.client_id, asked))
    const code = back.searchParams.get('code') ?? ''
    const { body } = await redeem(server, { client, code, pkce })
    const told = (await introspect(server, { client, token: body.access_token })).body
    expect(told).toMatchObject({ active: true, amr: ['pwd'], auth_time: Math.floor(now / 1000) })
    expect(told).not.toHaveProperty('acr')
  })

  test('go along when a token is handed on, and are in none that a machine got for itself', async () => {
    const agent = await addClient(server.services, {
      grantTypes: [exchange, machines],
      scope: 'read',
    })
    const { tokens } = await connect(server, { resource: jwts }, await withSecondFactor())
    const form = {
      grant_type: exchange,
      subject_token: tokens.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const { headers } = agent
    const handed = (await post<Tokens>(server, '/oauth/token', { form, headers })).body.access_token
    const { auth_time, amr } = decodeJwt(tokens.access_token)
    expect(decodeJwt(handed)).toMatchObject({ acr: mfa, auth_time, amr })
    expect((await introspect(server, { client: agent, token: handed })).body).toMatchObject({
      ...{ active: true, acr: mfa },
      auth_time,
    })
    const own = { grant_type: machines, resource: jwts }
    const machine = (await post<Tokens>(server, '/oauth/token', { form: own, headers })).body
    const claims = decodeJwt(machine.access_token)
    for (const name of ['acr', 'amr', 'auth_time']) expect(claims).not.toHaveProperty(name)
  })
})

describe('a resource that demands a newer sign-in', () => {
  test('lets a token pass until then, and challenges with max_age afterwards', async () => {
    const { tokens } = await connect(server, { resource: fresh })
    expect((await verified(tokens.access_token)).status).toBe(200)
    now += 600_000
    expect((await verified(tokens.access_token)).status).toBe(200)
    now += 1000
    const refused = await verified(tokens.access_token)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", scope="read", max_age="600", ' +
        'resource_metadata="https://fresh.example/.well-known/oauth-protected-resource/mcp"',
    )
    expect(refused.headers.get('x-auth-subject')).toBe('')
    expect(await refused.json()).toMatchObject({ error: 'insufficient_user_authentication' })
  })

  test('is not satisfied by a refresh', async () => {
    const { client, tokens } = await connect(server, { resource: fresh })
    now += 601_000
    const { body } = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect((await verified(body.access_token)).status).toBe(401)
  })

  test('has the person sign in again, though the client asks for nothing', async () => {
    const person = server.person()
    const { client, tokens } = await connect(server, { resource: fresh }, person)
    now += 601_000
    expect((await verified(tokens.access_token)).status).toBe(401)
    const url = (asked = {}) =>
      authorizationUrl(server, client.client_id, { resource: fresh, ...asked })
    const path = (await person.open(url())).headers.get('location')
    expect(path).toMatch(/^\/sign-in\?request=/)
    const silent = (await person.open(url({ prompt: 'none' }))).headers.get('location') ?? ''
    expect(new URL(silent).searchParams.get('error')).toBe('login_required')
    const pkce = newPkce()
    const back = await person.answer(url({ code_challenge: pkce.challenge }))
    const code = back.searchParams.get('code') ?? ''
    const { body } = await redeem(server, { client, code, pkce })
    expect((await verified(body.access_token)).status).toBe(200)
  })

  test('takes nothing that nobody signed in for', async () => {
    const agent = await addClient(server.services, { grantTypes: [machines], scope: 'read' })
    const form = { grant_type: machines, resource: fresh }
    const answer = await post<Tokens>(server, '/oauth/token', { form, headers: agent.headers })
    const refused = await verified(answer.body.access_token)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_user_authentication')
  })
})

describe('a resource that demands a better proof', () => {
  test('challenges with acr_values, and takes who proved it', async () => {
    const refused = await callMcp(await oldToken(strong))
    expect(refused.status).toBe(401)
    const challenge = refused.headers.get('www-authenticate')
    expect(challenge).toContain('error="insufficient_user_authentication"')
    expect(challenge).toContain(`acr_values="${mfa}"`)
    expect(challenge).toContain('max_age="3600"')
    const { tokens } = await connect(server, { resource: strong }, await withSecondFactor())
    expect((await callMcp(tokens.access_token)).status).toBe(200)
  })

  test('gets no consent of somebody who cannot give it, whatever the client asks', async () => {
    const { client_id } = await register(server)
    for (const asked of [{}, { acr_values: 'phr' }, { acr_values: 'urn:x' }]) {
      const person = server.person()
      const url = authorizationUrl(server, client_id, { resource: strong, ...asked })
      const back = await person.answer(url)
      expect(back.searchParams.get('error')).toBe('access_denied')
    }
  })

  test('says first that a token is none at all, or for another resource', async () => {
    const { tokens } = await connect(server, { resource: fresh })
    for (const token of ['nonsense', tokens.access_token]) {
      const challenge = (await callMcp(token)).headers.get('www-authenticate')
      expect(challenge).toContain('error="invalid_token"')
      expect(challenge).not.toContain('acr_values')
    }
  })
})

describe('what is asked of the person', () => {
  const none = { acrValues: [], maxAgeSeconds: 0 }
  const two = { acrValues: [mfa], maxAgeSeconds: 600 }
  const key = { acrValues: ['phr' as const], maxAgeSeconds: 60 }
  const cases = [
    ['nothing, where nobody demands it', {}, [none], {}],
    ['what the client asks', { maxAgeSeconds: 5 }, [none], { maxAgeSeconds: 5 }],
    ['the shorter time', { maxAgeSeconds: 700 }, [two, { ...none, maxAgeSeconds: 650 }], 600],
    ['the shorter time, also the client’s', { maxAgeSeconds: 0 }, [two], 0],
  ] as const
  for (const [what, asked, resources, wanted] of cases) {
    test(what, () => {
      const { maxAgeSeconds }: { maxAgeSeconds?: number } = withDemands(asked, resources)
      const expected: { maxAgeSeconds?: number } =
        typeof wanted === 'number' ? { maxAgeSeconds: wanted } : wanted
      expect(maxAgeSeconds).toBe(expected.maxAgeSeconds)
    })
  }

  test('the better class, where two resources demand two', () => {
    expect(withDemands({}, [two, key])).toMatchObject({ acrValues: ['phr'], acrEssential: true })
    const essential = { acrValues: [mfa] as string[], acrEssential: true } as const
    expect(withDemands(essential, [key]).acrValues).toEqual(['phr'])
  })

  test('of those that will do, the client’s own first, and no lesser one than it insists on', () => {
    const wished: { acrValues: string[] } = { acrValues: [mfa] }
    expect(withDemands(wished, [two]).acrValues).toEqual([mfa, 'phr'])
    const essential = { acrValues: ['phr'], acrEssential: true } as const
    expect(withDemands(essential, [two]).acrValues).toEqual(['phr'])
  })
})
