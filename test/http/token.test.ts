/**
 * The token endpoint.
 *
 * @see [RFC 6749 §4.1.3 - Access Token Request](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3)
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 * @see [RFC 7636 §4.6 - Server Verifies code_verifier](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.6)
 */
import {
  type Answer,
  authorize,
  connect,
  eventsOf,
  isLive,
  newPkce,
  post,
  type Registered,
  redeem,
  redirectUri,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let now = Date.now()
let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  client = await register(server)
})
afterAll(() => server.stop())

function refused({ status, body }: Answer<unknown>) {
  const { error, error_description: words } = body as Record<string, string>
  return { status, error, words }
}

const invalidCode = {
  status: 400,
  error: 'invalid_grant',
  words: 'The code is not valid, has expired, or was used before',
}

/** The client learns one thing, whatever the reason; the event that it names has the reason. */
async function expectRefusal(answer: Awaited<ReturnType<typeof redeem>>, reason: string) {
  const { words, ...rest } = refused(answer)
  const [, said, eventId] = /^(.*) \(event (.*)\)$/.exec(words ?? '') ?? []
  expect({ ...rest, words: said }).toEqual(invalidCode)
  const event = await server.services.log.find(eventId ?? '')
  expect(event?.payload.reason).toBe(reason)
}

/** Redeems with one thing changed; an undefined parameter is left out. */
async function redeemWith(changes: Record<string, string | undefined>) {
  const { code, pkce } = await authorize(server, client)
  const all = {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    code,
    code_verifier: pkce.verifier,
    ...changes,
  }
  const given = Object.entries(all).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  return post<Tokens>(server, '/oauth/token', { form: Object.fromEntries(given) })
}

describe('a code is redeemed', () => {
  test('for tokens that say what they are, and must not be cached', async () => {
    const { status, body, headers } = await redeem(server, await authorize(server, client))
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.stringMatching(/^glt_at_/) as unknown as string,
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.stringMatching(/^glt_rt_/) as unknown as string,
      scope: 'book read',
    } as unknown as Tokens)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('application/json')
  })

  test('without redirect_uri, as OAuth 2.1 has it', async () => {
    expect((await redeemWith({ redirect_uri: undefined })).status).toBe(200)
  })

  test('once: the second time ends what the first gave', async () => {
    const granted = await authorize(server, client)
    const { access_token, refresh_token } = (await redeem(server, granted)).body
    expect(await isLive(server, access_token)).toBe(true)
    await expectRefusal(await redeem(server, granted), 'code_replayed')
    expect(await isLive(server, access_token)).toBe(false)
    expect((await refresh(server, { client, refreshToken: refresh_token })).status).toBe(400)
  })

  test('once, however many try at the same moment: all lose, since nobody knows who is the thief', async () => {
    const granted = await authorize(server, client)
    const answers = await Promise.all(Array.from({ length: 16 }, () => redeem(server, granted)))
    const won = answers.filter(({ status }) => status === 200)
    expect(won.length).toBe(1)
    expect(await isLive(server, won[0]?.body.access_token ?? '')).toBe(false)
  })

  test('not after ten minutes', async () => {
    const granted = await authorize(server, client)
    now += 10 * 60_000 - 1
    const justInTime = await authorize(server, client)
    now += 1
    await expectRefusal(await redeem(server, granted), 'code_expired')
    expect((await redeem(server, justInTime)).status).toBe(200)
  })

  test('not by another client, and the one it is for still can', async () => {
    const granted = await authorize(server, client)
    const other = await register(server)
    await authorize(server, other)
    await expectRefusal(await redeem(server, { ...granted, client: other }), 'wrong_client')
    expect((await redeem(server, granted)).status).toBe(200)
  })
})

describe('a redemption is refused', () => {
  const verifier = newPkce().verifier
  const cases: Record<string, { changes: Record<string, string | undefined>; error: string }> = {
    'with another redirect URI': {
      changes: { redirect_uri: 'https://app.example/cb' },
      error: 'invalid_grant',
    },
    'with another port': {
      changes: { redirect_uri: 'http://127.0.0.1:9998/callback' },
      error: 'invalid_grant',
    },
    'with another verifier': { changes: { code_verifier: verifier }, error: 'invalid_grant' },
    'without a verifier': { changes: { code_verifier: undefined }, error: 'invalid_request' },
    'with a verifier of 42 characters': {
      changes: { code_verifier: 'x'.repeat(42) },
      error: 'invalid_request',
    },
    'with a verifier of 129 characters': {
      changes: { code_verifier: 'x'.repeat(129) },
      error: 'invalid_request',
    },
    'with a verifier of other characters': {
      changes: { code_verifier: 'é'.repeat(43) },
      error: 'invalid_request',
    },
    'without a code': { changes: { code: undefined }, error: 'invalid_request' },
    'with a code that is none': { changes: { code: 'x' }, error: 'invalid_grant' },
    'with another resource': {
      changes: { resource: 'https://elsewhere.example/' },
      error: 'invalid_target',
    },
    'without a grant type': { changes: { grant_type: undefined }, error: 'invalid_request' },
    'with a password': { changes: { grant_type: 'password' }, error: 'unsupported_grant_type' },
    'with a client_credentials grant': {
      changes: { grant_type: 'client_credentials' },
      error: 'unauthorized_client',
    },
    'with a grant type that every object has': {
      changes: { grant_type: 'constructor' },
      error: 'unsupported_grant_type',
    },
  }
  for (const [how, { changes, error }] of Object.entries(cases)) {
    test(how, async () => {
      const answer = await redeemWith(changes)
      expect({ status: answer.status, error: refused(answer).error }).toEqual({
        status: 400,
        error,
      })
      expect(answer.headers.get('cache-control')).toBe('no-store')
    })
  }

  test('with a parameter twice', async () => {
    for (const [name, value] of [
      ['code', 'x'],
      ['client_id', client.client_id],
    ]) {
      const { code, pkce } = await authorize(server, client)
      const body = `grant_type=authorization_code&client_id=${client.client_id}&code=${code}&code_verifier=${pkce.verifier}&${name}=${value}`
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const response = await fetch(`${server.url}/oauth/token`, { method: 'POST', headers, body })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        error_description: `Repeated parameter: ${name}`,
      })
    }
  })

  test('with everything in the address', async () => {
    const { code, pkce } = await authorize(server, client)
    const query = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client.client_id,
      code,
      code_verifier: pkce.verifier,
    })
    for (const method of ['GET', 'POST']) {
      const response = await fetch(`${server.url}/oauth/token?${query}`, { method })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    }
    expect((await redeem(server, { client, code, pkce })).status).toBe(200)
  })
})

describe('a refresh token', () => {
  const refreshWith = (refreshToken: string, more: Record<string, string>) =>
    post<Tokens>(server, '/oauth/token', {
      form: {
        grant_type: 'refresh_token',
        client_id: client.client_id,
        refresh_token: refreshToken,
        ...more,
      },
    })

  test('may narrow the scope, for the access token alone, and get it back', async () => {
    const { body: first } = await redeem(server, await authorize(server, client))
    const narrow = await refreshWith(first.refresh_token, { scope: 'read' })
    expect(narrow.body.scope).toBe('read')
    const wide = await refreshWith(narrow.body.refresh_token, {})
    expect(wide.body.scope).toBe('book read')
  })

  test('never widens scope or resource, and is still good after the attempt', async () => {
    const { body: first } = await redeem(server, await authorize(server, client, { scope: 'read' }))
    expect(refused(await refreshWith(first.refresh_token, { scope: 'read book' })).error).toBe(
      'invalid_scope',
    )
    const elsewhere = { resource: `${server.url}/audit` }
    expect(refused(await refreshWith(first.refresh_token, elsewhere)).error).toBe('invalid_target')
    expect((await refreshWith(first.refresh_token, {})).body.scope).toBe('read')
  })

  test('is bound to its client', async () => {
    const { tokens } = await connect(server)
    const stolen = await refreshWith(tokens.refresh_token, {})
    expect(refused(stolen).error).toBe('invalid_grant')
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })

  test('is good for thirty days', async () => {
    const granted = await connect(server)
    now += 30 * 24 * 3600_000
    const late = await refresh(server, {
      client: granted.client,
      refreshToken: granted.tokens.refresh_token,
    })
    expect(refused(late).error).toBe('invalid_grant')
  })

  test('is no code, and a code is none', async () => {
    const { code, pkce } = await authorize(server, client)
    expect(refused(await refreshWith(code, {})).error).toBe('invalid_grant')
    const { body } = await redeem(server, { client, code, pkce })
    const wrong = await redeem(server, { client, code: body.refresh_token, pkce })
    expect(refused(wrong).error).toBe('invalid_grant')
  })
})

test('an access token is good for an hour', async () => {
  const { tokens } = await connect(server)
  now += 3600_000 - 1
  expect(await isLive(server, tokens.access_token)).toBe(true)
  now += 1
  expect(await isLive(server, tokens.access_token)).toBe(false)
})

test('what was refused for its form alone left nothing in the log', async () => {
  const before = (await eventsOf(server)).length
  await post(server, '/oauth/token', { form: { grant_type: 'authorization_code', code: 'x' } })
  await refresh(server, { client, refreshToken: 'x' })
  expect((await eventsOf(server)).length).toBe(before)
})
