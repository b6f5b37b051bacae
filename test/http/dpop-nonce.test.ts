/**
 * Proofs with a nonce that the server gave.
 *
 * @see [RFC 9449 §8 - Authorization Server-Provided Nonce](https://www.rfc-editor.org/rfc/rfc9449.html#section-8)
 * @see [RFC 9449 §9 - Resource Server-Provided Nonce](https://www.rfc-editor.org/rfc/rfc9449.html#section-9)
 */
import { approvedCode, type DpopKey, newDpopKey, postToken, proofOf } from '../support/dpop.ts'
import { type Registered, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

let now = Date.now()
let server: TestServer
let url: string
let key: DpopKey
let client: Registered
beforeAll(async () => {
  server = await startTestServer({ dpop: { requireNonce: true } }, { clock: () => now })
  url = `${server.url}/oauth/token`
  key = await newDpopKey()
  client = await register(server)
})
afterAll(() => server.stop())

function proof(nonce: string | undefined) {
  return proofOf(key, { url, claims: { nonce, iat: Math.floor(now / 1000) } })
}

async function givenNonce(form: Record<string, string>): Promise<string> {
  const { status, body, headers } = await postToken(server, form, await proof(undefined))
  expect([status, body.error]).toEqual([400, 'use_dpop_nonce'])
  return headers.get('dpop-nonce') ?? ''
}

test('a proof without a nonce is answered with one, and the next one is good with it', async () => {
  const { form } = await approvedCode(server, client)
  const nonce = await givenNonce(form)
  expect(nonce).toMatch(/^[A-Za-z0-9_-]{43}$/)
  const answer = await postToken(server, form, await proof(nonce))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('dpop-nonce')).toBe(nonce)
})

test('SECURITY 12: a nonce of somebody else, or of three minutes ago, is asked for anew', async () => {
  const { form } = await approvedCode(server, client)
  const nonce = await givenNonce(form)
  now += 180_000
  for (const wrong of ['made up', nonce]) {
    const { status, body, headers } = await postToken(server, form, await proof(wrong))
    expect([status, body.error]).toEqual([400, 'use_dpop_nonce'])
    expect(headers.get('dpop-nonce')).not.toBe(nonce)
  }
})

test('a resource asks for it with 401 and a challenge', async () => {
  const { form } = await approvedCode(server, client, { scope: 'openid' })
  const { body } = await postToken(server, form, await proof(await givenNonce(form)))
  const userinfo = `${server.url}/oauth/userinfo`
  const ask = async (nonce: string | undefined) => {
    const iat = Math.floor(now / 1000)
    const of = { method: 'GET', url: userinfo, accessToken: body.access_token }
    const dpop = await proofOf(key, { ...of, claims: { nonce, iat } })
    return fetch(userinfo, { headers: { authorization: `DPoP ${body.access_token}`, dpop } })
  }
  const refused = await ask(undefined)
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toStartWith('DPoP error="use_dpop_nonce"')
  expect((await ask(refused.headers.get('dpop-nonce') ?? '')).status).toBe(200)
})

test('who sends no proof is given no nonce', async () => {
  const answer = await fetch(`${server.url}/oauth/userinfo`)
  expect(answer.headers.get('dpop-nonce')).toBeNull()
})
