/**
 * A client asks a person who is elsewhere, and polls for the answer.
 *
 * @see [OpenID Connect CIBA Core 1.0](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html)
 */
import { decodeJwt } from 'jose'
import {
  addAsker,
  answer,
  ask,
  ciba,
  decideOn,
  openSignedIn,
  poll,
  questionsOn,
  questionsPath,
} from '../support/back-channel.ts'
import { eventsOf, isLive, post, register } from '../support/oauth-client.ts'
import type { OperatorClient } from '../support/operator-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

const hour = 60 * 60 * 1000

let now = Date.now()
let server: TestServer
let counter: OperatorClient
beforeAll(async () => {
  const settings = { ciba: { enabled: true, perPersonHourMax: 8 } }
  server = await startTestServer(settings, { clock: () => now })
})
// Each test has an hour, and a client, of its own.
beforeEach(async () => {
  now += hour + 1
  counter = await addAsker(server)
})
afterAll(() => server.stop())

async function asked(form: Record<string, string> = {}) {
  const { status, body } = await ask(server, counter, form)
  expect([status, body.error]).toEqual([200, undefined])
  return body
}

describe('CIBA §7: a client that asks', () => {
  test('is told an id of at least 128 bits, how long it counts, and how often to ask', async () => {
    const { auth_req_id, ...rest } = await asked()
    expect(auth_req_id).toMatch(/^[A-Za-z0-9._-]{40,}$/)
    expect(rest).toEqual({ expires_in: 300, interval: 5 })
  })

  test('waits, gets tokens when the person has approved, and goes on by itself', async () => {
    const request = await asked({ binding_message: 'Desk 4, W-817' })
    expect((await poll(server, counter, request)).body.error).toBe('authorization_pending')
    const person = server.person()
    const path = questionsOn(await openSignedIn(person))[0] ?? ''
    const page = await (await person.open(path)).text()
    for (const shown of ['Counter', 'Desk 4, W-817', 'Jobs', 'See the jobs']) {
      expect(page).toContain(shown)
    }
    const done = await decideOn(person, { path, page }, 'approve')
    expect(done.headers.get('location')).toBe(`${questionsPath}?done=approved`)
    const { status, body } = await poll(server, counter, request)
    expect([status, body.scope]).toEqual([200, 'openid read'])
    const claims = decodeJwt(body.id_token ?? '')
    expect(claims).toMatchObject({ aud: counter.client_id, amr: ['pwd'] })
    expect(claims.auth_time).toBe(Math.floor(now / 1000))
    expect(claims['urn:openid:params:jwt:claim:auth_req_id']).toBeUndefined()
    const renewed = await post(server, '/oauth/token', {
      form: { grant_type: 'refresh_token', refresh_token: body.refresh_token },
      headers: counter.headers,
    })
    expect(renewed.status).toBe(200)
    const [approved] = (await eventsOf(server, 'GrantApproved')).slice(-1)
    expect(approved?.payload.via).toBe('ciba')
  })

  test('is told of a denial', async () => {
    const request = await asked()
    await answer(server.person(), 'deny')
    const { status, body } = await poll(server, counter, request)
    expect([status, body.error]).toEqual([400, 'access_denied'])
  })

  test('is told when nobody answered in time, and after a while that there is no such id', async () => {
    const request = await asked({ requested_expiry: '60' })
    expect(request.expires_in).toBe(60)
    now += 60_000
    expect((await poll(server, counter, request)).body.error).toBe('expired_token')
    expect(questionsOn(await openSignedIn(server.person()))).toEqual([])
    now += 600_000
    expect((await poll(server, counter, request)).body.error).toBe('invalid_grant')
  })

  test('gets the longest time that there is where it asks for more', async () => {
    expect((await asked({ requested_expiry: '86400' })).expires_in).toBe(600)
    expect((await asked({ requested_expiry: '1' })).expires_in).toBe(30)
  })

  test('may name the person by id, or by an ID token that it had', async () => {
    const { body } = await (async () => {
      const request = await asked()
      await answer(server.person(), 'approve')
      return poll(server, counter, request)
    })()
    const { sub = '' } = decodeJwt(body.id_token ?? '')
    for (const hint of [{ login_hint: sub }, { id_token_hint: body.id_token ?? '' }]) {
      const form = { login_hint: '', ...hint }
      const request = (await ask(server, counter, form)).body
      await answer(server.person(), 'approve')
      const tokens = await poll(server, counter, request)
      expect(decodeJwt(tokens.body.id_token ?? '').sub).toBe(sub)
    }
  })
})

describe('CIBA §11: the token endpoint', () => {
  test('has a client that asks too often wait five seconds longer each time', async () => {
    const request = await asked()
    const errors = []
    for (const seconds of [0, 4, 9, 15, 15]) {
      now += seconds * 1000
      errors.push((await poll(server, counter, request)).body.error)
    }
    const [pending, slow] = ['authorization_pending', 'slow_down']
    expect(errors).toEqual([pending, slow, slow, pending, pending])
  })

  test('binds the id to the client that asked, whatever has been answered', async () => {
    const other = await addAsker(server)
    const request = await asked()
    expect((await poll(server, other, request)).body.error).toBe('invalid_grant')
    await answer(server.person(), 'approve')
    expect((await poll(server, other, request)).body.error).toBe('invalid_grant')
    expect((await poll(server, counter, request)).status).toBe(200)
    const denied = await asked()
    await answer(server.person(), 'deny')
    expect((await poll(server, other, denied)).body.error).toBe('invalid_grant')
  })

  test('gives tokens once: a second redemption ends the grant', async () => {
    const request = await asked()
    await answer(server.person(), 'approve')
    const { body } = await poll(server, counter, request)
    expect((await poll(server, counter, request)).body.error).toBe('invalid_grant')
    expect(await isLive(server, body.access_token)).toBe(false)
  })

  test('wants an id, and one of this kind', async () => {
    const form = { grant_type: ciba }
    const { headers } = counter
    const missing = await post(server, '/oauth/token', { form, headers })
    expect(missing.body.error).toBe('invalid_request')
    const made = await poll(server, counter, { auth_req_id: 'no-such-id' })
    expect(made.body.error).toBe('invalid_grant')
  })
})

describe('CIBA §13: refuses', () => {
  const refusals: [string, Record<string, string>, number, string][] = [
    ['no scope', { scope: '' }, 400, 'invalid_request'],
    ['a scope without openid', { scope: 'read' }, 400, 'invalid_scope'],
    ['no hint', { login_hint: '' }, 400, 'invalid_request'],
    ['two hints', { id_token_hint: 'x' }, 400, 'invalid_request'],
    ['a login_hint_token', { login_hint: '', login_hint_token: 'x' }, 400, 'invalid_request'],
    [
      'an ID token of somebody else',
      { login_hint: '', id_token_hint: 'x' },
      400,
      'invalid_request',
    ],
    ['an expiry that is no number', { requested_expiry: 'soon' }, 400, 'invalid_request'],
    ['an expiry of nothing', { requested_expiry: '0' }, 400, 'invalid_request'],
    ['a long message', { binding_message: 'x'.repeat(65) }, 400, 'invalid_binding_message'],
    ['a message of lines', { binding_message: 'a\nb' }, 400, 'invalid_binding_message'],
    ['a message that turns', { binding_message: 'a\u202eb' }, 400, 'invalid_binding_message'],
    ['a message of nothing', { binding_message: '  ' }, 400, 'invalid_binding_message'],
    ['another resource', { resource: 'https://elsewhere.example' }, 400, 'invalid_target'],
    [
      'unknown details',
      { authorization_details: '[{"type":"x"}]' },
      400,
      'invalid_authorization_details',
    ],
    ['a request that was to be unsigned', { request: 'a.b.c' }, 400, 'invalid_request'],
  ]
  for (const [what, form, status, error] of refusals) {
    test(what, async () => {
      const refused = await ask(server, counter, form)
      expect([refused.status, refused.body.error]).toEqual([status, error])
    })
  }

  test('a client that is not known, is public, or did not register for it', async () => {
    const headers = { authorization: `Basic ${btoa(`${counter.client_id}:wrong`)}` }
    const wrong = await ask(server, { headers })
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client'])
    const web = await register(server)
    const form = { scope: 'openid', login_hint: admin.email, client_id: web.client_id }
    const open = await post(server, '/oauth/bc-authorize', { form })
    expect([open.status, open.body.error]).toEqual([400, 'unauthorized_client'])
    const other = await addAsker(server, { grantTypes: ['client_credentials'] })
    expect((await ask(server, other)).body.error).toBe('unauthorized_client')
  })

  test('tells nobody who there is, except who was marked or knows them', async () => {
    const hint = { login_hint: 'nobody@example.com' }
    const request = await ask(server, counter, hint)
    expect([request.status, request.body.expires_in]).toEqual([200, 300])
    expect((await poll(server, counter, request.body)).body.error).toBe('authorization_pending')
    now += 300_000
    expect((await poll(server, counter, request.body)).body.error).toBe('expired_token')
    server.services.settings.ciba.tellUnknownTo = [counter.client_id]
    const told = await ask(server, counter, hint)
    expect([told.status, told.body.error]).toEqual([400, 'unknown_user_id'])
    server.services.settings.ciba.tellUnknownTo = []
  })
})

describe('registration and metadata', () => {
  test('say nothing of it where it is off', async () => {
    const off = await startTestServer()
    try {
      const document = await (await fetch(`${off.url}/.well-known/openid-configuration`)).json()
      expect(JSON.stringify(document)).not.toContain('ciba')
      expect(document.backchannel_authentication_endpoint).toBeUndefined()
      const asker = await addAsker(off)
      expect((await ask(off, asker)).status).toBe(404)
      expect((await poll(off, asker, { auth_req_id: 'x' })).body.error).toBe(
        'unsupported_grant_type',
      )
    } finally {
      await off.stop()
    }
  })

  test('name the endpoint, both ways of delivery, and that there are no user codes', async () => {
    const url = `${server.url}/.well-known/openid-configuration`
    const document = await (await fetch(url)).json()
    expect(document).toMatchObject({
      backchannel_authentication_endpoint: `${server.url}/oauth/bc-authorize`,
      backchannel_token_delivery_modes_supported: ['poll', 'ping'],
      backchannel_user_code_parameter_supported: false,
    })
    expect(document.grant_types_supported).toContain(ciba)
  })

  test('leave the grant type out where a client registers itself', async () => {
    const metadata = {
      grant_types: ['authorization_code', ciba],
      token_endpoint_auth_method: 'client_secret_basic',
    }
    expect((await register(server, metadata)).grant_types).toEqual([
      'authorization_code',
      'refresh_token',
    ])
    const alone = await register(server, { ...metadata, grant_types: [ciba] })
    expect(alone.error).toBe('invalid_client_metadata')
  })
})
