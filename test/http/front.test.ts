/**
 * Two hosts: people see the front, programs speak to the API, and a page of the API is nothing
 * that anybody gets to without the front.
 */
import { request } from 'node:http'
import type { JWTPayload } from 'jose'
import { sha256 } from '../../src/domain/keyring.ts'
import { ownCookies } from '../../src/http/cookies.ts'
import { type FrontWord, readFrontKey, signAsFront } from '../../src/protocol/front-key.ts'
import { pathKind, relayHeader, signRelay } from '../../src/protocol/relayed-request.ts'
import {
  authorizationUrl,
  isLive,
  newPkce,
  post,
  redirectUri,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { newFrontKey, startTwoHosts, type TwoHosts } from '../support/two-hosts.ts'

let hosts: TwoHosts
beforeAll(async () => {
  hosts = await startTwoHosts()
})
afterAll(() => hosts.stop())

const json = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as Record<string, unknown>

describe('a client between two hosts', () => {
  test('RFC 8414: the front says who it is, and names the endpoints of both', async () => {
    const { url, api } = hosts
    const metadata = await json(fetch(`${url}/.well-known/oauth-authorization-server`))
    expect(metadata).toMatchObject({
      issuer: url,
      authorization_endpoint: `${url}/oauth/authorize`,
      token_endpoint: `${api.url}/oauth/token`,
      registration_endpoint: `${api.url}/oauth/register`,
    })
    expect(await json(fetch(`${api.url}/.well-known/oauth-authorization-server`))).toEqual(metadata)
  })

  test('registers at the API, is let in at the front, redeems at the API', async () => {
    const { url, api } = hosts
    const client = await register(api)
    const pkce = newPkce()
    const asked = authorizationUrl(hosts, client.client_id, { code_challenge: pkce.challenge })
    const back = await hosts.person().answer(asked)
    expect(back.searchParams.get('iss')).toBe(url)
    const form = {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      code_verifier: pkce.verifier,
      redirect_uri: redirectUri,
      client_id: client.client_id,
    }
    const { body } = await post<Tokens>(api, '/oauth/token', { form })
    expect(await isLive(api, body.access_token)).toBe(true)
  })

  test('is denied at the front too', async () => {
    const client = await register(hosts.api)
    const asked = authorizationUrl(hosts, client.client_id)
    const back = await hosts.person().answer(asked, 'deny')
    expect(back.searchParams.get('error')).toBe('access_denied')
  })

  test('finds nothing of the API at the front', async () => {
    for (const path of ['/oauth/token', '/oauth/register', '/api/mcp', '/audit/events', '/token']) {
      const response = await fetch(hosts.url + path, { method: 'POST' })
      expect([response.status, (await json(response)).error]).toEqual([421, 'misdirected_request'])
    }
  })

  test('leaves the person signed in at the front, and nowhere else', async () => {
    const person = hosts.person()
    await person.answer(authorizationUrl(hosts, (await register(hosts.api)).client_id))
    expect((await person.open(`${hosts.url}/account`)).status).toBe(200)
    const { cookie } = person
    const atApi = await fetch(`${hosts.api.url}/account`, { headers: { cookie } })
    expect(atApi.status).toBe(421)
  })
})

describe('the front', () => {
  test('answers for itself and for the API', async () => {
    for (const path of ['/healthz', '/readyz']) {
      expect((await fetch(hosts.url + path)).status).toBe(200)
    }
  })

  test('passes on the cookies of the server, and no other program’s', async () => {
    const client = await register(hosts.api)
    const first = await fetch(authorizationUrl(hosts, client.client_id), { redirect: 'manual' })
    const [cookie = ''] = (first.headers.getSetCookie()[0] ?? '').split(';')
    expect(cookie).toContain('grantlog-browser=')
    const headers = { cookie: `other=${'x'.repeat(5000)}; ${cookie}` }
    const path = first.headers.get('location') ?? ''
    expect((await fetch(hosts.url + path, { headers })).status).toBe(200)
  })

  test('RFC 6265bis §4.1.3.2: knows them by their prefix, also where there is TLS', () => {
    const cookie = 'a=1; __Host-grantlog-session=s; xgrantlog-session=x; grantlog-browser=b'
    const asked = new Request('https://app.example.com/', { headers: { cookie } })
    expect(ownCookies(asked)).toBe('__Host-grantlog-session=s; grantlog-browser=b')
  })

  test('RFC 9700 §4.13: tells the API whose address it is, and believes nobody else about it', async () => {
    const person = hosts.person()
    const headers = { 'x-forwarded-for': '203.0.113.7', [relayHeader]: 'made up' }
    expect((await fetch(`${hosts.url}/sign-in`, { headers })).status).toBe(200)
    await person.answer(authorizationUrl(hosts, (await register(hosts.api)).client_id))
    const account = await (await person.open(`${hosts.url}/account`)).text()
    expect(account).not.toContain('203.0.113.7')
  })

  test('RFC 9110 §15.5.20: on loopback it answers to no other name', async () => {
    const { status } = await fetch(`${hosts.url}/sign-in`, { headers: { host: 'evil.example' } })
    expect(status).toBe(421)
  })

  test('passes on no method that no page has', async () => {
    const { port } = new URL(hosts.url)
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ host: 'localhost', port, path: '/sign-in', method: 'TRACE' })
      asked.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject)
      asked.end()
    })
    expect(answer).toBe(405)
  })

  test('refuses a body that is too large before the API sees it', async () => {
    const body = `email=${'x'.repeat(3_000_000)}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const { status } = await fetch(`${hosts.url}/sign-in`, { method: 'POST', headers, body })
    expect(status).toBe(413)
  })

  test('says so where the API does not answer', async () => {
    const alone = await startTwoHosts()
    await alone.api.stop()
    const page = await fetch(`${alone.url}/sign-in/email/open?token=a-secret-of-a-link`)
    expect([page.status, page.headers.get('content-type')]).toEqual([
      503,
      'text/html; charset=utf-8',
    ])
    expect(page.headers.get('retry-after')).toBe('5')
    expect(alone.logged()).toContain('no answer of the API')
    expect(alone.logged()).not.toContain('a-secret-of-a-link')
    const document = await fetch(`${alone.url}/.well-known/oauth-authorization-server`)
    expect([document.status, (await json(document)).error]).toEqual([
      503,
      'auth_backend_unavailable',
    ])
    await alone.stop().catch(() => {})
  })
})

describe('a page of the API', () => {
  const path = '/sign-in'
  const ask = (jwt: string | undefined, init: RequestInit & { at?: string } = {}) =>
    fetch(hosts.api.url + (init.at ?? path), {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, ...(jwt === undefined ? {} : { [relayHeader]: jwt }) },
    })
  const relay = (relayed = {}, { key = hosts.privateKey, now = Date.now() } = {}) =>
    signRelay(
      hosts.api.services.settings,
      { method: 'GET', path, body: '', cookie: '', address: '198.51.100.1', ...relayed },
      { key: readFrontKey(key), now },
    )
  const word = (kind: FrontWord, claims: JWTPayload, parties = hosts.api.services.settings) =>
    signAsFront(kind, claims, { parties, key: readFrontKey(hosts.privateKey), now: Date.now() })

  test('is shown by way of the front', async () => {
    expect((await ask(await relay())).status).toBe(200)
  })

  test.each(['/sign-in', '/consent', '/oauth/authorize', '/account', '/', '/what-is-new'])(
    'is not shown to who comes straight: %s',
    async (at) => {
      for (const method of ['GET', 'POST']) {
        const response = await ask(undefined, { at, method })
        expect([response.status, (await json(response)).error]).toEqual([
          421,
          'misdirected_request',
        ])
      }
    },
  )

  test('is not shown for a signature by another key, and not for nonsense', async () => {
    expect((await ask(await relay({}, { key: newFrontKey() }))).status).toBe(421)
    for (const jwt of ['', 'nonsense', 'a.b.c']) expect((await ask(jwt)).status).toBe(421)
  })

  test('is not shown for what was signed for another path, method, body or cookie', async () => {
    const body = sha256('')
    for (const other of [
      { path: '/account' },
      { path: '/sign-in?request=req_1' },
      { method: 'POST' },
      { body },
      { cookie: 'grantlog-session=other' },
    ]) {
      expect((await ask(await relay(other))).status).toBe(421)
    }
    const headers = { cookie: 'grantlog-browser=another' }
    expect((await ask(await relay(), { headers })).status).toBe(421)
    const post = { method: 'POST', body: 'email=a' }
    expect((await ask(await relay({ method: 'POST', body: 'email=b' }), post)).status).toBe(421)
  })

  test('is not shown for a signature that is old, or valid for long', async () => {
    expect((await ask(await relay({}, { now: Date.now() - 60_000 }))).status).toBe(421)
    expect((await ask(await relay({}, { now: Date.now() + 600_000 }))).status).toBe(421)
  })

  test('RFC 8725 §3.9: is not shown for a word of the front that is meant for another API', async () => {
    const empty = sha256('')
    const claims = { method: 'GET', path, body: empty, cookie: empty, address: '198.51.100.1' }
    expect((await ask(await word('relay', claims))).status).toBe(200)
    const { settings } = hosts.api.services
    for (const parties of [
      { ...settings, apiUrl: 'https://api.elsewhere.example' },
      { ...settings, issuer: 'https://elsewhere.example' },
    ]) {
      expect((await ask(await word('relay', claims, parties))).status).toBe(421)
    }
  })

  test('is what every path is that is not named as the API’s', () => {
    const { services } = hosts.api
    expect(services.settings.role).toBe('api')
    const ofApi = ['/oauth/token', '/oauth2/par', '/register/x', '/api/mcp', '/health', '/audit/x']
    expect(ofApi.map(pathKind)).toEqual(ofApi.map(() => 'api'))
    const pages = [
      '/',
      '/oauth/authorize',
      '/oauth/tokens',
      '/apis',
      '/auditor',
      '/healthy',
      '/x',
      '/api/check-status',
    ]
    expect(pages.map(pathKind)).toEqual(pages.map(() => 'page'))
  })
})
