/**
 * A client that acts for itself.
 *
 * @see [RFC 6749 §4.4 - Client Credentials Grant](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.4)
 */
import { createRemoteJWKSet, jwtVerify } from 'jose'
import {
  basic,
  eventsOf,
  introspect,
  isLive,
  post,
  type Registered,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { addClient, type OperatorClient, operate } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const machines = 'https://machines.example/api'
const people = 'https://people.example/api'
const jwts = 'https://jwts.example/api'
let now = Date.now()
let server: TestServer
let operators: OperatorClient

beforeAll(async () => {
  const scopes = { read: 'Read', write: 'Write', openid: 'Who you are' }
  server = await startTestServer(
    {
      resources: [
        {
          resource: machines,
          name: 'Machines',
          scopes,
          clientCredentialsScopes: ['read', 'openid'],
        },
        { resource: people, name: 'People', scopes },
        { resource: jwts, name: 'JWTs', scopes, accessTokenFormat: 'jwt' },
      ],
    },
    { clock: () => now },
  )
  operators = await addClient(server.services, { scope: 'read write openid audit:read' })
})
afterAll(() => server.stop())

type Body = Tokens & { error?: string }

function ask(headers: Record<string, string>, form: Record<string, string> = {}) {
  return post<Body>(server, '/oauth/token', {
    form: { grant_type: 'client_credentials', ...form },
    headers,
  })
}

function asRegistered({ client_id, client_secret = '' }: Registered) {
  return { authorization: basic(client_id, client_secret) }
}

function registerMachine(metadata: Record<string, unknown> = {}) {
  return register(server, {
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: undefined,
    ...metadata,
  })
}

describe('a confidential client', () => {
  test('gets an access token for itself, and nothing beside it', async () => {
    const { status, body } = await ask(operators.headers, { resource: people })
    expect(status).toBe(200)
    expect(body.scope).toBe('read write')
    expect(body.expires_in).toBe(3600)
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    const { body: told } = await introspect(server, { client: operators, token: body.access_token })
    expect(told).toMatchObject({
      active: true,
      sub: operators.client_id,
      client_id: operators.client_id,
      aud: people,
    })
  })

  test('gets what it asked for of what it may have, and the rest is dropped', async () => {
    const asked = { resource: people, scope: 'write delete openid' }
    expect((await ask(operators.headers, asked)).body.scope).toBe('write')
    const refused = await ask(operators.headers, { resource: people, scope: 'delete' })
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope'])
  })

  test('revokes its token, and it is over at once', async () => {
    const { body } = await ask(operators.headers, { resource: people })
    expect(await isLive(server, body.access_token)).toBe(true)
    const form = { token: body.access_token }
    await post(server, '/oauth/revoke', { form, headers: operators.headers })
    expect(await isLive(server, body.access_token)).toBe(false)
    const [last] = (await eventsOf(server, 'IssuanceRevoked')).slice(-1)
    expect(last?.payload).toMatchObject({ reason: 'revoked_by_client' })
  })

  test("cannot revoke or introspect another client's token", async () => {
    const other = await addClient(server.services, { scope: 'read' })
    const { body } = await ask(operators.headers, { resource: people })
    const form = { token: body.access_token }
    await post(server, '/oauth/revoke', { form, headers: other.headers })
    expect(await isLive(server, body.access_token)).toBe(true)
    const { body: told } = await introspect(server, { client: other, token: body.access_token })
    expect(told).toEqual({ active: false })
  })

  test('loses its tokens while it is disabled, and when they expire', async () => {
    const client = await addClient(server.services, { scope: 'read' })
    const { body } = await ask(client.headers, { resource: people })
    await operate(server.services, client.client_id, 'disable')
    expect(await isLive(server, body.access_token)).toBe(false)
    expect((await ask(client.headers, { resource: people })).body.error).toBe('invalid_client')
    await operate(server.services, client.client_id, 'enable')
    expect(await isLive(server, body.access_token)).toBe(true)
    now += 3600_000
    expect(await isLive(server, body.access_token)).toBe(false)
  })
})

describe('SECURITY 16: client_credentials', () => {
  test('a JWT of it says the client as its subject, and no sign-in', async () => {
    const { body } = await ask(operators.headers, { resource: jwts })
    const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`))
    const { payload } = await jwtVerify(body.access_token, keys, {
      issuer: server.services.settings.issuer,
      audience: jwts,
      typ: 'at+jwt',
      currentDate: new Date(now),
    })
    expect(payload).toMatchObject({ sub: operators.client_id, client_id: operators.client_id })
    expect('auth_time' in payload || 'act' in payload).toBe(false)
    expect(await isLive(server, body.access_token)).toBe(true)
  })

  test('identity scopes and the audit are never given, registered and configured or not', async () => {
    for (const scope of ['openid', 'audit:read', 'openid audit:read']) {
      for (const resource of [machines, `${server.services.settings.apiUrl}/audit`]) {
        const { body } = await ask(operators.headers, { resource, scope })
        expect(body.error).toBe('invalid_scope')
      }
    }
  })

  test('a public client is unauthorized_client, whatever it registered', async () => {
    const client = await register(server, {
      grant_types: ['client_credentials', 'authorization_code'],
    })
    expect(client.grant_types).toEqual(['authorization_code', 'refresh_token'])
    const form = { client_id: client.client_id, resource: machines }
    const { status, body } = await ask({}, form)
    expect([status, body.error]).toEqual([400, 'unauthorized_client'])
  })

  test('a client that did not register for it is unauthorized_client', async () => {
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const { body } = await ask(asRegistered(client), { resource: machines })
    expect(body.error).toBe('unauthorized_client')
  })

  test('a machine has no codes: it needs no redirect URI, and cannot ask people', async () => {
    const client = await registerMachine()
    expect([client.redirect_uris, client.response_types]).toEqual([[], []])
    const query = new URLSearchParams({ client_id: client.client_id, response_type: 'code' })
    const response = await fetch(`${server.url}/oauth/authorize?${query}`, { redirect: 'manual' })
    expect(response.status).toBe(400)
    const form = { grant_type: 'authorization_code', code: 'x', code_verifier: 'y' }
    const { body } = await post(server, '/oauth/token', { form, headers: asRegistered(client) })
    expect(body.error).toBe('unauthorized_client')
  })

  test('a client that registered itself gets what an operator lists for machines, and no more', async () => {
    const client = await registerMachine()
    const headers = asRegistered(client)
    expect((await ask(headers, { resource: machines })).body.scope).toBe('read')
    expect((await ask(headers, { resource: machines, scope: 'write' })).body.error).toBe(
      'invalid_scope',
    )
    expect((await ask(headers, { resource: people })).body.error).toBe('invalid_scope')
  })

  test('it enters the log with its first token, and not before', async () => {
    const client = await registerMachine()
    const registrations = async () =>
      (await eventsOf(server, 'ClientRegistered')).filter(
        ({ payload }) => payload.clientId === client.client_id,
      ).length
    await ask(asRegistered(client), { resource: people })
    expect(await registrations()).toBe(0)
    const asked = [1, 2, 3].map(() => ask(asRegistered(client), { resource: machines }))
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await registrations()).toBe(1)
  })

  test('one that hibernates wakes with its next token', async () => {
    const client = await registerMachine()
    await ask(asRegistered(client), { resource: machines })
    await operate(server.services, client.client_id, 'hibernate')
    const { status, body } = await ask(asRegistered(client), { resource: machines })
    expect([status, await isLive(server, body.access_token)]).toEqual([200, true])
  })

  test('a wrong secret, an unknown resource and two resources are refused', async () => {
    const wrong = { authorization: basic(operators.client_id, 'no') }
    expect((await ask(wrong, { resource: people })).status).toBe(401)
    const elsewhere = await ask(operators.headers, { resource: 'https://elsewhere.example' })
    expect(elsewhere.body.error).toBe('invalid_target')
    const both = new URLSearchParams([
      ['grant_type', 'client_credentials'],
      ['resource', people],
      ['resource', machines],
    ])
    const response = await fetch(`${server.url}/oauth/token`, {
      method: 'POST',
      headers: { ...operators.headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: both.toString(),
    })
    expect(((await response.json()) as Body).error).toBe('invalid_target')
  })

  test('its token opens nothing that is about a person', async () => {
    const { body } = await ask(operators.headers, { resource: people })
    const headers = { authorization: `Bearer ${body.access_token}` }
    for (const path of ['/oauth/userinfo', '/audit/events']) {
      const response = await fetch(server.url + path, { headers })
      expect([401, 403]).toContain(response.status)
    }
  })
})

test('an operator turns a grant type off, and it is neither offered nor taken', async () => {
  const narrow = await startTestServer({ grantTypes: ['authorization_code', 'refresh_token'] })
  try {
    const response = await fetch(`${narrow.url}/.well-known/oauth-authorization-server`)
    const { grant_types_supported } = (await response.json()) as Record<string, unknown>
    expect(grant_types_supported).toEqual(['authorization_code', 'refresh_token'])
    const client = await addClient(narrow.services)
    const form = { grant_type: 'client_credentials' }
    const { body } = await post(narrow, '/oauth/token', { form, headers: client.headers })
    expect(body.error).toBe('unsupported_grant_type')
  } finally {
    await narrow.stop()
  }
})
