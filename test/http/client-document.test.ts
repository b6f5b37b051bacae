/**
 * A client whose id is the URL of its metadata: which URLs, which documents, and for how long.
 *
 * @see [OAuth Client ID Metadata Document](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { findClient } from '../../src/projections/clients.ts'
import { type PublishedClient, publishClient } from '../support/client-document.ts'
import { type DocumentServer, type Page, startDocumentServer } from '../support/document-server.ts'
import {
  authorizationUrl,
  authorize,
  eventsOf,
  redeem,
  redirectUri,
  refresh,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let site: DocumentServer
let server: TestServer
let now = Date.now()
beforeAll(async () => {
  site = await startDocumentServer()
  server = await startTestServer({ outbound: site.outbound }, { clock: () => now })
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** 303 when the person is asked to sign in, 400 when the client is not believed. */
async function ask(clientId: string, asked: Record<string, string> = {}): Promise<number> {
  const url = authorizationUrl(server, clientId, asked)
  const response = await fetch(url, { redirect: 'manual' })
  await response.text()
  return response.status
}

async function tokensOf(client: PublishedClient) {
  const { status, body } = await redeem(server, await authorize(server, client))
  expect(status).toBe(200)
  return body
}

describe('MCP.md item 8: a client that is known by its document', () => {
  test('is let in, enters the log with the first consent, and is shown by its host', async () => {
    const client = publishClient(site, { client_name: 'Planner' })
    const before = (await eventsOf(server)).length
    expect(await ask(client.client_id)).toBe(303)
    expect(await eventsOf(server)).toHaveLength(before)
    const page = await consentPage(client.client_id)
    expect(page).toContain(`<code><bdi>${site.host}</bdi></code>`)
    expect(page).toContain('Planner')
    const { access_token, refresh_token } = await tokensOf(client)
    expect([typeof access_token, typeof refresh_token]).toEqual(['string', 'string'])
    const [registered] = await eventsOf(server, 'ClientRegistered')
    expect(registered?.payload).toMatchObject({
      clientId: client.client_id,
      registeredVia: 'document',
    })
    await tokensOf(client)
    expect(await eventsOf(server, 'ClientRegistered')).toHaveLength(1)
    const answer = await refresh(server, { client, refreshToken: refresh_token })
    expect(answer.status).toBe(200)
  })

  test('is warned about when it only runs on this computer', async () => {
    const loopback = publishClient(site, { redirect_uris: ['http://127.0.0.1/callback'] })
    const web = publishClient(site, { redirect_uris: ['https://app.example/cb', redirectUri] })
    expect(await consentPage(loopback.client_id)).toContain('Did you start this yourself')
    expect(await consentPage(web.client_id)).not.toContain('Did you start this yourself')
  })

  test('is announced in both metadata documents', async () => {
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const response = await fetch(`${server.url}/.well-known/${name}`)
      const body = (await response.json()) as Record<string, unknown>
      expect(body.client_id_metadata_document_supported).toBe(true)
    }
  })

  test('may be one of many requests at once, and is asked for once', async () => {
    const client = publishClient(site)
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(client.client_id)))
    expect(answers).toEqual(Array(8).fill(303))
    expect(client.asked()).toBe(1)
  })

  test('may only go where its document says', async () => {
    const client = publishClient(site)
    expect(await ask(client.client_id, { redirect_uri: 'https://evil.example/cb' })).toBe(400)
  })
})

/** What a person is shown who is signed in already. */
async function consentPage(clientId: string): Promise<string> {
  const person = server.person()
  const url = authorizationUrl(server, clientId)
  await person.answer(url, 'deny')
  const asked = await person.open(url)
  return (await person.open(asked.headers.get('location') ?? '')).text()
}

describe('a URL is no client id', () => {
  const urls: Record<string, () => string> = {
    'in clear': () => `http://${site.host}/client.json`,
    'without a path': () => `https://${site.host}`,
    'with the path / alone': () => `https://${site.host}/`,
    'with a fragment': () => `${site.url}/client.json#a`,
    'with an empty fragment': () => `${site.url}/client.json#`,
    'with a query': () => `${site.url}/client.json?a`,
    'with an empty query': () => `${site.url}/client.json?`,
    'with credentials': () => `https://me:pass@${site.host}/client.json`,
    'with dot segments': () => `${site.url}/a/../client.json`,
    'with a dot alone': () => `${site.url}/./client.json`,
    'with encoded dot segments': () => `${site.url}/a/%2e%2e/client.json`,
    'with dots between encoded slashes': () => `${site.url}/a%2f..%2fclient.json`,
    'with a host in capitals': () => `https://LOCALHOST:${site.port}/client.json`,
    'with a scheme in capitals': () => `HTTPS://${site.host}/client.json`,
    'with a backslash': () => `https://${site.host}\\client.json`,
    'with a space': () => `${site.url}/client .json`,
    'with a tab': () => `${site.url}/cli\tent.json`,
    'that is very long': () => `${site.url}/${'x'.repeat(600)}.json`,
  }
  for (const [what, url] of Object.entries(urls)) {
    test(what, async () => {
      const asked = site.asked.length
      expect(await ask(url())).toBe(400)
      expect(site.asked).toHaveLength(asked)
    })
  }

  for (const host of ['127.0.0.1', '[::1]', '10.0.0.1', '169.254.169.254', 'localhost']) {
    test(`SECURITY 23: that leads to ${host}`, async () => {
      expect(await ask(`https://${host}/client.json`)).toBe(400)
      expect(server.logged()).toContain('address_refused')
    })
  }
})

describe('a document is refused', () => {
  const key = { kty: 'oct', k: 'c2VjcmV0' }
  const fields: Record<string, Record<string, unknown>> = {
    'that names another client_id': { client_id: 'https://app.example/client.json' },
    'that names none': { client_id: undefined },
    'with a secret': { client_secret: 'hunter2' },
    'with the end of a secret': { client_secret_expires_at: 0 },
    'for client_secret_basic': { token_endpoint_auth_method: 'client_secret_basic' },
    'for client_secret_post': { token_endpoint_auth_method: 'client_secret_post' },
    'for client_secret_jwt': { token_endpoint_auth_method: 'client_secret_jwt' },
    'for private_key_jwt without keys': { token_endpoint_auth_method: 'private_key_jwt' },
    'with a shared key': { jwks: { keys: [key] } },
    'without redirect URIs': { redirect_uris: [] },
    'with a redirect URI in clear': { redirect_uris: ['http://app.example/cb'] },
    'with a redirect URI that runs': { redirect_uris: ['javascript:alert(1)'] },
    'without the code grant': { grant_types: ['implicit'] },
  }
  for (const [what, changes] of Object.entries(fields)) {
    test(what, async () => {
      const client = publishClient(site, changes)
      expect(await ask(client.client_id)).toBe(400)
      expect(server.logged()).not.toContain('hunter2')
    })
  }

  const pages: Record<string, Page> = {
    'that is not there': { status: 404 },
    'that is created': { status: 201 },
    'that is empty': { body: '' },
    'that is no JSON': { body: '<html>' },
    'that is a list': { body: '[]' },
    'that says it is a page': { headers: { 'content-type': 'text/html' } },
    'that says nothing of what it is': { headers: { 'content-type': '' } },
    'that stands elsewhere': { status: 302, headers: { location: '/clients/1.json' } },
    'that stands elsewhere for ever': { status: 308, headers: { location: '/clients/1.json' } },
  }
  for (const [what, page] of Object.entries(pages)) {
    test(`${what}, and is good once that is mended: errors are not kept`, async () => {
      const client = publishClient(site)
      client.publish({}, page)
      expect(await ask(client.client_id)).toBe(400)
      client.publish()
      expect(await ask(client.client_id)).toBe(303)
    })
  }

  test('with over 5 KB, and not with just that', async () => {
    const client = publishClient(site)
    const bytes = JSON.stringify({ client_id: client.client_id, redirect_uris: [redirectUri] })
    const padded = (length: number) => ({
      headers: { 'content-type': 'application/json' },
      body: bytes + ' '.repeat(length - bytes.length),
    })
    client.answer(padded(5121))
    expect(await ask(client.client_id)).toBe(400)
    client.answer(padded(5120))
    expect(await ask(client.client_id)).toBe(303)
  })

  test('and the person is not told what its site answered', async () => {
    const client = publishClient(site)
    client.answer({ status: 599, body: 'internal secret of that site' })
    const response = await fetch(authorizationUrl(server, client.client_id))
    const html = await response.text()
    expect(html).not.toContain('internal secret')
    // The reference is random, and may hold any digits.
    const said = html.replace(/rid_[0-9a-f]+/g, '')
    expect(said).not.toContain('599')
  })
})

describe('a document is kept', () => {
  const lifetimes: Record<string, { headers: Record<string, string>; seconds: number }> = {
    'as its site says': { headers: { 'cache-control': 'public, max-age=3600' }, seconds: 3600 },
    'for five minutes at least': { headers: { 'cache-control': 'max-age=1' }, seconds: 300 },
    'for five minutes where nothing is said': { headers: {}, seconds: 300 },
    'for five minutes where nothing may be kept': {
      headers: { 'cache-control': 'no-store' },
      seconds: 300,
    },
    'for a day at most': { headers: { 'cache-control': 'max-age=31536000' }, seconds: 86_400 },
    'for what is left of its time': {
      headers: { 'cache-control': 'max-age=3600', age: '3000' },
      seconds: 600,
    },
    'by s-maxage before max-age': {
      headers: { 'cache-control': 'max-age=60, s-maxage=1200' },
      seconds: 1200,
    },
  }
  for (const [how, { headers, seconds }] of Object.entries(lifetimes)) {
    test(how, async () => {
      const client = publishClient(site)
      client.publish({}, { headers })
      const count = async () => {
        expect(await ask(client.client_id)).toBe(303)
        return client.asked()
      }
      expect(await count()).toBe(1)
      now += seconds * 1000 - 1
      expect(await count()).toBe(1)
      now += 1
      expect(await count()).toBe(2)
    })
  }

  test('and asked for anew before a person is asked, whatever is kept', async () => {
    const client = publishClient(site)
    expect(await ask(client.client_id)).toBe(303)
    client.answer({ status: 503 })
    expect(await ask(client.client_id)).toBe(303)
    now += 6 * minute
    expect(await ask(client.client_id)).toBe(400)
    client.publish()
    expect(await ask(client.client_id)).toBe(303)
  })

  test('for tokens a week longer than its site answers', async () => {
    const client = publishClient(site)
    let { refresh_token: refreshToken } = await tokensOf(client)
    client.answer({ status: 503 })
    for (const wait of [hour, day, 5 * day]) {
      now += wait
      const answer = await refresh(server, { client, refreshToken })
      expect(answer.status).toBe(200)
      refreshToken = answer.body.refresh_token
    }
    now += day
    const gone = await refresh(server, { client, refreshToken })
    expect(gone.status).toBe(401)
    client.publish()
    expect((await refresh(server, { client, refreshToken })).status).toBe(200)
  })
})

describe('a document that changed', () => {
  async function changesOf({ client_id: clientId }: PublishedClient) {
    const events = await eventsOf(server, 'ClientMetadataChanged')
    const payloads = events.map(({ payload }) => payload as Record<string, unknown>)
    return payloads.filter((payload) => payload.clientId === clientId)
  }

  async function voidedAt({ client_id }: PublishedClient) {
    return (await findClient(server.services.reader, client_id))?.consentVoidedAt
  }

  test('enters the log with the next refresh, once, and voids the consents', async () => {
    const client = publishClient(site)
    const { refresh_token: refreshToken } = await tokensOf(client)
    const redirect_uris = [redirectUri, 'https://app.example/cb']
    client.publish({ redirect_uris })
    expect(await voidedAt(client)).toBeNull()
    now += 6 * minute
    const form = { client, refreshToken }
    await Promise.all([refresh(server, form), refresh(server, form), refresh(server, form)])
    const changes = await changesOf(client)
    expect(changes).toHaveLength(1)
    expect(changes[0]).toMatchObject({
      voidsConsents: true,
      metadata: { redirectUris: redirect_uris },
    })
    expect(await voidedAt(client)).toBe(now)
  })

  test('enters the log with the next consent', async () => {
    const client = publishClient(site)
    await tokensOf(client)
    client.publish({ client_name: 'Another name' })
    now += 6 * minute
    await authorize(server, client)
    expect(await changesOf(client)).toMatchObject([
      { voidsConsents: false, metadata: { clientName: 'Another name' } },
    ])
    expect(await voidedAt(client)).toBeNull()
  })

  test('does not enter it while it says the same', async () => {
    const client = publishClient(site)
    await tokensOf(client)
    now += 6 * minute
    await tokensOf(client)
    expect(await changesOf(client)).toEqual([])
  })

  test('between request and consent sends nobody where it does not lead any more', async () => {
    const client = publishClient(site)
    const person = server.person()
    const url = authorizationUrl(server, client.client_id)
    await person.answer(url, 'deny')
    const asked = await person.open(url)
    const page = await person.open(asked.headers.get('location') ?? '')
    const form = (await page.text()).split('<form').find((part) => part.includes('decision'))
    client.publish({ redirect_uris: ['https://app.example/cb'] })
    now += 6 * minute
    expect(await ask(client.client_id, { redirect_uri: 'https://app.example/cb' })).toBe(303)
    const answer = { ...hiddenFields(form ?? ''), decision: 'approve' }
    const { status, headers } = await person.submit('/consent', answer)
    expect([status, headers.get('location')]).toEqual([400, null])
  })
})

describe('a client of a document that an operator', () => {
  test('disabled or deleted stays out, whatever its document says', async () => {
    for (const command of [
      { kind: 'disable', reason: 'x', now },
      { kind: 'delete', now },
    ] as const) {
      const client = publishClient(site)
      const { refresh_token: refreshToken } = await tokensOf(client)
      const cause = { actor: 'cli', correlationId: 'test' }
      await execute<string>(server.services.log, cause, (work) =>
        work.decide(clientDecider, client.client_id, command),
      )
      expect(await ask(client.client_id)).toBe(400)
      now += 6 * minute
      expect((await refresh(server, { client, refreshToken })).status).toBe(401)
      expect(await ask(client.client_id)).toBe(400)
    }
  })
})

describe('MCP.md row 8: a pinned document', () => {
  const claude = 'https://claude.ai/oauth/mcp-oauth-client-metadata'
  const callback = 'https://claude.ai/api/mcp/auth_callback'

  test('of claude.ai is built in, and needs no request', async () => {
    expect(await ask(claude, { redirect_uri: callback })).toBe(303)
    expect(await ask(claude, { redirect_uri: 'https://claude.ai/other' })).toBe(400)
    const { client, back, pkce } = await authorize(
      server,
      { client_id: claude },
      { redirect_uri: callback },
    )
    expect(`${back.origin}${back.pathname}`).toBe(callback)
    const form = { grant_type: 'authorization_code', client_id: client.client_id }
    const code = back.searchParams.get('code') ?? ''
    const response = await fetch(`${server.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...form,
        code,
        redirect_uri: callback,
        code_verifier: pkce.verifier,
      }),
    })
    expect(response.status).toBe(200)
  })

  test('of the operator goes before what is built in, and is never fetched', async () => {
    const client = publishClient(site)
    const document = { client_id: client.client_id, redirect_uris: [redirectUri] }
    const own = { client_id: claude, redirect_uris: ['https://own.example/cb'] }
    const pinned = [document, own].map((d) => ({ url: d.client_id, document: JSON.stringify(d) }))
    const pinning = await startTestServer({ clientIdDocuments: { pinned } })
    const status = async (clientId: string, redirect_uri: string) => {
      const url = authorizationUrl(pinning, clientId, { redirect_uri })
      return (await fetch(url, { redirect: 'manual' })).status
    }
    expect(await status(client.client_id, redirectUri)).toBe(303)
    expect(await status(claude, 'https://own.example/cb')).toBe(303)
    expect(await status(claude, callback)).toBe(400)
    expect(client.asked()).toBe(0)
    await pinning.stop()
  })
})

test('where documents are switched off nothing is fetched, and the metadata says so', async () => {
  const client = publishClient(site)
  const settings = { outbound: site.outbound, clientIdDocuments: { enabled: false } }
  const closed = await startTestServer(settings)
  const url = authorizationUrl(closed, client.client_id)
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(400)
  expect(client.asked()).toBe(0)
  const response = await fetch(`${closed.url}/.well-known/oauth-authorization-server`)
  const body = (await response.json()) as Record<string, unknown>
  expect(body.client_id_metadata_document_supported).toBe(false)
  await closed.stop()
})

test('a name that belongs to somebody else is refused in a document too', async () => {
  const client = publishClient(site, { client_name: 'Exаmple Bank' })
  const guarded = await startTestServer({ outbound: site.outbound, brands: ['Example Bank'] })
  const url = authorizationUrl(guarded, client.client_id)
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(400)
  await guarded.stop()
})

test('strangers who name a host cannot keep a client there from being asked for', async () => {
  const outbound = { ...site.outbound, requestsPerHostMax: 3 }
  let time = Date.now()
  const busy = await startTestServer({ outbound }, { clock: () => time })
  const status = async (clientId: string) => {
    const asked = authorizationUrl(busy, clientId)
    return (await fetch(asked, { redirect: 'manual' })).status
  }
  const client = publishClient(site)
  await authorize(busy, client)
  time += 6 * minute
  for (let stranger = 0; stranger < 3; stranger += 1) {
    expect(await status(publishClient(site).client_id)).toBe(303)
  }
  expect(await status(publishClient(site).client_id)).toBe(400)
  expect(busy.logged()).toContain('rate_limited')
  expect(await status(client.client_id)).toBe(303)
  expect(client.asked()).toBe(2)
  await busy.stop()
})
