/**
 * A person's connected apps over the API: seen, narrowed, revoked, each at once.
 *
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import { call } from '../support/api-tokens.ts'
import { appsToken, connectApp, files, twoResources } from '../support/connected-apps.ts'
import {
  connect,
  eventsOf,
  introspect,
  isLive,
  redeem,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { addWebClient } from '../support/web-client.ts'

const day = 24 * 60 * 60 * 1000
let server: TestServer
let elapsedMs = 0
let token: string
beforeAll(async () => {
  const year = 365 * 86_400
  const times = { accessTokenTtlSeconds: year, refreshTokenTtlSeconds: year }
  const sessions = { sessionTtlSeconds: year }
  server = await startTestServer(
    { resources: twoResources, ...times, ...sessions },
    { clock: () => Date.now() + elapsedMs },
  )
  token = await appsToken(server)
})
afterAll(() => server.stop())

const path = '/api/connected-apps'

interface Entry {
  readonly id: string
  readonly status: string
  readonly client_name: string
  readonly access: { resource: string; name: string; scopes: string[] }[]
  readonly last_used_at: string | null
  readonly unused_for_90_days: boolean
  readonly timeline: { what: string; event_id: string; at: string; reason?: string }[]
}

function ask(at: string, options: Parameters<typeof call>[2] = {}) {
  return call<Entry>(server, path + at, { token, ...options })
}

function narrowTo(id: string, scopes: string[], resource = `${server.url}/api/mcp`) {
  return ask(`/${id}`, { method: 'PATCH', body: { access: [{ resource, scopes }] } })
}

describe('a connected app', () => {
  test('is listed with what it may do, since when, and when it was last used', async () => {
    const { grantId, tokens } = await connectApp(server, { scope: 'book read openid' })
    elapsedMs += day
    await isLive(server, tokens.access_token)
    const { body } = await ask(`/${grantId}`)
    expect(body).toMatchObject({
      id: grantId,
      status: 'active',
      client_name: 'Test client',
      access: [{ name: 'Jobs', scopes: ['book', 'read', 'openid'] }],
      unused_for_90_days: false,
    })
    const lastUsed = Date.parse(body.last_used_at ?? '')
    expect(Math.abs(Date.now() + elapsedMs - lastUsed)).toBeLessThan(day / 2)
    expect(body.timeline.map(({ what }) => what)).toEqual(['connected', 'approved'])
  })

  test('is pointed out when nobody has used it for 90 days', async () => {
    const { grantId } = await connectApp(server)
    expect((await ask(`/${grantId}`)).body.unused_for_90_days).toBe(false)
    elapsedMs += 90 * day
    expect((await ask(`/${grantId}`)).body.unused_for_90_days).toBe(true)
  })

  test('has a timeline of events that the log holds', async () => {
    const { client, tokens, grantId, code, pkce } = await connectApp(server)
    await refresh(server, { client, refreshToken: tokens.refresh_token })
    const other = await register(server)
    await redeem(server, { client: other, code, pkce })
    await narrowTo(grantId, ['read'])
    const { body } = await ask(`/${grantId}`)
    const whats = ['narrowed', 'refused', 'refreshed', 'connected', 'approved']
    expect(body.timeline.map(({ what }) => what)).toEqual(whats)
    for (const { event_id } of body.timeline) {
      expect(await server.services.log.find(event_id)).toBeDefined()
    }
  })

  test('is found by the name of what it was given, and pages never go beyond the last', async () => {
    await connect(server, { scope: 'files:read', resource: files })
    const found = await call<{ connected_apps: Entry[]; total: number; page: number }>(
      server,
      `${path}?search=FILES%20read&page=9&limit=1`,
      { token },
    )
    expect(found.body.total).toBe(1)
    expect([found.body.page, found.body.connected_apps.length]).toEqual([1, 1])
    const none = await call<{ total: number }>(server, `${path}?search=nothing-such`, { token })
    expect(none.body.total).toBe(0)
  })
})

describe('what is taken back', () => {
  test('is gone from the very next use of a token that was issued before', async () => {
    const resource = await addWebClient(server)
    const { client, tokens, grantId } = await connectApp(server)
    const mcp = server.services.settings.resources[0]
    mcp?.introspectionClients.push(resource.client_id)
    const before = await introspect(server, { client: resource, token: tokens.access_token })
    expect(before.body.scope).toBe('book read')
    const { status, body } = await narrowTo(grantId, ['read'])
    expect([status, body.access[0]?.scopes]).toEqual([200, ['read']])
    const after = await introspect(server, { client: resource, token: tokens.access_token })
    expect(after.body).toMatchObject({ active: true, scope: 'read' })
    const renewed = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(renewed.body.scope).toBe('read')
    const events = await eventsOf(server, 'GrantNarrowed')
    expect(events.at(-1)?.payload).toMatchObject({ grantId, access: [{ scopes: ['read'] }] })
  })

  test('ends a token of which nothing is left', async () => {
    const asked = { scope: 'read files:read', resource: [`${server.url}/api/mcp`, files] }
    const { client, tokens, grantId } = await connectApp(server, asked)
    expect(await isLive(server, tokens.access_token)).toBe(true)
    expect((await narrowTo(grantId, ['files:read'], files)).status).toBe(200)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const renewed = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(renewed.body.scope).toBe('files:read')
  })

  test('is no reason to fail for a client that asks for all that it had', async () => {
    const { client, tokens, grantId } = await connectApp(server)
    await narrowTo(grantId, ['read'])
    const response = await fetch(`${server.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: client.client_id,
        refresh_token: tokens.refresh_token,
        scope: 'book read',
      }),
    })
    expect([response.status, (await response.json()).scope]).toEqual([200, 'read'])
  })

  test('can be taken back twice, and is never more than there was', async () => {
    const { grantId } = await connectApp(server, { scope: 'read' })
    expect((await narrowTo(grantId, ['read'])).status).toBe(200)
    expect((await narrowTo(grantId, ['read', 'book'])).body.error).toBe('invalid_scope')
    expect((await narrowTo(grantId, ['files:read'], files)).body.error).toBe('invalid_scope')
    expect((await narrowTo(grantId, [])).body.error).toBe('invalid_request')
    for (const body of [{}, { access: 'read' }, { access: [], more: 1 }]) {
      const answer = await ask(`/${grantId}`, { method: 'PATCH', body })
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
    }
    expect((await ask(`/${grantId}`)).body.access[0]?.scopes).toEqual(['read'])
  })
})

describe('what is revoked', () => {
  test('opens nothing from the very next call, and stays to be read about', async () => {
    const { client, tokens, grantId } = await connectApp(server)
    expect(await isLive(server, tokens.access_token)).toBe(true)
    expect((await ask(`/${grantId}`, { method: 'DELETE' })).status).toBe(204)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const renewed = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(renewed.status).toBe(400)
    expect((await ask(`/${grantId}`, { method: 'DELETE' })).status).toBe(404)
    const { body } = await ask(`/${grantId}`)
    expect(body).toMatchObject({ status: 'ended', ended_because: 'revoked_by_user' })
    expect(body.timeline.map(({ what }) => what)).toContain('ended')
  })

  test('is all of one client, or all there is', async () => {
    const two = await startTestServer()
    try {
      const apps = await appsToken(two)
      const [one, other] = [await connectApp(two), await connectApp(two)]
      const ofOne = `${path}?client_id=${one.client.client_id}`
      const first = await call(two, ofOne, { method: 'DELETE', token: apps })
      expect(first.body).toEqual({ ended: 1 })
      expect(await isLive(two, one.tokens.access_token)).toBe(false)
      expect(await isLive(two, other.tokens.access_token)).toBe(true)
      const all = await call(two, path, { method: 'DELETE', token: apps })
      expect(all.body).toEqual({ ended: 2 })
      expect(await isLive(two, other.tokens.access_token)).toBe(false)
      expect((await call(two, path, { token: apps })).status).toBe(401)
    } finally {
      await two.stop()
    }
  })
})

describe('nobody but the person', () => {
  test('gets in with another token, or with none', async () => {
    const { tokens, grantId } = await connectApp(server)
    for (const at of ['', `/${grantId}`]) {
      expect((await ask(at, { token: undefined })).status).toBe(401)
      expect((await ask(at, { token: tokens.access_token })).status).toBe(401)
    }
    const answer = await ask(`/${grantId}`, { method: 'DELETE', token: tokens.access_token })
    expect(answer.status).toBe(401)
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })

  test("sees or changes another person's", async () => {
    const sql = `SELECT grant_id FROM grants_v1 LIMIT 1`
    const { grant_id: id } = (await server.services.reader.get({ sql, args: [] })) ?? {}
    const { registerUser } = await import('../../src/identity/register-user.ts')
    const credentials = { email: 'eve@example.com', password: 'another long password' }
    const cause = { actor: 'cli', admin: false, name: 'Eve' }
    await registerUser(server.services, { ...credentials, ...cause })
    const eve = await appsToken(server, server.person(credentials))
    const scopes = ['read']
    const body = { access: [{ resource: `${server.url}/api/mcp`, scopes }] }
    expect((await ask(`/${id}`, { token: eve })).status).toBe(404)
    expect((await ask(`/${id}`, { token: eve, method: 'PATCH', body })).status).toBe(404)
    expect((await ask(`/${id}`, { token: eve, method: 'DELETE' })).status).toBe(404)
    expect((await ask(`/${id}`)).status).toBe(200)
  })
})
