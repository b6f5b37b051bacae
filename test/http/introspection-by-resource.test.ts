/**
 * A resource server asks about the tokens that are presented to it, and wants the answer signed.
 *
 * @see [RFC 7662 §4 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7662.html#section-4)
 * @see [RFC 9701 §5 - JWT Response](https://www.rfc-editor.org/rfc/rfc9701.html#section-5)
 */
import { createRemoteJWKSet, jwtVerify } from 'jose'
import {
  basic,
  type Connected,
  connect,
  introspect,
  isLive,
  type Registered,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const resource = 'https://api.example.com/mcp'
const other = 'https://other.example/mcp'

let server: TestServer
let resourceServer: Registered
let here: Connected
let elsewhere: Connected
beforeAll(async () => {
  const scopes = { read: 'Read' }
  server = await startTestServer({
    resources: [
      { resource, name: 'API', scopes },
      { resource: other, name: 'Other', scopes, accessTokenFormat: 'jwt' },
    ],
  })
  resourceServer = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
  // Its id is not known before the server runs; an operator would name it in the file.
  const [api] = server.services.settings.resources
  api?.introspectionClients.push(resourceServer.client_id)
  here = await connect(server, { resource })
  elsewhere = await connect(server, { resource: other })
})
afterAll(() => server.stop())

const inactive = { active: false }

describe('a resource server', () => {
  test('is told of the access tokens of others that are for its resource', async () => {
    const { body } = await introspect(server, {
      client: resourceServer,
      token: here.tokens.access_token,
    })
    expect(body).toMatchObject({
      active: true,
      aud: resource,
      client_id: here.client.client_id,
      scope: 'read',
      token_type: 'Bearer',
    })
  })

  test('is told nothing of those for another resource, nor of any refresh token', async () => {
    const { tokens } = elsewhere
    for (const token of [tokens.access_token, tokens.refresh_token, here.tokens.refresh_token]) {
      expect((await introspect(server, { client: resourceServer, token })).body).toEqual(inactive)
    }
  })

  test('is one that the settings name: nobody becomes one by registering', async () => {
    const secretly = { token_endpoint_auth_method: 'client_secret_basic', client_name: resource }
    const client = await register(server, { ...secretly, resource, client_id: resource })
    const { body } = await introspect(server, { client, token: here.tokens.access_token })
    expect(body).toEqual(inactive)
  })
})

async function signed(token: string, accept = 'application/token-introspection+jwt') {
  const { client_id, client_secret = '' } = resourceServer
  const response = await fetch(`${server.url}/oauth/introspect`, {
    method: 'POST',
    headers: {
      accept,
      authorization: basic(client_id, client_secret),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token }).toString(),
  })
  return { response, text: await response.text() }
}

describe('a signed answer', () => {
  const keys = () => createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`))

  test('is given to whoever accepts it, for the asker alone, with its own type', async () => {
    const { response, text } = await signed(here.tokens.access_token)
    expect(response.headers.get('content-type')).toBe('application/token-introspection+jwt')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { payload, protectedHeader } = await jwtVerify(text, keys(), {
      issuer: server.url,
      audience: resourceServer.client_id,
      typ: 'token-introspection+jwt',
      algorithms: ['RS256'],
    })
    expect(protectedHeader.alg).toBe('RS256')
    expect(Object.keys(payload).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection'])
    expect(payload.token_introspection).toMatchObject({ active: true, aud: resource })
  })

  test('says as little of a token that is not theirs', async () => {
    const { text } = await signed(elsewhere.tokens.access_token)
    const { payload } = await jwtVerify(text, keys())
    expect(payload.token_introspection).toEqual(inactive)
  })

  test('is no access token, whoever presents it', async () => {
    const { text } = await signed(here.tokens.access_token)
    expect(await isLive(server, text)).toBe(false)
  })

  test('comes only when it is named', async () => {
    for (const accept of ['*/*', 'application/*', 'application/json', '']) {
      const { response } = await signed(here.tokens.access_token, accept)
      expect(response.headers.get('content-type')).toBe('application/json')
    }
    const type = 'application/token-introspection+jwt'
    const refused = await signed(here.tokens.access_token, `application/json, ${type};q=0`)
    expect(refused.response.headers.get('content-type')).toBe('application/json')
    const among = await signed(here.tokens.access_token, `application/json;q=0.5, ${type}`)
    expect(among.response.headers.get('content-type')).toBe(type)
  })

  test('is announced', async () => {
    const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
    const { introspection_signing_alg_values_supported: algorithms } = (await metadata.json()) as {
      introspection_signing_alg_values_supported: string[]
    }
    expect(algorithms).toEqual(['RS256'])
  })

  test('is no way around the proof of who asks', async () => {
    const { response, text } = await signed('x', 'application/token-introspection+jwt')
    expect(response.status).toBe(200)
    expect(text.split('.').length).toBe(3)
    const open = await fetch(`${server.url}/oauth/introspect`, {
      method: 'POST',
      headers: { accept: 'application/token-introspection+jwt' },
      body: new URLSearchParams({ token: 'x' }),
    })
    expect(open.status).toBe(401)
    expect(open.headers.get('content-type')).toBe('application/json')
  })
})
