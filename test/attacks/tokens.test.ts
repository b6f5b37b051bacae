/**
 * What attackers try with the tokens themselves: one kind for another, and every known trick of
 * JWS headers against what this server signs.
 *
 * @see [RFC 8725 §2 - Threats and Vulnerabilities](https://www.rfc-editor.org/rfc/rfc8725.html#section-2)
 * @see [RFC 7515 §4.1 - Registered Header Parameter Names](https://www.rfc-editor.org/rfc/rfc7515.html#section-4.1)
 * @see [RFC 9068 §2.1 - Header](https://www.rfc-editor.org/rfc/rfc9068.html#section-2.1)
 */
import { createHmac, createPublicKey, type KeyObject, sign as signBytes } from 'node:crypto'
import {
  base64url,
  CompactSign,
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'
import { listSigningKeys } from '../../src/projections/signing-keys.ts'
import {
  authorizationUrl,
  basic,
  connect,
  introspect,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let tokens: Tokens
let publicKeys: JWK[]
beforeAll(async () => {
  const port = await freePort()
  server = await startTestServer({
    port,
    resources: [
      {
        resource: `http://localhost:${port}/api/mcp`,
        name: 'Jobs',
        accessTokenFormat: 'jwt',
        scopes: { book: 'Book', read: 'Read' },
        defaultScopes: ['book', 'read'],
      },
    ],
  })
  tokens = (await connect(server, { scope: 'openid read' })).tokens
  const answer = await fetch(`${server.url}/.well-known/jwks.json`)
  publicKeys = ((await answer.json()) as { keys: JWK[] }).keys
})
afterAll(() => server.stop())

/** What the MCP endpoint and userinfo say to this token. */
async function statuses(token: string): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}` }
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
  const mcp = await fetch(`${server.url}/api/mcp`, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(message),
  })
  const info = await fetch(`${server.url}/oauth/userinfo`, { headers })
  return [mcp.status, info.status]
}

async function privateKeyOf(algorithm: string) {
  const keys = await listSigningKeys(server.services.reader)
  const key = keys.find((k) => k.algorithm === algorithm && k.status === 'active')
  const kept = await server.services.secrets.read(key?.secretId ?? '')
  const jwk = JSON.parse(Buffer.from(kept ?? []).toString()) as JWK
  return { kid: key?.keyId ?? '', key: await importJWK(jwk, algorithm) }
}

const opened = [200, 200]
const refused = [401, 401]

function encoded(part: object): string {
  return base64url.encode(JSON.stringify(part))
}

/** The genuine token's payload under another header, signed however the attacker can. */
function forged(header: object, sign: (input: string) => string | Uint8Array): string {
  const input = `${encoded(header)}.${tokens.access_token.split('.')[1]}`
  return `${input}.${base64url.encode(sign(input))}`
}

test('the genuine token opens what it is for', async () => {
  expect(await statuses(tokens.access_token)).toEqual(opened)
  expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' })
})

describe('SECURITY 13: one kind of token is never taken for another', () => {
  test('an ID token is no access token', async () => {
    expect(decodeProtectedHeader(tokens.id_token ?? '').typ).toBe('JWT')
    expect(await statuses(tokens.id_token ?? '')).toEqual(refused)
  })

  test('a refresh token is no access token', async () => {
    expect(await statuses(tokens.refresh_token)).toEqual(refused)
  })

  test('an access token is no code, and no refresh token', async () => {
    const client = await register(server)
    for (const form of [
      {
        grant_type: 'authorization_code',
        code: tokens.access_token,
        code_verifier: 'x'.repeat(43),
      },
      { grant_type: 'refresh_token', refresh_token: tokens.access_token },
    ]) {
      const body = new URLSearchParams({ client_id: client.client_id, ...form })
      const answer = await fetch(`${server.url}/oauth/token`, { method: 'POST', body })
      expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
    }
  })

  for (const typ of ['JWT', 'at+JWS', 'dpop+jwt', 'oauth-id-jag+jwt', 'jwt', undefined]) {
    test(`a JWT of ours that says it is ${typ} is no access token`, async () => {
      const { kid, key } = await privateKeyOf('ES256')
      const header = { alg: 'ES256', kid, ...(typ === undefined ? {} : { typ }) }
      const payload = base64url.decode(tokens.access_token.split('.')[1] ?? '')
      const jwt = await new CompactSign(payload).setProtectedHeader(header).sign(key)
      expect(await statuses(jwt)).toEqual(refused)
    })
  }
})

describe('SECURITY 14: no JWS header opens a door', () => {
  const genuine = () => decodeProtectedHeader(tokens.access_token) as { kid: string }

  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'ES256K', 'HS256', 'ES384']) {
    test(`alg "${alg}" without a signature, and with the genuine one`, async () => {
      const bare = forged({ ...genuine(), alg }, () => '')
      const [, , signature = ''] = tokens.access_token.split('.')
      const kept = forged({ ...genuine(), alg }, () => base64url.decode(signature))
      for (const jwt of [bare, kept, bare.slice(0, -1)]) {
        expect(await statuses(jwt)).toEqual(refused)
      }
    })
  }

  test('a public key is no HMAC secret, in any of its spellings', async () => {
    for (const jwk of publicKeys) {
      const key: KeyObject = createPublicKey({ key: { ...jwk }, format: 'jwk' })
      const spellings = [
        key.export({ type: 'spki', format: 'pem' }),
        key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(jwk),
        String(jwk.x ?? jwk.n),
      ]
      for (const secret of spellings) {
        const jwt = forged({ ...genuine(), alg: 'HS256', kid: jwk.kid }, (input) =>
          createHmac('sha256', secret).update(input).digest(),
        )
        expect(await statuses(jwt)).toEqual(refused)
      }
    }
  })

  test('a key that the token brings along, or points to, is nobody’s', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(pair.publicKey)
    const kid = await calculateJwkThumbprint(jwk)
    const asked: string[] = []
    const document = Bun.serve({
      port: 0,
      fetch: (request) => {
        asked.push(request.url)
        return Response.json({ keys: [{ ...jwk, kid }] })
      },
    })
    const at = `http://127.0.0.1:${document.port}/keys`
    const headers = [
      { jwk },
      { jwk, kid: genuine().kid },
      { jku: at, kid },
      { x5u: at, kid: genuine().kid },
      { x5c: ['MIIB'], kid: genuine().kid },
      { kid },
      { kid: genuine().kid },
      {},
    ]
    try {
      for (const header of headers) {
        const payload = base64url.decode(tokens.access_token.split('.')[1] ?? '')
        const jwt = await new CompactSign(payload)
          .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
          .sign(pair.privateKey)
        expect(await statuses(jwt)).toEqual(refused)
      }
      expect(asked).toEqual([])
    } finally {
      await document.stop(true)
    }
  })

  const kids = ['../../../../dev/null', "' OR 1=1 --", '/etc/passwd', '', ' ', 'x'.repeat(5000)]
  for (const kid of kids) {
    test(`a key id of ${JSON.stringify(kid.slice(0, 30))} finds no key`, async () => {
      const jwt = forged({ ...genuine(), kid }, () => Buffer.alloc(64))
      expect(await statuses(jwt)).toEqual(refused)
      const empty = forged({ ...genuine(), alg: 'HS256', kid }, (input) =>
        createHmac('sha256', '').update(input).digest(),
      )
      expect(await statuses(empty)).toEqual(refused)
    })
  }

  test('a critical header that nobody here knows is honoured by refusing', async () => {
    const { kid, key } = await privateKeyOf('ES256')
    const payload = base64url.decode(tokens.access_token.split('.')[1] ?? '')
    const header = { alg: 'ES256', typ: 'at+jwt', kid, crit: ['exp-v2'], 'exp-v2': 1 }
    const jwt = await new CompactSign(payload)
      .setProtectedHeader(header)
      .sign(key, { crit: { 'exp-v2': true } })
    expect(await statuses(jwt)).toEqual(refused)
  })

  test('a signature of zeros, of the wrong length, and in the form of ASN.1', async () => {
    const { kid, key } = await privateKeyOf('ES256')
    const der = (input: string) =>
      signBytes('sha256', Buffer.from(input), {
        key: key as unknown as KeyObject,
        dsaEncoding: 'der',
      })
    for (const sign of [
      () => Buffer.alloc(64),
      () => Buffer.alloc(0),
      () => Buffer.alloc(65),
      der,
    ]) {
      expect(await statuses(forged({ ...genuine(), kid }, sign))).toEqual(refused)
    }
  })

  test('a payload that was changed by one character', async () => {
    const [header, payload = '', signature] = tokens.access_token.split('.')
    const claims = decodeJwt(tokens.access_token)
    const changed = encoded({ ...claims, scope: 'openid read book' })
    expect(await statuses([header, changed, signature].join('.'))).toEqual(refused)
    const flipped = payload.slice(0, -1) + (payload.endsWith('A') ? 'B' : 'A')
    expect(await statuses([header, flipped, signature].join('.'))).toEqual(refused)
  })

  test('claims that were re-issued with our own key for another audience, or that nobody issued', async () => {
    const claims = decodeJwt(tokens.access_token)
    for (const changes of [
      { jti: 'A'.repeat(43) },
      { jti: undefined },
      { iss: 'https://evil.example' },
      { exp: 1 },
    ]) {
      const jwt = await server.services.signer.sign(
        { ...claims, ...changes } as Parameters<typeof server.services.signer.sign>[0],
        { alg: 'ES256', typ: 'at+jwt' },
      )
      expect(await statuses(jwt)).toEqual(refused)
    }
  })

  test('the key set holds public keys and no symmetric ones', () => {
    for (const jwk of publicKeys) {
      expect(jwk.kty).not.toBe('oct')
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) {
        expect(jwk).not.toHaveProperty(secret)
      }
    }
  })
})

describe('SECURITY 18: secrets have 128 bits and more, keys their length', () => {
  test('codes, tokens, client secrets, management tokens and cookies', async () => {
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const person = server.person()
    const back = await person.answer(authorizationUrl(server, client.client_id))
    const cookies = person.cookie.split('; ').map((cookie) => cookie.split('=')[1] ?? '')
    const secrets = [
      back.searchParams.get('code'),
      tokens.refresh_token,
      client.client_secret,
      ...cookies,
    ]
    for (const secret of secrets) {
      const random = /(?:^|_)([A-Za-z0-9_-]{22,})$/.exec(secret ?? '')?.[1] ?? ''
      expect(random.length * 6).toBeGreaterThanOrEqual(128)
    }
    const again = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    expect(again.client_secret).not.toBe(client.client_secret)
    expect(basic(again.client_id, again.client_secret ?? '')).toMatch(/^Basic /)
  })

  test('signing keys: RSA of 2048 bits at least, and P-256 or Ed25519', () => {
    for (const jwk of publicKeys) {
      if (jwk.kty === 'RSA') {
        expect(base64url.decode(jwk.n ?? '').length * 8).toBeGreaterThanOrEqual(2048)
      } else {
        expect(['P-256', 'Ed25519']).toContain(jwk.crv ?? '')
      }
    }
    expect(publicKeys.length).toBeGreaterThan(1)
  })
})

describe('RFC 9068: the shape of a JWT access token', () => {
  test('§2.2: every required claim, and the ones about the sign-in', async () => {
    const claims = decodeJwt(tokens.access_token)
    for (const name of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti', 'auth_time']) {
      expect(claims).toHaveProperty(name)
    }
    expect(claims).toMatchObject({ iss: server.url, aud: `${server.url}/api/mcp` })
    expect(claims.scope).toBe('openid read')
  })

  test('its jti opens nothing', async () => {
    expect(await statuses(String(decodeJwt(tokens.access_token).jti))).toEqual(refused)
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const token = String(decodeJwt(tokens.access_token).jti)
    expect((await introspect(server, { client, token })).body).toEqual({ active: false })
  })
})
