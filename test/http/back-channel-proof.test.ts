/**
 * What a question of the back channel asks for in particular, how well the person must prove who
 * they are, how they hear of it, and that the consent is one like any other.
 *
 * @see [OpenID Connect CIBA Core 1.0 §7.1 - acr_values](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request)
 */
import { decodeJwt } from 'jose'
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { disableUser } from '../../src/identity/administer-user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import {
  addAsker,
  ask,
  decideOn,
  poll,
  questionsOn,
  questionsPath,
} from '../support/back-channel.ts'
import { dinner, payment, safe } from '../support/detail-types.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { isLive, post } from '../support/oauth-client.ts'
import type { OperatorClient } from '../support/operator-client.ts'
import { codeAt, enrol, sendCode, signInAt } from '../support/second-factor.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

const mfa = 'https://refeds.org/profile/mfa'
const password = 'a very long passphrase'

let now = Date.now()
let server: TestServer
let mail: MailServer
let counter: OperatorClient
let strong: string
let count = 0
let credentials: { email: string; password: string }
let userId: string
beforeAll(async () => {
  const port = await freePort()
  const usual = `http://localhost:${port}/api/mcp`
  strong = `http://localhost:${port}/strong`
  mail = await startMailServer()
  const scopes = { read: 'Read' }
  const settings = {
    port,
    ciba: { enabled: true },
    mail: { url: mail.url },
    authorizationDetailTypes: [payment, safe],
    resources: [
      { resource: usual, name: 'Usual', scopes },
      { resource: strong, name: 'Strong', scopes, acrValues: [mfa as typeof mfa] },
    ],
  }
  server = await startTestServer(settings, { clock: () => now })
})
afterAll(async () => {
  await server.stop()
  await mail.stop()
})
beforeEach(async () => {
  now += 60_000
  count += 1
  credentials = { email: `person-${count}@example.com`, password }
  const who = { ...credentials, name: 'E', admin: false, actor: 'cli' }
  const registered = await registerUser(server.services, who)
  userId = registered.outcome === 'accepted' ? registered.userId : ''
  counter = await addAsker(server)
})

const asked = (form: Record<string, string> = {}) =>
  ask(server, counter, { login_hint: credentials.email, ...form })

/** Signed in by password, and where they have an app by its code too. */
async function signedIn({ withApp = false } = {}): Promise<DemoPerson> {
  const person = server.person(credentials)
  await signInAt(person, '/sign-in', credentials)
  if (!withApp) return person
  const { key } = await enrol(person, now)
  now += 30_000
  const again = server.person(credentials)
  const half = await signInAt(again, '/sign-in', credentials)
  await sendCode(again, half.headers.get('location') ?? '', codeAt(key, now))
  return again
}

async function openQuestion(person: DemoPerson) {
  const path = questionsOn(await (await person.open(questionsPath)).text()).at(-1) ?? ''
  return { path, page: await (await person.open(path)).text() }
}

describe('the proof', () => {
  test('of a password is not enough where a resource wants two factors', async () => {
    const { body } = await asked({ resource: strong })
    const person = await signedIn()
    const refused = await decideOn(person, await openQuestion(person), 'approve')
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('better proof'),
    ])
    expect((await poll(server, counter, body)).body.error).toBe('authorization_pending')
  })

  test('of two factors is, and the ID token says so', async () => {
    const person = await signedIn({ withApp: true })
    const { body } = await asked({ resource: strong, acr_values: `unknown ${mfa}` })
    await decideOn(person, await openQuestion(person), 'approve')
    const tokens = await poll(server, counter, body)
    expect([tokens.status, tokens.body.error]).toEqual([200, undefined])
    expect(decodeJwt(tokens.body.id_token ?? '')).toMatchObject({ acr: mfa })
  })

  test('of a wish that nobody can meet is done without', async () => {
    const { body } = await asked({ acr_values: 'phr' })
    const person = await signedIn()
    await decideOn(person, await openQuestion(person), 'approve')
    const tokens = await poll(server, counter, body)
    expect(tokens.status).toBe(200)
    expect(decodeJwt(tokens.body.id_token ?? '').acr).toBeUndefined()
  })
})

describe('what is asked in particular', () => {
  test('is shown, and carried by the token', async () => {
    const authorization_details = JSON.stringify([dinner])
    const { body } = await asked({ authorization_details })
    const person = await signedIn()
    const question = await openQuestion(person)
    expect(question.page).toContain('Chez Panisse')
    await decideOn(person, question, 'approve')
    const tokens = (await poll(server, counter, body)).body as { authorization_details?: unknown }
    expect(tokens.authorization_details).toEqual([dinner])
  })

  test('is refused where the person would have to choose', async () => {
    const { status, body } = await asked({ authorization_details: '[{"type":"safe"}]' })
    expect([status, body.error]).toEqual([400, 'invalid_authorization_details'])
  })
})

describe('the person', () => {
  test('has a letter with the page, and nothing of what is asked; one, however many are', async () => {
    // Letters are put while the client has its answer already, and others come in between.
    const to = credentials.email
    await asked({ binding_message: 'Desk 4' })
    const letter = await mail.next({ to })
    await asked({ binding_message: 'Desk 5' })
    now += 301_000
    await asked({ binding_message: 'Desk 6' })
    await mail.next({ to, after: mail.received.indexOf(letter) + 1 })
    expect(mail.received.filter((other) => other.to.includes(to))).toHaveLength(2)
    const { path } = await openQuestion(await signedIn())
    expect(letter.content).toContain(`${server.url}${path.slice(0, path.lastIndexOf('/'))}/ask_`)
    expect(letter.content).not.toContain('Desk')
  })

  test('gives nothing once disabled, and is somebody nobody knows', async () => {
    const { body } = await asked()
    const person = await signedIn()
    const question = await openQuestion(person)
    const cause = { actor: 'cli', correlationId: 'test' }
    await disableUser(server.services, { userId, why: 'a test' }, cause)
    await decideOn(person, question, 'approve')
    expect((await poll(server, counter, body)).body.error).toBe('authorization_pending')
    const silent = await asked()
    expect(silent.status).toBe(200)
  })

  test('finds the consent among their connected apps, and ends it there', async () => {
    const { body } = await asked()
    const person = await signedIn()
    await decideOn(person, await openQuestion(person), 'approve')
    const tokens = (await poll(server, counter, body)).body
    expect(await isLive(server, tokens.access_token)).toBe(true)
    const apps = await (await person.open('/developers/connected-apps')).text()
    expect(apps).toContain('Counter')
    const [, path = ''] = /href="(\/developers\/connected-apps\/grt_\w+)"/.exec(apps) ?? []
    const page = await (await person.open(path)).text()
    const form = page.split('<form').find((part) => part.includes(`${path}/revoke`)) ?? ''
    const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(form) ?? []
    await person.submit(`${path}/revoke`, { csrf })
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const again = await post(server, '/oauth/token', {
      form: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
      headers: counter.headers,
    })
    expect(again.body.error).toBe('invalid_grant')
  })
})
