/**
 * What a device may ask in particular and what its person chooses there, and resources that want
 * a better or newer sign-in, are the same on its page as on that of an authorization request.
 *
 * @see [RFC 9396 §2 - Request Parameter "authorization_details"](https://www.rfc-editor.org/rfc/rfc9396.html#section-2)
 * @see [RFC 9470 §4 - Authorization Request](https://www.rfc-editor.org/rfc/rfc9470.html#section-4)
 * @see [RFC 8628 §3.1 - Device Authorization Request](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.1)
 */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { dinner, fetchedSafe, payment } from '../support/detail-types.ts'
import {
  decideOn,
  poll,
  registerDevice,
  signInForDevice,
  startDevice,
  typeCode,
} from '../support/device.ts'
import { eventsOf, isLive, post, type Registered } from '../support/oauth-client.ts'
import { type OptionServer, startOptionServer } from '../support/option-server.ts'
import { codeAt, enrolElsewhere, sendCode, signInAt } from '../support/second-factor.ts'
import { admin, freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const mfa = 'https://refeds.org/profile/mfa' as const
const fresh = 'https://fresh.example/mcp'
const strong = 'https://strong.example/mcp'
let now = Date.now()
let server: TestServer
let vault: OptionServer
let television: Registered
beforeAll(async () => {
  vault = await startOptionServer()
  const port = await freePort()
  const scopes = { read: 'Read', write: 'Write' }
  server = await startTestServer(
    {
      port,
      outbound: { allowedHosts: [vault.host] },
      consent: { scopes: 'choice' },
      authorizationDetailTypes: [payment, fetchedSafe(vault.url)],
      resources: [
        { resource: '/api/mcp', name: 'Ours', scopes },
        { resource: fresh, name: 'Fresh', scopes, maxAgeSeconds: 600 },
        { resource: strong, name: 'Strong', scopes, acrValues: [mfa] },
      ],
    },
    { clock: () => now },
  )
  vault.believe(server.url, vault.origin)
  vault.answer([
    { value: 'family', label: 'The family’s' },
    { value: 'work', label: 'The one at work' },
  ])
  television = await registerDevice(server)
})
afterAll(async () => {
  await server.stop()
  await vault.stop()
})

const detailed = (...details: object[]) => ({ authorization_details: JSON.stringify(details) })

/** The page with the question, where nothing stands before it. */
async function question(form: Record<string, string>, person: DemoPerson = server.person()) {
  const device = await startDevice(server, television, form)
  const html = await (
    await typeCode(person, await signInForDevice(person), device.user_code)
  ).text()
  return { device, person, html }
}

/** Answers as the form says, with something more or else. */
async function answer(
  { person, html }: Pick<Awaited<ReturnType<typeof question>>, 'person' | 'html'>,
  more: Record<string, string> = {},
) {
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  const fields = { ...hiddenFields(form), decision: 'approve', ...more }
  return (await person.submit('/device/decision', fields)).text()
}

const grants = () => eventsOf(server, 'GrantApproved')
const connectedWords = 'Your device is connected'

describe('details', () => {
  test('are shown, granted, and told to the resource', async () => {
    const asked = await question({ scope: 'read', ...detailed(dinner) })
    for (const words of ['A payment', 'Chez Panisse', '120 EUR'])
      expect(asked.html).toContain(words)
    expect(await answer(asked, { give: `read ${server.url}/api/mcp` })).toContain(connectedWords)
    const { body } = await poll(server, television, asked.device)
    expect((body as { authorization_details?: unknown }).authorization_details).toEqual([dinner])
    const [approved] = (await grants()).slice(-1)
    expect(approved?.payload.authorizationDetails).toEqual([dinner])
  })

  test('that nobody can ask for are refused before there is a code', async () => {
    const wrong = [detailed({ type: 'nothing' }), detailed({ type: 'payment' }), detailed([])]
    for (const form of [...wrong, { authorization_details: '{' }]) {
      const asked = { form: { client_id: television.client_id, ...form } }
      const { status, body } = await post<{ error: string }>(
        server,
        '/oauth/device_authorization',
        asked,
      )
      expect([status, body.error]).toEqual([400, 'invalid_authorization_details'])
    }
  })

  test('of which the person chooses are as the resource offers them when the answer comes', async () => {
    const asked = await question({ scope: 'read', ...detailed({ type: 'safe' }) })
    expect(asked.html).toContain('The one at work')
    const give = `read ${server.url}/api/mcp`
    const before = (await grants()).length
    for (const safe of ['', 'another']) {
      const again = await answer(asked, { give, 'choice-0-safe': safe })
      expect(again).toContain('The one at work')
    }
    expect((await grants()).length).toBe(before)
    expect(await answer(asked, { give, 'choice-0-safe': 'work' })).toContain(connectedWords)
    const [approved] = (await grants()).slice(-1)
    expect(approved?.payload.authorizationDetails).toEqual([{ type: 'safe', safe: 'work' }])
    expect(vault.heard.at(-1)?.client_id).toBe(television.client_id)
  })

  test('cannot be approved while the resource does not say what there is', async () => {
    vault.answer((_: unknown, response: { writeHead(status: number): { end(): void } }) =>
      response.writeHead(500).end(),
    )
    const asked = await question({ scope: 'read', ...detailed({ type: 'safe' }) })
    expect(asked.html).not.toContain('value="approve"')
    expect(asked.html).toContain(`/device?user_code=${asked.device.user_code}`)
    const before = (await grants()).length
    await answer(asked, { give: `read ${server.url}/api/mcp`, 'choice-0-safe': 'work' })
    expect((await grants()).length).toBe(before)
    vault.answer([{ value: 'work', label: 'The one at work' }])
  })
})

describe('scopes', () => {
  test('that the person leaves out are not given, and to leave out all is to deny', async () => {
    const asked = await question({ scope: 'read write' })
    expect(asked.html).toContain('name="give"')
    expect(await answer(asked, { give: `read ${server.url}/api/mcp` })).toContain(connectedWords)
    expect((await poll(server, television, asked.device)).body.scope).toBe('read')
    const other = await question({ scope: 'read write' })
    expect(await answer(other)).toContain('The device gets no access')
    expect((await poll(server, television, other.device)).body.error).toBe('access_denied')
  })
})

describe('a resource that wants a newer sign-in', () => {
  test('gets one before the question is shown', async () => {
    const person = server.person()
    const page = await signInForDevice(person)
    now += 601_000
    const device = await startDevice(server, television, { scope: 'read', resource: fresh })
    const sent = await typeCode(person, page, device.user_code)
    const where = `/sign-in?next=/device%3Fuser_code%3D${device.user_code}`
    expect([sent.status, sent.headers.get('location')]).toEqual([303, where])
    const back = await signInAt(person, where, admin)
    expect(back.headers.get('location')).toBe(`/device?user_code=${device.user_code}`)
    const form = await (await person.open(back.headers.get('location') ?? '')).text()
    const html = await (await typeCode(person, form, device.user_code)).text()
    expect((await decideOn(person, html, 'approve')).status).toBe(200)
    const { body } = await poll(server, television, device)
    expect(await isLive(server, body.access_token)).toBe(true)
  })
})

describe('a resource that wants a better sign-in', () => {
  test('cannot have it of who has nothing better, who is told what to do', async () => {
    const person = server.person()
    const page = await signInForDevice(person)
    const device = await startDevice(server, television, { scope: 'read', resource: strong })
    const sent = await typeCode(person, page, device.user_code)
    expect([sent.status, await sent.text()]).toEqual([400, expect.stringContaining('second step')])
    expect((await poll(server, television, device)).body.error).toBe('authorization_pending')
  })

  test('has it of who shows both factors, and the grant says so', async () => {
    const credentials = { email: 'two@example.com', password: 'a very long passphrase' }
    await registerUser(server.services, { ...credentials, name: 'T', admin: false, actor: 'cli' })
    const person = server.person(credentials)
    const page = await signInForDevice(person, credentials)
    const { key } = await enrolElsewhere(server, credentials, now)
    now += 30_000
    const device = await startDevice(server, television, { scope: 'read', resource: strong })
    const sent = await typeCode(person, page, device.user_code)
    const half = await signInAt(person, sent.headers.get('location') ?? '', credentials)
    const done = await sendCode(person, half.headers.get('location') ?? '', codeAt(key, now))
    expect(done.headers.get('location')).toBe(`/device?user_code=${device.user_code}`)
    const form = await (await person.open(`/device?user_code=${device.user_code}`)).text()
    const html = await (await typeCode(person, form, device.user_code)).text()
    expect((await decideOn(person, html, 'approve')).status).toBe(200)
    const [approved] = (await grants()).slice(-1)
    expect(approved?.payload).toMatchObject({ acr: mfa, via: 'device_code' })
  })
})
