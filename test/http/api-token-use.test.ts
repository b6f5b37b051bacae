/**
 * What an API token opens, and what it does not.
 *
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 */

import type { GivenSettings } from '../../src/config/settings.ts'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { lastUseOf } from '../../src/protocol/tokens/api-token-use.ts'
import { revokeApiToken } from '../../src/protocol/tokens/api-tokens.ts'
import { call, giveApiToken, managingToken } from '../support/api-tokens.ts'
import { eventsOf, introspect } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, describe, expect, test } from '../support/test.ts'
import { addWebClient } from '../support/web-client.ts'

let server: TestServer
let userId: string
let now: number
afterEach(() => server.stop())

async function serve(settings: GivenSettings = {}, preset?: 'aigon' | 'onegent' | 'along') {
  now = 1_800_000_000_000
  const options = { clock: () => now, ...(preset ? { preset } : {}) }
  server = await startTestServer({ trustedProxies: ['127.0.0.1', '::1'], ...settings }, options)
  userId = (await findUserByEmail(server.services, admin.email))?.userId ?? ''
}

function callTool(token: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/api/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  })
}

describe('an API token', () => {
  test('opens this server’s MCP endpoint, until it is revoked: then 401 with a challenge', async () => {
    await serve()
    const { id, token } = await giveApiToken(server, { userId, scopes: ['read'] })
    expect((await callTool(token)).status).toBe(200)
    const cause = { actor: 'cli', correlationId: 'test' }
    await revokeApiToken(server.services, { apiTokenId: id, reason: 'revoked_by_admin' }, cause)
    const refused = await callTool(token)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  test('starts a job in the name of its owner', async () => {
    await serve()
    const { id, token } = await giveApiToken(server, { userId, scopes: ['book', 'read'] })
    const response = await fetch(`${server.url}/api/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'book_restaurant',
          arguments: { restaurant: 'Noma', date: '2027-03-01', time: '19:00', party_size: 2 },
        },
      }),
    })
    expect(await response.text()).toContain('job_')
    const [queued] = await server.services.log.read({ types: ['JobQueued'] })
    expect([queued?.actor, queued?.payload.clientId, queued?.payload.userId]).toEqual([
      `user:${userId}`,
      id,
      userId,
    ])
  })

  test('that lacks a scope is told which: 403', async () => {
    await serve({ verify: [{ path: '/', resource: '/api/mcp', scopes: ['book'] }] })
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    const answer = await fetch(`${server.url}/api/verify`, {
      headers: {
        authorization: `Bearer ${token}`,
        'x-forwarded-method': 'GET',
        'x-forwarded-host': 'app.example.com',
        'x-forwarded-uri': '/',
        'x-forwarded-for': '203.0.113.1',
      },
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toContain('scope="book"')
  })

  test('passes a reverse proxy, which is told whose it is', async () => {
    await serve({ verify: [{ path: '/', resource: '/api/mcp', scopes: ['read'] }] })
    const { id, token } = await giveApiToken(server, { userId, scopes: ['read'] })
    const answer = await fetch(`${server.url}/api/verify`, {
      headers: {
        authorization: `Bearer ${token}`,
        'x-forwarded-method': 'GET',
        'x-forwarded-host': 'app.example.com',
        'x-forwarded-uri': '/',
      },
    })
    const told = ['x-auth-subject', 'x-auth-client', 'x-auth-scope', 'x-auth-grant']
    expect([answer.status, ...told.map((name) => answer.headers.get(name))]).toEqual([
      ...[200, userId, id, 'read', ''],
    ])
  })

  test('reads the audit where an administrator gave it that scope', async () => {
    await serve()
    const resource = `${server.url}/audit`
    const { token } = await giveApiToken(server, { userId, resource, scopes: ['audit:read'] })
    expect((await call(server, '/audit/events', { token })).status).toBe(200)
    const { token: other } = await giveApiToken(server, { userId, scopes: ['read'] })
    expect((await call(server, '/audit/events', { token: other })).status).toBe(401)
  })

  test('is introspected by who serves its resource: no client, and no end where it has none', async () => {
    await serve()
    const { token } = await giveApiToken(server, { userId, scopes: ['read'], lifetimeSeconds: 0 })
    const client = await addWebClient(server)
    expect((await introspect(server, { client, token })).body).toEqual({ active: false })
    const [resource] = server.services.settings.resources
    resource?.introspectionClients.push(client.client_id)
    expect((await introspect(server, { client, token })).body).toEqual({
      active: true,
      iss: server.url,
      aud: `${server.url}/api/mcp`,
      sub: userId,
      scope: 'read',
      iat: now / 1000,
      token_type: 'Bearer',
    })
  })

  test('opens no userinfo, and passes for no DPoP token', async () => {
    await serve()
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    expect((await call(server, '/oauth/userinfo', { token })).status).toBe(401)
    expect((await callTool(token, { authorization: `DPoP ${token}` })).status).toBe(401)
  })

  test('opens nothing while its owner is disabled', async () => {
    await serve()
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    const cause = { actor: 'cli', correlationId: 'test' }
    await execute<string>(server.services.log, cause, (work) =>
      work.decide(userDecider, userId, { kind: 'disable', reason: 'left', now }),
    )
    expect((await callTool(token)).status).toBe(401)
  })

  test('with a character changed is refused', async () => {
    await serve()
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    const changed = token.slice(0, 20) + (token[20] === 'A' ? 'B' : 'A') + token.slice(21)
    expect((await callTool(changed)).status).toBe(401)
    expect((await callTool(token.slice(0, -1))).status).toBe(401)
  })

  test('remembers when and from which network it was used, no finer than ten minutes', async () => {
    await serve()
    const { id, token } = await giveApiToken(server, { userId, scopes: ['read'] })
    expect(await lastUseOf(server.services, id)).toBeUndefined()
    const at = now
    await callTool(token, { 'x-forwarded-for': '2001:db8:1:2:3::4' })
    now += 60_000
    await callTool(token, { 'x-forwarded-for': '203.0.113.9' })
    expect(await lastUseOf(server.services, id)).toEqual({ at, from: '2001:db8:1:2::/64' })
    now += 10 * 60_000
    await callTool(token, { 'x-forwarded-for': '203.0.113.9' })
    expect(await lastUseOf(server.services, id)).toEqual({ at: now, from: '203.0.113.9' })
  })
})

describe('what an operator may say', () => {
  test('aigon: on REST, not on MCP; one an account, without an end, recognised by its prefix', async () => {
    await serve({}, 'aigon')
    const { token } = await giveApiToken(server, { userId, scopes: ['account'] })
    expect(token.startsWith('aigon_live_')).toBe(true)
    expect((await call(server, '/health', { token })).status).toBe(200)
    const told = await call(server, '/api/whoami', { token })
    expect([told.status, told.body.expires_at]).toEqual([200, null])
    const second = giveApiToken(server, { userId, scopes: ['account'] })
    expect(await second.catch(({ message }) => message)).toContain('too_many')
    // Its MCP resource is another server's, whose own endpoint this one is not.
    expect((await call(server, '/api/tokens', { token })).status).toBe(404)
  })

  test('onegent: keys of ogk_live_ on the MCP endpoint', async () => {
    await serve({}, 'onegent')
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    expect(token.startsWith('ogk_live_')).toBe(true)
    expect((await callTool(token)).status).toBe(200)
  })

  test('accepted_on without mcp: 401 there, and good elsewhere', async () => {
    await serve({ apiTokens: { acceptedOn: ['rest'] } })
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    expect((await callTool(token)).status).toBe(401)
    expect((await call(server, '/api/whoami', { token })).status).toBe(200)
  })

  test('reshow: its owner sees it again, under the server’s secret and not from the log alone', async () => {
    await serve({ apiTokens: { reshow: true } })
    const token = await managingToken(server)
    const wish = { name: 'Backups', scopes: ['read'] }
    const made = await call(server, '/api/tokens', { method: 'POST', token, body: wish })
    const path = `/api/tokens/${made.body.id}`
    expect((await call(server, path, { token })).body.token).toBe(made.body.token)
    const renewed = await call(server, `${path}/regenerate`, { method: 'POST', token, body: {} })
    expect((await call(server, path, { token })).body.token).toBe(renewed.body.token)
    server.services.settings.apiTokens.reshow = false
    expect(await call(server, path, { token })).toMatchObject({ status: 200 })
    expect((await call(server, path, { token })).body.token).toBeUndefined()
  })

  test('without reshow nothing in the log gives it again', async () => {
    await serve()
    const { id } = await giveApiToken(server, { userId, scopes: ['read'] })
    const [created] = await eventsOf(server, 'ApiTokenCreated')
    expect(created?.payload).toMatchObject({ apiTokenId: id, keyVersion: 1 })
    expect(created?.payload).not.toHaveProperty('nonce')
    server.services.settings.apiTokens.reshow = true
    const token = await managingToken(server)
    expect((await call(server, `/api/tokens/${id}`, { token })).body.token).toBeUndefined()
  })

  test('none at all: those that there were open nothing, and none is made', async () => {
    await serve()
    const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
    server.services.settings.apiTokens.enabled = false
    expect((await callTool(token)).status).toBe(401)
    const more = giveApiToken(server, { userId, scopes: ['read'] })
    expect(await more.catch(({ message }) => message)).toContain('api_tokens_off')
  })
})
