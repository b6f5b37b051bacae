/**
 * Two resources of one server, one of which wants JWTs.
 *
 * @see [RFC 8707 §2 - Resource Parameter](https://www.rfc-editor.org/rfc/rfc8707.html#section-2)
 * @see [RFC 9068 §2 - JWT Access Token Header and Data Structure](https://www.rfc-editor.org/rfc/rfc9068.html#section-2)
 */
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose'
import {
  authorizationUrl,
  authorize,
  basic,
  type Connected,
  connect,
  introspect,
  isLive,
  newPkce,
  post,
  redirectUri,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const opaque = 'https://one.example/mcp'
const jwt = 'https://two.example'

const now = Date.now()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer(
    {
      // A prefix that JWTs begin with as well.
      tokenPrefix: 'ey',
      resources: [
        {
          resource: opaque,
          name: 'One',
          scopes: { 'one:read': 'Read', 'one:write': 'Write' },
          defaultScopes: ['one:read'],
          accessTokenTtlSeconds: 120,
          refreshTokenTtlSeconds: 240,
        },
        {
          resource: jwt,
          name: 'Two',
          scopes: { 'two:read': 'Read' },
          defaultScopes: ['two:read'],
          accessTokenFormat: 'jwt',
        },
      ],
    },
    { clock: () => now },
  )
})
afterAll(() => server.stop())

const secretly = { token_endpoint_auth_method: 'client_secret_basic' }

/** The tokens of a confidential client, which may introspect them. */
async function confidential(resource: string, scope?: string) {
  const client = await register(server, secretly)
  const asked = { resource, ...(scope === undefined ? {} : { scope }) }
  const { code, pkce } = await authorize(server, client, asked)
  const authorization = basic(client.client_id, client.client_secret ?? '')
  const form = {
    grant_type: 'authorization_code',
    code,
    code_verifier: pkce.verifier,
    redirect_uri: redirectUri,
  }
  const { body } = await post<Tokens>(server, '/oauth/token', { form, headers: { authorization } })
  return { client, tokens: body, authorization }
}

describe('a token is for the resource that was asked for', () => {
  test('with its own default scopes and lifetimes', async () => {
    const one = await confidential(opaque)
    expect(one.tokens).toMatchObject({ scope: 'one:read', expires_in: 120 })
    const { body } = await introspect(server, {
      client: one.client,
      token: one.tokens.refresh_token,
    })
    expect(Number(body.exp) - Number(body.iat)).toBe(240)
    const two = await confidential(jwt)
    expect(two.tokens).toMatchObject({ scope: 'two:read', expires_in: 300 })
  })

  test('as it is configured, however it was spelled', async () => {
    const { client, tokens } = await confidential('HTTPS://ONE.example/mcp')
    const { body } = await introspect(server, { client, token: tokens.access_token })
    expect(body.aud).toBe(opaque)
    expect((await confidential(`${jwt}/`)).tokens.scope).toBe('two:read')
  })

  test('and never with scopes of another', async () => {
    const mixed = await confidential(opaque, 'two:read one:write')
    expect(mixed.tokens.scope).toBe('one:write')
  })

  test('at the token endpoint too: the same or none, not the other', async () => {
    const client = await register(server)
    const redeemFor = async (resource: string) => {
      const { code, pkce } = await authorize(server, client, { resource: opaque })
      return post<Tokens & { error?: string }>(server, '/oauth/token', {
        form: {
          grant_type: 'authorization_code',
          client_id: client.client_id,
          code,
          code_verifier: pkce.verifier,
          resource,
        },
      })
    }
    expect((await redeemFor(opaque)).status).toBe(200)
    expect((await redeemFor(jwt)).body.error).toBe('invalid_target')
  })

  test('by its scopes, when a client names none', async () => {
    const { tokens } = await connect(server, { scope: 'two:read offline_access' })
    expect(decodeJwt(tokens.access_token).aud).toBe(jwt)
  })
})

describe('a JWT access token', () => {
  test('is what RFC 9068 says, and verifies against the JWK set', async () => {
    const { client, tokens } = await confidential(jwt, 'two:read openid')
    const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`))
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, {
      issuer: server.url,
      audience: jwt,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    })
    expect(protectedHeader.typ).toBe('at+jwt')
    expect(payload).toMatchObject({
      sub: expect.stringMatching(/^usr_/),
      client_id: client.client_id,
      scope: 'two:read openid',
      jti: expect.any(String),
      auth_time: expect.any(Number),
    })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
  })

  test('that was revoked is inactive at once for whoever asks', async () => {
    const { client, tokens, authorization } = await confidential(jwt, 'two:read openid')
    const about = async () =>
      (await introspect(server, { client, token: tokens.access_token })).body
    expect(await about()).toMatchObject({ active: true, aud: jwt, scope: 'two:read openid' })
    expect(await isLive(server, tokens.access_token)).toBe(true)
    const form = { token: tokens.access_token }
    await post(server, '/oauth/revoke', { form, headers: { authorization } })
    expect(await about()).toEqual({ active: false })
    expect(await isLive(server, tokens.access_token)).toBe(false)
  })

  test('is not opened by its id, which resource servers log', async () => {
    const { client, tokens } = await confidential(jwt, 'two:read openid')
    const { jti } = decodeJwt(tokens.access_token)
    expect(await isLive(server, String(jti))).toBe(false)
    expect((await introspect(server, { client, token: String(jti) })).body).toEqual({
      active: false,
    })
  })

  test('has another id each time', async () => {
    const { client, tokens } = await connect(server, { resource: jwt })
    const { body } = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(decodeJwt(body.access_token).jti).not.toBe(decodeJwt(tokens.access_token).jti)
  })

  test('that is forged, unsigned or of another type is none', async () => {
    const { tokens } = await confidential(jwt, 'two:read openid')
    const [header = '', payload = '', signature = ''] = tokens.access_token.split('.')
    const claims = decodeJwt(tokens.access_token)
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { kid } = decodeProtectedHeader(tokens.access_token)
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(publicKey)
    const signed = (changes: Record<string, unknown>) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...changes })
        .sign(privateKey)
    const secret = Buffer.from(JSON.stringify(jwk))
    const forged = [
      `${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
      `${encoded({ alg: 'none', typ: 'at+jwt' })}.${payload}.${signature}`,
      `${header}.${encoded({ ...claims, scope: 'two:read openid email' })}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
      await signed({ kid }),
      await signed({ jwk }),
      await signed({ kid, jku: 'https://evil.example/jwks.json' }),
      await signed({ kid: '../../dev/null' }),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: kid ?? '' })
        .sign(secret),
    ]
    for (const token of forged) expect(await isLive(server, token)).toBe(false)
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })
})

test('a token for another resource does not open the audit', async () => {
  const { tokens } = await confidential(opaque)
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  const response = await fetch(`${server.url}/audit/events`, { headers })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
})

describe('one consent for several resources (RFC 8707 §2.2)', () => {
  const scope = 'one:read one:write two:read'
  const allowed = () => connect(server, { resource: [opaque, jwt], scope })
  const refreshFor = async (granted: Connected, changes: Record<string, string>) => {
    const { client, tokens } = granted
    const form = { client_id: client.client_id, refresh_token: tokens.refresh_token, ...changes }
    return post<Tokens & { error?: string }>(server, '/oauth/token', {
      form: { grant_type: 'refresh_token', ...form },
    })
  }

  test('gives an access token for the first, with what is offered there', async () => {
    const { tokens } = await allowed()
    expect(tokens.scope).toBe('one:read one:write')
  })

  test('gives one for each of them by refresh, each in its own format and for its own time', async () => {
    const granted = await allowed()
    const second = await refreshFor(granted, { resource: jwt })
    expect(second.body).toMatchObject({ scope: 'two:read', expires_in: 300 })
    expect(decodeJwt(second.body.access_token).aud).toBe(jwt)
    const tokens = second.body
    const first = await refreshFor({ ...granted, tokens }, { resource: opaque })
    expect(first.body).toMatchObject({ scope: 'one:read one:write', expires_in: 120 })
  })

  test('gives no token for two at once', async () => {
    const { client_id } = await register(server)
    const pkce = newPkce()
    const url = authorizationUrl(server, client_id, {
      code_challenge: pkce.challenge,
      resource: [opaque, jwt],
      scope,
    })
    const code = (await server.person().answer(url)).searchParams.get('code') ?? ''
    const body = new URLSearchParams({ grant_type: 'authorization_code', client_id, code })
    body.append('code_verifier', pkce.verifier)
    for (const resource of [opaque, jwt]) body.append('resource', resource)
    const answer = await fetch(`${server.url}/oauth/token`, { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ error: 'invalid_target' })
  })

  test('lends no scope of one to the other', async () => {
    const refused = await refreshFor(await allowed(), { resource: jwt, scope: 'one:read' })
    expect(refused.body.error).toBe('invalid_scope')
  })

  test('opens none that was not asked for', async () => {
    const only = await connect(server, { resource: opaque })
    expect((await refreshFor(only, { resource: jwt })).body.error).toBe('invalid_target')
  })

  test('names both on the page', async () => {
    const { client_id } = await register(server)
    const person = server.person()
    await person.answer(authorizationUrl(server, client_id, { resource: opaque }))
    const both = authorizationUrl(server, client_id, { resource: [opaque, jwt], scope })
    const next = (await person.open(both)).headers.get('location') ?? ''
    const page = await (await person.open(next)).text()
    for (const words of ['One', 'Two', opaque, jwt]) expect(page).toContain(words)
  })
})
