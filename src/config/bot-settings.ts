/** A bot on Telegram that gives people their API token. */
import { type Static, Type } from '@sinclair/typebox'
import { flag, group, minute, oneOf, text, whole } from './schema.ts'

export const botSchema = group({
  token: Type.Optional(
    text({
      secret: true,
      pattern: '^[0-9]{1,20}:[A-Za-z0-9_-]{20,100}$',
      description: "The bot's token, as BotFather gives it; without one there is no bot",
    }),
  ),
  address: Type.Optional(
    text({
      pattern: '^https://t\\.me/[A-Za-z][A-Za-z0-9_]{3,31}$',
      description: 'Where people find the bot, shown on pages: `https://t.me/…`',
    }),
  ),
  updates: oneOf(['polling', 'webhook'], {
    default: 'polling',
    description:
      'Whether the server asks Telegram for messages, or Telegram brings them, for which `api_url` must be public',
  }),
  webhookPath: text({
    pattern: '^/api(/[A-Za-z0-9_~-]+)+$',
    default: '/api/telegram/webhook',
    description: 'Where below `api_url` Telegram brings them; a path of the API',
  }),
  apiUrl: text({
    pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*[^/?#\\s])?$',
    default: 'https://api.telegram.org',
    description: 'The Bot API: that of Telegram, or a server of your own that speaks it',
  }),
  signUp: Type.Optional(
    flag({
      defaultText: 'as for signing in by Telegram, else whether `sign_up` is `open`',
      description: 'Whether somebody whom nobody here knows gets an account by asking for a token',
    }),
  ),
  messagesPerMinuteMax: whole(
    { from: 1, to: 1000 },
    {
      default: 10,
      description: `How many messages of one person are answered in ${minute} seconds`,
    },
  ),
})

/** What pages tell of the bot; nothing while this server does not answer for it. */
export function botAddressOf({ bot }: { bot: Static<typeof botSchema> }): string | undefined {
  return bot.token === undefined ? undefined : bot.address
}
