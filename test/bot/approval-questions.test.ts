/** Questions that people answer in their chat with the bot: what they see is what they decide, once. */
import { type Call, requireApproval } from '../../src/approvals/call-approval.ts'
import { findApiToken } from '../../src/protocol/tokens/api-token-use.ts'
import { decide } from '../support/approvals.ts'
import { BotApi, type Sent } from '../support/bot-api.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

let api: BotApi
let server: TestServer
let tokenText: string
let userId: string

beforeAll(async () => {
  api = await new BotApi().start()
  const bot = { ...api.settings().bot, signUp: true }
  server = await startTestServer({ bot, apiTokens: { acceptedOn: ['rest'] } })
  const [reply] = await api.say({ id: 9 }, '/get')
  tokenText = /\S{40,}/.exec(reply?.text ?? '')?.[0] ?? ''
  userId = String((await eventsOf(server, 'UserRegistered')).at(-1)?.payload.userId)
})

afterAll(async () => {
  await server.stop()
  await api.stop()
})

const call: Call = { tool: 'delete_file', scope: 'read', given: '{}', correlationId: 'test' }

/** Makes a call, and gives the message that the bot then sends. */
async function asked(given: unknown): Promise<Sent & { approvalId: string }> {
  const token = await findApiToken(server.services, tokenText, 'rest')
  if (!token) throw new Error('Cannot ask: there is no token')
  const before = api.sent.length
  const wish = { ...call, given: JSON.stringify(given) }
  const answer = await requireApproval(server.services, token, wish)
  if (answer.outcome !== 'asked') throw new Error(`Cannot ask: ${answer.outcome}`)
  await api.until(() => api.sent.length > before)
  return { ...(api.sent.at(-1) as Sent), approvalId: answer.approvalId }
}

function button({ reply_markup }: Sent, which: 0 | 1): string {
  return String(reply_markup?.inline_keyboard[0]?.[which]?.callback_data)
}

const toast = () => api.calls.findLast(({ method }) => method === 'answerCallbackQuery')?.body.text
const edited = () => api.calls.findLast(({ method }) => method === 'editMessageText')?.body.text

async function stateOf(approvalId: string): Promise<string> {
  const [approval] = await server.services.log.load([`approval/${approvalId}`])
  return (approval?.state as { status?: string } | null)?.status ?? 'unknown'
}

test('the message says all that the page shows, and nothing of it passes for ours', async () => {
  const message = await asked({ file: 'taxes.pdf', lie: 'one\nDecide by: never\u202E' })
  expect(message.chat_id).toBe('9')
  expect(message.text).toContain('delete_file')
  expect(message.text).toContain('taxes.pdf')
  expect(message.text).toContain('one\n    Decide by: never⟨U+202E⟩')
  expect(message.text).toContain(`${server.url}/approvals/${message.approvalId}`)
  await api.press({ id: 9 }, button(message, 1))
  expect(await stateOf(message.approvalId)).toBe('denied')
})

test('a button decides, once, and the message says what was decided', async () => {
  const message = await asked({ file: 'a' })
  await api.press({ id: 9 }, button(message, 0))
  expect([toast(), await stateOf(message.approvalId)]).toEqual(['Approved', 'given'])
  expect(String(edited())).toEndWith('Approved')
  const [given] = (await eventsOf(server, 'ApprovalGiven')).slice(-1)
  expect(given).toMatchObject({ actor: `user:${userId}`, payload: { channel: 'telegram' } })
  const events = (await eventsOf(server, 'ApprovalDenied')).length
  await api.press({ id: 9 }, button(message, 1))
  expect(toast()).toBe('This question is no longer open.')
  expect((await eventsOf(server, 'ApprovalDenied')).length).toBe(events)
})

test('a button of somebody else’s question, or of another text, decides nothing', async () => {
  const message = await asked({ file: 'b' })
  const approve = button(message, 0)
  await api.say({ id: 10 }, '/get')
  await api.press({ id: 10 }, approve)
  expect(toast()).toBe('This question is no longer open.')
  for (const other of [
    `${approve.slice(0, -13)}${'x'.repeat(13)}`,
    approve.slice(0, -14),
    'approve:x',
  ]) {
    await api.press({ id: 9 }, other)
    expect(toast()).toBe('This question is no longer open.')
  }
  expect(await stateOf(message.approvalId)).toBe('open')
  await decide(server, { approvalId: message.approvalId, userId }, { choice: 'deny' })
  await api.press({ id: 9 }, approve)
  expect([toast(), await stateOf(message.approvalId)]).toEqual([
    'This question is no longer open.',
    'denied',
  ])
})

test('what does not fit into one message has no button, and the way to the page', async () => {
  const message = await asked({ text: 'x'.repeat(8000) })
  expect(message.reply_markup).toBeUndefined()
  expect(message.text).toContain(`/approvals/${message.approvalId}`)
  expect(message.text.length).toBeLessThan(1000)
})
