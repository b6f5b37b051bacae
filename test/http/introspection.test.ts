/**
 * @see [RFC 7662 §2 - Introspection Endpoint](https://www.rfc-editor.org/rfc/rfc7662.html#section-2)
 */
import {
  authorize,
  basic,
  connect,
  introspect,
  post,
  type Registered,
  redirectUri,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let now = Date.now()
let server: TestServer
let client: Registered
let authorization: string
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
  authorization = basic(client.client_id, client.client_secret ?? '')
})
afterAll(() => server.stop())

async function tokens(): Promise<Tokens> {
  const { code, pkce } = await authorize(server, client)
  const grant = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
  const form = { ...grant, redirect_uri: redirectUri }
  return (await post<Tokens>(server, '/oauth/token', { form, headers: { authorization } })).body
}

const inactive = { active: false }

describe('a token that is good', () => {
  test('is described', async () => {
    const { access_token } = await tokens()
    const { status, body, headers } = await introspect(server, { client, token: access_token })
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    const iat = Math.floor(now / 1000)
    expect(body).toEqual({
      active: true,
      iss: server.url,
      sub: expect.stringMatching(/^usr_/),
      aud: `${server.url}/api/mcp`,
      client_id: client.client_id,
      scope: 'book read',
      auth_time: iat,
      amr: ['pwd'],
      iat,
      exp: Math.floor((now + 3600_000) / 1000),
      token_type: 'Bearer',
    })
  })

  test('to refresh with is described as what it is', async () => {
    const { refresh_token } = await tokens()
    const { body } = await introspect(server, { client, token: refresh_token })
    expect(body).toMatchObject({ active: true, client_id: client.client_id })
    expect(body).not.toHaveProperty('token_type')
  })
})

describe('nothing but { "active": false } is said of', () => {
  test('an unknown token, a code, a malformed one', async () => {
    const { code } = await authorize(server, client)
    for (const token of ['x', code, 'ey.ey.ey', 'glt_at_', 'x'.repeat(10_000)]) {
      const { status, body } = await introspect(server, { client, token })
      expect({ status, body }).toEqual({ status: 200, body: inactive })
    }
  })

  test("another client's tokens", async () => {
    const { tokens: others } = await connect(server)
    for (const token of [others.access_token, others.refresh_token]) {
      expect((await introspect(server, { client, token })).body).toEqual(inactive)
    }
  })

  test('a token that was rotated away, one that was revoked, and one that expired', async () => {
    const first = await tokens()
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token }
    const { body: second } = await post<Tokens>(server, '/oauth/token', {
      form,
      headers: { authorization },
    })
    const about = async (token: string) => (await introspect(server, { client, token })).body
    expect(await about(first.refresh_token)).toEqual(inactive)
    expect(await about(second.refresh_token)).toMatchObject({ active: true })
    await post(server, '/oauth/revoke', {
      form: { token: second.refresh_token },
      headers: { authorization },
    })
    for (const token of [first.access_token, second.access_token, second.refresh_token]) {
      expect(await about(token)).toEqual(inactive)
    }
    const { access_token } = await tokens()
    now += 3600_000
    expect(await about(access_token)).toEqual(inactive)
  })
})

describe('is refused', () => {
  test('to public clients, to strangers and to those with a wrong secret', async () => {
    const { client: open, tokens: own } = await connect(server)
    const form = { client_id: open.client_id, token: own.access_token }
    const { status, body } = await post(server, '/oauth/introspect', { form })
    expect({ status, error: body.error }).toEqual({ status: 401, error: 'invalid_client' })
    expect(
      (await post(server, '/oauth/introspect', { form: { token: own.access_token } })).status,
    ).toBe(401)
    const wrong = { ...client, client_secret: 'wrong' }
    expect((await introspect(server, { client: wrong, token: own.access_token })).status).toBe(401)
  })

  test('by GET, with the token in the address', async () => {
    const { access_token } = await tokens()
    const url = `${server.url}/oauth/introspect?token=${access_token}`
    expect((await fetch(url, { headers: { authorization } })).status).toBe(405)
  })
})
