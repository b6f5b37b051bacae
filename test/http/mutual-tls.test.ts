/**
 * Tokens that are bound to the certificate of a client, behind a proxy that ends TLS.
 *
 * @see [RFC 8705 §3 - Mutual-TLS Client Certificate-Bound Access Tokens](https://www.rfc-editor.org/rfc/rfc8705.html#section-3)
 * @see [RFC 8705 §4 - Public Clients and Certificate-Bound Tokens](https://www.rfc-editor.org/rfc/rfc8705.html#section-4)
 */
import { createHash } from 'node:crypto'
import { clientCertHeader, selfSigned } from '../support/certificate.ts'
import { approvedCode, type BoundTokens, newDpopKey, proofOf } from '../support/dpop.ts'
import { type Answer, basic, introspect, post, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const metadataPath = '/.well-known/oauth-authorization-server'
const wantsBound = { tls_client_certificate_bound_access_tokens: true }
const confidential = { ...wantsBound, token_endpoint_auth_method: 'client_secret_basic' }
const mine = certificateHeader()
const theirs = certificateHeader()

function certificateHeader() {
  const header = clientCertHeader(selfSigned(['client.example']))
  const der = Buffer.from(header.slice(1, -1), 'base64')
  const thumbprint = createHash('sha256').update(der).digest('base64url')
  return { header: { 'client-cert': header }, thumbprint }
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    trustedProxies: ['127.0.0.0/8', '::1'],
    mtls: { certificateHeader: 'Client-Cert', apiUrl: 'https://mtls.example' },
  })
})
afterAll(() => server.stop())

type Headers = Record<string, string>
type Refusable = BoundTokens & { error?: string }

function ask(form: Record<string, string>, headers: Headers = {}): Promise<Answer<Refusable>> {
  return post<Refusable>(server, '/oauth/token', { form, headers })
}

async function connect(metadata: Record<string, unknown>, parameters: Record<string, string> = {}) {
  const client = await register(server, metadata)
  const { form } = await approvedCode(server, client, parameters)
  const secret = client.client_secret
  const authorization = secret === undefined ? {} : basicOf(client.client_id, secret)
  const { client_id: _, ...rest } = form
  const sent = secret === undefined ? form : rest
  const { body: tokens } = await ask(sent, { ...mine.header, ...authorization })
  const naming = secret === undefined ? { client_id: client.client_id } : {}
  const refreshing = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...naming }
  return { client, tokens, refreshing, authorization }
}

function basicOf(id: string, secret: string): Headers {
  return { authorization: basic(id, secret) }
}

function userinfo(accessToken: string, headers: Headers = {}): Promise<Response> {
  const authorization = `Bearer ${accessToken}`
  return fetch(`${server.url}/oauth/userinfo`, { headers: { authorization, ...headers } })
}

describe('a client that registered tls_client_certificate_bound_access_tokens', () => {
  test('gets tokens that name its certificate, and are of type Bearer', async () => {
    const { client, tokens } = await connect(confidential)
    expect(client.tls_client_certificate_bound_access_tokens).toBe(true)
    expect(tokens.token_type).toBe('Bearer')
    const { body } = await introspect(server, { client, token: tokens.access_token })
    const cnf = { 'x5t#S256': mine.thumbprint }
    expect(body).toMatchObject({ active: true, token_type: 'Bearer', cnf })
  })

  test('gets none without a certificate', async () => {
    const client = await register(server, wantsBound)
    const { form } = await approvedCode(server, client)
    for (const headers of [{}, { 'client-cert': 'nonsense' }]) {
      const { status, body } = await ask(form, headers)
      expect([status, body.error]).toEqual([400, 'invalid_request'])
    }
    expect((await ask(form, mine.header)).status).toBe(200)
  })

  test('uses them with that certificate alone', async () => {
    const { tokens } = await connect(wantsBound, { scope: 'openid' })
    expect((await userinfo(tokens.access_token, mine.header)).status).toBe(200)
    for (const headers of [{}, theirs.header, { 'client-cert': 'nonsense' }]) {
      const refused = await userinfo(tokens.access_token, headers)
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
    }
  })

  test('and is public refreshes with that certificate alone', async () => {
    const { refreshing } = await connect(wantsBound)
    const { status, body } = await ask(refreshing, theirs.header)
    expect([status, body.error]).toEqual([400, 'invalid_grant'])
    expect((await ask(refreshing, mine.header)).status).toBe(200)
  })

  test('and has a secret may renew its certificate', async () => {
    const { refreshing, authorization } = await connect(confidential)
    expect((await ask(refreshing, { ...authorization, ...theirs.header })).status).toBe(200)
  })

  test('may bind a token to a key besides; both are then needed', async () => {
    const key = await newDpopKey()
    const client = await register(server, wantsBound)
    const { form } = await approvedCode(server, client, { scope: 'openid' })
    const dpop = await proofOf(key, { url: `${server.url}/oauth/token` })
    const { body } = await ask(form, { ...mine.header, dpop })
    const use = async (headers: Headers) => {
      const of = { method: 'GET', url: `${server.url}/oauth/userinfo` }
      const proof = await proofOf(key, { ...of, accessToken: body.access_token })
      const authorization = `DPoP ${body.access_token}`
      return userinfo(body.access_token, { ...headers, authorization, dpop: proof })
    }
    expect((await use({})).status).toBe(401)
    expect((await use(mine.header)).status).toBe(200)
    expect((await userinfo(body.access_token, mine.header)).status).toBe(401)
  })
})

test('a client that did not register it gets tokens that name no certificate', async () => {
  const { tokens } = await connect({}, { scope: 'openid' })
  expect((await userinfo(tokens.access_token)).status).toBe(200)
})

test('metadata says so, and names the endpoints that ask for certificates', async () => {
  const metadata = (await (await fetch(server.url + metadataPath)).json()) as Record<
    string,
    unknown
  >
  expect(metadata.tls_client_certificate_bound_access_tokens).toBe(true)
  expect(metadata.mtls_endpoint_aliases).toMatchObject({
    token_endpoint: 'https://mtls.example/oauth/token',
    userinfo_endpoint: 'https://mtls.example/oauth/userinfo',
  })
})

test('a DPoP proof may name the endpoint by that alias', async () => {
  const client = await register(server)
  const { form } = await approvedCode(server, client)
  const dpop = await proofOf(await newDpopKey(), { url: 'https://mtls.example/oauth/token' })
  expect((await ask(form, { dpop })).body.token_type).toBe('DPoP')
})

describe('SECURITY 12: a certificate that no trusted proxy names is none', () => {
  let direct: TestServer
  beforeAll(async () => {
    const mtls = { certificateHeader: 'Client-Cert' }
    direct = await startTestServer({ trustedProxies: ['192.0.2.1'], mtls })
  })
  afterAll(() => direct.stop())

  test('so that the header gives no token', async () => {
    const client = await register(direct, wantsBound)
    const { form } = await approvedCode(direct, client)
    const { status, body } = await post(direct, '/oauth/token', { form, headers: mine.header })
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })
})

describe('a server that sees no certificates', () => {
  let without: TestServer
  beforeAll(async () => {
    without = await startTestServer()
  })
  afterAll(() => without.stop())

  test('does not know the registration for them', async () => {
    const client = await register(without, wantsBound)
    expect(client.client_id).toMatch(/^dcr_/)
    expect(client.tls_client_certificate_bound_access_tokens).toBeUndefined()
  })
})

describe('SECURITY 12: where every token must be bound', () => {
  let strict: TestServer
  beforeAll(async () => {
    strict = await startTestServer({ requireSenderConstrainedTokens: true })
  })
  afterAll(() => strict.stop())

  for (const method of ['none', 'client_secret_post']) {
    test(`a client that authenticates by ${method} gets none without a proof`, async () => {
      const client = await register(strict, { token_endpoint_auth_method: method })
      const { form } = await approvedCode(strict, client)
      const secret = client.client_secret
      const all = secret === undefined ? form : { ...form, client_secret: secret }
      const bare = await post(strict, '/oauth/token', { form: all })
      expect([bare.status, bare.body.error]).toEqual([400, 'invalid_request'])
      const dpop = await proofOf(await newDpopKey(), { url: `${strict.url}/oauth/token` })
      const bound = await post(strict, '/oauth/token', { form: all, headers: { dpop } })
      expect([bound.status, bound.body.token_type]).toEqual([200, 'DPoP'])
    })
  }
})
