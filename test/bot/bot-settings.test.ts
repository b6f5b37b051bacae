/** What the bot gives where an operator says otherwise than the preset `aigon`. */
import { createHash, createHmac } from 'node:crypto'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import type { GivenSettings } from '../../src/config/settings.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { revokeApiToken } from '../../src/protocol/tokens/api-tokens.ts'
import { giveApiToken } from '../support/api-tokens.ts'
import { BotApi, botToken, type Sent, tokenIn } from '../support/bot-api.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { describe, expect, test } from '../support/test.ts'

const writer = { id: 42, first_name: 'Grace', username: 'grace' }

interface Scene {
  readonly api: BotApi
  readonly server: TestServer
  /** Says it as the writer, and gives the one answer. */
  say(text: string): Promise<Sent>
}

async function withBot(
  settings: GivenSettings,
  act: (scene: Scene) => Promise<void>,
  clock?: () => number,
): Promise<void> {
  const api = await new BotApi().start()
  const { bot } = api.settings(settings.bot)
  const server = await startTestServer({ ...settings, bot }, clock ? { clock } : {})
  try {
    await act({ api, server, say: async (text) => (await api.say(writer, text))[0] as Sent })
  } finally {
    await server.stop()
    await api.stop()
  }
}

const userIds = async (server: TestServer) =>
  (await eventsOf(server, 'UserRegistered')).map(({ payload }) => String(payload.userId))

describe('somebody whom nobody here knows', () => {
  const cases: [GivenSettings, made: boolean][] = [
    [{}, false],
    [{ signUp: 'open' }, true],
    [{ signUp: 'open', bot: { signUp: false } }, false],
    [{ signUp: 'off', bot: { signUp: true } }, true],
  ]
  for (const [settings, made] of cases) {
    test(`gets ${made ? 'an account' : 'nothing'} by ${JSON.stringify(settings)}`, () =>
      withBot(settings, async ({ server, say }) => {
        const answer = await say('/get')
        expect(tokenIn(answer) !== '').toBe(made)
        expect((await userIds(server)).length).toBe(made ? 2 : 1)
        if (!made) expect(answer.text).toContain(server.services.settings.issuer)
      }))
  }
})

describe('a token that cannot be shown again', () => {
  const settings = { bot: { signUp: true }, apiTokens: { perAccount: 1 } }

  test('is told by its end, and replaced by /revoke', () =>
    withBot(settings, async ({ say }) => {
      const token = tokenIn(await say('/get'))
      const again = await say('/get')
      expect(tokenIn(again)).toBe('')
      expect(again.text).toContain(`ends in ${token.slice(-4)}`)
      expect(tokenIn(await say('/revoke'))).not.toBe('')
    }))

  test('is another once it has expired', async () => {
    let now = Date.now()
    await withBot(
      { ...settings, apiTokens: { perAccount: 1, defaultLifetimeSeconds: 60 } },
      async ({ say }) => {
        const token = tokenIn(await say('/get'))
        now += 61_000
        const answer = await say('/get')
        expect(answer.text).toContain('Your new API token')
        expect(tokenIn(answer)).not.toBe(token)
      },
      () => now,
    )
  })
})

describe('an account with several tokens', () => {
  test('shows and replaces the one that the bot made, and leaves the others', () =>
    withBot({ bot: { signUp: true }, apiTokens: { reshow: true } }, async ({ server, say }) => {
      const first = tokenIn(await say('/get'))
      const [, userId = ''] = await userIds(server)
      const { id } = await giveApiToken(server, { userId, scopes: ['read'] })
      expect(tokenIn(await say('/get'))).toBe(first)
      await say('/revoke')
      const ended = await eventsOf(server, 'ApiTokenRegenerated', 'ApiTokenRevoked')
      expect(ended.length).toBe(1)
      expect(ended[0]?.payload.apiTokenId).not.toBe(id)
    }))

  test('is told when there is no place for another', () =>
    withBot({ bot: { signUp: true }, apiTokens: { perAccount: 2 } }, async ({ server, say }) => {
      await say('/get')
      const [, userId = ''] = await userIds(server)
      const [made] = await eventsOf(server, 'ApiTokenCreated')
      await revokeApiToken(
        server.services,
        { apiTokenId: String(made?.payload.apiTokenId), reason: 'revoked_by_user' },
        { actor: 'cli', correlationId: 'cor_1' },
      )
      await giveApiToken(server, { userId, scopes: ['read'] })
      await giveApiToken(server, { userId, scopes: ['read'] })
      expect((await say('/get')).text).toContain('as many API tokens as it may')
    }))
})

test('what a token may do is what clients get unless they ask, of what the person may give', () => {
  const resource = {
    resource: 'https://api.example.com',
    name: 'Example',
    scopes: { read: 'Read', write: 'Write' },
    defaultScopes: ['read'],
  }
  return withBot({ bot: { signUp: true }, resources: [resource] }, async ({ server, say }) => {
    await say('/get')
    const [created] = await eventsOf(server, 'ApiTokenCreated')
    expect(created?.payload).toMatchObject({ resource: resource.resource, scopes: ['read'] })
  })
})

test('whoever has linked Telegram to an account gets the token of that account', () =>
  withBot(
    {
      upstreams: [
        {
          ...{ id: 'telegram', name: 'Telegram', kind: 'telegram_widget', clientId: 'bot' },
          clientSecret: botToken,
        },
      ],
    },
    async ({ server, say }) => {
      expect(tokenIn(await say('/get'))).toBe('')
      await link(server)
      expect(tokenIn(await say('/get'))).not.toBe('')
      const ada = await findUserByEmail(server.services, admin.email)
      const [created] = await eventsOf(server, 'ApiTokenCreated')
      expect(created).toMatchObject({
        actor: 'upstream:telegram',
        payload: { userId: ada?.userId },
      })
      expect((await userIds(server)).length).toBe(1)
    },
  ))

/** The admin signs in and follows a link that Telegram has signed for the writer. */
async function link(server: TestServer): Promise<void> {
  const fields: Record<string, string> = {
    auth_date: String(Math.floor(Date.now() / 1000)),
    first_name: writer.first_name,
    id: String(writer.id),
    username: writer.username,
  }
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
  const key = createHash('sha256').update(botToken).digest()
  const hash = createHmac('sha256', key).update(text).digest('hex')
  const path = '/sign-in/telegram/telegram'
  const person = server.person()
  const form = hiddenFields(await (await person.open('/sign-in')).text())
  await person.submit('/sign-in', { ...form, ...admin })
  const asked = await person.open(`${path}?${new URLSearchParams({ ...fields, hash })}`)
  const sent = await person.submit(path, hiddenFields(await asked.text()))
  expect(sent.headers.get('location')).toBe('/account')
}
