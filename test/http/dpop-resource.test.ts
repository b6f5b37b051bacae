/**
 * Bound tokens at the resources that this server protects itself.
 *
 * @see [RFC 9449 §7 - Protected Resource Access](https://www.rfc-editor.org/rfc/rfc9449.html#section-7)
 */
import { connectBound, type DpopKey, newDpopKey, type ProofOf, proofOf } from '../support/dpop.ts'
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const algs = 'algs="RS256 PS256 ES256 EdDSA Ed25519"'

let server: TestServer
let userinfo: string
let mcp: string
let key: DpopKey
let other: DpopKey
let token: string
let unbound: string
beforeAll(async () => {
  server = await startTestServer()
  userinfo = `${server.url}/oauth/userinfo`
  mcp = `${server.url}/api/mcp`
  ;[key, other] = await Promise.all([newDpopKey(), newDpopKey()])
  token = (await connectBound(server, key, { scope: 'openid read' })).tokens.access_token
  unbound = (await connect(server, { scope: 'openid read' })).tokens.access_token
})
afterAll(() => server.stop())

interface Ask {
  readonly at?: string
  readonly scheme?: string
  readonly accessToken?: string
  /** Undefined sends none. */
  readonly proof: string | undefined
}

async function ask({ at = userinfo, scheme = 'DPoP', accessToken = token, proof }: Ask) {
  const response = await fetch(at, {
    headers: {
      authorization: `${scheme} ${accessToken}`,
      ...(proof === undefined ? {} : { dpop: proof }),
    },
  })
  const body = (await response.json()) as Record<string, unknown>
  const challenge = response.headers.get('www-authenticate') ?? ''
  return { status: response.status, error: body.error, challenge, body }
}

function proofAt(at: string, changes: Partial<ProofOf> = {}) {
  return proofOf(key, { method: 'GET', url: at, accessToken: token, ...changes })
}

describe('a bound token with a proof by its key', () => {
  for (const scheme of ['DPoP', 'dpop']) {
    test(`is good under the scheme ${scheme}`, async () => {
      const { status, body } = await ask({ scheme, proof: await proofAt(userinfo) })
      expect(status).toBe(200)
      expect(body.sub).toStartWith('usr_')
    })
  }

  test('is good at every path of an endpoint, each named in its proof', async () => {
    for (const at of [`${server.url}/userinfo`, `${server.url}/oauth2/userinfo`]) {
      expect((await ask({ at, proof: await proofAt(`${at}?a=b`) })).status).toBe(200)
    }
  })

  test('is good at the MCP endpoint', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
    const response = await fetch(mcp, {
      method: 'POST',
      headers: {
        authorization: `DPoP ${token}`,
        dpop: await proofAt(mcp, { method: 'POST' }),
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('"tools"')
  })

  test('is good for the audit', async () => {
    const resource = `${server.url}/audit`
    const { tokens } = await connectBound(server, key, { resource, scope: 'audit:read' })
    const accessToken = tokens.access_token
    const at = `${server.url}/audit/events`
    const proof = await proofAt(at, { accessToken })
    expect((await ask({ at: `${at}?limit=1`, accessToken, proof })).status).toBe(200)
    const again = await ask({ at, scheme: 'Bearer', accessToken, proof: undefined })
    expect(again.status).toBe(401)
  })

  test('lacks a scope in words of its own scheme', async () => {
    const { tokens } = await connectBound(server, key, { scope: 'read' })
    const accessToken = tokens.access_token
    const proof = await proofAt(userinfo, { accessToken })
    const { status, challenge } = await ask({ accessToken, proof })
    expect(status).toBe(403)
    expect(challenge).toStartWith('DPoP error="insufficient_scope", scope="openid"')
  })
})

describe('SECURITY 12: a bound token is refused', () => {
  test('as a bearer token', async () => {
    for (const proof of [undefined, await proofAt(userinfo)]) {
      const { status, error, challenge } = await ask({ scheme: 'Bearer', proof })
      expect({ status, error }).toEqual({ status: 401, error: 'invalid_token' })
      expect(challenge).toStartWith('Bearer error="invalid_token"')
      expect(challenge).toEndWith(`, DPoP ${algs}`)
    }
  })

  const cases: Record<string, () => Partial<ProofOf>> = {
    'of another method': () => ({ method: 'POST' }),
    'for another resource': () => ({ url: mcp }),
    'for another token': () => ({ accessToken: unbound }),
    'for no token': () => ({ claims: { ath: undefined } }),
    'made too long ago': () => ({ claims: { iat: Math.floor(Date.now() / 1000) - 62 } }),
    'signed by another key': () => ({ signedBy: other.privateKey }),
  }
  for (const [words, changes] of Object.entries(cases)) {
    test(`with a proof ${words}`, async () => {
      const { status, error, challenge } = await ask({ proof: await proofAt(userinfo, changes()) })
      expect({ status, error }).toEqual({ status: 401, error: 'invalid_dpop_proof' })
      expect(challenge).toStartWith('DPoP error="invalid_dpop_proof"')
      expect(challenge).toContain(algs)
    })
  }

  test('without a proof', async () => {
    const { status, error } = await ask({ proof: undefined })
    expect({ status, error }).toEqual({ status: 401, error: 'invalid_dpop_proof' })
  })

  test('with a good proof by a key that is not its own', async () => {
    const proof = await proofOf(other, { method: 'GET', url: userinfo, accessToken: token })
    const { status, error, challenge } = await ask({ proof })
    expect({ status, error }).toEqual({ status: 401, error: 'invalid_token' })
    expect(challenge).toStartWith('DPoP error="invalid_token"')
  })

  test('with a proof that was used before', async () => {
    const proof = await proofAt(userinfo)
    expect((await ask({ proof })).status).toBe(200)
    const { status, error } = await ask({ proof })
    expect({ status, error }).toEqual({ status: 401, error: 'invalid_dpop_proof' })
  })

  test('in all of many requests with one proof, but for one', async () => {
    const proof = await proofAt(userinfo)
    const answers = await Promise.all(Array.from({ length: 16 }, () => ask({ proof })))
    expect(answers.filter(({ status }) => status === 200).length).toBe(1)
  })
})

test('SECURITY 12: a bearer token is refused under the scheme DPoP', async () => {
  const proof = await proofAt(userinfo, { accessToken: unbound })
  const { status, error } = await ask({ accessToken: unbound, proof })
  expect({ status, error }).toEqual({ status: 401, error: 'invalid_token' })
})

test('a proof beside a bearer token that is bound to nothing does not matter', async () => {
  const { status } = await ask({ scheme: 'Bearer', accessToken: unbound, proof: 'nonsense' })
  expect(status).toBe(200)
})

test('who brings no token is offered both schemes, the older first', async () => {
  const response = await fetch(mcp, { method: 'POST' })
  const metadata = `${server.url}/.well-known/oauth-protected-resource/api/mcp`
  expect(response.headers.get('www-authenticate')).toBe(
    `Bearer scope="book read", resource_metadata="${metadata}", DPoP ${algs}`,
  )
})

test('pages of other origins may send a proof, and read the nonce that is asked for', async () => {
  const preflight = await fetch(userinfo, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
  })
  expect(preflight.headers.get('access-control-allow-headers')).toContain('DPoP')
  const answer = await fetch(userinfo, { headers: { origin: 'https://app.example' } })
  expect(answer.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce')
})

describe('a resource that takes bound tokens only', () => {
  let strict: TestServer
  beforeAll(async () => {
    strict = await startTestServer({
      issuer: 'https://auth.example',
      resources: [
        {
          resource: 'https://auth.example/api/mcp',
          name: 'Strict',
          scopes: { read: 'Read' },
          dpopRequired: true,
        },
      ],
    })
  })
  afterAll(() => strict.stop())

  test('says so in its metadata', async () => {
    const path = '/.well-known/oauth-protected-resource/api/mcp'
    const metadata = (await (await fetch(strict.url + path)).json()) as Record<string, unknown>
    expect(metadata).toMatchObject({
      dpop_bound_access_tokens_required: true,
      dpop_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
    })
  })

  test('offers no other scheme', async () => {
    const response = await fetch(`${strict.url}/api/mcp`, { method: 'POST' })
    const challenge = response.headers.get('www-authenticate')
    expect(challenge).toStartWith('DPoP scope="read", resource_metadata="https://auth.example/')
    expect(challenge).not.toContain('Bearer')
  })
})
