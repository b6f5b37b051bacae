/** What Telegram puts into a link of its widget or of a bot, for one person, as it signs it. */
import { createHash, createHmac } from 'node:crypto'

/** Every field but the hash, in order, under SHA-256 of the bot's token. */
export function signedByTelegram(
  fields: Readonly<Record<string, string>>,
  botToken: string,
): Record<string, string> {
  const text = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('\n')
  const key = createHash('sha256').update(botToken).digest()
  return { ...fields, hash: createHmac('sha256', key).update(text).digest('hex') }
}
