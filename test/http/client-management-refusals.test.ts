/**
 * What a client may not make of its registration, and what everybody hears who is not the client.
 *
 * @see [RFC 7592 §2 - Client Configuration Endpoint](https://www.rfc-editor.org/rfc/rfc7592.html#section-2)
 * @see [RFC 7592 §2.2 - Client Update Request](https://www.rfc-editor.org/rfc/rfc7592.html#section-2.2)
 */
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { newToken } from '../../src/protocol/tokens/token-text.ts'
import { kindsOf, manage, replacement, tokenOf } from '../support/client-management.ts'
import { basic, connect, type Registered } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const newUri = 'https://moved.example/callback'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

for (const [which, make] of Object.entries(kindsOf(() => server))) {
  describe(`${which} is refused`, () => {
    const refusals: Record<string, [changes: Record<string, unknown>, error: string]> = {
      'another client_id': [{ client_id: 'cli_other' }, 'invalid_request'],
      'no client_id': [{ client_id: undefined }, 'invalid_request'],
      'a secret of its own choice': [{ client_secret: 'planted-secret' }, 'invalid_request'],
      'a secret that is no text': [{ client_secret: 7 }, 'invalid_request'],
      'a token': [{ registration_access_token: 'planted-secret' }, 'invalid_request'],
      'an address': [{ registration_client_uri: 'https://planted-secret/' }, 'invalid_request'],
      'another time of issue': [{ client_id_issued_at: 1 }, 'invalid_request'],
      'an end of its secret': [{ client_secret_expires_at: 0 }, 'invalid_request'],
      'no redirect URI': [{ redirect_uris: undefined }, 'invalid_redirect_uri'],
      'a redirect URI that nobody may register': [
        { redirect_uris: ['http://planted-secret.example/'] },
        'invalid_redirect_uri',
      ],
      'a script for a homepage': [
        { client_uri: 'javascript:planted-secret' },
        'invalid_client_metadata',
      ],
      'more than one event holds': [
        { redirect_uris: Array.from({ length: 20 }, (_, n) => newUri + n + 'x'.repeat(1900)) },
        'invalid_client_metadata',
      ],
    }
    let confidential: Registered
    let before: Record<string, unknown>
    beforeAll(async () => {
      confidential = await make({ token_endpoint_auth_method: 'client_secret_basic' })
      before = (await manage(server, ['GET', confidential])).body
    })

    for (const [what, [changes, error]] of Object.entries(refusals)) {
      test(what, async () => {
        const body = replacement(confidential, changes)
        const answer = await manage(server, ['PUT', confidential], { body })
        expect([answer.status, answer.body.error]).toEqual([400, error])
        expect(JSON.stringify(answer.body)).not.toContain('planted-secret')
        expect((await manage(server, ['GET', confidential])).body).toEqual(before)
      })
    }

    for (const [from, to] of [
      ['client_secret_basic', 'none'],
      ['client_secret_post', 'none'],
    ] as const) {
      test(`to go from ${from} to ${to}`, async () => {
        const client = await make({ token_endpoint_auth_method: from })
        const body = replacement(client, { token_endpoint_auth_method: to })
        const answer = await manage(server, ['PUT', client], { body })
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata'])
      })
    }

    for (const text of ['null', '[]', '"x"', '7']) {
      test(`${text} for a body`, async () => {
        const body = JSON.parse(text) ?? 'null'
        const answer = await manage(server, ['PUT', confidential], { body })
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata'])
      })
    }
  })
}

describe('whoever is not the client gets one answer', () => {
  let client: Registered
  let other: Registered
  let deleted: Registered
  let disabled: Registered
  let shared: Registered
  beforeAll(async () => {
    const make = kindsOf(() => server)['a client in the log'] as () => Promise<Registered>
    client = await make()
    other = await make()
    deleted = await make()
    await manage(server, ['DELETE', deleted])
    disabled = await make()
    shared = (await connect(server)).client
    const { log } = server.services
    const disable = { kind: 'disable', reason: 'phishing', now: Date.now() } as const
    await execute<string>(log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(clientDecider, disabled.client_id, disable),
    )
  })

  const strangers: Record<string, () => [Registered, string | undefined]> = {
    'without a token': () => [client, undefined],
    'with an empty one': () => [client, 'Bearer '],
    'with Basic': () => [client, basic(client.client_id, tokenOf(client))],
    'with noise': () => [client, 'Bearer noise'],
    'with a token of the right shape': () => [
      client,
      `Bearer ${newToken('glt', 'client management')}`,
    ],
    "with another client's token": () => [client, `Bearer ${tokenOf(other)}`],
    'of an unknown client': () => [
      { client_id: 'cli_unknown' },
      `Bearer ${newToken('glt', 'client management')}`,
    ],
    'of an unknown client with the token of a known one': () => [
      { client_id: 'cli_unknown' },
      `Bearer ${tokenOf(client)}`,
    ],
    'of a deleted client with its own token': () => [deleted, `Bearer ${tokenOf(deleted)}`],
    'of a shared client, which has none': () => [
      shared,
      `Bearer ${newToken('glt', 'client management')}`,
    ],
    'of a disabled client with its own token': () => [disabled, `Bearer ${tokenOf(disabled)}`],
  }
  for (const [who, how] of Object.entries(strangers)) {
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      test(`${who}: ${method}`, async () => {
        const [whose, authorization] = how()
        const body = replacement(whose)
        const answer = await manage(server, [method, whose], { authorization, body })
        const { error, error_description } = answer.body
        expect([answer.status, error]).toEqual([401, 'invalid_token'])
        expect(error_description).toBe('The registration access token is not valid here')
        const challenge = `Bearer realm="${server.url}", error="invalid_token"`
        expect(answer.headers.get('www-authenticate')).toBe(challenge)
        expect(answer.headers.get('cache-control')).toBe('no-store')
      })
    }
  }

  test('and the client has lost nothing by it', async () => {
    expect((await manage(server, ['GET', client])).status).toBe(200)
  })

  test('with an access token of the client, which is another kind', async () => {
    const connected = await connect(server)
    const authorization = `Bearer ${connected.tokens.access_token}`
    expect((await manage(server, ['GET', connected.client], { authorization })).status).toBe(401)
    const bearer = { authorization: `Bearer ${tokenOf(connected.client)}` }
    expect((await fetch(`${server.url}/oauth/userinfo`, { headers: bearer })).status).toBe(401)
  })
})

test('a client cannot take a protected brand for its name afterwards', async () => {
  const guarded = await startTestServer({ brands: ['Onegent'] })
  try {
    for (const make of Object.values(kindsOf(() => guarded))) {
      const client = await make({ token_endpoint_auth_method: 'client_secret_basic' })
      const body = replacement(client, { client_name: 'One\u200Bgent' })
      const answer = await manage(guarded, ['PUT', client], { body })
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata'])
    }
  } finally {
    await guarded.stop()
  }
})
