/**
 * What attackers try with redirects and authorization responses, by the lines of the team's list.
 *
 * @see [RFC 9700 §4.1 - Insufficient Redirection URI Validation](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.1)
 * @see [RFC 9207 §2 - Response Parameter iss](https://www.rfc-editor.org/rfc/rfc9207.html#section-2)
 */
import {
  type AskedFor,
  authorizationUrl,
  authorize,
  type Registered,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const web = 'https://app.example.com/oauth/callback'
const loopback = 'http://127.0.0.1:9999/callback'

let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer()
  client = await register(server, { redirect_uris: [web, loopback] })
})
afterAll(() => server.stop())

function ask(asked: AskedFor): Promise<Response> {
  return fetch(authorizationUrl(server, client.client_id, asked), { redirect: 'manual' })
}

describe('SECURITY 1: a redirect URI matches exactly, or the person sees an error', () => {
  const variants: Record<string, string> = {
    'a prefix': 'https://app.example.com/oauth',
    'a longer path': `${web}/more`,
    'a trailing slash': `${web}/`,
    'an added query': `${web}?next=https://evil.example`,
    'a fragment': `${web}#at`,
    'another case in the path': 'https://app.example.com/oauth/Callback',
    'another case in the host': 'https://APP.example.com/oauth/callback',
    'another case in the scheme': 'HTTPS://app.example.com/oauth/callback',
    'a default port': 'https://app.example.com:443/oauth/callback',
    'another port of a web address': 'https://app.example.com:8443/oauth/callback',
    'a subdomain': 'https://evil.app.example.com/oauth/callback',
    'a longer host': 'https://app.example.com.evil.example/oauth/callback',
    'a dot at the end of the host': 'https://app.example.com./oauth/callback',
    'the host as userinfo': 'https://app.example.com@evil.example/oauth/callback',
    'userinfo before the host': 'https://x:y@app.example.com/oauth/callback',
    'dot segments': 'https://app.example.com/oauth/x/../callback',
    'encoded dot segments': 'https://app.example.com/oauth/x/%2e%2e/callback',
    'an encoded letter': 'https://app.example.com/oauth/c%61llback',
    'an encoded slash': 'https://app.example.com/oauth%2fcallback',
    'a backslash': 'https://app.example.com\\@evil.example/oauth/callback',
    'a tab in the host': 'https://app.exam\tple.com/oauth/callback',
    'a line feed': `${web}\n`,
    'a zero byte': `${web}\0`,
    'plain http': web.replace('https:', 'http:'),
    'no scheme': '//app.example.com/oauth/callback',
    'a script': `javascript:alert(1)//${web}`,
    'an empty one': '',
    'loopback by another name': 'http://127.1:9999/callback',
    'loopback as a number': 'http://2130706433:9999/callback',
    'loopback in octal': 'http://0177.0.0.1:9999/callback',
    'loopback as IPv6': 'http://[::1]:9999/callback',
    'loopback as mapped IPv6': 'http://[::ffff:127.0.0.1]:9999/callback',
    'loopback as long IPv6': 'http://[0:0:0:0:0:0:0:1]:9999/callback',
    'localhost for 127.0.0.1': 'http://localhost:9999/callback',
    'a name that begins like loopback': 'http://127.0.0.1.evil.example:9999/callback',
    'loopback with userinfo': 'http://127.0.0.1:9999@evil.example/callback',
    'loopback with another path': 'http://127.0.0.1:9999/callback/x',
    'loopback over https': 'https://127.0.0.1:9999/callback',
    'a port that is none': 'http://127.0.0.1:99999/callback',
  }
  for (const [what, redirect_uri] of Object.entries(variants)) {
    test(what, async () => {
      const answer = await ask({ redirect_uri })
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    })
  }

  test('only the port of loopback may differ', async () => {
    const answer = await ask({ redirect_uri: 'http://127.0.0.1:51004/callback' })
    expect(answer.status).toBe(303)
  })
})

describe('SECURITY 2: nobody is sent where they were not meant to go', () => {
  test('not by an error of the authorization endpoint', async () => {
    for (const asked of [{ response_type: 'token' }, { scope: '"' }, { prompt: 'none' }]) {
      const answer = await ask({ ...asked, redirect_uri: 'https://evil.example/cb' })
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    }
  })

  test('not by a page with a target in its address', async () => {
    const targets = ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:1']
    for (const target of targets) {
      for (const path of ['/sign-in', '/consent', '/account', '/sign-out', '/']) {
        const query = ['next', 'request', 'redirect_uri', 'return_to', 'continue'].map(
          (name) => `${name}=${encodeURIComponent(target)}`,
        )
        const answer = await fetch(`${server.url}${path}?${query.join('&')}`, {
          redirect: 'manual',
        })
        const location = answer.headers.get('location')
        if (location) expect(new URL(location, server.url).origin).toBe(server.url)
        expect(await answer.text()).not.toContain('href="javascript:')
      }
    }
  })
})

describe('SECURITY 3: no redirect URI is registered that a browser or a network could bend', () => {
  const refused = [
    'http://app.example.com/cb',
    'http://192.168.1.10/cb',
    'http://localhost.evil.example/cb',
    'https://app.example.com/cb#fragment',
    'https://app.example.com/a\u0000b',
    'https://app.example.com/a\nb',
    'https://app.example.com/a b',
    'https://user@app.example.com/cb',
    'https://app.example.com/a/../b',
    'https://app.example.com\\@evil.example/',
    'https://*.example.com/cb',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ws://app.example.com',
    'intent://x#Intent;end',
    '',
    '/cb',
  ]
  for (const uri of refused) {
    test(JSON.stringify(uri), async () => {
      const answer = await fetch(`${server.url}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [uri] }),
      })
      const body = (await answer.json()) as { error: string }
      expect([answer.status, body.error]).toEqual([400, 'invalid_redirect_uri'])
    })
  }
})

describe('SECURITY 4: every authorization response names its issuer', () => {
  const responses: Record<string, AskedFor> = {
    'an unsupported response type': { response_type: 'token' },
    'no code challenge': { code_challenge: undefined },
    'a scope that is not there': { scope: 'nothing:here' },
    'an unknown resource': { resource: 'https://elsewhere.example' },
    'a sign-in that is needed': { prompt: 'none' },
  }
  for (const [what, asked] of Object.entries(responses)) {
    test(what, async () => {
      const location = (await ask({ redirect_uri: loopback, ...asked })).headers.get('location')
      const { searchParams } = new URL(location ?? '')
      expect([searchParams.get('iss'), searchParams.get('state')]).toEqual([server.url, 'a state'])
    })
  }

  test('a code, and a denial', async () => {
    const { back } = await authorize(server, client, { redirect_uri: loopback })
    expect(back.searchParams.get('iss')).toBe(server.url)
    const url = authorizationUrl(server, client.client_id, { redirect_uri: loopback })
    const denied = await server.person().answer(url, 'deny')
    expect(denied.searchParams.get('error')).toBe('access_denied')
    expect(denied.searchParams.get('iss')).toBe(server.url)
  })

  test('and the metadata, byte for byte, on every path', async () => {
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const answer = await fetch(`${server.url}/.well-known/${name}`)
      expect(await answer.json()).toMatchObject({
        issuer: server.url,
        authorization_response_iss_parameter_supported: true,
      })
    }
  })
})

describe('SECURITY 5: pages that decide are answered with 303 and cannot be framed', () => {
  test('sign-in, consent and error pages', async () => {
    const start = await ask({ redirect_uri: loopback })
    expect(start.status).toBe(303)
    for (const path of [start.headers.get('location') ?? '', '/consent?request=x', '/account']) {
      const answer = await fetch(new URL(path, server.url))
      expect(answer.headers.get('x-frame-options')).toBe('DENY')
      expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  test('the answers to credentials and to consent', async () => {
    const person = server.person()
    const url = authorizationUrl(server, client.client_id, { redirect_uri: loopback })
    const statuses: number[] = []
    const { fetch: real } = globalThis
    globalThis.fetch = Object.assign(async (...given: Parameters<typeof real>) => {
      const answer = await real(...given)
      if (given[1]?.method === 'POST') statuses.push(answer.status)
      return answer
    }, real)
    try {
      await person.answer(url)
    } finally {
      globalThis.fetch = real
    }
    expect(statuses).toEqual([303, 303])
  })
})

describe('SECURITY 6: the authorization endpoint', () => {
  test('has no CORS, also for an origin that the other endpoints allow', async () => {
    const url = authorizationUrl(server, client.client_id, { redirect_uri: loopback })
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const answer = await fetch(url, {
        method,
        redirect: 'manual',
        headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET' },
      })
      const names = [...answer.headers.keys()].filter((name) => name.startsWith('access-control'))
      expect(names).toEqual([])
    }
  })

  test('answers in the query alone', async () => {
    for (const response_mode of ['fragment', 'web_message', 'jwt', 'query.jwt']) {
      const answer = await ask({ redirect_uri: loopback, response_mode })
      const location = new URL(answer.headers.get('location') ?? '')
      expect(location.searchParams.get('error')).toBe('invalid_request')
      expect(location.hash).toBe('')
    }
  })
})
