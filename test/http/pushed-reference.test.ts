/**
 * The browser brings the reference to a request that was pushed: once, in time, for its client.
 *
 * @see [RFC 9126 §4 - Authorization Request](https://www.rfc-editor.org/rfc/rfc9126.html#section-4)
 * @see [RFC 9126 §7 - Security Considerations](https://www.rfc-editor.org/rfc/rfc9126.html#section-7)
 */
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import type { Expiring } from '../../src/domain/expiring.ts'
import { startPushedRequest } from '../../src/protocol/authorization/pushed-request.ts'
import {
  connect,
  newPkce,
  type Registered,
  redeem,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import {
  answered,
  expectPage,
  expectSignIn,
  follow,
  formOf,
  type PushedQuery,
  push,
  pushedQuery,
  requestUriPrefix,
  toldTheClient,
} from '../support/pushed-request.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let now = Date.parse('2026-01-01T00:00:00Z')
let server: TestServer
let strict: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  strict = await startTestServer({
    requirePushedAuthorizationRequests: true,
    pushedRequestTtlSeconds: 600,
  })
  client = await register(server)
})
afterAll(() => Promise.all([server.stop(), strict.stop()]))

describe('a request that was pushed', () => {
  test('leads to a code, with the state that was pushed, and to tokens', async () => {
    const pkce = newPkce()
    const asked = { code_challenge: pkce.challenge, scope: 'read', state: 'pushed state' }
    const back = await answered(server, await pushedQuery(server, client, asked))
    expect(back.origin + back.pathname).toBe(redirectUri)
    expect(back.searchParams.get('state')).toBe('pushed state')
    const code = back.searchParams.get('code') ?? ''
    const { status, body } = await redeem(server, { client, code, pkce })
    expect([status, body.scope]).toEqual([200, 'read'])
  })

  test('is all that counts: what the browser adds to the reference changes nothing', async () => {
    const pkce = newPkce()
    const query = await pushedQuery(server, client, {
      code_challenge: pkce.challenge,
      scope: 'read',
    })
    const back = await answered(server, {
      ...query,
      redirect_uri: 'https://evil.example/cb',
      code_challenge: newPkce().challenge,
      scope: 'book read',
      state: 'planted',
      request: 'eyJhbGciOiJub25lIn0.e30.',
      response_type: 'token',
    })
    expect(back.origin + back.pathname).toBe(redirectUri)
    expect(back.searchParams.get('state')).toBe('a state')
    const code = back.searchParams.get('code') ?? ''
    const { status, body } = await redeem(server, { client, code, pkce })
    expect([status, body.scope]).toEqual([200, 'read'])
  })

  test('says itself that nobody may be asked', async () => {
    const query = await pushedQuery(server, client, { prompt: 'none' })
    expect(toldTheClient(await follow(server, query)).error).toBe('login_required')
  })

  test('may be referred to by a form too', async () => {
    const body = new URLSearchParams(await pushedQuery(server, client))
    const url = `${server.url}/oauth/authorize`
    expectSignIn(await fetch(url, { method: 'POST', redirect: 'manual', body }))
  })
})

describe('a reference', () => {
  test('is good once', async () => {
    const query = await pushedQuery(server, client)
    expectSignIn(await follow(server, query))
    await expectPage(await follow(server, query))
  })

  test('used by many at once is good for one of them', async () => {
    const query = await pushedQuery(server, client)
    const answers = await Promise.all(Array.from({ length: 8 }, () => follow(server, query)))
    const statuses = answers.map(({ status }) => status).toSorted()
    expect(statuses).toEqual([303, ...Array<number>(7).fill(400)])
  })

  test('that two have looked at before either took it is good for one of them', async () => {
    const { services } = server
    const looked = Promise.withResolvers<void>()
    let looks = 0
    const lookTogether = async (kind: string, id: string) => {
      const found = await services.expiring.get(kind, id)
      if (kind === 'pushed-request' && ++looks === 2) looked.resolve()
      if (kind === 'pushed-request') await looked.promise
      return found
    }
    const { expiring: entries } = services
    const expiring: Expiring = {
      get: lookTogether,
      put: (entry) => entries.put(entry),
      list: (kind, rowsMax) => entries.list(kind, rowsMax),
      remove: (kind, id) => entries.remove(kind, id),
      take: (kind, id) => entries.take(kind, id),
      replace: (entry) => entries.replace(entry),
      count: (kind, id, ttlSeconds) => entries.count(kind, id, ttlSeconds),
      purge: () => entries.purge(),
    }
    const query = new URLSearchParams(await pushedQuery(server, client))
    const start = (browser: string) => startPushedRequest({ ...services, expiring }, query, browser)
    const outcomes = await Promise.allSettled([start('one'), start('another')])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('is good until its time is over', async () => {
    const [early, late] = [await pushedQuery(server, client), await pushedQuery(server, client)]
    now += 59_999
    expectSignIn(await follow(server, early))
    now += 1
    await expectPage(await follow(server, late))
  })

  test("is not good for another client, which does not use up its owner's request", async () => {
    const query = await pushedQuery(server, client)
    const other = await register(server)
    await expectPage(await follow(server, { ...query, client_id: other.client_id }))
    expectSignIn(await follow(server, query))
  })

  test('is not good for a client that was disabled meanwhile', async () => {
    const { client: known } = await connect(server)
    const { body } = await push(server, { by: known })
    const cause = { actor: 'cli', correlationId: 'a test' }
    await execute<string>(server.services.log, cause, (work) =>
      work.decide(clientDecider, known.client_id, { kind: 'disable', reason: 'a test', now }),
    )
    await expectPage(
      await follow(server, { client_id: known.client_id, request_uri: body.request_uri }),
    )
  })

  const shown: Record<string, (query: PushedQuery) => string> = {
    'that was never given': ({ client_id }) =>
      `client_id=${client_id}&request_uri=${requestUriPrefix}${'A'.repeat(43)}`,
    'that is empty': ({ client_id }) => `client_id=${client_id}&request_uri=${requestUriPrefix}`,
    'without a client': ({ request_uri }) => `request_uri=${request_uri}`,
    'of an unknown client': ({ request_uri }) => `client_id=dcr_nobody&request_uri=${request_uri}`,
    'with two clients': ({ client_id, request_uri }) =>
      `client_id=${client_id}&client_id=${client_id}&request_uri=${request_uri}`,
    'that comes twice': ({ client_id, request_uri }) =>
      `client_id=${client_id}&request_uri=${request_uri}&request_uri=${request_uri}`,
    'beside one to elsewhere': ({ client_id, request_uri }) =>
      `client_id=${client_id}&request_uri=https://evil.example/&request_uri=${request_uri}`,
  }
  for (const [what, write] of Object.entries(shown)) {
    test(`${what} leads to an error page, and is not used up`, async () => {
      const query = await pushedQuery(server, client)
      await expectPage(await follow(server, write(query)))
      expectSignIn(await follow(server, query))
    })
  }

  test('that is not ours is not supported, and the client is told', async () => {
    for (const request_uri of ['https://app.example/request.jwt', 'urn:example:request']) {
      const told = toldTheClient(await follow(server, { ...formOf(client), request_uri }))
      expect(told.error).toBe('request_uri_not_supported')
    }
  })
})

describe('a server that requires it', () => {
  test('tells the client of a request that was not pushed', async () => {
    const { client_id } = await register(strict)
    const told = toldTheClient(await follow(strict, formOf({ client_id })))
    expect(told).toEqual({
      error: 'invalid_request',
      error_description: 'Authorization requests must be pushed here',
      state: 'a state',
      iss: strict.url,
    })
  })

  test('tells the person where the redirect URI is not registered', async () => {
    const { client_id } = await register(strict)
    const form = formOf({ client_id }, { redirect_uri: 'https://evil.example/' })
    await expectPage(await follow(strict, form))
  })

  test('goes on with one that was, for as long as it says', async () => {
    const by = await register(strict)
    const { body } = await push(strict, { by })
    expect(body.expires_in).toBe(600)
    const { request_uri } = body
    const back = await answered(strict, { client_id: by.client_id, request_uri })
    expect(back.searchParams.get('code')).toStartWith('glt_ac_')
  })

  test('says so in its metadata, where another says that it does not', async () => {
    for (const [at, required] of [
      [strict, true],
      [server, false],
    ] as const) {
      const response = await fetch(`${at.url}/.well-known/oauth-authorization-server`)
      expect(await response.json()).toMatchObject({
        pushed_authorization_request_endpoint: `${at.url}/oauth/par`,
        require_pushed_authorization_requests: required,
      })
    }
  })
})
