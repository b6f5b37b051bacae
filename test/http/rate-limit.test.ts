/**
 * How often anything may be asked for, and what whoever asks too often is told.
 *
 * @see [RFC 6585 §4 - 429 Too Many Requests](https://www.rfc-editor.org/rfc/rfc6585.html#section-4)
 * @see [RateLimit header fields for HTTP](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10)
 */
import type { GivenSettings } from '../../src/config/settings.ts'
import {
  basic,
  connect,
  post,
  type Registered,
  redirectUri,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, describe, expect, test } from '../support/test.ts'

const start = 1_800_000_000_000
let now = start
let server: TestServer
afterEach(() => server.stop())

async function serve(
  rateLimits: NonNullable<GivenSettings['rateLimits']>,
  more: GivenSettings = {},
) {
  now = start
  const trustedProxies = ['127.0.0.1', '::1']
  server = await startTestServer({ rateLimits, trustedProxies, ...more }, { clock: () => now })
}

const here = '203.0.113.1'

/** Registers from an address. */
function registerFrom(address = here, path = '/oauth/register'): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
  })
}

/** Asks about a token, with this secret. */
function introspectFrom(address: string, client: Registered, secret = 'wrong') {
  return post<{ error?: string }>(server, '/oauth/introspect', {
    form: { token: 'x' },
    headers: { authorization: basic(client.client_id, secret), 'x-forwarded-for': address },
  })
}

function userinfoBy(token?: string, address = here): Promise<Response> {
  const headers = { 'x-forwarded-for': address }
  return fetch(`${server.url}/oauth/userinfo`, {
    headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` },
  })
}

const secretly = { token_endpoint_auth_method: 'client_secret_basic' }

describe('registration', () => {
  test('says with each answer how much is left, in both spellings', async () => {
    await serve({ registration: { requests: 2, perSeconds: 3600 } })
    const { status, headers } = await registerFrom()
    expect(status).toBe(201)
    expect(headers.get('x-ratelimit-limit')).toBe('2')
    expect(headers.get('x-ratelimit-remaining')).toBe('1')
    expect(headers.get('x-ratelimit-reset')).toBe(String(start / 1000 + 3600))
    expect(headers.get('ratelimit-policy')).toBe('"registration";q=2;w=3600')
    expect(headers.get('ratelimit')).toBe('"registration";r=1;t=3600')
  })

  test('beyond the limit is 429 in the form of an OAuth error, until the window ends', async () => {
    await serve({ registration: { requests: 2, perSeconds: 3600 } })
    await registerFrom()
    await registerFrom(here, '/register')
    now += 600_000
    const refused = await registerFrom()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('3000')
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
    expect(await refused.json()).toMatchObject({
      error: 'rate_limit_exceeded',
      error_description: 'Too many requests; try again in 3000 seconds',
    })
    now += 3_000_000
    expect((await registerFrom()).status).toBe(201)
  })

  test('is counted by address, and a whole /64 of IPv6 is one', async () => {
    await serve({ registration: { requests: 1, perSeconds: 60 } })
    expect((await registerFrom('203.0.113.1')).status).toBe(201)
    expect((await registerFrom('203.0.113.2')).status).toBe(201)
    expect((await registerFrom('2001:db8::1')).status).toBe(201)
    expect((await registerFrom('2001:db8:0:0:ffff::2')).status).toBe(429)
    expect((await registerFrom('2001:db8:0:1::1')).status).toBe(201)
  })

  test('believes no address that a stranger writes down', async () => {
    await serve({ registration: { requests: 1, perSeconds: 60 } }, { trustedProxies: [] })
    expect((await registerFrom('203.0.113.1')).status).toBe(201)
    expect((await registerFrom('203.0.113.2')).status).toBe(429)
  })

  test('is refused to a page in words that it may read', async () => {
    await serve({ registration: { requests: 1, perSeconds: 60 } })
    await registerFrom()
    const refused = await fetch(`${server.url}/oauth/register`, {
      method: 'POST',
      headers: { origin: 'https://app.example', 'x-forwarded-for': here },
    })
    expect(refused.status).toBe(429)
    const exposed = refused.headers.get('access-control-expose-headers') ?? ''
    for (const name of ['Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-RateLimit-Remaining']) {
      expect(exposed.split(', ')).toContain(name)
    }
  })
})

describe('a limit', () => {
  test('is off at 0, and then says nothing', async () => {
    await serve({ registration: { requests: 0 } })
    const { status, headers } = await registerFrom()
    expect(status).toBe(201)
    expect(headers.has('x-ratelimit-limit')).toBe(false)
  })

  test('is for the paths that are named, where any are', async () => {
    await serve({ registration: { requests: 1, perSeconds: 60 }, paths: ['/oauth2/'] })
    for (const _ of [1, 2]) expect((await registerFrom()).status).toBe(201)
    expect((await registerFrom(here, '/oauth2/register')).status).toBe(201)
    expect((await registerFrom(here, '/oauth2/register')).status).toBe(429)
  })
})

describe('failed authentication', () => {
  test('beyond the limit is 429, for the right secret too: nobody learns which it was', async () => {
    await serve({ failedAuthentication: { requests: 3, perSeconds: 60 } })
    const client = await register(server, secretly)
    for (const _ of [1, 2, 3]) expect((await introspectFrom(here, client)).status).toBe(401)
    const refused = await introspectFrom(here, client, client.client_secret)
    expect(refused.status).toBe(429)
    expect(refused.body.error).toBe('rate_limit_exceeded')
    expect(refused.headers.get('retry-after')).toBe('60')
    now += 60_000
    expect((await introspectFrom(here, client, client.client_secret)).status).toBe(200)
  })

  test('locks nobody else out: not the client elsewhere, nor another client here', async () => {
    await serve({ failedAuthentication: { requests: 1, perSeconds: 60 } })
    const client = await register(server, secretly)
    const other = await register(server, secretly)
    expect((await introspectFrom(here, client)).status).toBe(401)
    expect((await introspectFrom(here, client)).status).toBe(429)
    expect((await introspectFrom('203.0.113.2', client, client.client_secret)).status).toBe(200)
    expect((await introspectFrom(here, other, other.client_secret)).status).toBe(200)
  })

  test('is not used up by succeeding, and not told before something counts', async () => {
    await serve({ failedAuthentication: { requests: 1, perSeconds: 60 } })
    const client = await register(server, secretly)
    for (const _ of [1, 2, 3]) {
      const { status, headers } = await introspectFrom(here, client, client.client_secret)
      expect([status, headers.has('x-ratelimit-remaining')]).toEqual([200, false])
    }
    const { status, headers } = await introspectFrom(here, client)
    expect([status, headers.get('x-ratelimit-remaining')]).toEqual([401, '0'])
  })
})

describe('the brake on client secrets', () => {
  test('grows with each further failure, whatever the limits say', async () => {
    await serve(
      { failedAuthentication: { requests: 0 }, paths: ['/nowhere'] },
      { limits: { clientFailuresMax: 2 } },
    )
    const client = await register(server, secretly)
    for (const _ of [1, 2]) expect((await introspectFrom(here, client)).status).toBe(401)
    const pauses = []
    for (let n = 0; n < 4; n += 1) {
      const { status, headers } = await introspectFrom(here, client, client.client_secret)
      expect(status).toBe(429)
      pauses.push(Number(headers.get('retry-after')))
      now += Number(headers.get('retry-after')) * 1000
      expect((await introspectFrom(here, client)).status).toBe(401)
    }
    expect(pauses).toEqual([1, 2, 4, 8])
    expect((await introspectFrom('203.0.113.2', client, client.client_secret)).status).toBe(200)
  })

  test('keeps nothing about clients that there are none of', async () => {
    await serve({}, { limits: { clientFailuresMax: 1 } })
    const nobody = { client_id: 'dcr_nobody' }
    for (const _ of [1, 2, 3]) expect((await introspectFrom(here, nobody)).status).toBe(401)
  })
})

describe('refreshing', () => {
  test('is counted by client, and 429 leaves the refresh token as good as it was', async () => {
    await serve({ refresh: { requests: 1, perSeconds: 3600 } })
    const { client, tokens } = await connect(server)
    const first = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(first.status).toBe(200)
    expect(first.headers.get('ratelimit')).toContain('"refresh";r=0;t=3600')
    const refused = await refresh(server, { client, refreshToken: first.body.refresh_token })
    expect(refused.status).toBe(429)
    now += 3_600_000
    const later = await refresh(server, { client, refreshToken: first.body.refresh_token })
    expect(later.status).toBe(200)
  })

  test('cannot be used up by a stranger who knows the client’s id', async () => {
    await serve({ refresh: { requests: 2, perSeconds: 3600 } })
    const { client, tokens } = await connect(server)
    const form = { grant_type: 'refresh_token', client_id: client.client_id, refresh_token: 'x' }
    const headers = { 'x-forwarded-for': '203.0.113.66' }
    const statuses = []
    for (const _ of [1, 2, 3]) {
      statuses.push((await post(server, '/oauth/token', { form, headers })).status)
    }
    expect(statuses).toEqual([400, 400, 429])
    const own = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(own.status).toBe(200)
  })
})

describe('the API', () => {
  test('is counted by account, wherever its tokens are used', async () => {
    await serve({ api: { requests: 2, perSeconds: 3600 } })
    const one = (await connect(server)).tokens.access_token
    const two = (await connect(server)).tokens.access_token
    expect((await userinfoBy(one, '203.0.113.1')).headers.get('x-ratelimit-remaining')).toBe('1')
    expect((await userinfoBy(two, '203.0.113.2')).headers.get('x-ratelimit-remaining')).toBe('0')
    expect((await userinfoBy(one, '203.0.113.3')).status).toBe(429)
  })

  test('is counted by address for whoever has no token, and apart from those who have', async () => {
    await serve({ api: { requests: 1, perSeconds: 3600 } })
    const { access_token: token } = (await connect(server)).tokens
    expect((await userinfoBy()).status).toBe(401)
    expect((await userinfoBy('nonsense')).status).toBe(429)
    expect((await userinfoBy(token)).status).toBe(403)
    const refused = await fetch(`${server.url}/api/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ message: expect.stringContaining('Too many') })
  })
})
