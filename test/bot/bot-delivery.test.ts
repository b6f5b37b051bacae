/**
 * How updates get to the bot and answers to people, when all goes well and when it does not: nobody
 * waits for an answer that never comes, and no message is acted on twice.
 *
 * @see [Bot API - Getting updates](https://core.telegram.org/bots/api#getting-updates)
 */
import { TelegramBot } from '../../src/bot/telegram-bot.ts'
import { BotApi, botToken, type Sent, tokenIn } from '../support/bot-api.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { rejectionOf } from '../support/rejection.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

const busy = { status: 502, description: 'Bad Gateway' }
const blocked = { status: 403, description: 'Forbidden: bot was blocked by the user' }

/** Fails so many calls of a method, and then no more. */
function times(api: BotApi, wanted: number, fails: ReturnType<BotApi['failing']>): () => number {
  let failed = 0
  api.failing = ({ method }) => {
    if (method !== 'sendMessage' || failed === wanted) return undefined
    failed += 1
    return fails
  }
  return () => failed
}

for (const updates of ['polling', 'webhook'] as const) {
  describe(`by ${updates}`, () => {
    let api: BotApi
    let server: TestServer
    let id = 700
    beforeAll(async () => {
      api = await new BotApi().start()
      server = await startTestServer(api.settings({ updates, messagesPerMinuteMax: 1000 }), {
        preset: 'aigon',
      })
      await api.until(
        () => api.calledTimes(updates === 'webhook' ? 'setWebhook' : 'getUpdates') > 0,
      )
    })
    afterAll(async () => {
      await server.stop()
      await api.stop()
    })
    beforeEach(() => {
      id += 1
      api.failing = () => undefined
    })

    const say = (text: string, from = { id }): Promise<Sent[]> => api.say(from, text)
    const regenerated = async () => (await eventsOf(server, 'ApiTokenRegenerated')).length

    test('a message is answered', async () => {
      expect(tokenIn((await say('/get'))[0])).not.toBe('')
    })

    test('an answer that Telegram could not take comes later', async () => {
      for (const fails of [
        busy,
        'breaks' as const,
        { status: 429, description: 'Too Many Requests: retry after 1', retryAfter: 0 },
      ]) {
        id += 1
        const failed = times(api, 2, fails)
        const answers = await say('/get')
        expect(failed()).toBe(2)
        expect(answers.map(tokenIn)).toEqual([expect.stringMatching(/^aigon_live_/)])
      }
    })

    test('a /revoke whose answer did not arrive ends one token', async () => {
      const [first] = await say('/get')
      const before = await regenerated()
      times(api, 2, busy)
      const [answer] = await say('/revoke')
      expect(await regenerated()).toBe(before + 1)
      expect(tokenIn(answer)).not.toBe(tokenIn(first))
      expect(tokenIn((await say('/get'))[0])).toBe(tokenIn(answer))
    })

    test('a message that is brought twice counts once', async () => {
      await say('/get')
      const before = await regenerated()
      const update = api.message({ id }, '/revoke')
      expect((await api.bring(update)).length).toBe(1)
      expect(await api.bring({ ...update })).toEqual([])
      expect(await regenerated()).toBe(before + 1)
    })

    test('a person who blocked the bot keeps nobody waiting, and gets the token later', async () => {
      times(api, 1, blocked)
      expect(await say('/get')).toEqual([])
      expect((await say('/help')).length).toBe(1)
      expect((await say('/get'))[0]?.text).toContain('Your API token:')
      expect(server.logged()).toContain('an answer of the bot could not be delivered')
    })

    test('what Telegram sends that nobody asked for is left alone', async () => {
      for (const fields of [{}, { poll: {} }, { message: {} }, { callback_query: {} }]) {
        expect(await api.bring(api.update(fields))).toEqual([])
      }
      expect((await say('/help')).length).toBe(1)
    })
  })
}

describe('a server that starts', () => {
  test('while Telegram is away tries until it is there', async () => {
    const api = await new BotApi().start()
    api.failing = () => 'breaks'
    const server = await startTestServer(api.settings(), { preset: 'aigon' })
    try {
      await api.until(() => api.calls.length > 1)
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      api.failing = () => undefined
      expect(tokenIn((await api.say({ id: 1 }, '/get'))[0])).not.toBe('')
      expect(server.logged()).not.toContain(botToken)
    } finally {
      await server.stop()
      await api.stop()
    }
  })

  test('with a token that Telegram does not know says so in the log, and serves all else', async () => {
    const api = await new BotApi().start()
    const token = '1:a-token-of-no-bot-that-there-is'
    const server = await startTestServer(api.settings({ token }), { preset: 'aigon' })
    try {
      await api.until(() => api.calls.length > 1)
      expect(server.logged()).toContain('getMe: 401 Unauthorized')
      expect(server.logged()).not.toContain(token)
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    } finally {
      await server.stop()
      await api.stop()
    }
  })

  test('answers what was written while no server ran, once', async () => {
    const api = await new BotApi().start()
    const first = await startTestServer(api.settings(), { preset: 'aigon' })
    await api.say({ id: 1 }, '/get')
    await first.stop()
    const answers = api.say({ id: 1 }, '/help')
    const second = await startTestServer(api.settings(), { preset: 'aigon' })
    try {
      expect((await answers).length).toBe(1)
    } finally {
      await second.stop()
      await api.stop()
    }
  })

  test('without a bot has no webhook and shows none', async () => {
    const bot = { updates: 'webhook', address: 'https://t.me/no_bot_here' } as const
    const server = await startTestServer({ bot })
    try {
      const answer = await fetch(`${server.url}/api/telegram/webhook`, { method: 'POST' })
      expect(answer.status).toBe(404)
      expect(await (await fetch(server.url)).text()).not.toContain('no_bot_here')
    } finally {
      await server.stop()
    }
  })
})

describe('the webhook', () => {
  let api: BotApi
  let server: TestServer
  beforeAll(async () => {
    api = await new BotApi().start()
    const webhookPath = '/api/bots/telegram'
    const asked = api.settings({ updates: 'webhook', webhookPath })
    server = await startTestServer(asked, {
      preset: 'aigon',
      secret: '2:the new secret it has,1:the old secret it had',
    })
    await api.until(() => api.webhook !== undefined)
  })
  afterAll(async () => {
    await server.stop()
    await api.stop()
  })

  test('is told to Telegram with a secret of its own', () => {
    expect(api.webhook?.url).toBe(`${server.url}/api/bots/telegram`)
    expect(api.webhook?.secret_token).toMatch(/^[\w-]{43}$/)
    expect(server.logged()).not.toContain(api.webhook?.secret_token ?? '')
  })

  test('takes nothing from anybody else', async () => {
    const update = api.message({ id: 1 }, '/get')
    const before = api.sent.length
    const known = api.webhook?.secret_token ?? ''
    for (const secret of ['', 'wrong', known.slice(1), `${known}x`, botToken]) {
      expect((await api.post(update, secret)).status).toBe(403)
    }
    const without = await fetch(api.webhook?.url ?? '', { method: 'POST', body: '{}' })
    expect(without.status).toBe(403)
    expect(api.sent.length).toBe(before)
  })

  test('takes the secret of before, while the server still has it', async () => {
    const { keyring } = server.services
    const secret = keyring.mac('bot-webhook', [botToken], 1)
    expect((await api.post(api.message({ id: 2 }, '/get'), secret)).status).toBe(200)
  })

  test('refuses a body that is no update', async () => {
    for (const body of [null, [], 'text', {}, { update_id: 'one' }, { update_id: 1.5 }]) {
      expect((await api.post(body)).status).toBe(400)
    }
  })

  test('asks for another try while the answer cannot be sent', async () => {
    times(api, 1, busy)
    const update = api.message({ id: 3 }, '/get')
    const refused = await api.post(update)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect((await api.post(update)).status).toBe(200)
    expect(tokenIn(api.sent.at(-1))).not.toBe('')
  })

  test('brought the same at once answers once', async () => {
    const update = api.message({ id: 4 }, '/get')
    const before = api.sent.length
    const answers = await Promise.all([api.post(update), api.post(update), api.post(update)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(api.sent.length).toBe(before + 1)
  })

  test('brought many messages of a new person at once makes one account and one token', async () => {
    const before = (await eventsOf(server, 'UserRegistered')).length
    const sent = api.sent.length
    const messages = [1, 2, 3, 4].map(() => api.message({ id: 5 }, '/get'))
    await Promise.all(messages.map((update) => api.post(update)))
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(before + 1)
    expect(new Set(api.sent.slice(sent).map(tokenIn)).size).toBe(1)
  })
})

describe('a question with buttons', () => {
  let api: BotApi
  let server: TestServer
  let bot: TelegramBot
  const decided: unknown[] = []
  beforeAll(async () => {
    api = await new BotApi().start()
    server = await startTestServer({ bot: { apiUrl: api.url, signUp: true } })
    const approvals = {
      decide: async (answer: { reference: string }) => {
        decided.push(answer)
        return answer.reference === 'job_1' ? ('recorded' as const) : ('not_open' as const)
      },
    }
    bot = new TelegramBot(server.services, { token: botToken, approvals })
    bot.start()
    await api.say({ id: 9 }, '/get')
  })
  afterAll(async () => {
    await bot.stop()
    await server.stop()
    await api.stop()
  })

  const userId = async () =>
    String((await eventsOf(server, 'UserRegistered')).at(-1)?.payload.userId)
  const toasts = () =>
    api.calls.filter(({ method }) => method === 'answerCallbackQuery').map(({ body }) => body.text)

  test('stands in the person’s chat, and brings what they chose', async () => {
    const question = { userId: await userId(), text: 'Book a table?', reference: 'job_1' }
    expect(await bot.ask({ ...question, language: 'de' })).toBe(true)
    expect(api.sent.at(-1)?.reply_markup?.inline_keyboard).toEqual([
      [
        { text: 'Erlauben', callback_data: 'approve:job_1' },
        { text: 'Ablehnen', callback_data: 'deny:job_1' },
      ],
    ])
    await api.press({ id: 9 }, 'approve:job_1')
    expect(decided).toEqual([{ userId: question.userId, reference: 'job_1', choice: 'approve' }])
    expect(toasts().at(-1)).toBe('Approved')
    expect(api.calls.at(-1)?.method ?? '').not.toBe('')
    expect(api.calledTimes('editMessageText')).toBe(1)
  })

  test('counts for nothing where it is over, strange, or by somebody without an account', async () => {
    await api.press({ id: 9 }, 'approve:job_2')
    expect(toasts().at(-1)).toBe('This question is no longer open.')
    const before = decided.length
    for (const data of [
      '',
      'approve',
      'approve:',
      'approve:a:b',
      'other:job_1',
      `deny:${'x'.repeat(51)}`,
    ]) {
      await api.press({ id: 9 }, data)
    }
    await api.press({ id: 10, language_code: 'de' }, 'approve:job_1')
    expect(toasts().at(-1)).toBe('Diese Frage ist nicht mehr offen.')
    expect(decided.length).toBe(before)
  })

  test('reaches nobody who has no chat with the bot, or has blocked it', async () => {
    const question = { userId: await userId(), text: 'Book?', reference: 'job_3' }
    expect(await bot.ask({ ...question, userId: 'usr_unknown' })).toBe(false)
    times(api, 1, blocked)
    expect(await bot.ask(question)).toBe(false)
    const strange = bot.ask({ ...question, reference: 'a b' })
    expect(String(await rejectionOf(strange))).toContain('Cannot ask about "a b"')
  })
})
