/**
 * What Telegram's login widget, or the login button of a bot, says of a person: fields in a URL,
 * signed under the bot's token, which Telegram and the operator alone know.
 *
 * @see [Telegram - Checking authorization](https://core.telegram.org/widgets/login#checking-authorization)
 */
import { createHash, createHmac } from 'node:crypto'
import type { Upstream } from '../config/upstream-settings.ts'
import { equalSecrets, sha256 } from '../domain/keyring.ts'
import type { Services } from '../protocol/services.ts'
import { type UpstreamPerson, UpstreamRefused } from './upstream.ts'

export const loginSecondsMax = 5 * 60
const clockSkewSeconds = 60
const usedKind = 'telegram-login'

/** What Telegram signs; what else stands in the URL is not part of it, and is not believed. */
export const telegramFields = [
  ...['auth_date', 'first_name', 'id', 'last_name', 'photo_url', 'username', 'hash'],
]

/**
 * Who it is. Checking uses nothing up: a preview of the link must not spend it.
 * @throws {UpstreamRefused}
 */
export function telegramPerson(
  { now }: Pick<Services, 'now'>,
  { issuer, clientSecret = '' }: Upstream,
  parameters: URLSearchParams,
): UpstreamPerson {
  const names = telegramFields.filter((name) => name !== 'hash' && parameters.has(name))
  const signed = names.map((name) => `${name}=${parameters.get(name)}`).join('\n')
  const key = createHash('sha256').update(clientSecret).digest()
  const expected = createHmac('sha256', key).update(signed).digest('hex')
  if (clientSecret === '' || !equalSecrets(parameters.get('hash') ?? '', expected)) {
    throw new UpstreamRefused('upstream_failed', 'the signature is not by the bot')
  }
  const age = now() / 1000 - Number(parameters.get('auth_date') ?? Number.NaN)
  if (!(age <= loginSecondsMax && age >= -clockSkewSeconds)) {
    throw new UpstreamRefused('upstream_expired', `auth_date is ${age} seconds ago`)
  }
  const subject = parameters.get('id') ?? ''
  if (!/^[1-9]\d{0,19}$/.test(subject)) {
    throw new UpstreamRefused('upstream_failed', 'the id is no number')
  }
  const name = [parameters.get('first_name'), parameters.get('last_name')].filter(Boolean).join(' ')
  const username = parameters.get('username')
  return { issuer, subject, name, label: username ? `@${username}` : name || subject }
}

/** True once for each link that Telegram has signed. */
export async function useTelegramLogin(
  { expiring }: Pick<Services, 'expiring'>,
  parameters: URLSearchParams,
): Promise<boolean> {
  const id = sha256(parameters.get('hash') ?? '')
  return (await expiring.count(usedKind, id, loginSecondsMax + 2 * clockSkewSeconds)) === 1
}
