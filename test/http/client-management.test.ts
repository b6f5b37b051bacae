/**
 * A client reads, replaces and deletes its own registration, before anybody consented to it and
 * after.
 *
 * @see [RFC 7592 §2 - Client Configuration Endpoint](https://www.rfc-editor.org/rfc/rfc7592.html#section-2)
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { secretsIn } from '../safety/secret-search.ts'
import { kindsOf, manage, own, replacement, tokenOf } from '../support/client-management.ts'
import {
  authorizationUrl,
  authorize,
  basic,
  connect,
  eventsOf,
  isLive,
  post,
  type Registered,
  redeem,
  redirectUri,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const newUri = 'https://moved.example/callback'

let server: TestServer
let now = Date.now()
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
})
afterAll(() => server.stop())

const kinds = kindsOf(() => server)

async function authorizeStatus(client: Registered, redirect_uri: string): Promise<number> {
  const url = authorizationUrl(server, client.client_id, { redirect_uri })
  return (await fetch(url, { redirect: 'manual' })).status
}

async function clientEvents({ client_id }: Registered) {
  return (await eventsOf(server)).filter(({ streamId }) => streamId === `client/${client_id}`)
}

for (const [which, make] of Object.entries(kinds)) {
  describe(which, () => {
    test('reads what it was registered with, without the secret (§2.1)', async () => {
      const client = await make({ contacts: ['dev@example.com'], token_endpoint_auth_method: null })
      const { client_secret, client_secret_expires_at, ...rest } = client
      expect(client_secret).toStartWith('glt_cs_')
      expect(client_secret_expires_at).toBe(0)
      const { status, body, headers } = await manage(server, ['GET', client])
      expect(status).toBe(200)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(body).toEqual(rest)
      expect(JSON.stringify(body)).not.toContain('null')
    })

    test('finds itself at the address that it was given, and at those of old clients', async () => {
      const client = await make()
      const { client_id } = client
      expect(client.registration_client_uri).toBe(`${server.url}/oauth/register/${client_id}`)
      for (const prefix of ['/oauth', '/oauth2', '']) {
        const path = `${prefix}/register/${client_id}`
        expect((await manage(server, ['GET', client], { path })).body.client_id).toBe(client_id)
      }
    })

    test('replaces all of its metadata: what is left out is gone (§2.2)', async () => {
      const client = await make({ client_uri: 'https://old.example', contacts: ['a@example.com'] })
      const { client_id } = client
      const body = {
        client_id,
        client_name: 'Renamed',
        redirect_uris: [newUri],
        token_endpoint_auth_method: 'client_secret_basic',
        logo_uri: null,
      }
      const put = await manage(server, ['PUT', client], { body })
      expect(put.status).toBe(200)
      expect(put.body).toMatchObject({ client_id, client_name: 'Renamed', redirect_uris: [newUri] })
      expect(put.body.registration_access_token).toBe(tokenOf(client))
      expect(put.body.client_id_issued_at).toBe(client.client_id_issued_at)
      for (const gone of ['client_uri', 'contacts', 'logo_uri']) {
        expect(put.body).not.toHaveProperty(gone)
      }
      expect(JSON.stringify(put.body)).not.toContain('null')
      expect((await manage(server, ['GET', client])).body).toEqual(put.body)
    })

    test('may not use a redirect URI any more once it was replaced', async () => {
      const client = await make()
      expect(await authorizeStatus(client, redirectUri)).toBe(303)
      expect(await authorizeStatus(client, newUri)).toBe(400)
      const body = replacement(client, { redirect_uris: [newUri] })
      expect((await manage(server, ['PUT', client], { body })).status).toBe(200)
      expect(await authorizeStatus(client, redirectUri)).toBe(400)
      expect(await authorizeStatus(client, newUri)).toBe(303)
    })

    for (const decision of ['approve', 'deny']) {
      test(`replaces its redirect URI: to ${decision} what is pending sends nothing there`, async () => {
        const client = await make()
        const person = server.person()
        await connect(server, {}, person)
        const started = await person.open(authorizationUrl(server, client.client_id))
        const page = await person.open(started.headers.get('location') ?? '')
        const html = await page.text()
        const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
        const body = replacement(client, { redirect_uris: [newUri] })
        await manage(server, ['PUT', client], { body })
        const answer = await person.submit('/consent', { ...hiddenFields(form), decision })
        expect(answer.status).toBe(400)
        expect(answer.headers.get('location')).toBeNull()
        expect(await answer.text()).toContain('The answer would go to the wrong place')
      })
    }

    test('is deleted, and is then unknown like one that never was (§2.3)', async () => {
      const client = await make()
      const { status, headers, body } = await manage(server, ['DELETE', client])
      expect(status).toBe(204)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(body).toEqual({})
      expect(await authorizeStatus(client, redirectUri)).toBe(400)
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        expect((await manage(server, [method, client])).status).toBe(401)
      }
    })

    test('proves itself by its secret as before, and in the way that it now says', async () => {
      const client = await make({ token_endpoint_auth_method: 'client_secret_basic' })
      const change = { token_endpoint_auth_method: 'client_secret_post' }
      const body = replacement(client, change)
      const put = await manage(server, ['PUT', client], { body })
      expect(put.status).toBe(200)
      expect(put.body).not.toHaveProperty('client_secret')
      const form = { token: 'none of ours' }
      const secret = client.client_secret ?? ''
      const byPost = { ...form, client_id: client.client_id, client_secret: secret }
      expect((await post(server, '/oauth/revoke', { form: byPost })).status).toBe(200)
      const headers = { authorization: basic(client.client_id, secret) }
      expect((await post(server, '/oauth/revoke', { form, headers })).status).toBe(401)
    })
  })
}

test('the tokens of a client are dead as soon as it is deleted', async () => {
  const client = await register(server, own)
  const tokens = (await redeem(server, await authorize(server, client))).body
  expect(await isLive(server, tokens.access_token)).toBe(true)
  expect((await manage(server, ['DELETE', client])).status).toBe(204)
  expect(await isLive(server, tokens.access_token)).toBe(false)
  const answer = await refresh(server, { client, refreshToken: tokens.refresh_token })
  expect(answer.status).toBe(401)
})

test('what it does stands in the log as its own doing, and nothing before a consent', async () => {
  const client = await register(server, own)
  const put = { body: replacement(client, { client_name: 'Second' }) }
  await manage(server, ['PUT', client], put)
  expect(await clientEvents(client)).toEqual([])
  await authorize(server, client)
  await manage(server, ['PUT', client], { body: replacement(client, { client_name: 'Third' }) })
  await manage(server, ['DELETE', client])
  const events = await clientEvents(client)
  const itself = `client:${client.client_id}`
  expect(events.map(({ type, actor }) => [type, actor])).toEqual([
    ['ClientRegistered', expect.stringMatching(/^user:/) as unknown as string],
    ['ClientMetadataChanged', itself],
    ['ClientDeleted', itself],
  ])
  expect(
    events.map(({ payload }) => (payload.metadata as { clientName?: string })?.clientName),
  ).toEqual(['Second', 'Third', undefined])
})

test('a registration that is changed ends when it would have ended', async () => {
  const client = await register(server, own)
  now += (server.services.settings.registration.provisionalSeconds - 1) * 1000
  expect((await manage(server, ['PUT', client], { body: replacement(client) })).status).toBe(200)
  now += 1000
  expect((await manage(server, ['GET', client])).status).toBe(401)
})

test('a body that is no JSON is refused', async () => {
  const client = await register(server, own)
  const headers = { authorization: `Bearer ${tokenOf(client)}` }
  const url = `${server.url}/oauth/register/${client.client_id}`
  const form = await fetch(url, { method: 'PUT', headers, body: new URLSearchParams({ a: 'b' }) })
  expect(form.status).toBe(415)
  const json = { ...headers, 'content-type': 'application/json' }
  expect((await fetch(url, { method: 'PUT', headers: json, body: '{"' })).status).toBe(400)
})

test('its token is in no file of the database, and in no line of the log', async () => {
  const planted = new Map<string, string>()
  for (const [which, make] of Object.entries(kinds)) {
    const client = await make()
    planted.set(which, tokenOf(client))
    const body = replacement(client, { client_name: 'Searched for' })
    for (const asked of [
      { body },
      { body: { ...body, registration_access_token: tokenOf(client) } },
    ])
      await manage(server, ['PUT', client], asked)
    await manage(server, ['GET', client], { path: `/oauth/register/${tokenOf(client)}` })
    await manage(server, ['GET', client])
  }
  const files = readdirSync(server.dataDir, { withFileTypes: true }).filter((e) => e.isFile())
  const bytes = Buffer.concat(files.map(({ name }) => readFileSync(join(server.dataDir, name))))
  expect(bytes.includes('Searched for')).toBe(true)
  expect(secretsIn(bytes, planted)).toEqual([])
  expect(secretsIn(Buffer.from(server.logged()), planted)).toEqual([])
})
