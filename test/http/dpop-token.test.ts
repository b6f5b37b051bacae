/**
 * Tokens that are bound to a key.
 *
 * @see [RFC 9449 §5 - DPoP Access Token Request](https://www.rfc-editor.org/rfc/rfc9449.html#section-5)
 * @see [RFC 9449 §10 - Authorization Code Binding to a DPoP Key](https://www.rfc-editor.org/rfc/rfc9449.html#section-10)
 */
import { decodeJwt } from 'jose'
import {
  approvedCode,
  type BoundTokens,
  connectBound,
  type DpopKey,
  newDpopKey,
  postToken,
  proofOf,
} from '../support/dpop.ts'
import {
  basic,
  eventsOf,
  introspect,
  post,
  type Registered,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import { answered, push } from '../support/pushed-request.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const signed = 'https://signed.example/api'
const demanding = 'https://demanding.example/api'

let server: TestServer
let url: string
let key: DpopKey
let other: DpopKey
let client: Registered
beforeAll(async () => {
  const scopes = { read: 'Read', openid: 'Know that it is you' }
  server = await startTestServer({
    pathPrefixes: ['/v1'],
    resources: [
      { resource: 'https://plain.example/api', name: 'Plain', scopes },
      { resource: signed, name: 'Signed', scopes, accessTokenFormat: 'jwt' },
      { resource: demanding, name: 'Demanding', scopes, dpopRequired: true },
    ],
  })
  url = `${server.url}/oauth/token`
  ;[key, other] = await Promise.all([newDpopKey(), newDpopKey()])
  client = await register(server)
})
afterAll(() => server.stop())

async function refusedWith(form: Record<string, string>, proof: string | undefined) {
  const { status, body } = await postToken(server, form, proof)
  return { status, error: body.error, words: body.error_description }
}

function refreshForm(of: Registered, { refresh_token }: BoundTokens) {
  return { grant_type: 'refresh_token', client_id: of.client_id, refresh_token }
}

describe('a token request with a proof', () => {
  for (const alg of ['ES256', 'EdDSA', 'Ed25519', 'RS256', 'PS256']) {
    test(`signed by ${alg} gives tokens of type DPoP`, async () => {
      const { form } = await approvedCode(server, client)
      const proof = await proofOf(await newDpopKey(alg), { url })
      const { status, body } = await postToken(server, form, proof)
      expect({ status, type: body.token_type }).toEqual({ status: 200, type: 'DPoP' })
    })
  }

  test('gives a JWT that names the key in cnf (RFC 7800)', async () => {
    const { tokens } = await connectBound(server, key, { resource: signed })
    expect(decodeJwt(tokens.access_token).cnf).toEqual({ jkt: key.jkt })
  })

  test('gives a token whose introspection names the key', async () => {
    const confidential = await register(server, {
      token_endpoint_auth_method: 'client_secret_basic',
    })
    const { form } = await approvedCode(server, confidential)
    const { client_id: _, ...rest } = form
    const headers = {
      authorization: basic(confidential.client_id, confidential.client_secret ?? ''),
      dpop: await proofOf(key, { url }),
    }
    const { body: tokens } = await post<BoundTokens>(server, '/oauth/token', {
      form: rest,
      headers,
    })
    const { body } = await introspect(server, { client: confidential, token: tokens.access_token })
    expect(body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: key.jkt } })
  })

  for (const alias of ['/token', '/oauth2/token', '/v1/oauth/token']) {
    test(`at ${alias} names that URL`, async () => {
      const { form } = await approvedCode(server, client)
      const proof = await proofOf(key, { url: `${server.url}${alias}?a=b#c` })
      const answer = await post<BoundTokens>(server, alias, { form, headers: { dpop: proof } })
      expect(answer.body.token_type).toBe('DPoP')
    })
  }
})

test('a token request without one gives bearer tokens, which name no key', async () => {
  const { form } = await approvedCode(server, client, { resource: signed })
  const { body } = await postToken(server, form, undefined)
  expect(body.token_type).toBe('Bearer')
  expect(decodeJwt(body.access_token).cnf).toBeUndefined()
})

describe('SECURITY 12: a refresh token of a public client', () => {
  test('goes on with the key that the code was redeemed with', async () => {
    const { client: bound, tokens } = await connectBound(server, key)
    const proof = await proofOf(key, { url })
    const { status, body } = await postToken(server, refreshForm(bound, tokens), proof)
    expect({ status, type: body.token_type }).toEqual({ status: 200, type: 'DPoP' })
  })

  test('is refused with another key and without any, and is not used up by that', async () => {
    const { client: bound, tokens } = await connectBound(server, key)
    const form = refreshForm(bound, tokens)
    for (const proof of [await proofOf(other, { url }), undefined]) {
      const { status, error } = await refusedWith(form, proof)
      expect({ status, error }).toEqual({ status: 400, error: 'invalid_grant' })
    }
    const [refused] = (await eventsOf(server, 'GrantUseRefused')).slice(-1)
    expect(refused?.payload).toMatchObject({ reason: 'key_mismatch', clientId: bound.client_id })
    expect((await postToken(server, form, await proofOf(key, { url }))).status).toBe(200)
  })

  test('gives the same tokens to a repeat with a new proof by the same key', async () => {
    const { client: bound, tokens } = await connectBound(server, key)
    const form = refreshForm(bound, tokens)
    const one = await postToken(server, form, await proofOf(key, { url }))
    const again = await postToken(server, form, await proofOf(key, { url }))
    expect(again.status).toBe(200)
    expect(again.body.access_token).toBe(one.body.access_token)
  })
})

describe('SECURITY 12: a code is bound by dpop_jkt', () => {
  test('and only its key redeems it', async () => {
    const { form } = await approvedCode(server, client, { dpop_jkt: key.jkt })
    for (const proof of [await proofOf(other, { url }), undefined]) {
      expect((await refusedWith(form, proof)).error).toBe('invalid_grant')
    }
    expect((await postToken(server, form, await proofOf(key, { url }))).status).toBe(200)
  })

  test('which must be a thumbprint', async () => {
    const asked = { dpop_jkt: 'short' }
    const { status, body } = await push(server, { by: client, asked })
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })

  test('or by a proof beside the pushed request', async () => {
    const par = `${server.url}/oauth/par`
    const verifier = 'v'.repeat(43)
    const code_challenge = Buffer.from(
      await crypto.subtle.digest('SHA-256', Buffer.from(verifier)),
    ).toString('base64url')
    const headers = { dpop: await proofOf(key, { url: par }) }
    const { status, body } = await push(server, { by: client, asked: { code_challenge }, headers })
    expect(status).toBe(201)
    const { client_id } = client
    const back = await answered(server, { client_id, request_uri: body.request_uri })
    const form = {
      grant_type: 'authorization_code',
      client_id,
      redirect_uri: redirectUri,
      code: back.searchParams.get('code') ?? '',
      code_verifier: verifier,
    }
    const wrong = await proofOf(other, { url })
    expect((await refusedWith(form, wrong)).error).toBe('invalid_grant')
    expect((await postToken(server, form, await proofOf(key, { url }))).status).toBe(200)
  })

  test('and a pushed request whose proof is by another key than dpop_jkt is refused', async () => {
    const headers = { dpop: await proofOf(key, { url: `${server.url}/oauth/par` }) }
    const asked = { dpop_jkt: other.jkt }
    const { status, body } = await push(server, { by: client, asked, headers })
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })

  test('and so is one whose proof is for the token endpoint', async () => {
    const headers = { dpop: await proofOf(key, { url }) }
    const { status, body } = await push(server, { by: client, headers })
    expect([status, body.error]).toEqual([400, 'invalid_dpop_proof'])
  })
})

describe('SECURITY 12: no token without a proof', () => {
  const missing = {
    status: 400,
    error: 'invalid_request',
    words: 'The client must send a DPoP proof with this request',
  }

  test('for a client that registered dpop_bound_access_tokens', async () => {
    const strict = await register(server, { dpop_bound_access_tokens: true })
    expect(strict.dpop_bound_access_tokens).toBe(true)
    const { form } = await approvedCode(server, strict)
    expect(await refusedWith(form, undefined)).toEqual(missing)
    const { body } = await postToken(server, form, await proofOf(key, { url }))
    expect(body.token_type).toBe('DPoP')
    const { refresh_token } = body
    const refreshing = { grant_type: 'refresh_token', client_id: strict.client_id, refresh_token }
    expect(await refusedWith(refreshing, undefined)).toEqual(missing)
  })

  test('for a resource that takes bound ones only', async () => {
    const { form } = await approvedCode(server, client, { resource: demanding })
    expect(await refusedWith(form, undefined)).toEqual(missing)
    expect((await postToken(server, form, await proofOf(key, { url }))).status).toBe(200)
  })

  test('where a registration says neither true nor false it is refused', async () => {
    const refused = await register(server, { dpop_bound_access_tokens: 'yes' })
    expect(refused.error).toBe('invalid_client_metadata')
  })
})

test('metadata names the algorithms', async () => {
  const path = '/.well-known/oauth-authorization-server'
  const metadata = (await (await fetch(server.url + path)).json()) as Record<string, unknown>
  const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
  expect(metadata.dpop_signing_alg_values_supported).toEqual(algorithms)
  expect(metadata.tls_client_certificate_bound_access_tokens).toBeUndefined()
})
