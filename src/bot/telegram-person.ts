/**
 * Who writes to the bot. Telegram says it, over the connection that the bot's token or the secret
 * of the webhook opens, so a message is as good as a sign-in by Telegram; the identity is the same.
 *
 * @see [Bot API - User](https://core.telegram.org/bots/api#user)
 */
import type { User as TelegramUser } from 'grammy/types'
import type { Settings } from '../config/settings.ts'
import { type Upstream, upstreamDefaults } from '../config/upstream-settings.ts'
import { type AccountResult, accountOf } from '../identity/identities.ts'
import type { UpstreamPerson } from '../identity/upstream.ts'
import type { Services } from '../protocol/services.ts'

/** Where nobody signs in by Telegram; the id of none in the settings, so it is no way to sign in. */
const standIn: Upstream = {
  id: 'telegram-bot',
  name: 'Telegram',
  kind: 'telegram_widget',
  issuer: upstreamDefaults.telegram_widget.issuer ?? '',
  clientId: 'telegram-bot',
  scopes: [],
  trustEmail: false,
  trustAmr: false,
}

/** The account of whoever writes. */
export function accountOfTelegram(
  services: Services,
  from: TelegramUser,
  options: { mayMakeOne: boolean },
): Promise<AccountResult> {
  const { settings } = services
  const upstream = telegramUpstream(settings)
  const signUp = settings.bot.signUp ?? upstream.signUp ?? settings.signUp === 'open'
  const asked = { ...upstream, signUp: options.mayMakeOne && signUp }
  return accountOf(services, asked, personOf(from, upstream))
}

export function telegramUpstream({ upstreams }: Pick<Settings, 'upstreams'>): Upstream {
  return upstreams.find(({ kind }) => kind.startsWith('telegram_')) ?? standIn
}

function personOf(from: TelegramUser, { issuer }: Upstream): UpstreamPerson {
  const subject = String(from.id)
  const name = [from.first_name, from.last_name].filter(Boolean).join(' ')
  return { issuer, subject, name, label: from.username ? `@${from.username}` : name || subject }
}
