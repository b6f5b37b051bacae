/**
 * What attackers try as clients, by the lines of the team's list.
 *
 * @see [RFC 6749 §2.3 - Client Authentication](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3)
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */
import {
  authorizationUrl,
  authorize,
  basic,
  connect,
  introspect,
  isLive,
  newPkce,
  post,
  type Registered,
  redirectUri,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let now = Date.UTC(2026, 10, 21)
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

type Method = 'none' | 'client_secret_basic' | 'client_secret_post'
const methods: Method[] = ['none', 'client_secret_basic', 'client_secret_post']

function registerWith(method: Method): Promise<Registered> {
  return register(server, { client_name: 'By method', token_endpoint_auth_method: method })
}

/** The form and the headers by which this method proves who the client is. */
function proof(method: Method, { client_id, client_secret = 'x' }: Registered) {
  if (method === 'client_secret_basic') {
    return { form: {}, headers: { authorization: basic(client_id, client_secret) } }
  }
  const form = method === 'none' ? { client_id } : { client_id, client_secret }
  return { form: form as Record<string, string>, headers: {} }
}

const endpoints: Record<string, Record<string, string>> = {
  '/oauth/token': { grant_type: 'refresh_token', refresh_token: 'nothing' },
  '/oauth/par': { response_type: 'code' },
  '/oauth/introspect': { token: 'nothing' },
  '/oauth/revoke': { token: 'nothing' },
}

describe('SECURITY 19: a client authenticates by the one method that it registered', () => {
  for (const registered of methods) {
    for (const used of methods.filter((method) => method !== registered)) {
      test(`${used} is refused to a client of ${registered}, everywhere`, async () => {
        const client = await registerWith(registered)
        for (const [path, parameters] of Object.entries(endpoints)) {
          const { form, headers } = proof(used, client)
          const answer = await post(server, path, { form: { ...parameters, ...form }, headers })
          expect([path, answer.status, answer.body.error]).toEqual([path, 401, 'invalid_client'])
        }
      })
    }
  }

  for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
    test(`${method} with a wrong secret is refused, everywhere`, async () => {
      const client = await registerWith(method)
      for (const [path, parameters] of Object.entries(endpoints)) {
        const client_secret = `${client.client_secret?.slice(0, -1)}!`
        const { form, headers } = proof(method, { ...client, client_secret })
        const answer = await post(server, path, { form: { ...parameters, ...form }, headers })
        expect([path, answer.status, answer.body.error]).toEqual([path, 401, 'invalid_client'])
        const challenged = answer.headers.get('www-authenticate')?.startsWith('Basic') ?? false
        expect(challenged).toBe(method === 'client_secret_basic')
      }
    })
  }

  test('both encodings of Basic are understood', async () => {
    const client = await registerWith('client_secret_basic')
    for (const encode of [(text: string) => text, encodeURIComponent]) {
      const authorization = basic(client.client_id, client.client_secret ?? '', encode)
      const form = endpoints['/oauth/revoke'] ?? {}
      const answer = await post(server, '/oauth/revoke', { form, headers: { authorization } })
      expect(answer.status).toBe(200)
    }
  })

  test('credentials sent twice are refused', async () => {
    const client = await registerWith('client_secret_basic')
    const { client_id, client_secret = '' } = client
    const { headers } = proof('client_secret_basic', client)
    for (const more of [{ client_secret }, { client_id: 'dcr_another' }]) {
      const form = { token: 'nothing', client_id, ...more }
      const answer = await post(server, '/oauth/revoke', { form, headers })
      expect([400, 401]).toContain(answer.status)
    }
    const body = new URLSearchParams({ token: 'x', client_id, client_secret })
    body.append('client_secret', client_secret)
    const twice = await fetch(`${server.url}/oauth/revoke`, { method: 'POST', body })
    expect(twice.status).toBe(400)
  })
})

describe('SECURITY 21: a pushed request is good once, for its client, for a short time', () => {
  async function push(client: Registered) {
    const form = {
      client_id: client.client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      code_challenge: newPkce().challenge,
      code_challenge_method: 'S256',
    }
    return (await post<{ request_uri: string }>(server, '/oauth/par', { form })).body.request_uri
  }
  async function start({ client_id }: Registered, request_uri: string) {
    const query = new URLSearchParams({ client_id, request_uri })
    const answer = await fetch(`${server.url}/oauth/authorize?${query}`, { redirect: 'manual' })
    return answer.status
  }

  test('once', async () => {
    const client = await registerWith('none')
    const uri = await push(client)
    expect([await start(client, uri), await start(client, uri)]).toEqual([303, 400])
  })

  test('by the client that pushed it, whose request another cannot use up', async () => {
    const client = await registerWith('none')
    const other = await register(server, { client_name: 'Another' })
    const uri = await push(client)
    expect([await start(other, uri), await start(client, uri)]).toEqual([400, 303])
  })

  test('within a minute', async () => {
    const client = await registerWith('none')
    const uri = await push(client)
    now += 60_000
    expect(await start(client, uri)).toBe(400)
  })
})

describe('SECURITY 22: whoever registers has proved nothing', () => {
  test('every redirect URI of a list is checked, not the first alone', async () => {
    const answer = await fetch(`${server.url}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [redirectUri, 'http://evil.example/cb'] }),
    })
    expect(answer.status).toBe(400)
  })

  test('the person is asked each time, and told that nobody has verified the name', async () => {
    const client = await registerWith('none')
    const person = server.person()
    for (const round of [1, 2]) {
      const url = authorizationUrl(server, client.client_id, { prompt: 'none' })
      if (round === 2) {
        const silent = await person.open(url)
        const location = new URL(silent.headers.get('location') ?? '')
        expect(location.searchParams.get('error')).toBe('consent_required')
      }
      await person.answer(authorizationUrl(server, client.client_id))
    }
    const next = await person.open(authorizationUrl(server, client.client_id))
    const page = await (await person.open(next.headers.get('location') ?? '')).text()
    expect(page).toContain('nobody has verified it')
  })
})

describe('SECURITY 24: what a client says of itself is text', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title><svg onload=alert(1)>',
    '{{constructor.constructor("alert(1)")()}}',
    '\u202egnp.exe',
    'Claud\u200be',
  ]
  for (const client_name of hostile) {
    test(JSON.stringify(client_name), async () => {
      const client = await register(server, { client_name })
      const person = server.person()
      await person.answer(authorizationUrl(server, client.client_id))
      const next = await person.open(authorizationUrl(server, client.client_id))
      const consent = await (await person.open(next.headers.get('location') ?? '')).text()
      const account = await (await person.open('/account')).text()
      for (const page of [consent, account]) {
        expect(/<(script|img|svg onload)|[\u202a-\u202e\u200b]/i.exec(page)).toBeNull()
        // An attribute needs a tag around it, and no tag of the page has one of these.
        expect(/<[^>]*\son\w+=/i.exec(page)).toBeNull()
      }
    })
  }

  test('a link of a script is no link', async () => {
    for (const field of ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri']) {
      const answer = await fetch(`${server.url}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [redirectUri], [field]: 'javascript:alert(1)' }),
      })
      expect(answer.status).toBe(400)
    }
  })
})

describe('SECURITY 25: introspection and revocation tell nobody about others’ tokens', () => {
  test('introspection needs a client that can prove who it is', async () => {
    const { client, tokens } = await connect(server)
    const form = { client_id: client.client_id, token: tokens.access_token }
    expect((await post(server, '/oauth/introspect', { form })).status).toBe(401)
    const { client_id: _, ...nobody } = form
    expect((await post(server, '/oauth/introspect', { form: nobody })).status).toBe(401)
  })

  test('of another client, of nobody, ended or malformed: inactive, and not a word more', async () => {
    const asker = await registerWith('client_secret_basic')
    const { client, tokens } = await connect(server)
    const ended = await connect(server)
    const end = { client_id: ended.client.client_id, token: ended.tokens.refresh_token }
    await post(server, '/oauth/revoke', { form: end })
    const asked = [
      tokens.access_token,
      tokens.refresh_token,
      ended.tokens.access_token,
      'x',
      'ey.e.e',
    ]
    for (const token of asked) {
      expect((await introspect(server, { client: asker, token })).body).toEqual({ active: false })
    }
    expect(client.client_id).not.toBe(asker.client_id)
  })

  test('another client’s revocation is answered with 200, and ends nothing', async () => {
    const { tokens } = await connect(server)
    const stranger = await registerWith('client_secret_post')
    const { form, headers } = proof('client_secret_post', stranger)
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const answer = await post(server, '/oauth/revoke', { form: { ...form, token }, headers })
      expect([answer.status, answer.body]).toEqual([200, {}])
    }
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })

  test('an unknown token is revoked with 200; a refresh token takes its access tokens along', async () => {
    const { client, tokens } = await connect(server)
    const form = { client_id: client.client_id }
    const unknown = await post(server, '/oauth/revoke', { form: { ...form, token: 'x' } })
    expect([unknown.status, unknown.body]).toEqual([200, {}])
    expect(unknown.headers.get('content-type')).toContain('application/json')
    const token = tokens.refresh_token
    await post(server, '/oauth/revoke', { form: { ...form, token } })
    expect(await isLive(server, tokens.access_token)).toBe(false)
    expect((await refresh(server, { client, refreshToken: token })).status).toBe(400)
  })
})

test('a code of one client is nothing in the hands of another that knows its verifier', async () => {
  const client = await register(server)
  const thief = await registerWith('client_secret_post')
  const { code, pkce } = await authorize(server, client)
  const grant = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
  const { form, headers } = proof('client_secret_post', thief)
  const answer = await post(server, '/oauth/token', { form: { ...grant, ...form }, headers })
  expect(answer.body.error).toBe('invalid_grant')
})
