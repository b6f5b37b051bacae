/** How an answer leaves for a chat, and which failures of that pass by themselves. */
import { type Context, GrammyError, HttpError, InlineKeyboard } from 'grammy/web'
import { LogUnavailable } from '../domain/event-log.ts'
import type { Services } from '../protocol/services.ts'
import { type Words, wordsFor } from '../web/words/words.ts'

export interface Reply {
  readonly lines: readonly string[]
  /** Stands on a line of its own after the first, to be copied by a touch. */
  readonly token?: string
}

/** In the language that the person's Telegram speaks. */
export function wordsOf({ from }: Pick<Context, 'from'>): Words {
  return wordsFor({ uiLocales: from?.language_code })
}

export async function send(services: Services, context: Context, reply: Reply): Promise<void> {
  const [first = '', ...rest] = reply.lines
  const { token } = reply
  const text = [first, ...(token === undefined ? [] : [token]), ...rest].join('\n\n')
  const copied = token === undefined ? {} : copiedByTouch(wordsOf(context).bot.copy, first, token)
  await unlessRefused(services, () =>
    context.reply(text, { link_preview_options: { is_disabled: true }, ...copied }),
  )
}

function copiedByTouch(label: string, before: string, token: string) {
  const offset = before.length + 2
  return {
    entities: [{ type: 'code' as const, offset, length: token.length }],
    reply_markup: new InlineKeyboard().copyText(label, token),
  }
}

/**
 * True once it was done. A person who has blocked the bot, or a chat that is gone, is no failure:
 * nothing would get better by trying again.
 */
export async function unlessRefused(
  { logger, observations }: Pick<Services, 'logger' | 'observations'>,
  act: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if (!(error instanceof GrammyError) || ![400, 403].includes(error.error_code)) throw error
    observations.count('bot-answers-refused')
    logger.info({ cause: causeOf(error) }, 'an answer of the bot could not be delivered')
    return false
  }
}

/** Telegram or our own database is not there now, or asks us to be slower. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof HttpError || error instanceof GrammyError || error instanceof LogUnavailable
  )
}

/** How long Telegram asks us to wait; 0 where it does not. */
export function retryAfterMs(error: unknown): number {
  return error instanceof GrammyError ? (error.parameters.retry_after ?? 0) * 1000 : 0
}

/** For our log. What a failed request carried may hold the bot's token, and is left out. */
export function causeOf(error: unknown): string {
  if (error instanceof GrammyError)
    return `${error.method}: ${error.error_code} ${error.description}`
  return error instanceof HttpError ? error.message : String(error)
}
