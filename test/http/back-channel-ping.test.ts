/**
 * A client that is told when there is an answer, and one that signs what it asks.
 *
 * @see [OpenID Connect CIBA Core 1.0 §10.2 - Ping Callback](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#ping_callback)
 * @see [OpenID Connect CIBA Core 1.0 §7.1.1 - Signed Authentication Request](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#signed_auth_request)
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { SignJWT } from 'jose'
import type { ClientMetadata } from '../../src/domain/client-events.ts'
import { notifyClients } from '../../src/protocol/authorization/back-channel-ping.ts'
import { addClient } from '../../src/protocol/clients/operator-clients.ts'
import { addAsker, answer, ask, ciba, poll } from '../support/back-channel.ts'
import { assertionOf, newKey } from '../support/client-assertion.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { eventsOf, post } from '../support/oauth-client.ts'
import type { OperatorClient } from '../support/operator-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

const token = 'a-token-of-the-client.0123456789_~+/=='

let now = Date.now()
let site: DocumentServer
let server: TestServer
beforeAll(async () => {
  site = await startDocumentServer()
  const settings = { ciba: { enabled: true }, outbound: site.outbound }
  server = await startTestServer(settings, { clock: () => now })
})
beforeEach(() => {
  now += 60 * 60 * 1000 + 1
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})

/** The events about this client, once there are so many. */
async function pinged({ client_id }: OperatorClient) {
  const all = await eventsOf(server, 'BackChannelPinged')
  return all.map(({ payload }) => payload).filter(({ clientId }) => clientId === client_id)
}

interface Heard {
  readonly authorization: string | undefined
  readonly body: unknown
}

/** A path of the site that answers as told, and gives what it heard. */
function listen(path: string, statuses: readonly number[]) {
  const heard: Heard[] = []
  const waiting: ((heard: Heard) => void)[] = []
  site.put(path, (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const one = { authorization: request.headers.authorization, body: JSON.parse(text) }
      const status = statuses[heard.length] ?? 204
      heard.push(one)
      response.writeHead(status, { location: '/elsewhere' }).end()
      waiting.shift()?.(one)
    })
  })
  const next = () => new Promise<Heard>((resolve) => waiting.push(resolve))
  return { url: site.url + path, heard, next }
}

function addPinged(notificationEndpoint: string): Promise<OperatorClient> {
  return addAsker(server, { backChannel: { deliveryMode: 'ping', notificationEndpoint } })
}

/** What was heard is written down a moment later, and the clock stands meanwhile. */
async function recorded(client: OperatorClient) {
  for (;;) {
    const events = await pinged(client)
    if (events.length > 0) return events
    await new Promise((look) => setTimeout(look, 5))
  }
}

/** Runs what is due until this is so; each run is a fresh attempt that the clock allows. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 50 && !(await isSo()); round += 1) {
    now += 10_000
    await notifyClients(server.services)
  }
}

describe('CIBA §10.2: a ping', () => {
  for (const decision of ['approve', 'deny'] as const) {
    test(`tells the id, with the client's own token, after the person chose ${decision}`, async () => {
      const { url, heard, next } = listen(`/told-${decision}`, [])
      const client = await addPinged(url)
      const { body } = await ask(server, client, { client_notification_token: token })
      expect(heard).toEqual([])
      const [told] = await Promise.all([next(), answer(server.person(), decision)])
      expect(told.authorization).toBe(`Bearer ${token}`)
      expect(told.body).toEqual({ auth_req_id: body.auth_req_id })
      const { status } = await poll(server, client, body)
      expect(status).toBe(decision === 'approve' ? 200 : 400)
      expect(await recorded(client)).toMatchObject([{ delivered: true, attempts: 1, status: 204 }])
      expect(heard.length).toBe(1)
    })
  }

  test('is tried again where it failed, follows no redirect, and is told once', async () => {
    const { url, heard, next } = listen('/moody', [500, 302])
    const client = await addPinged(url)
    await ask(server, client, { client_notification_token: token })
    await Promise.all([next(), answer(server.person(), 'approve')])
    await until(async () => (await pinged(client)).length > 0)
    expect(await pinged(client)).toMatchObject([{ delivered: true, attempts: 3, status: 204 }])
    expect(heard.length).toBe(3)
    expect(site.asked.some((asked) => asked.endsWith('/elsewhere'))).toBe(false)
  })

  test('is given up in the end; the answer stands, and nobody waited', async () => {
    const client = await addPinged('https://localhost:1/dead')
    const { body } = await ask(server, client, { client_notification_token: token })
    const done = await answer(server.person(), 'approve')
    expect(done.status).toBe(303)
    expect((await poll(server, client, body)).status).toBe(200)
    await until(async () => (await pinged(client)).length > 0)
    expect(await pinged(client)).toMatchObject([{ delivered: false, attempts: 6 }])
  })

  test('is told of no secret: neither the log nor what waits has the token or the id', async () => {
    const { url, next } = listen('/quiet', [])
    const client = await addPinged(url)
    const { body } = await ask(server, client, { client_notification_token: token })
    const kinds = ['back-channel-notify', 'back-channel-request'] as const
    const kept = await Promise.all(kinds.map((kind) => server.services.expiring.list(kind, 100)))
    expect(kept.flat().length).toBeGreaterThan(1)
    await Promise.all([next(), answer(server.person(), 'approve')])
    for (const text of [JSON.stringify(kept), server.logged()]) {
      expect(text.includes(token)).toBe(false)
      expect(text.includes(body.auth_req_id)).toBe(false)
    }
  })

  const bad = [undefined, 'short', 'x'.repeat(1025), `${token} and more`, `=${token}`, `${token}ä`]
  test.each(bad)('takes no request with the token %p', async (client_notification_token) => {
    const client = await addPinged(`${site.url}/never`)
    const { status, body } = await ask(server, client, { client_notification_token })
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })
})

describe('CIBA §7.1.1: a signed request', () => {
  async function signing() {
    const { privateKey, publicJwk: jwk } = await newKey('ES256')
    const client = await addAsker(server, {
      jwks: { keys: [jwk] } as NonNullable<ClientMetadata['jwks']>,
      backChannel: { deliveryMode: 'poll', requestSigningAlg: 'ES256' },
    })
    const sign = (changes: Record<string, unknown> = {}) => {
      const at = Math.floor(now / 1000)
      const times = { iat: at, nbf: at, exp: at + 60, jti: crypto.randomUUID() }
      const ends = { iss: client.client_id, aud: server.url }
      const said = { scope: 'openid', login_hint: admin.email, binding_message: 'signed' }
      const claims = { ...ends, ...times, ...said, ...changes }
      return new SignJWT(JSON.parse(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'ES256' })
        .sign(privateKey)
    }
    return { client, sign }
  }
  const alone = { scope: undefined, login_hint: undefined }

  test('is asked as it was signed', async () => {
    const { client, sign } = await signing()
    const { status, body } = await ask(server, client, { ...alone, request: await sign() })
    expect([status, body.error]).toEqual([200, undefined])
  })

  const wrong: [string, Record<string, unknown>][] = [
    ['for another server', { aud: 'https://other.example' }],
    ['by another client', { iss: 'somebody' }],
    ['that has expired', { exp: 1 }],
    ['without an id', { jti: undefined }],
    ['that does not say from when', { nbf: undefined }],
    ['that would pass for a proof of who the client is', { sub: 'client' }],
  ]
  test.each(wrong)('is refused %s', async (_, changes) => {
    const { client, sign } = await signing()
    const { sub } = changes
    const request = await sign(sub === 'client' ? { sub: client.client_id } : changes)
    const { body } = await ask(server, client, { ...alone, request })
    expect(body.error).toBe('invalid_request')
  })

  test('is refused with something beside it, and unsigned where it was to be signed', async () => {
    const { client, sign } = await signing()
    const request = await sign()
    expect((await ask(server, client, { login_hint: undefined, request })).status).toBe(400)
    expect((await ask(server, client)).body.error).toBe('invalid_request')
  })
})

test('CIBA §7.1: a client assertion may name the issuer, the token endpoint or this one', async () => {
  const { privateKey, publicJwk } = await newKey('ES256')
  const fields = {
    client_name: 'Counter',
    grant_types: [ciba],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicJwk] },
    backchannel_token_delivery_mode: 'poll',
  }
  const { clientId: client_id } = await addClient(server.services, fields, { actor: 'cli' })
  const at = Math.floor(now / 1000)
  const ofNow = { iat: at, exp: at + 60 }
  const asked = async (aud: string) => {
    const claims = { ...ofNow, aud }
    const by = { client_id, privateKey, alg: 'ES256' }
    const assertion = await assertionOf(server, by, { claims })
    const form = { scope: 'openid', login_hint: admin.email, ...assertion }
    return (await post(server, '/oauth/bc-authorize', { form })).status
  }
  const { url } = server
  const audiences = [url, `${url}/oauth/token`, `${url}/oauth/bc-authorize`, `${url}/elsewhere`]
  expect(await Promise.all(audiences.map(asked))).toEqual([200, 200, 200, 401])
})

describe('CIBA §4: what a client registers', () => {
  const fields = {
    client_name: 'Counter',
    grant_types: [ciba],
    backchannel_token_delivery_mode: 'poll',
  }
  const add = (changes: Record<string, unknown>) =>
    addClient(server.services, { ...fields, ...changes }, { actor: 'cli' })

  test('is kept, and poll needs no endpoint', async () => {
    expect((await add({})).metadata.backChannel).toEqual({ deliveryMode: 'poll' })
    const endpoint = 'https://client.example/ping'
    const ping = {
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: endpoint,
    }
    expect((await add(ping)).metadata.backChannel).toEqual({
      deliveryMode: 'ping',
      notificationEndpoint: endpoint,
    })
  })

  const refused: [string, Record<string, unknown>][] = [
    ['no way of delivery', { backchannel_token_delivery_mode: undefined }],
    ['push', { backchannel_token_delivery_mode: 'push' }],
    ['ping without an endpoint', { backchannel_token_delivery_mode: 'ping' }],
    [
      'an endpoint in clear',
      {
        backchannel_token_delivery_mode: 'ping',
        backchannel_client_notification_endpoint: 'http://client.example/ping',
      },
    ],
    ['user codes', { backchannel_user_code_parameter: true }],
    ['an algorithm of no key', { backchannel_authentication_request_signing_alg: 'HS256' }],
    ['signing without keys', { backchannel_authentication_request_signing_alg: 'ES256' }],
    ['a public client', { token_endpoint_auth_method: 'none' }],
  ]
  test.each(refused)('is refused with %s', async (_, changes) => {
    const error = (await rejectionOf(add(changes))) as { code?: string }
    expect(error.code).toBe('invalid_client_metadata')
  })
})
