/**
 * A device without a browser gets access: by a code that a person types in elsewhere.
 *
 * @see [RFC 8628 - OAuth 2.0 Device Authorization Grant](https://www.rfc-editor.org/rfc/rfc8628.html)
 */

import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import {
  answerDevice,
  decideOn,
  deviceCodeGrant,
  poll,
  registerDevice,
  signInForDevice,
  startDevice,
  typeCode,
} from '../support/device.ts'
import {
  eventsOf,
  isLive,
  post,
  type Registered,
  refresh,
  register,
} from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'another long enough password' }

let now = Date.now()
let server: TestServer
let television: Registered
beforeAll(async () => {
  server = await startTestServer({ device: { guessesMax: 3 } }, { clock: () => now })
  television = await registerDevice(server)
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
afterAll(() => server.stop())

const start = (form: Record<string, string> = {}) => startDevice(server, television, form)
const ask = (asked: { device_code: string }, client = television) => poll(server, client, asked)

describe('a device', () => {
  test('is registered without a redirect URI, and gets refresh tokens too', () => {
    expect(television.grant_types).toEqual(['refresh_token', deviceCodeGrant])
    expect([television.redirect_uris, television.response_types]).toEqual([[], []])
  })

  test('is told two codes, where the person goes, and how often to ask', async () => {
    const answer = await start()
    expect(answer.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(answer).toMatchObject({
      verification_uri: `${server.url}/device`,
      verification_uri_complete: `${server.url}/device?user_code=${answer.user_code}`,
      expires_in: 600,
      interval: 5,
    })
  })

  test('waits, gets tokens when its person has approved, and goes on by itself', async () => {
    const asked = await start({ scope: 'openid read' })
    expect((await ask(asked)).body.error).toBe('authorization_pending')
    const done = await answerDevice(server.person(), asked)
    expect([done.status, await done.text()]).toEqual([
      200,
      expect.stringContaining('Your device is connected'),
    ])
    const { status, body } = await ask(asked)
    expect([status, body.scope]).toEqual([200, 'openid read'])
    expect(body.id_token).toBeDefined()
    expect(await isLive(server, body.access_token)).toBe(true)
    const renewed = await refresh(server, { client: television, refreshToken: body.refresh_token })
    expect(renewed.status).toBe(200)
    const [approved] = (await eventsOf(server, 'GrantApproved')).slice(-1)
    expect(approved?.payload.via).toBe('device_code')
  })

  test('is told of a denial', async () => {
    const asked = await start()
    const done = await answerDevice(server.person(), asked, 'deny')
    expect(await done.text()).toContain('The device gets no access')
    const { status, body } = await ask(asked)
    expect([status, body.error]).toEqual([400, 'access_denied'])
  })

  test('is told when nobody answered in time, and after a while that there is no such code', async () => {
    const asked = await start()
    now += 600_000
    expect((await ask(asked)).body.error).toBe('expired_token')
    const person = server.person()
    const late = await typeCode(person, await signInForDevice(person), asked.user_code)
    expect(late.status).toBe(400)
    now += 600_000
    expect((await ask(asked)).body.error).toBe('invalid_grant')
  })
})

describe('SECURITY 17: the device flow', () => {
  test('tells a device that asks too often to slow down, by five seconds more each time', async () => {
    const asked = await start()
    const errors = []
    for (const seconds of [0, 4, 9, 10, 15, 14]) {
      now += seconds * 1000
      errors.push((await ask(asked)).body.error)
    }
    const [pending, slow] = ['authorization_pending', 'slow_down']
    expect(errors).toEqual([pending, slow, slow, slow, slow, slow])
  })

  test('lets it go on at its new pace', async () => {
    const asked = await start()
    const answers = []
    for (const seconds of [0, 4, 10, 10]) {
      now += seconds * 1000
      answers.push((await ask(asked)).body.error)
    }
    const pending = 'authorization_pending'
    expect(answers).toEqual([pending, 'slow_down', pending, pending])
  })

  test('binds the code to the client that asked, whatever has been answered', async () => {
    const other = await registerDevice(server, { client_name: 'Another' })
    const asked = await start()
    expect((await ask(asked, other)).body.error).toBe('invalid_grant')
    await answerDevice(server.person(), asked)
    expect((await ask(asked, other)).body.error).toBe('invalid_grant')
    expect((await ask(asked)).status).toBe(200)
    const denied = await start()
    await answerDevice(server.person(), denied, 'deny')
    expect((await ask(denied, other)).body.error).toBe('invalid_grant')
  })

  test('gives tokens once: a second redemption ends the grant', async () => {
    const asked = await start()
    await answerDevice(server.person(), asked)
    const { body } = await ask(asked)
    expect((await ask(asked)).body.error).toBe('invalid_grant')
    expect(await isLive(server, body.access_token)).toBe(false)
  })

  test('limits guesses at the code, with pauses that grow', async () => {
    const other = await startTestServer({ device: { guessesMax: 3 } }, { clock: () => now })
    try {
      const client = await registerDevice(other)
      const { user_code } = await startDevice(other, client)
      const person = other.person()
      const page = await signInForDevice(person)
      const guess = async (code: string) => (await typeCode(person, page, code)).status
      expect([await guess('BBBB-BBBB'), await guess('no code'), await guess('CCCC-CCCC')]).toEqual([
        400, 400, 400,
      ])
      expect([await guess('DDDD-DDDD'), await guess(user_code)]).toEqual([429, 429])
      now += 1000
      expect([await guess('DDDD-DDDD'), await guess(user_code)]).toEqual([400, 429])
      now += 2000
      expect(await guess(user_code)).toBe(200)
    } finally {
      await other.stop()
    }
  })

  test('takes the code in any case, with or without dashes, and asks again before it gives', async () => {
    const asked = await start()
    const person = server.person()
    const page = await signInForDevice(person)
    const typed = ` ${asked.user_code.toLowerCase().replace('-', ' ')} `
    const question = await (await typeCode(person, page, typed)).text()
    expect(question).toContain('Only continue if you started this yourself')
    expect(question).toContain(asked.user_code)
    expect((await ask(asked)).body.error).toBe('authorization_pending')
  })

  test('approves nothing by a link alone', async () => {
    const asked = await start()
    const person = server.person()
    await signInForDevice(person)
    const opened = await person.open(asked.verification_uri_complete)
    expect(await opened.text()).toContain(`value="${asked.user_code}"`)
    expect((await ask(asked)).body.error).toBe('authorization_pending')
  })

  test('takes a decision only from the page that it showed this session', async () => {
    const asked = await start()
    const person = server.person()
    const page = await signInForDevice(person)
    const question = await (await typeCode(person, page, asked.user_code)).text()
    const another = server.person(bob)
    const theirs = await signInForDevice(another, bob)
    expect((await decideOn(another, question, 'approve')).status).toBe(403)
    const wrongForm = { ...hiddenFields(theirs), user_code: asked.user_code, decision: 'approve' }
    expect((await another.submit('/device/decision', wrongForm)).status).toBe(403)
    expect((await ask(asked)).body.error).toBe('authorization_pending')
    expect((await decideOn(person, question, 'approve')).status).toBe(200)
  })

  test('counts one answer, however often it is posted', async () => {
    const asked = await start()
    const person = server.person()
    const page = await signInForDevice(person)
    const question = await (await typeCode(person, page, asked.user_code)).text()
    const before = (await eventsOf(server, 'GrantApproved')).length
    const answers = await Promise.all([1, 2, 3].map(() => decideOn(person, question, 'approve')))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400])
    expect((await eventsOf(server, 'GrantApproved')).length).toBe(before + 1)
  })

  test('asks whoever is not signed in, and forgets no code meanwhile', async () => {
    const asked = await start()
    const person = server.person()
    const sent = await person.open(asked.verification_uri_complete)
    expect(sent.headers.get('location')).toBe(
      `/sign-in?next=/device%3Fuser_code%3D${asked.user_code}`,
    )
    const form = await (await person.open(sent.headers.get('location') ?? '')).text()
    const signedIn = await person.submit('/sign-in', { ...hiddenFields(form), ...admin })
    expect(signedIn.headers.get('location')).toBe(`/device?user_code=${asked.user_code}`)
    const elsewhere = await server.person().open('/device?user_code=https://evil.example')
    expect(elsewhere.headers.get('location')).toBe('/sign-in?next=/device')
  })

  test('is for clients that registered for it, who say who they are', async () => {
    const web = await register(server)
    const form = { client_id: web.client_id }
    const refused = await post(server, '/oauth/device_authorization', { form })
    expect([refused.status, refused.body.error]).toEqual([400, 'unauthorized_client'])
    const unknown = await post(server, '/oauth/device_authorization', { form: { client_id: 'x' } })
    expect([unknown.status, unknown.body.error]).toEqual([401, 'invalid_client'])
    const elsewhere = await post(server, '/oauth2/device_authorization', {
      form: { client_id: television.client_id, resource: 'https://elsewhere.example' },
    })
    expect(elsewhere.body.error).toBe('invalid_target')
  })

  test('keeps neither code in clear', async () => {
    const asked = await start()
    const { expiring } = server.services
    const plain = asked.user_code.replace('-', '')
    expect(await expiring.get('device-user-code', plain)).toBeUndefined()
    expect(await expiring.get('device-request', asked.device_code)).toBeUndefined()
  })

  test('gives an administrator’s scope to nobody else', async () => {
    const resource = `${server.services.settings.apiUrl}/audit`
    const asked = await start({ resource })
    const person = server.person(bob)
    const page = await signInForDevice(person, bob)
    expect((await typeCode(person, page, asked.user_code)).status).toBe(400)
  })
})
