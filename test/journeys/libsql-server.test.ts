/** Two server processes on one libSQL server are one authorization server. */
import { DemoPerson } from '../../src/cli/demo-person.ts'
import { newPlace, type Serving, sourceProgram, startServing } from '../cli/processes.ts'
import { connectBound, newDpopKey, proofOf } from '../support/dpop.ts'
import {
  type LibsqlServer,
  libsqlServerAvailable,
  startLibsqlServer,
} from '../support/libsql-server.ts'
import {
  authorize,
  basic,
  type Connected,
  connect,
  introspect,
  isLive,
  post,
  redeem,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { admin, adminEnv, auditedEvents, wholeFlow } from './whole-flow.ts'

const concurrentRefreshes = 32

describe.skipIf(!libsqlServerAvailable)('two processes on one libSQL server', () => {
  let database: LibsqlServer
  let one: Serving
  let other: Serving
  const places: { remove(): void }[] = []
  beforeAll(async () => {
    database = await startLibsqlServer()
    one = await startOn(database, {})
    other = await startOn(database, { GRANTLOG_ISSUER: one.url })
  })
  afterAll(async () => {
    await Promise.all([one.end('SIGTERM'), other.end('SIGTERM')])
    await database.stop()
    for (const place of places) place.remove()
  })

  async function startOn({ url }: LibsqlServer, settings: Record<string, string>) {
    const place = await newPlace()
    places.push(place)
    const shared = { GRANTLOG_DATABASE_URL: url, GRANTLOG_SECRET: 'one secret for both of them' }
    const env = { ...place.env, ...adminEnv, ...shared, ...settings }
    return startServing(sourceProgram, { ...place, env })
  }

  function connectAtOne(): Promise<Connected> {
    return connect({ ...one, person: () => new DemoPerson(one.url, admin) })
  }

  async function rotations(): Promise<number> {
    const person = new DemoPerson(one.url, admin)
    await connect({ ...one, person: () => person })
    const events = await auditedEvents(one, person)
    return events.filter(({ type }) => type === 'RefreshTokenRotated').length
  }

  test('serve the whole journey', async () => {
    await wholeFlow(one)
  })

  test('refresh what the other gave out', async () => {
    const { client, tokens } = await connectAtOne()
    expect(await isLive(other, tokens.access_token)).toBe(true)
    const refreshToken = tokens.refresh_token
    const refreshed = await refresh(other, { client, refreshToken })
    expect(refreshed.status).toBe(200)
    expect(await isLive(one, refreshed.body.access_token)).toBe(true)
  })

  test(`rotate once for ${concurrentRefreshes} refreshes at both at the same time`, async () => {
    const { client, tokens } = await connectAtOne()
    const before = await rotations()
    const refreshToken = tokens.refresh_token
    const answers = await Promise.all(
      Array.from({ length: concurrentRefreshes }, (_, index) =>
        refresh(index % 2 === 0 ? one : other, { client, refreshToken }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
    expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(1)
    expect((await rotations()) - before).toBe(1)
  })

  test('take one DPoP proof once, wherever it comes first', async () => {
    const key = await newDpopKey()
    const person = () => new DemoPerson(one.url, admin)
    const { tokens } = await connectBound({ url: one.url, person }, key, { scope: 'openid' })
    const accessToken = tokens.access_token
    const url = `${one.url}/oauth/userinfo`
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const dpop = await proofOf(key, { method: 'GET', url, accessToken })
      const headers = { authorization: `DPoP ${accessToken}`, dpop }
      const ask = async (at: Serving) =>
        (await fetch(`${at.url}/oauth/userinfo`, { headers })).status
      expect([await ask(first), await ask(second)]).toEqual([200, 401])
    }
    const dpop = await proofOf(key, { method: 'GET', url, accessToken })
    const headers = { authorization: `DPoP ${accessToken}`, dpop }
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        fetch(`${(index % 2 === 0 ? one : other).url}/oauth/userinfo`, { headers }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200).length).toBe(1)
  })

  test('end a grant for both at once', async () => {
    const { client, tokens } = await connectAtOne()
    expect(await isLive(other, tokens.access_token)).toBe(true)
    const form = { token: tokens.refresh_token, client_id: client.client_id }
    expect((await post(one, '/oauth/revoke', { form })).status).toBe(200)
    expect(await isLive(other, tokens.access_token)).toBe(false)
    const refreshed = await refresh(other, { client, refreshToken: tokens.refresh_token })
    expect([refreshed.status, refreshed.body]).toMatchObject([400, { error: 'invalid_grant' }])
  })

  // A file answers from memory what nobody else can change; here the other process can.
  test('tell of an end at the other whoever asks the same again', async () => {
    const secretly = { token_endpoint_auth_method: 'client_secret_basic' }
    const client = await register(one, secretly)
    const person = () => new DemoPerson(one.url, admin)
    const { body } = await redeem(one, await authorize({ ...one, person }, client))
    const active = async () =>
      (await introspect(other, { client, token: body.access_token })).body.active
    expect([await active(), await active()]).toEqual([true, true])
    const headers = { authorization: basic(client.client_id, client.client_secret ?? '') }
    await post(one, '/oauth/revoke', { form: { token: body.access_token }, headers })
    expect(await active()).toBe(false)
  })
})
