/**
 * private_key_jwt: a client proves who it is by a statement that it signs.
 *
 * @see [RFC 7523 §3 - JWT Format and Processing Requirements](https://www.rfc-editor.org/rfc/rfc7523.html#section-3)
 * @see [RFC 7521 §4.2.1 - Error Responses](https://www.rfc-editor.org/rfc/rfc7521.html#section-4.2.1)
 */
import { exportSPKI, importJWK } from 'jose'
import {
  type AssertionChanges,
  assertionOf,
  assertionType,
  newKey,
  registerSigning,
  type SigningClient,
} from '../support/client-assertion.ts'
import {
  authorize,
  basic,
  newPkce,
  post,
  redirectUri,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let client: SigningClient
let rsa: SigningClient
beforeAll(async () => {
  server = await startTestServer()
  client = await registerSigning(server, 'ES256')
  rsa = await registerSigning(server, 'RS256')
})
afterAll(() => server.stop())

const now = () => Math.floor(Date.now() / 1000)

/** Tries to prove it at the revocation endpoint, where nothing else can be wrong. */
async function prove(form: Record<string, string>, headers: Record<string, string> = {}) {
  const all = { form: { token: 'nothing', ...form }, headers }
  const { status, body } = await post(server, '/oauth/revoke', all)
  return { status, error: body.error }
}

const accepted = { status: 200, error: undefined }
const refused = { status: 401, error: 'invalid_client' }

describe('is accepted', () => {
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']) {
    test(`signed by ${alg}, where a key of that kind is registered`, async () => {
      const signing = await registerSigning(server, alg)
      expect(await prove(await assertionOf(server, signing))).toEqual(accepted)
    })
  }

  const changes: Record<string, () => AssertionChanges> = {
    'for the token endpoint, as ChatGPT sends it': () => ({
      claims: { aud: `${server.url}/oauth/token` },
    }),
    'with typ JWT': () => ({ header: { typ: 'JWT' } }),
    'with the typ of its successor': () => ({ header: { typ: 'client-authentication+jwt' } }),
    'with the kid of its key': () => ({ header: { kid: client.publicJwk.kid } }),
    'SECURITY 20: with iat and nbf ten seconds ahead': () => ({
      claims: { iat: now() + 10, nbf: now() + 10 },
    }),
    'without iat': () => ({ claims: { iat: undefined } as never }),
    'good for ten minutes': () => ({ claims: { exp: now() + 600 } }),
  }
  for (const [how, change] of Object.entries(changes)) {
    test(how, async () => {
      expect(await prove(await assertionOf(server, client, change()))).toEqual(accepted)
    })
  }

  test('with the client_id beside it', async () => {
    const form = await assertionOf(server, client)
    expect(await prove({ client_id: client.client_id, ...form })).toEqual(accepted)
  })

  test('at the token endpoint, for a code and for a refresh', async () => {
    const { code, pkce } = await authorize(server, client)
    const redeem = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
    const form = { ...redeem, redirect_uri: redirectUri, ...(await assertionOf(server, client)) }
    const first = await post<Tokens>(server, '/oauth/token', { form })
    expect(first.status).toBe(200)
    const renew = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token }
    const again = { ...renew, ...(await assertionOf(server, client)) }
    expect((await post(server, '/oauth/token', { form: again })).status).toBe(200)
    const asked = { token: first.body.access_token, ...(await assertionOf(server, client)) }
    const { status, body } = await post(server, '/oauth/introspect', { form: asked })
    expect({ status, active: body.active }).toEqual({ status: 200, active: true })
  })

  test('at the PAR endpoint', async () => {
    const form = {
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: redirectUri,
      code_challenge: newPkce().challenge,
      code_challenge_method: 'S256',
      ...(await assertionOf(server, client)),
    }
    expect((await post(server, '/oauth/par', { form })).status).toBe(201)
  })
})

describe('SECURITY 20: is refused', () => {
  const changes: Record<string, () => AssertionChanges['claims']> = {
    'with aud missing': () => ({ aud: undefined }) as never,
    'with another aud': () => ({ aud: 'https://other.example' }),
    'with the issuer and a slash as aud': () => ({ aud: `${server.url}/` }),
    'with the issuer in a list as aud': () => ({ aud: [server.url] }),
    'with the issuer among others as aud': () => ({ aud: [server.url, 'https://other.example'] }),
    'without exp': () => ({ exp: undefined }) as never,
    'once it has expired': () => ({ exp: now() - 1 }),
    'when it would be good for longer than ten minutes': () => ({ exp: now() + 720 }),
    'with iat over 60 s ahead': () => ({ iat: now() + 75 }),
    'with nbf over 60 s ahead': () => ({ nbf: now() + 75 }),
    'with an iat that is no number': () => ({ iat: 'now' }) as never,
    'without jti': () => ({ jti: undefined }) as never,
    'with an empty jti': () => ({ jti: '' }),
    'with a jti as long as a book': () => ({ jti: 'x'.repeat(257) }),
    'with another iss': () => ({ iss: 'https://other.example' }),
    'with the iss of another client': () => ({ iss: rsa.client_id }),
    'with the sub of another client': () => ({ sub: rsa.client_id }),
    'without sub': () => ({ sub: undefined }) as never,
  }
  for (const [how, change] of Object.entries(changes)) {
    test(how, async () => {
      const claims = change() ?? {}
      expect(await prove(await assertionOf(server, client, { claims }))).toEqual(refused)
    })
  }

  test('a second time, and at every endpoint', async () => {
    const form = await assertionOf(server, client)
    expect(await prove(form)).toEqual(accepted)
    expect(await prove(form)).toEqual(refused)
    const asked = { form: { token: 'nothing', ...form } }
    expect((await post(server, '/oauth/introspect', asked)).status).toBe(401)
  })

  test('all but once when it comes many times at once', async () => {
    const form = await assertionOf(server, client)
    const answers = await Promise.all(Array.from({ length: 10 }, () => prove(form)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('but the same jti is another client’s to use', async () => {
    const claims = { jti: 'the first one' }
    expect(await prove(await assertionOf(server, client, { claims }))).toEqual(accepted)
    expect(await prove(await assertionOf(server, rsa, { claims }))).toEqual(accepted)
  })
})

describe('SECURITY 14: is refused', () => {
  const headers: Record<string, () => Record<string, unknown>> = {
    'with a kid that is not its key’s': () => ({ kid: 'other' }),
    'with a kid that is a path': () => ({ kid: '../../dev/null' }),
    'with the typ of an access token': () => ({ typ: 'at+jwt' }),
    'with the typ of a request object': () => ({ typ: 'oauth-authz-req+jwt' }),
    'with its own public key in the header': () => ({ jwk: client.publicJwk }),
    'with the URL of keys in the header': () => ({ jku: 'https://keys.example/jwks.json' }),
    'with the URL of a certificate in the header': () => ({ x5u: 'https://keys.example/c.pem' }),
    'with a certificate in the header': () => ({ x5c: ['MIIB'] }),
  }
  for (const [how, header] of Object.entries(headers)) {
    test(how, async () => {
      const form = await assertionOf(server, client, { header: header() })
      expect(await prove(form)).toEqual(refused)
    })
  }

  test('signed by another key, even if that one comes along', async () => {
    const other = await newKey('ES256', String(client.publicJwk.kid))
    const key = other.privateKey
    expect(await prove(await assertionOf(server, client, { key }))).toEqual(refused)
    const header = { jwk: other.publicJwk }
    expect(await prove(await assertionOf(server, client, { key, header }))).toEqual(refused)
  })

  const unsigned = (header: Record<string, unknown>, claims: object) =>
    [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')

  test('unsigned, however none is spelled', async () => {
    const { client_id: sub } = client
    const claims = { iss: sub, sub, aud: server.url, exp: now() + 60, jti: crypto.randomUUID() }
    for (const alg of ['none', 'None', 'NONE', '']) {
      const assertion = `${unsigned({ alg }, claims)}.`
      const form = { client_assertion_type: assertionType, client_assertion: assertion }
      expect(await prove(form)).toEqual(refused)
    }
  })

  test('with an extension that is critical', async () => {
    const { client_assertion: good = '' } = await assertionOf(server, client)
    const [, payload, signature] = good.split('.')
    const header = { alg: 'ES256', crit: ['exp'], exp: 1 }
    const head = Buffer.from(JSON.stringify(header)).toString('base64url')
    const assertion = `${head}.${payload}.${signature}`
    const form = { client_assertion_type: assertionType, client_assertion: assertion }
    expect(await prove(form)).toEqual(refused)
  })

  test('by HS256 with the public key as the secret, in each form of it', async () => {
    const publicKey = (await importJWK(rsa.publicJwk, 'RS256', { extractable: true })) as CryptoKey
    const pem = await exportSPKI(publicKey)
    for (const secret of [pem, `${pem}\n`, JSON.stringify(rsa.publicJwk), rsa.publicJwk.n ?? '']) {
      const key = new TextEncoder().encode(secret)
      const header = { alg: 'HS256' }
      expect(await prove(await assertionOf(server, rsa, { header, key }))).toEqual(refused)
    }
  })

  test('by an algorithm that was not registered, though the key would do', async () => {
    const strict = await registerSigning(server, 'RS256', {
      token_endpoint_auth_signing_alg: 'RS256',
    })
    expect(await prove(await assertionOf(server, strict))).toEqual(accepted)
    const jwk = await (await import('jose')).exportJWK(strict.privateKey)
    const key = (await importJWK(jwk, 'PS256')) as CryptoKey
    const changes = { header: { alg: 'PS256' }, key }
    expect(await prove(await assertionOf(server, strict, changes))).toEqual(refused)
  })

  test('when it is no JWT', async () => {
    for (const client_assertion of ['', 'x', 'a.b.c', '..', 'x'.repeat(20_000)]) {
      const form = { client_assertion_type: assertionType, client_assertion }
      expect(await prove(form)).toEqual(refused)
    }
  })
})

describe('SECURITY 19: a client proves itself by its one method, so', () => {
  test('with keys it is not believed without a signature, nor with a secret', async () => {
    const { client_id } = client
    expect(await prove({ client_id })).toEqual(refused)
    expect(await prove({ client_id, client_secret: 'x' })).toEqual(refused)
    expect(await prove({}, { authorization: basic(client_id, 'x') })).toEqual(refused)
  })

  test('with a secret, or with nothing, it is not believed by a signature', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post', 'none']) {
      const { privateKey, publicJwk } = await newKey('ES256')
      const metadata = { token_endpoint_auth_method: method, jwks: { keys: [publicJwk] } }
      const other = { ...(await register(server, metadata)), privateKey, alg: 'ES256' }
      expect(await prove(await assertionOf(server, other))).toEqual(refused)
    }
  })

  test('credentials in two ways are refused', async () => {
    const form = await assertionOf(server, client)
    const twice = { status: 400, error: 'invalid_request' }
    expect(await prove({ ...form, client_secret: 'x' })).toEqual(twice)
    expect(await prove(form, { authorization: basic(client.client_id, 'x') })).toEqual(twice)
  })

  test('another client_id beside the assertion is refused', async () => {
    const form = await assertionOf(server, client)
    expect(await prove({ ...form, client_id: rsa.client_id })).toEqual(refused)
  })

  test('another type of assertion is refused', async () => {
    const form = await assertionOf(server, client)
    const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer'
    expect(await prove({ ...form, client_assertion_type: saml })).toEqual(refused)
    const { client_assertion = '' } = form
    expect(await prove({ client_assertion })).toEqual(refused)
    expect(await prove({ client_assertion_type: assertionType })).toEqual(refused)
  })

  test('a client that nobody knows is refused in the same words', async () => {
    const stranger = { ...client, client_id: 'dcr_nobody' }
    expect(await prove(await assertionOf(server, stranger))).toEqual(refused)
  })
})

test('with token_endpoint_audience off, only the issuer is the audience (FAPI 2.0 §5.3.2.1)', async () => {
  const strict = await startTestServer({ tokenEndpointAudience: false })
  const signing = await registerSigning(strict, 'ES256')
  const ask = async (aud: string) => {
    const form = { token: 'x', ...(await assertionOf(strict, signing, { claims: { aud } })) }
    return (await post(strict, '/oauth/revoke', { form })).status
  }
  expect(await ask(strict.url)).toBe(200)
  expect(await ask(`${strict.url}/oauth/token`)).toBe(401)
  await strict.stop()
})

test('why an assertion was not believed is in our log, and not in the answer', async () => {
  const assertion = await assertionOf(server, client, { claims: { aud: 'wrong' } })
  const form = { token: 'x', ...assertion }
  const { body } = await post(server, '/oauth/revoke', { form })
  expect(JSON.stringify(body)).not.toContain('aud')
  expect(server.logged()).toContain('client assertion: aud')
  expect(server.logged()).not.toContain(assertion.client_assertion)
})
