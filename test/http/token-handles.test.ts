/**
 * What a token says about where it belongs opens nothing: it counts where the grant gave this very
 * one, however long ago, and what somebody made up does nothing to anybody's grant.
 *
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { GivenSettings } from '../../src/config/settings.ts'
import { newId } from '../../src/domain/ids.ts'
import { handleOf, refOfToken } from '../../src/protocol/tokens/token-handle.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import {
  authorize,
  type Connected,
  connect,
  eventsOf,
  introspect,
  isLive,
  post,
  proofOf,
  redeem,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const hour = 60 * 60 * 1000
const day = 24 * hour
const directory = mkdtempSync(join(tmpdir(), 'grantlog-handles-'))
const databaseUrl = `file:${join(directory, 'grantlog.db')}`

const port = await freePort()

let now = Date.now()
let server: TestServer
const start = async (settings: GivenSettings = {}) => {
  server = await startTestServer({ databaseUrl, port, ...settings }, { clock: () => now })
}
/** So that nothing is remembered. */
const restart = async (settings?: GivenSettings) => {
  await server.stop()
  await start(settings)
}
beforeAll(() => start())
afterAll(async () => {
  await server.stop()
  rmSync(directory, { recursive: true })
})

/** As a program left it that folded streams into another shape. */
const restartOnOlderShapes = async () => {
  await server.stop()
  const file = new LocalConnection(join(directory, 'grantlog.db'))
  file.run({ sql: 'UPDATE streams SET state_schema = 0', args: [] })
  file.close()
  await start()
}

/** With a checksum that is right: whoever reads the source can reckon it. */
function forged(token: string, { handle = handleIn(token) } = {}): string {
  const body = `${token.slice(0, -77)}${handle}${'A'.repeat(43)}`
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return body + bytes.toString('base64url')
}

function handleIn(token: string): string {
  return token.slice(-77, -49)
}

async function eventCount(): Promise<number> {
  const [newest] = await server.services.log.read({ order: 'newest first', limit: 1 })
  return newest?.position ?? 0
}

/** One rotation after another, with the hours that go by between them. */
async function rotate({ client, tokens }: Connected, times: number, betweenMs = 0) {
  const all = [tokens]
  for (let time = 0; time < times; time += 1) {
    now += betweenMs
    const refreshToken = all.at(-1)?.refresh_token ?? ''
    const { status, body } = await refresh(server, { client, refreshToken })
    expect(status).toBe(200)
    all.push(body)
  }
  return all
}

describe('what somebody made up from a handle', () => {
  test('is refused as unknown, ends no grant, and leaves nothing in the log', async () => {
    const connected = await connect(server)
    const all = await rotate(connected, 2)
    const { client } = connected
    const refreshToken = all.at(-1)?.refresh_token ?? ''
    const { source, generation } = refOfToken(refreshToken)
    const handles = [
      ...[0, 1, 2, 3, 4, 1_000, 2 ** 40 - 1].map((n) => handleOf(`_${source}`, n)),
      ...[1, generation].map((n) => handleOf(newId('grt'), n)),
    ]
    await restart()
    const before = await eventCount()
    for (const handle of handles) {
      const answer = await refresh(server, {
        client,
        refreshToken: forged(refreshToken, { handle }),
      })
      expect([answer.status, answer.body as unknown]).toEqual([
        400,
        {
          error: 'invalid_grant',
          error_description: 'The refresh token is not valid, has expired, or was used before',
          request_id: expect.any(String),
        },
      ])
    }
    expect(await eventCount()).toBe(before)
    expect((await refresh(server, { client, refreshToken })).status).toBe(200)
  })

  test('is no code either', async () => {
    const { client, pkce } = await connect(server)
    const { code } = await authorize(server, client)
    const before = await eventCount()
    const answer = await redeem(server, { client, code: forged(code), pkce })
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([
      400,
      expect.not.stringContaining('(event'),
    ])
    expect(await eventCount()).toBe(before)
  })

  test('is nothing to introspect and nothing to revoke', async () => {
    const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
    const { body: tokens } = await redeem(server, await authorize(server, client))
    const { headers } = proofOf(client)
    const isActive = async (token: string) =>
      (await introspect(server, { client, token })).body.active
    for (const real of [tokens.access_token, tokens.refresh_token]) {
      const token = forged(real)
      expect((await post(server, '/oauth/revoke', { form: { token }, headers })).status).toBe(200)
      expect([await isActive(token), await isActive(real)]).toEqual([false, true])
    }
  })
})

describe('a real token', () => {
  test('that is older than all that is kept of its grant ends it: the log knows it', async () => {
    const connected = await connect(server)
    const all = await rotate(connected, 20, 2 * hour)
    const [first] = all
    await restart()
    const rows = await server.services.reader.all({
      sql: 'SELECT "generation" FROM "grant_tokens_v1" WHERE "grant_id" = ?',
      args: [`grt_${refOfToken(first?.refresh_token ?? '').source}`],
    })
    expect(rows.map(({ generation }) => generation)).toEqual([15, 16, 17, 18, 19, 20, 21])
    const { client } = connected
    const replay = await refresh(server, { client, refreshToken: first?.refresh_token ?? '' })
    expect(replay.body).toMatchObject({ error: 'invalid_grant' })
    const [end] = (await eventsOf(server, 'GrantEnded')).slice(-1)
    expect(end?.payload.reason).toBe('refresh_replayed')
    expect(JSON.stringify(replay.body)).toContain(String(end?.eventId))
    expect(await isLive(server, all.at(-1)?.access_token ?? '')).toBe(false)
  })

  test('is found however much else has happened to its grant', async () => {
    await restart({ revokeCascade: false })
    const connected = await connect(server)
    const { client } = connected
    const all = [connected.tokens]
    for (let time = 0; time < 60; time += 1) {
      const [tokens] = (
        await rotate({ ...connected, tokens: all.at(-1) ?? connected.tokens }, 1, 2 * hour)
      ).slice(-1)
      if (tokens) all.push(tokens)
      const form = { token: tokens?.access_token ?? '', client_id: client.client_id }
      await post(server, '/oauth/revoke', { form })
    }
    expect(await eventsOf(server, 'AccessTokenRevoked')).toHaveLength(60)
    await restart()
    const replay = await refresh(server, { client, refreshToken: all.at(-4)?.refresh_token ?? '' })
    const [end] = (await eventsOf(server, 'GrantEnded')).slice(-1)
    expect(end?.payload.reason).toBe('refresh_replayed')
    expect(JSON.stringify(replay.body)).toContain(String(end?.eventId))
  })

  test('of a grant that ended long ago is told why', async () => {
    const { client, tokens } = await connect(server)
    const form = { token: tokens.refresh_token, client_id: client.client_id }
    await post(server, '/oauth/revoke', { form })
    now += 400 * day
    await restart()
    const late = await refresh(server, { client, refreshToken: tokens.refresh_token })
    const [, eventId = ''] = /\(event (\w+)\)/.exec(JSON.stringify(late.body)) ?? []
    const event = await server.services.log.find(eventId)
    expect(event?.payload.reason).toBe('grant_ended')
  })

  test('of a grant whose state is of an older shape is found in the log', async () => {
    const connected = await connect(server)
    const { client } = connected
    const [first, second] = await rotate(connected, 1, 2 * hour)
    const asked = await authorize(server, client)
    await restartOnOlderShapes()
    const { code, pkce } = asked
    expect((await redeem(server, { client, code, pkce })).status).toBe(200)
    const made = forged(second?.refresh_token ?? '')
    expect((await refresh(server, { client, refreshToken: made })).status).toBe(400)
    const next = await refresh(server, { client, refreshToken: second?.refresh_token ?? '' })
    expect(next.status).toBe(200)
    await restartOnOlderShapes()
    const replay = await refresh(server, { client, refreshToken: first?.refresh_token ?? '' })
    expect(replay.body).toMatchObject({ error: 'invalid_grant' })
    const [end] = (await eventsOf(server, 'GrantEnded')).slice(-1)
    expect(end?.payload.reason).toBe('refresh_replayed')
    expect(await isLive(server, next.body.access_token)).toBe(false)
  })

  test('inside the grace is repeated by a process that did not see the first time', async () => {
    const { client, tokens } = await connect(server)
    const first = await refresh(server, { client, refreshToken: tokens.refresh_token })
    await restart()
    const again = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(again.body).toMatchObject({
      refresh_token: first.body.refresh_token,
      access_token: first.body.access_token,
    })
  })
})
