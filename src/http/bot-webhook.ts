/**
 * Where Telegram brings what people write to the bot. It proves itself by a secret that this server
 * gave it, in a header; without that nothing is read.
 *
 * @see [Bot API - setWebhook](https://core.telegram.org/bots/api#setwebhook)
 */
import { Elysia } from 'elysia'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { readJson } from './body.ts'
import { errorJson, jsonResponse, unavailable, unavailableRetrySeconds } from './errors.ts'

export interface UpdateReceiver {
  isFromTelegram(presented: string): boolean
  /** @throws when it is to be brought again */
  receive(update: { update_id: number }): Promise<void>
}

export function botWebhook(services: Services, bot: UpdateReceiver | undefined) {
  const plugin = new Elysia({ name: 'bot-webhook' })
  const { updates, webhookPath } = services.settings.bot
  if (!bot || updates !== 'webhook') return plugin
  return plugin.post(webhookPath, ({ request }) => receive(services, bot, request), {
    parse: 'none',
  })
}

async function receive(
  services: Services,
  bot: UpdateReceiver,
  request: Request,
): Promise<Response> {
  const presented = request.headers.get('x-telegram-bot-api-secret-token') ?? ''
  if (!bot.isFromTelegram(presented)) {
    throw new OAuthError('access_denied', 'Only Telegram brings messages here')
  }
  const update = await readJson(request, services.settings.limits.bodyBytesMax)
  if (!isUpdate(update)) throw new OAuthError('invalid_request', 'The body is no update')
  try {
    await bot.receive(update)
  } catch (error) {
    services.logger.warn({ cause: String(error) }, 'a message to the bot is to be brought again')
    const headers = { 'retry-after': String(unavailableRetrySeconds) }
    return errorJson(services, request, { ...unavailable, headers })
  }
  return jsonResponse({ received: true })
}

function isUpdate(value: unknown): value is { update_id: number } {
  return Number.isSafeInteger((value as { update_id?: unknown } | null)?.update_id)
}
