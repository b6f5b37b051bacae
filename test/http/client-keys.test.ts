/**
 * The keys that a client registers, or publishes at its jwks_uri.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 * @see [OpenID Connect Core 1.0 §10.1.1 - Rotation of Asymmetric Signing Keys](https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys)
 */
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { assertionOf, newKey, registerSigning, type TestKey } from '../support/client-assertion.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { post, type Registered, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

let site: DocumentServer
let server: TestServer
let now = Date.now()
beforeAll(async () => {
  site = await startDocumentServer()
  server = await startTestServer({ outbound: site.outbound }, { clock: () => now })
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})
beforeEach(() => void site.asked.splice(0))

describe('registration', () => {
  test('takes public keys, and tells back their public members', async () => {
    const { publicJwk } = await newKey('RS256')
    const keys = [{ ...publicJwk, use: 'sig', key_ops: ['verify'], x5c: ['MII'], note: 'mine' }]
    const registered = await registerSigning(server, 'RS256', { jwks: { keys } })
    expect(registered.jwks).toEqual({ keys: [publicJwk] })
    expect(registered.token_endpoint_auth_method).toBe('private_key_jwt')
    expect('client_secret' in registered).toBe(false)
  })

  const secret = { kty: 'oct', k: 'c2VjcmV0' }
  const bad: Record<string, () => Promise<Record<string, unknown>> | Record<string, unknown>> = {
    'no keys at all': () => ({ jwks: undefined }),
    'an empty list of keys': () => ({ jwks: { keys: [] } }),
    'a list of nothing': () => ({ jwks: { keys: [null] } }),
    'keys that are no list': () => ({ jwks: 'keys' }),
    'a shared key': () => ({ jwks: { keys: [secret] } }),
    'the private half of a key': async () => ({
      jwks: { keys: [await exportJWK((await newKey('ES256')).privateKey)] },
    }),
    'SECURITY 18: an RSA key of 1024 bits': async () => ({
      jwks: { keys: [{ ...(await newKey('RS256')).publicJwk, n: 'w'.repeat(171) }] },
    }),
    'an RSA key with exponent 1': async () => ({
      jwks: { keys: [{ ...(await newKey('RS256')).publicJwk, e: 'AQ' }] },
    }),
    'a curve that is not offered': async () => ({
      jwks: { keys: [(await curve('ES384')) as object] },
    }),
    'a key for encryption': async () => ({
      jwks: { keys: [{ ...(await newKey('ES256')).publicJwk, use: 'enc' }] },
    }),
    'a key for an algorithm that is not offered': async () => ({
      jwks: { keys: [{ ...(await newKey('RS256')).publicJwk, alg: 'RS1' }] },
    }),
    'jwks and jwks_uri': () => ({ jwks_uri: 'https://a.example/jwks' }),
    'a jwks_uri in clear': () => ({ jwks: undefined, jwks_uri: 'http://a.example/jwks' }),
    'a jwks_uri with credentials': () => ({ jwks: undefined, jwks_uri: 'https://a:b@a.example/' }),
    'a jwks_uri that is none': () => ({ jwks: undefined, jwks_uri: 'keys' }),
    'a signing algorithm that is not offered': () => ({ token_endpoint_auth_signing_alg: 'HS256' }),
    'no signing algorithm, by its name': () => ({ token_endpoint_auth_signing_alg: 'none' }),
  }
  for (const [what, change] of Object.entries(bad)) {
    test(`refuses ${what}`, async () => {
      const { error } = await registerSigning(server, 'ES256', await change())
      expect(error).toBe('invalid_client_metadata')
    })
  }
})

async function curve(alg: string): Promise<JWK> {
  return exportJWK((await generateKeyPair(alg, { extractable: true })).publicKey)
}

let sites = 0

/** A client whose keys stand at a URL, and a way to change them there. */
async function published(...keys: TestKey[]) {
  sites += 1
  const path = `/jwks/${sites}`
  const put = (...published: TestKey[]) =>
    site.put(path, { body: JSON.stringify({ keys: published.map((key) => key.publicJwk) }) })
  put(...keys)
  const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: site.url + path }
  const client = await register(server, metadata)
  return { client, path, put }
}

async function prove(client: Registered, { privateKey, publicJwk }: TestKey) {
  const at = Math.floor(now / 1000)
  const form = await assertionOf(
    server,
    { ...client, privateKey, alg: 'ES256' },
    { header: { kid: publicJwk.kid }, claims: { iat: at, exp: at + 60 } },
  )
  return (await post(server, '/oauth/revoke', { form: { token: 'x', ...form } })).status
}

const minute = 60_000

describe('keys at a jwks_uri', () => {
  test('are fetched when they are first needed, and kept', async () => {
    const key = await newKey('ES256')
    const { client } = await published(key)
    expect(site.asked).toEqual([])
    expect([await prove(client, key), await prove(client, key)]).toEqual([200, 200])
    expect(site.asked).toHaveLength(1)
    now += 6 * minute
    expect(await prove(client, key)).toBe(200)
    expect(site.asked).toHaveLength(2)
  })

  test('are fetched anew for a kid that is not among them, once a minute', async () => {
    const [old, next] = [await newKey('ES256', 'old'), await newKey('ES256', 'next')]
    const { client, put } = await published(old)
    expect(await prove(client, old)).toBe(200)
    put(old, next)
    expect(await prove(client, next)).toBe(401)
    expect(site.asked).toHaveLength(1)
    now += minute
    expect(await prove(client, next)).toBe(200)
    expect(site.asked).toHaveLength(2)
    put(next)
    for (let kid = 0; kid < 5; kid += 1) {
      expect(await prove(client, await newKey('ES256', `unknown ${kid}`))).toBe(401)
    }
    expect(site.asked).toHaveLength(2)
  })

  test('are good no longer once they are gone there', async () => {
    const [old, next] = [await newKey('ES256', 'old'), await newKey('ES256', 'next')]
    const { client, put } = await published(old)
    expect(await prove(client, old)).toBe(200)
    put(next)
    now += 6 * minute
    expect(await prove(client, old)).toBe(401)
  })

  test('serve for a day while the site does not answer', async () => {
    const key = await newKey('ES256')
    const { client, path } = await published(key)
    expect(await prove(client, key)).toBe(200)
    site.put(path, { status: 503 })
    now += 60 * minute
    expect(await prove(client, key)).toBe(200)
    now += 24 * 60 * minute
    expect(await prove(client, key)).toBe(401)
  })

  const answers = {
    'a 404': { status: 404 },
    'no JSON': { body: 'keys' },
    'JSON without keys': { body: '{}' },
    'a redirect': { status: 302, headers: { location: '/' } },
    'too much': { body: JSON.stringify({ keys: [], padding: 'x'.repeat(70_000) }) },
  }
  for (const [what, page] of Object.entries(answers)) {
    test(`are none when the answer is ${what}, and that is not kept`, async () => {
      const key = await newKey('ES256')
      const { client, path, put } = await published(key)
      site.put(path, page)
      expect(await prove(client, key)).toBe(401)
      put(key)
      expect(await prove(client, key)).toBe(200)
    })
  }

  test('SECURITY 23: are not asked for at a private address', async () => {
    const key = await newKey('ES256')
    const jwks_uri = 'https://127.0.0.1/jwks'
    const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri }
    expect(await prove(await register(server, metadata), key)).toBe(401)
    expect(server.logged()).toContain('address_refused')
  })
})
