/**
 * Rotation without the race: whoever asks twice by mistake gets the same tokens, whoever asks
 * twice by theft ends the grant, and nobody ever gets two.
 *
 * @see [RFC 9700 §4.14.2 - Refresh Token Protection](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import {
  authorize,
  basic,
  connect,
  eventsOf,
  introspect,
  isLive,
  post,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const callers = 64

let now = Date.now()
let server: TestServer
let strict: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  strict = await startTestServer({ refreshGraceSeconds: 0 }, { clock: () => now })
})
afterAll(() => Promise.all([server.stop(), strict.stop()]))

type Connection = Awaited<ReturnType<typeof connect>>

/** The reply's event, if it names one that is in the log. */
async function eventNamedBy(at: TestServer, words: unknown) {
  const [, eventId = ''] = /\(event (evt_[0-9a-f]+)\)/.exec(String(words)) ?? []
  return at.services.log.find(eventId)
}

async function historyOf(at: TestServer, { client }: Connection): Promise<string[]> {
  const events = await eventsOf(at, 'CodeRedeemed', 'RefreshTokenRotated', 'GrantEnded')
  const [grant] = (await eventsOf(at, 'GrantApproved')).filter(
    ({ payload }) => payload.clientId === client.client_id,
  )
  return events.filter(({ streamId }) => streamId === grant?.streamId).map(({ type }) => type)
}

function descriptionOf(answer: { body: unknown }): unknown {
  return (answer.body as Record<string, unknown>).error_description
}

describe('64 refreshes at once with one token', () => {
  test('are one rotation, and everybody gets the same tokens', async () => {
    const connection = await connect(server)
    const { client, tokens } = connection
    const refreshToken = tokens.refresh_token
    const answers = await Promise.all(
      Array.from({ length: callers }, () => refresh(server, { client, refreshToken })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(callers).fill(200))
    const bodies = answers.map(({ body }) => body)
    expect(new Set(bodies.map((body) => body.refresh_token)).size).toBe(1)
    expect(new Set(bodies.map((body) => body.access_token)).size).toBe(1)
    expect(bodies[0]?.refresh_token).not.toBe(refreshToken)
    expect(await historyOf(server, connection)).toEqual(['CodeRedeemed', 'RefreshTokenRotated'])
    expect(await isLive(server, bodies[0]?.access_token ?? '')).toBe(true)
    const next = await refresh(server, { client, refreshToken: bodies[0]?.refresh_token ?? '' })
    expect(next.status).toBe(200)
  })

  test('without a grace: one succeeds, and the grant has ended', async () => {
    const connection = await connect(strict)
    const { client, tokens } = connection
    const refreshToken = tokens.refresh_token
    const answers = await Promise.all(
      Array.from({ length: callers }, () => refresh(strict, { client, refreshToken })),
    )
    const won = answers.filter(({ status }) => status === 200)
    expect(won.length).toBe(1)
    const history = ['CodeRedeemed', 'RefreshTokenRotated', 'GrantEnded']
    expect(await historyOf(strict, connection)).toEqual(history)
    for (const token of [tokens.access_token, won[0]?.body.access_token ?? '']) {
      expect(await isLive(strict, token)).toBe(false)
    }
    const next = await refresh(strict, { client, refreshToken: won[0]?.body.refresh_token ?? '' })
    expect(next.status).toBe(400)
  })

  test('on a chain of rotations: the newest alone lives on', async () => {
    const connection = await connect(server)
    const { client } = connection
    let { refresh_token: refreshToken } = connection.tokens
    for (let turn = 1; turn <= 5; turn += 1) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => refresh(server, { client, refreshToken })),
      )
      const successors = new Set(answers.map(({ body }) => body.refresh_token))
      expect(successors.size).toBe(1)
      refreshToken = [...successors][0] ?? ''
    }
    expect((await historyOf(server, connection)).length).toBe(6)
  })
})

describe('a refresh token that is repeated', () => {
  test('within the grace gives the same once more, to the last moment', async () => {
    const { client, tokens } = await connect(server)
    const ask = () => refresh(server, { client, refreshToken: tokens.refresh_token })
    const { body: first } = await ask()
    now += 9_999
    const { status, body } = await ask()
    expect(status).toBe(200)
    // The same token, so it has less time left.
    expect(body).toEqual({ ...first, expires_in: first.expires_in - 10 })
  })

  test('within the grace must be the request that it was', async () => {
    const { client, tokens } = await connect(server)
    const form = {
      grant_type: 'refresh_token',
      client_id: client.client_id,
      refresh_token: tokens.refresh_token,
    }
    const ask = (more: Record<string, string>) =>
      post<Tokens>(server, '/oauth/token', { form: { ...form, ...more } })
    const { body: first } = await ask({ scope: 'read' })
    expect((await ask({ scope: 'read' })).body.access_token).toBe(first.access_token)
    expect((await ask({})).body).toMatchObject({ error: 'invalid_scope' })
    expect((await ask({ scope: 'read', resource: `${server.url}/audit` })).body).toMatchObject({
      error: 'invalid_target',
    })
    expect(await isLive(server, first.access_token)).toBe(true)
  })

  test('after its successor was used ends the grant and all its tokens, at once', async () => {
    const connection = await connect(server)
    const { client, tokens } = connection
    const { body: second } = await refresh(server, { client, refreshToken: tokens.refresh_token })
    const { body: third } = await refresh(server, { client, refreshToken: second.refresh_token })
    expect(await isLive(server, third.access_token)).toBe(true)
    const replay = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(replay).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    for (const { access_token } of [tokens, second, third]) {
      expect(await isLive(server, access_token)).toBe(false)
    }
    for (const { refresh_token: refreshToken } of [second, third]) {
      expect((await refresh(server, { client, refreshToken })).status).toBe(400)
    }
    const ended = await eventNamedBy(server, descriptionOf(replay))
    expect(ended).toMatchObject({ type: 'GrantEnded', payload: { reason: 'refresh_replayed' } })
    expect((await historyOf(server, connection)).at(-1)).toBe('GrantEnded')
  })

  test('after the grace ends the grant', async () => {
    const { client, tokens } = await connect(server)
    const { body: second } = await refresh(server, { client, refreshToken: tokens.refresh_token })
    now += 10_000
    const replay = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(replay.status).toBe(400)
    expect(await eventNamedBy(server, descriptionOf(replay))).toMatchObject({ type: 'GrantEnded' })
    expect(await isLive(server, second.access_token)).toBe(false)
  })

  test('without a grace ends the grant on the second use', async () => {
    const { client, tokens } = await connect(strict)
    const { body: second } = await refresh(strict, { client, refreshToken: tokens.refresh_token })
    const replay = await refresh(strict, { client, refreshToken: tokens.refresh_token })
    expect(replay).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await eventNamedBy(strict, descriptionOf(replay))).toMatchObject({ type: 'GrantEnded' })
    expect(await isLive(strict, second.access_token)).toBe(false)
  })

  test('by another client is not a replay: a client cannot end what is not its own', async () => {
    const { client, tokens } = await connect(server)
    const stranger = await connect(server)
    await refresh(server, { client, refreshToken: tokens.refresh_token })
    now += 60_000
    const answer = await refresh(server, {
      client: stranger.client,
      refreshToken: tokens.refresh_token,
    })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })

  test('by a confidential client must come with its secret, and is no replay without', async () => {
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const authorization = basic(client.client_id, client.client_secret ?? '')
    const { code, pkce } = await authorize(server, client)
    const ask = (
      form: Record<string, string>,
      headers: Record<string, string> = { authorization },
    ) => post<Tokens>(server, '/oauth/token', { form, headers })
    const grant = { grant_type: 'authorization_code', code, code_verifier: pkce.verifier }
    const { body: first } = await ask(grant)
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token }
    const { body: second } = await ask(form)
    now += 60_000
    expect((await ask({ ...form, client_id: client.client_id }, {})).status).toBe(401)
    const about = async () =>
      (await introspect(server, { client, token: second.access_token })).body
    expect(await about()).toMatchObject({ active: true })
    expect((await ask(form)).status).toBe(400)
    expect(await about()).toEqual({ active: false })
  })
})
