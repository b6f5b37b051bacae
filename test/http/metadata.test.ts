/**
 * What clients find before they know anything.
 *
 * @see [RFC 8414 §3 - Obtaining Authorization Server Metadata](https://www.rfc-editor.org/rfc/rfc8414.html#section-3)
 * @see [RFC 9728 §3 - Obtaining Protected Resource Metadata](https://www.rfc-editor.org/rfc/rfc9728.html#section-3)
 */
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let issuer: string
beforeAll(async () => {
  const port = await freePort()
  issuer = `http://localhost:${port}`
  const scopes = { 'mcp:read': 'Read' }
  const defaultScopes = ['mcp:read']
  server = await startTestServer({
    port,
    resources: [
      { resource: `${issuer}/api/mcp`, name: 'Own', scopes, defaultScopes },
      {
        resource: `${issuer}/deep/er/mcp`,
        name: 'Deep',
        scopes: { deep: 'Deep' },
        defaultScopes: ['deep'],
      },
      { resource: 'https://elsewhere.example/mcp', name: 'Elsewhere', scopes, defaultScopes },
    ],
  })
})
afterAll(() => server.stop())

async function get(path: string) {
  const response = await fetch(server.url + path)
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}

const asServer = '/.well-known/oauth-authorization-server'
const asOpenid = '/.well-known/openid-configuration'
const asResource = '/.well-known/oauth-protected-resource'

describe('the server describes itself', () => {
  test('with the issuer byte for byte, and endpoints below it', async () => {
    const { status, body, headers } = await get(asServer)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(body.issuer).toBe(issuer)
    for (const [name, value] of Object.entries(body)) {
      if (name.endsWith('_endpoint') || name === 'jwks_uri') {
        expect(String(value).slice(0, issuer.length + 1)).toBe(`${issuer}/`)
      }
    }
  })

  test('with S256 alone, codes alone, iss in every answer, and no grant that OAuth 2.1 took away', async () => {
    expect((await get(asServer)).body).toMatchObject({
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: [
        ...['authorization_code', 'refresh_token', 'client_credentials'],
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: [
        'none',
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      token_endpoint_auth_signing_alg_values_supported: [
        'RS256',
        'PS256',
        'ES256',
        'EdDSA',
        'Ed25519',
      ],
    })
  })

  test('without offering offline_access, which clients would add to every request', async () => {
    const { scopes_supported } = (await get(asServer)).body
    expect(scopes_supported).toEqual([
      'mcp:read',
      'deep',
      'openid',
      'profile',
      'email',
      'permissions',
      'audit:read',
    ])
  })

  test('as an OpenID provider with what Discovery 1.0 requires', async () => {
    const { body } = await get(asOpenid)
    expect(body.issuer).toBe(issuer)
    const required = ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri']
    const more = ['response_types_supported', 'subject_types_supported']
    for (const name of [...required, ...more]) expect(body).toHaveProperty(name)
    expect(body.id_token_signing_alg_values_supported).toEqual(['RS256', 'ES256', 'EdDSA'])
  })

  test('the same beside every resource of this host', async () => {
    for (const path of ['/api/mcp', '/deep/er/mcp']) {
      expect((await get(asServer + path)).body).toEqual((await get(asServer)).body)
      expect((await get(asOpenid + path)).body).toEqual((await get(asOpenid)).body)
      expect((await get(path + asOpenid)).body).toEqual((await get(asOpenid)).body)
    }
  })

  test('and every endpoint that it names is there', async () => {
    const { body } = await get(asOpenid)
    for (const [name, url] of Object.entries(body)) {
      if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue
      const method = ['jwks_uri', 'authorization_endpoint', 'userinfo_endpoint'].includes(name)
        ? 'GET'
        : 'POST'
      expect((await fetch(String(url), { method })).status).not.toBe(404)
    }
  })
})

describe('a resource is described', () => {
  test('at the path-inserted address, by its own identifier', async () => {
    for (const path of ['/api/mcp', '/deep/er/mcp']) {
      const { status, body } = await get(asResource + path)
      expect(status).toBe(200)
      expect(body.resource).toBe(issuer + path)
      expect(body.authorization_servers).toEqual([issuer])
      expect(body.bearer_methods_supported).toEqual(['header'])
    }
    expect((await get(`${asResource}/deep/er/mcp`)).body.scopes_supported).toEqual(['deep'])
  })

  test('at the root: the first', async () => {
    expect((await get(asResource)).body.resource).toBe(`${issuer}/api/mcp`)
  })

  test('the audit too, which is a resource of its own', async () => {
    const { body } = await get(`${asResource}/audit`)
    expect(body).toMatchObject({ resource: `${issuer}/audit`, scopes_supported: ['audit:read'] })
  })

  test('nowhere else: 404, also for one of another host with such a path', async () => {
    for (const path of ['/mcp', '/api', '/api/mcp/', '/api/mcp/x', '/%61pi/mcp']) {
      const { status, headers } = await get(asResource + path)
      expect(status).toBe(404)
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})

test('the JWK set holds public keys alone', async () => {
  const { body } = await get('/.well-known/jwks.json')
  const keys = body.keys as Record<string, unknown>[]
  expect(keys.length).toBeGreaterThan(0)
  for (const key of keys) {
    expect(key).toMatchObject({ use: 'sig', kid: expect.any(String), alg: expect.any(String) })
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      expect(key).not.toHaveProperty(secret)
  }
})

test('documents may be cached for minutes, unlike everything else', async () => {
  for (const path of [asServer, asOpenid, asResource, '/.well-known/jwks.json']) {
    expect((await get(path)).headers.get('cache-control')).toBe('public, max-age=300')
  }
})
