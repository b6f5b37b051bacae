/**
 * DPoP proofs that prove nothing.
 *
 * @see [RFC 9449 §4.3 - Checking DPoP Proofs](https://www.rfc-editor.org/rfc/rfc9449.html#section-4.3)
 */
import {
  approvedCode,
  type DpopKey,
  newDpopKey,
  type ProofOf,
  postToken,
  proofOf,
} from '../support/dpop.ts'
import { type Registered, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let url: string
let key: DpopKey
let other: DpopKey
let client: Registered
beforeAll(async () => {
  server = await startTestServer()
  url = `${server.url}/oauth/token`
  ;[key, other] = await Promise.all([newDpopKey(), newDpopKey()])
  client = await register(server)
})
afterAll(() => server.stop())

const invalidProof = {
  status: 400,
  error: 'invalid_dpop_proof',
  words: 'The DPoP proof is not valid for this request',
}

async function refusedWith(form: Record<string, string>, proof: string | undefined) {
  const { status, body } = await postToken(server, form, proof)
  return { status, error: body.error, words: body.error_description }
}

describe('SECURITY 12: a proof is refused', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const cases: Record<string, () => Partial<ProofOf>> = {
    'of another method': () => ({ claims: { htm: 'GET' } }),
    'with the method in small letters': () => ({ claims: { htm: 'post' } }),
    'for another endpoint': () => ({ url: `${server.url}/oauth/par` }),
    'for another path of the same endpoint': () => ({ url: `${server.url}/token` }),
    'for another server': () => ({ url: 'https://elsewhere.example/oauth/token' }),
    'for a URL with credentials in it': () => ({ url: url.replace('//', '//a:b@') }),
    'without htm': () => ({ claims: { htm: undefined } }),
    'without htu': () => ({ claims: { htu: undefined } }),
    'without jti': () => ({ claims: { jti: undefined } }),
    'with an empty jti': () => ({ claims: { jti: '' } }),
    'without iat': () => ({ claims: { iat: undefined } }),
    'made too long ago': () => ({ claims: { iat: now() - 62 } }),
    'made in the future': () => ({ claims: { iat: now() + 30 } }),
    'with an iat that is no number': () => ({ claims: { iat: String(now()) } }),
    'of another type': () => ({ header: { typ: 'jwt' } }),
    'without a type': () => ({ header: { typ: undefined } }),
    'without a key': () => ({ header: { jwk: undefined } }),
    'with a private key': () => ({ header: { jwk: key.privateJwk } }),
    'with a shared key': () => ({
      header: { alg: 'HS256', jwk: { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url') } },
      signedBy: Buffer.alloc(32, 1),
    }),
    'signed by a shared key under the public one': () => ({
      header: { alg: 'HS256' },
      signedBy: Buffer.from(key.publicJwk.x ?? '', 'base64url'),
    }),
    'signed by another key': () => ({ signedBy: other.privateKey }),
    'whose key is for another algorithm': () => ({
      header: { jwk: { ...key.publicJwk, alg: 'RS256' } },
    }),
    'whose key is for encryption': () => ({ header: { jwk: { ...key.publicJwk, use: 'enc' } } }),
    'with a key behind a URL': () => ({ header: { jku: 'https://evil.example/keys' } }),
    'with a certificate behind a URL': () => ({ header: { x5u: 'https://evil.example/x5u' } }),
    'with a certificate chain': () => ({ header: { x5c: ['MIIB'] } }),
    'with 4096 characters and more': () => ({ claims: { more: 'x'.repeat(4096) } }),
  }
  for (const [words, changes] of Object.entries(cases)) {
    test(words, async () => {
      const { form } = await approvedCode(server, client)
      const proof = await proofOf(key, { url, ...changes() })
      expect(await refusedWith(form, proof)).toEqual(invalidProof)
      // The code is not used up by it.
      const { status } = await postToken(server, form, await proofOf(key, { url }))
      expect(status).toBe(200)
    })
  }

  const texts: Record<string, (good: string) => string> = {
    'in an empty header': () => ' ',
    'that is no JWT': () => 'proof',
    unsigned: (good) =>
      `${Buffer.from('{"typ":"dpop+jwt","alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`,
    'with one character changed': (good) => good.replace(/.$/, (c) => (c === 'A' ? 'Q' : 'A')),
    'beside a second one': (good) => `${good}, ${good}`,
    'after another one': (good) => `${good},${good}`,
    'whose payload is no object': (good) => `${good.split('.')[0]}.W10.${good.split('.')[2]}`,
  }
  for (const [words, change] of Object.entries(texts)) {
    test(words, async () => {
      const { form } = await approvedCode(server, client)
      const proof = change(await proofOf(key, { url }))
      expect((await refusedWith(form, proof)).error).toBe('invalid_dpop_proof')
    })
  }

  test('with a critical extension', async () => {
    const { form } = await approvedCode(server, client)
    const [header = '', payload, signature] = (await proofOf(key, { url })).split('.')
    const said = JSON.parse(Buffer.from(header, 'base64url').toString())
    const crit = Buffer.from(JSON.stringify({ ...said, crit: ['b64'], b64: false }))
    const proof = `${crit.toString('base64url')}.${payload}.${signature}`
    expect(await refusedWith(form, proof)).toEqual(invalidProof)
  })

  test('with an RSA key of 1024 bits', async () => {
    const { form } = await approvedCode(server, client)
    const n = Buffer.alloc(128, 0xff).toString('base64url')
    const header = { alg: 'RS256', jwk: { kty: 'RSA', n, e: 'AQAB' } }
    const rsa = await newDpopKey('RS256')
    const proof = await proofOf(rsa, { url, header })
    expect(await refusedWith(form, proof)).toEqual(invalidProof)
  })

  test('a second time', async () => {
    const proof = await proofOf(key, { url })
    const first = await approvedCode(server, client)
    expect((await postToken(server, first.form, proof)).status).toBe(200)
    const second = await approvedCode(server, client)
    expect(await refusedWith(second.form, proof)).toEqual(invalidProof)
  })

  test('but for one of many that come with it at the same time', async () => {
    const proof = await proofOf(key, { url })
    const codes = await Promise.all(Array.from({ length: 8 }, () => approvedCode(server, client)))
    const answers = await Promise.all(codes.map(({ form }) => postToken(server, form, proof)))
    expect(answers.filter(({ status }) => status === 200).length).toBe(1)
  })
})
