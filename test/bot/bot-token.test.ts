/** What the bot gives whom: by long polling, as the preset `aigon` has it and as others do. */
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { endLeakedTokens } from '../../src/protocol/tokens/leaked-api-tokens.ts'
import { BotApi, botName, botToken, type Sent, tokenIn } from '../support/bot-api.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

let api: BotApi
let server: TestServer
let now = Date.now()
let id = 500
beforeAll(async () => {
  api = await new BotApi().start()
  server = await startTestServer(api.settings(), { preset: 'aigon', clock: () => now })
})
afterAll(async () => {
  await server.stop()
  await api.stop()
})
beforeEach(() => {
  id += 1
})

const grace = () => ({ id, username: `grace${id}`, language_code: 'en' })

async function say(text: string, from: object = {}, chat = {}): Promise<Sent> {
  const [answer, ...more] = await api.say({ ...grace(), ...from }, text, chat)
  expect(more).toEqual([])
  return answer as Sent
}

async function opens(token: string, at = server): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${at.url}/health`, { headers })).status === 200
}

async function count(type: string, at = server): Promise<number> {
  return (await eventsOf(at, type)).length
}

describe('/get', () => {
  test('makes an account without an address and a token that opens the API', async () => {
    const answer = await say('/get')
    expect(answer.text).toContain('Your new API token:')
    expect(tokenIn(answer)).toMatch(/^aigon_live_/)
    expect(await opens(tokenIn(answer))).toBe(true)
    const { payload } = (await eventsOf(server, 'UserRegistered')).at(-1) ?? {}
    expect(payload).toMatchObject({ name: 'Grace', admin: false, emailVerified: false })
    expect(payload).not.toHaveProperty('email')
    const created = (await eventsOf(server, 'ApiTokenCreated')).at(-1)
    expect(created?.actor).toBe('upstream:telegram-bot')
    expect(created?.payload).not.toHaveProperty('expiresAt')
    expect(created?.payload).toMatchObject({ scopes: ['account'] })
  })

  test('gives the current token again, and the log says that it was shown', async () => {
    const token = tokenIn(await say('/get'))
    const shown = await count('ApiTokenShown')
    const again = await say('/get')
    expect(again.text).toContain('Your API token:')
    expect(tokenIn(again)).toBe(token)
    expect(await count('ApiTokenShown')).toBe(shown + 1)
  })

  test('can be copied by a button, and previews no link', async () => {
    const answer = await say('/get')
    expect(answer.reply_markup?.inline_keyboard).toEqual([
      [{ text: 'Copy', copy_text: { text: tokenIn(answer) } }],
    ])
    expect(answer).toMatchObject({ link_preview_options: { is_disabled: true } } as never)
  })

  test('of the same person twice at once makes one account and one token', async () => {
    const users = await count('UserRegistered')
    const answers = await Promise.all([api.say(grace(), '/get'), api.say(grace(), '/get')])
    const tokens = new Set(answers.flat().map(tokenIn))
    expect([...tokens].length).toBe(1)
    expect(await count('UserRegistered')).toBe(users + 1)
  })

  test('speaks the language of the person’s Telegram', async () => {
    const german = await say('/get', { language_code: 'de-AT' })
    expect(german.text).toContain('Ihr neues API-Token:')
    expect((await say('/get', { language_code: 'fr' })).text).toContain('Your API token:')
    expect((await say('/get', { language_code: undefined })).text).toContain('Your API token:')
  })

  test('may name the bot, as it has to in groups', async () => {
    expect(tokenIn(await say(`/get@${botName}`))).not.toBe('')
    expect(tokenIn(await say('/get@another_bot'))).toBe('')
  })

  test('of a disabled account says so, and gives nothing', async () => {
    await say('/get')
    await disable(String((await eventsOf(server, 'UserRegistered')).at(-1)?.payload.userId))
    for (const command of ['/get', '/revoke']) {
      const answer = await say(command)
      expect(answer.text).toBe('Your account is disabled.')
      expect(tokenIn(answer)).toBe('')
    }
  })

  test('after the token was found in public says so once, and makes another', async () => {
    const token = tokenIn(await say('/get'))
    await endLeakedTokens(server.services, [{ token, type: 't', url: 'https://x', source: 's' }], {
      correlationId: 'cor_1',
    })
    const answer = await say('/get')
    expect(answer.text).toContain('Somebody found your token in public')
    expect(await opens(tokenIn(answer))).toBe(true)
    expect(tokenIn(answer)).not.toBe(token)
    const again = await say('/get')
    expect(again.text).not.toContain('public')
    expect(tokenIn(again)).toBe(tokenIn(answer))
  })
})

describe('/revoke', () => {
  test('ends the token and gives another', async () => {
    const token = tokenIn(await say('/get'))
    const answer = await say('/revoke')
    expect(answer.text).toContain('The old token has ended.')
    expect(await opens(token)).toBe(false)
    expect(await opens(tokenIn(answer))).toBe(true)
    expect(tokenIn(await say('/get'))).toBe(tokenIn(answer))
  })

  test('makes nothing for somebody who has nothing', async () => {
    const users = await count('UserRegistered')
    expect((await say('/revoke')).text).toContain('You have no token')
    expect(await count('UserRegistered')).toBe(users)
  })
})

describe('the bot', () => {
  test('says what it does to whoever writes anything else', async () => {
    const users = await count('UserRegistered')
    for (const text of ['/start', '/start deep-link', '/help', 'hello', '/unknown']) {
      id += 1
      expect((await say(text)).text).toContain('/get shows your token')
    }
    expect((await say('/start', { id: id + 1, language_code: 'de' })).text).toContain('Dieser Bot')
    expect(await count('UserRegistered')).toBe(users)
    id += 1
  })

  test('gives no token in a group, where everybody would read it', async () => {
    const users = await count('UserRegistered')
    for (const type of ['group', 'supergroup']) {
      for (const command of ['/get', '/revoke', '/start']) {
        const answer = await say(command, {}, { id: -100 - id, type, title: 'A group' })
        expect(answer.text).toContain('Write to me in private')
        expect(tokenIn(answer)).toBe('')
      }
    }
    expect(await api.say(grace(), 'hello', { id: -100, type: 'group', title: 'A' })).toEqual([])
    expect(await count('UserRegistered')).toBe(users)
  })

  test('answers no bot, and nobody who has no name', async () => {
    expect(await api.say({ ...grace(), is_bot: true }, '/get')).toEqual([])
    const { message, ...update } = api.message(grace(), '/get') as never as {
      update_id: number
      message: Record<string, unknown>
    }
    const { from: _, ...anonymous } = message
    expect(await api.bring({ ...update, message: anonymous })).toEqual([])
  })

  test('answers ten messages of one person a minute, and says so once', async () => {
    const texts: string[] = []
    for (let each = 0; each < 13; each += 1) {
      for (const { text } of await api.say(grace(), '/help')) texts.push(text)
    }
    expect(texts.length).toBe(11)
    expect(texts.at(-1)).toContain('Wait a minute')
    expect((await say('/help', { id: id + 1000 })).text).toContain('/get')
    now += 60_001
    expect((await say('/help')).text).toContain('/get')
  })

  test('tells Telegram its commands, in every language', () => {
    const told = api.calls.filter(({ method }) => method === 'setMyCommands')
    expect(told.map(({ body }) => body.language_code)).toEqual([undefined, 'de'])
    expect(told[0]?.body.commands).toContainEqual({
      command: 'get',
      description: 'Show your API token',
    })
  })

  test('is shown on the front page', async () => {
    const page = await (await fetch(server.url)).text()
    expect(page).toContain('href="https://t.me/aigon_auth_bot"')
  })

  test('leaves neither its own token nor a person’s in the log', async () => {
    const token = tokenIn(await say('/get'))
    expect(server.logged()).not.toContain(botToken)
    expect(server.logged()).not.toContain(token)
    expect(JSON.stringify(await eventsOf(server))).not.toContain(token)
  })
})

async function disable(userId: string): Promise<void> {
  const cause = { actor: 'cli', correlationId: 'cor_1' }
  await execute<string>(server.services.log, cause, (work) =>
    work.decide(userDecider, userId, { kind: 'disable', reason: 'a test', now }),
  )
}
