/**
 * A consent that answers for the person again: only for a client whose identity is assured, only
 * for what was allowed, and only for a while.
 * @see [RFC 6749 §10.2 - Client Impersonation](https://www.rfc-editor.org/rfc/rfc6749.html#section-10.2)
 */
import type { ClientMetadata } from '../../src/domain/client-events.ts'
import { execute } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import {
  type AskedFor,
  authorizationUrl,
  eventsOf,
  newPkce,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { addRedirectUri, addWebClient, redeemAs } from '../support/web-client.ts'

const day = 24 * 60 * 60 * 1000
let server: TestServer
let elapsedMs = 0
const clock = () => Date.now() + elapsedMs
beforeAll(async () => {
  server = await startTestServer(
    {
      refreshTokenTtlSeconds: 365 * 86_400,
      sessionTtlSeconds: 3600 * 24 * 365,
      sessionIdleSeconds: 0,
    },
    { clock },
  )
})
afterAll(() => server.stop())

type Person = ReturnType<TestServer['person']>

/** Where the authorization endpoint sends a browser: a page of ours, or the client. */
async function sentTo(person: Person, clientId: string, asked: AskedFor = {}) {
  const response = await person.open(authorizationUrl(server, clientId, asked))
  const location = new URL(response.headers.get('location') ?? '', server.url)
  const { searchParams } = location
  if (location.origin === new URL(server.url).origin) return location.pathname
  return searchParams.get('error') ?? (searchParams.has('code') ? 'a code' : 'nothing')
}

async function lastApproval() {
  const approved = await eventsOf(server, 'GrantApproved')
  return approved.at(-1)?.payload as Record<string, unknown> & { grantId: string; at: number }
}

/** A client that a person has allowed to read, and redeemed the code of. */
async function allowed(
  asked: AskedFor = { scope: 'read' },
  described: Partial<ClientMetadata> = {},
) {
  const client = await addWebClient(server, described)
  const person = server.person()
  const pkce = newPkce()
  const url = authorizationUrl(server, client.client_id, {
    code_challenge: pkce.challenge,
    ...asked,
  })
  const code = (await person.answer(url)).searchParams.get('code') ?? ''
  if (described.tokenEndpointAuthMethod !== 'none') await redeemAs(server, client, { code, pkce })
  return { client, person, first: await lastApproval(), id: client.client_id }
}

describe('an earlier consent answers', () => {
  test('at once with a code, and the new grant names the one that it rests on', async () => {
    const { client, person, first, id } = await allowed()
    const pkce = newPkce()
    const asked = { scope: 'read', code_challenge: pkce.challenge, state: 'mine' }
    const response = await person.open(authorizationUrl(server, id, asked))
    const back = new URL(response.headers.get('location') ?? '')
    expect([response.status, back.searchParams.get('state')]).toEqual([303, 'mine'])
    expect(back.searchParams.get('iss')).toBe(server.url)
    const code = back.searchParams.get('code') ?? ''
    expect((await redeemAs(server, client, { code, pkce })).body.scope).toBe('read')
    const { grantId, remembered } = await lastApproval()
    expect(grantId).not.toBe(first.grantId)
    expect(remembered).toEqual({ grantId: first.grantId, consentedAt: first.at })
  })

  test('prompt=none too', async () => {
    const { person, id } = await allowed()
    expect(await sentTo(person, id, { scope: 'read', prompt: 'none' })).toBe('a code')
  })

  test('after a sign-in that the request led to', async () => {
    const { id } = await allowed()
    const back = await server.person().answer(authorizationUrl(server, id, { scope: 'read' }))
    expect(back.searchParams.has('code')).toBe(true)
    expect((await lastApproval()).remembered).toBeDefined()
  })

  test('for less than was allowed', async () => {
    const { person, id } = await allowed({ scope: 'book read' })
    expect(await sentTo(person, id, { scope: 'book' })).toBe('a code')
    expect((await lastApproval()).access).toMatchObject([{ scopes: ['book'] }])
  })

  test('though many for less came after it', async () => {
    const { person, id } = await allowed({ scope: 'book read' })
    for (let time = 0; time < 5; time += 1) await sentTo(person, id, { scope: 'book' })
    expect(await sentTo(person, id, { scope: 'book read' })).toBe('a code')
  })

  test('for a claim only when the scope that asks for it was allowed', async () => {
    const claims = JSON.stringify({ userinfo: { email: null } })
    const { person, id } = await allowed({ scope: 'openid' })
    expect(await sentTo(person, id, { scope: 'openid', claims })).toBe('/consent')
    const wider = await allowed({ scope: 'openid email' })
    expect(await sentTo(wider.person, wider.id, { scope: 'openid', claims })).toBe('a code')
  })
})

describe('a client that is known by its document', () => {
  const site = 'https://app.example'
  const document = (name: string, fields: object) => ({
    url: `${site}/${name}.json`,
    document: JSON.stringify({ client_id: `${site}/${name}.json`, client_name: name, ...fields }),
  })
  const own = `${site}/callback`
  const elsewhere = 'https://elsewhere.example/callback'
  const loopback = 'http://127.0.0.1/callback'
  const pinned = [
    document('web', {
      redirect_uris: [own, elsewhere, loopback],
      token_endpoint_auth_method: 'none',
    }),
    document('keys', {
      redirect_uris: [elsewhere],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `${site}/keys.json`,
    }),
  ]
  let documents: TestServer
  beforeAll(async () => {
    documents = await startTestServer({ clientIdDocuments: { pinned } })
  })
  afterAll(() => documents.stop())

  test.each([
    ['is answered for, where the answer goes to the site of its document', 'web', own, false],
    ['is answered for, where it signs with its own keys', 'keys', elsewhere, false],
    ['is asked about, where the answer goes to another site', 'web', elsewhere, true],
    ['is asked about, where the answer goes to a program on some machine', 'web', loopback, true],
  ])('%s', async (_, name, redirect_uri, asked) => {
    const person = documents.person()
    const url = authorizationUrl(documents, `${site}/${name}.json`, { redirect_uri })
    expect((await person.answer(url)).searchParams.has('code')).toBe(true)
    const { headers } = await person.open(url)
    const isAsked = headers.get('location')?.startsWith('/consent')
    expect(isAsked).toBe(asked)
  })
})

describe('the person is asked', () => {
  test('when the client asks for it with prompt=consent', async () => {
    const { person, id } = await allowed()
    expect(await sentTo(person, id, { scope: 'read', prompt: 'consent' })).toBe('/consent')
  })

  test('when the client asks for one scope more, and prompt=none is refused then', async () => {
    const { person, id } = await allowed()
    expect(await sentTo(person, id, { scope: 'read book' })).toBe('/consent')
    expect(await sentTo(person, id, { scope: 'read book', prompt: 'none' })).toBe(
      'consent_required',
    )
  })

  test('when it is another person', async () => {
    const { id } = await allowed()
    expect(await sentTo(server.person(), id, { scope: 'read' })).toBe('/sign-in')
    expect(await sentTo(server.person(), id, { scope: 'read', prompt: 'none' })).toBe(
      'login_required',
    )
  })

  test('SECURITY 26: each time by a client that registered itself', async () => {
    for (const method of ['none', 'client_secret_basic']) {
      const { client_id } = await register(server, { token_endpoint_auth_method: method })
      const person = server.person()
      await person.answer(authorizationUrl(server, client_id))
      expect(await sentTo(person, client_id)).toBe('/consent')
      expect(await sentTo(person, client_id, { prompt: 'none' })).toBe('consent_required')
    }
  })

  test('by an operator’s client that cannot prove itself', async () => {
    const { person, id } = await allowed({ scope: 'read' }, { tokenEndpointAuthMethod: 'none' })
    expect(await sentTo(person, id, { scope: 'read' })).toBe('/consent')
  })

  test('when the grant has ended', async () => {
    const { person, id, first } = await allowed()
    const end = { kind: 'end', reason: 'revoked_by_user', now: clock() } as const
    await execute(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(grantDecider, first.grantId, end),
    )
    expect(await sentTo(person, id, { scope: 'read' })).toBe('/consent')
  })

  test('when something was taken back, however often it had answered before', async () => {
    const { person, id, first } = await allowed({ scope: 'book read' })
    for (let time = 0; time < 5; time += 1) {
      expect(await sentTo(person, id, { scope: 'book read' })).toBe('a code')
    }
    const [{ resource }] = first.access as [{ resource: string }]
    const access = [{ resource, scopes: ['book'] }]
    await execute(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(grantDecider, first.grantId, { kind: 'narrow', access, now: clock() }),
    )
    expect(await sentTo(person, id, { scope: 'book read' })).toBe('/consent')
    expect(await sentTo(person, id, { scope: 'book' })).toBe('a code')
  })

  test('when the client can be answered elsewhere since', async () => {
    const { person, id } = await allowed()
    await addRedirectUri(server, id)
    expect(await sentTo(person, id, { scope: 'read' })).toBe('/consent')
    await person.answer(authorizationUrl(server, id, { scope: 'read' }))
    elapsedMs += 1000
    expect(await sentTo(person, id, { scope: 'read' })).toBe('a code')
  })

  test('when the consent is older than it is remembered, however often it answered', async () => {
    const { person, id } = await allowed()
    elapsedMs += 50 * day
    expect(await sentTo(person, id, { scope: 'read' })).toBe('a code')
    elapsedMs += 41 * day
    expect(await sentTo(person, id, { scope: 'read' })).toBe('/consent')
  })

  test('each time where nothing is to be remembered', async () => {
    const forgetful = await startTestServer({ consent: { rememberSeconds: 0 } })
    const { client_id } = await addWebClient(forgetful)
    const person = forgetful.person()
    await person.answer(authorizationUrl(forgetful, client_id))
    const response = await person.open(authorizationUrl(forgetful, client_id))
    expect(response.headers.get('location')).toMatch(/^\/consent/)
    await forgetful.stop()
  })
})
