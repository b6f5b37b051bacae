/**
 * A client asks a person who has linked Telegram: the bot asks on what the page shows, and a button
 * decides it once.
 *
 * @see [OpenID Connect CIBA Core 1.0 §8 - End-User Authentication](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.8)
 */
import { decodeJwt } from 'jose'
import { telegramUpstream } from '../../src/bot/telegram-person.ts'
import { linkIdentity } from '../../src/identity/identities.ts'
import { findUser } from '../../src/projections/users.ts'
import { findQuestion } from '../../src/protocol/authorization/back-channel-question.ts'
import { addAsker, answer, ask, type Form, openSignedIn, poll } from '../support/back-channel.ts'
import { BotApi, type Sent } from '../support/bot-api.ts'
import { dinner, payment } from '../support/detail-types.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { eventsOf } from '../support/oauth-client.ts'
import type { OperatorClient } from '../support/operator-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from '../support/test.ts'

const over = 'This question is no longer open.'
const me = { id: 9 }
const mfa = 'https://refeds.org/profile/mfa'

let now = Date.now()
let api: BotApi
let site: DocumentServer
let server: TestServer
let counter: OperatorClient
let userId: string
let base: string

beforeAll(async () => {
  api = await new BotApi().start()
  site = await startDocumentServer()
  const port = await freePort()
  base = `http://localhost:${port}`
  const scopes = { read: 'Read your notes' }
  const strict = { resource: `${base}/strict`, name: 'Strict', scopes }
  const resources = [
    { resource: `${base}/api/mcp`, name: 'Notes', scopes, risk: { read: 'high' as const } },
    { ...strict, acrValues: [mfa as typeof mfa] },
    { resource: `${base}/new`, name: 'New', scopes, maxAgeSeconds: 60 },
    { resource: `${base}/long`, name: 'Long', scopes: { read: 'x'.repeat(4000) } },
  ]
  const { bot } = api.settings({ messagesPerMinuteMax: 500, signUp: true })
  const ciba = { enabled: true, perPersonHourMax: 100, openPerPersonMax: 50 }
  const more = { authorizationDetailTypes: [payment], outbound: site.outbound }
  server = await startTestServer({ port, bot, ciba, resources, ...more }, { clock: () => now })
  counter = await addAsker(server, { authorizationDetailsTypes: ['payment'] })
  userId = String((await eventsOf(server, 'UserRegistered')).at(0)?.payload.userId)
  const { services } = server
  const user = await findUser(services.reader, userId)
  if (!user) throw new Error('Cannot link: there is nobody')
  const upstream = telegramUpstream(services.settings)
  const { issuer } = upstream
  const person = { issuer, subject: '9', name: 'Ada', label: '@ada' }
  const cause = { actor: `user:${userId}`, correlationId: 'test' }
  const by = { language: 'en', userAgent: '' }
  await linkIdentity(services, { user, upstream, person, by }, cause)
})

beforeEach(() => {
  now += 60 * 60 * 1000 + 1
})

afterAll(async () => {
  await server.stop()
  await api.stop()
  await site.stop()
})

async function asked(form: Form = {}, client = counter) {
  const before = api.sent.length
  const { body } = await ask(server, client, form)
  if (body.error !== undefined) throw new Error(`Cannot ask: ${body.error_description}`)
  await api.until(() => api.sent.length > before)
  const message = api.sent.at(-1) as Sent
  const questionId = /\/approvals\/apps\/(\w+)$/.exec(message.text)?.[1] ?? ''
  return { message, questionId, request: body }
}

function button({ reply_markup }: Sent, which: 0 | 1): string {
  return String(reply_markup?.inline_keyboard[0]?.[which]?.callback_data)
}

const last = (method: string) => api.calls.findLast((call) => call.method === method)?.body.text

async function pressed(data: string, from = me): Promise<unknown> {
  await api.press(from, data)
  return last('answerCallbackQuery')
}

test('the message says what the page shows', async () => {
  const { message, questionId } = await asked({ binding_message: 'W4 SCT' })
  expect(message.chat_id).toBe('9')
  for (const part of ['Counter', 'W4 SCT', 'Notes', 'Read your notes', 'With care', '/api/mcp']) {
    expect(message.text).toContain(part)
  }
  expect(message.text).toEndWith(`/approvals/apps/${questionId}`)
})

test('a yes gives tokens once, that claim no sign-in, and the log says that it came by Telegram', async () => {
  const { message, request } = await asked()
  expect((await poll(server, counter, request)).body.error).toBe('authorization_pending')
  expect(await pressed(button(message, 0))).toBe('Approved')
  expect(String(last('editMessageText'))).toEndWith('Approved')
  const approved = (await eventsOf(server, 'GrantApproved')).length
  expect([await pressed(button(message, 0)), await pressed(button(message, 1))]).toEqual([
    over,
    over,
  ])
  const events = await eventsOf(server, 'GrantApproved')
  expect(events).toHaveLength(approved)
  expect(events.at(-1)).toMatchObject({
    actor: `user:${userId}`,
    payload: { via: 'ciba', channel: 'telegram', amr: [] },
  })
  expect(events.at(-1)?.payload.authTime).toBeUndefined()
  now += 6000
  const { body } = await poll(server, counter, request)
  const claims = decodeJwt(String(body.id_token))
  expect(claims).toMatchObject({ amr: [] })
  for (const name of ['auth_time', 'acr', 'sid']) expect(claims).not.toHaveProperty(name)
})

test('a no is told to the client, and ends the question on the page too', async () => {
  const { message, request, questionId } = await asked()
  expect(await pressed(button(message, 1))).toBe('Denied')
  expect((await poll(server, counter, request)).body.error).toBe('access_denied')
  expect(await findQuestion(server.services, { userId, questionId })).toBeUndefined()
})

test('a client that wants to be told is told of an answer by a button', async () => {
  const heard = Promise.withResolvers<string | undefined>()
  site.put('/ping', (incoming, response) => {
    heard.resolve(incoming.headers.authorization)
    response.writeHead(204).end()
  })
  const desk = await addAsker(server, {
    clientName: 'Desk',
    backChannel: { deliveryMode: 'ping', notificationEndpoint: `${site.url}/ping` },
  })
  const token = 'a-token-of-the-client.0123456789'
  const { message } = await asked({ client_notification_token: token }, desk)
  await pressed(button(message, 0))
  expect(await heard.promise).toBe(`Bearer ${token}`)
})

test('a press that is foreign, of another text, late or after the page changes nothing', async () => {
  const { message, request, questionId } = await asked()
  const approve = button(message, 0)
  await api.say({ id: 10 }, '/get')
  expect(await pressed(approve, { id: 10 })).toBe(over)
  const others = [`${approve.slice(0, -13)}${'x'.repeat(13)}`, approve.slice(0, -14)]
  for (const other of others) expect(await pressed(other)).toBe(over)
  expect(await findQuestion(server.services, { userId, questionId })).toBeDefined()
  await answer(server.person(), 'deny')
  expect(await pressed(approve)).toBe(over)
  expect((await poll(server, counter, request)).body.error).toBe('access_denied')
  const late = await asked()
  now += late.request.expires_in * 1000
  expect(await pressed(button(late.message, 0))).toBe(over)
  expect((await poll(server, counter, late.request)).body.error).toBe('expired_token')
})

test('of a button and the page at once one counts', async () => {
  const before = (await eventsOf(server, 'GrantApproved')).length
  const { message } = await asked()
  const person = server.person()
  await openSignedIn(person)
  await Promise.all([pressed(button(message, 0)), answer(person, 'approve')])
  expect(await eventsOf(server, 'GrantApproved')).toHaveLength(before + 1)
})

const onPage: readonly [string, () => Form][] = [
  ['acr_values', () => ({ acr_values: mfa })],
  ['a resource that demands a class', () => ({ resource: `${base}/strict` })],
  ['a resource that demands a new sign-in', () => ({ resource: `${base}/new` })],
  ['authorization details', () => ({ authorization_details: JSON.stringify([dinner]) })],
  ['what is too long for a message', () => ({ resource: `${base}/long` })],
]

for (const [what, form] of onPage) {
  test(`${what}: a link to the page, and no button that somebody makes decides it`, async () => {
    const { message, request, questionId } = await asked(form())
    expect(message.reply_markup).toBeUndefined()
    expect(message.text.length).toBeLessThan(1000)
    for (const end of ['', `-${'x'.repeat(13)}`]) {
      expect(await pressed(`approve:${questionId}${end}`)).toBe(over)
    }
    expect((await poll(server, counter, request)).body.error).toBe('authorization_pending')
  })
}

test('the menu counts what apps ask, until it is answered', async () => {
  const person = server.person()
  await openSignedIn(person)
  const { message } = await asked()
  expect(await (await person.open('/account')).text()).toContain('Approvals (1)')
  await pressed(button(message, 1))
  expect(await (await person.open('/account')).text()).not.toContain('Approvals (')
})
