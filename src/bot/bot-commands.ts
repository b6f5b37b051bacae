/**
 * What the bot answers: `/start` and `/help` say what it does, `/get` gives the API token of the
 * account that the person's Telegram belongs to, `/revoke` replaces it. In private chats alone: in
 * a group everybody would read the token.
 *
 * @see [Bot API - Message](https://core.telegram.org/bots/api#message)
 */
import type { User as TelegramUser } from 'grammy/types'
import { Composer, type Context, type NextFunction } from 'grammy/web'
import { CountsInMemory } from '../protocol/rate-limits.ts'
import type { Services } from '../protocol/services.ts'
import type { Words } from '../web/words/words.ts'
import { type Approvals, choiceOf } from './approval-buttons.ts'
import {
  acknowledgeLeaks,
  type BotToken,
  currentToken,
  leakedTokens,
  replaceToken,
} from './bot-token.ts'
import { type Reply, send, unlessRefused, wordsOf } from './replies.ts'
import { accountOfTelegram } from './telegram-person.ts'
import { UpdateMarks } from './update-marks.ts'

export interface BotParts {
  readonly services: Services
  readonly approvals: Approvals
}

export function botCommands({ services, approvals }: BotParts): Composer<Context> {
  const composer = new Composer<Context>()
  const people = composer.filter((context) => context.from?.is_bot === false)
  people.use(throttle(services))
  people.on('callback_query:data', (context) => answerButton({ services, approvals }, context))
  const inPrivate = people.chatType('private')
  inPrivate.command('get', (context) => get(services, context))
  inPrivate.command('revoke', (context) => revoke(services, context))
  inPrivate.on('message', (context) => help(services, context))
  people.command(['start', 'help', 'get', 'revoke'], (context) =>
    send(services, context, { lines: [wordsOf(context).bot.onlyPrivate] }),
  )
  return composer
}

/** Says so once when there are too many, and is silent then: to answer each would be no limit. */
function throttle(services: Services) {
  const counter = new CountsInMemory(services.now)
  const { messagesPerMinuteMax } = services.settings.bot
  return async (context: Context, next: NextFunction) => {
    const key = String(context.from?.id)
    const { count } = counter.add(key, { requests: 1, perSeconds: 60 })
    if (count <= messagesPerMinuteMax) {
      services.observations.count('bot-messages')
      return next()
    }
    services.observations.count('bot-messages-throttled')
    if (count > messagesPerMinuteMax + 1) return
    await send(services, context, { lines: [wordsOf(context).bot.throttled] })
  }
}

async function help(services: Services, context: Context): Promise<void> {
  const words = wordsOf(context).bot
  await send(services, context, {
    lines: [words.hello(services.settings.brand), words.help, words.keep],
  })
}

async function get(services: Services, context: Context & { from: TelegramUser }): Promise<void> {
  const words = wordsOf(context)
  const account = await accountOfTelegram(services, context.from, { mayMakeOne: true })
  if (account.outcome === 'refused') {
    services.observations.count('bot-refusals')
    return send(services, context, refusal(services, words, account.reason))
  }
  const { userId } = account.user
  const leaked = await leakedTokens(services, userId)
  const reply = replyFor(await currentToken(services, userId), words)
  const notice = leaked.length === 0 ? [] : [words.bot.leaked]
  const [first = '', ...rest] = reply.lines
  await send(services, context, { ...reply, lines: [first, ...notice, ...rest] })
  await acknowledgeLeaks(services, leaked)
}

async function revoke(
  services: Services,
  context: Context & { from: TelegramUser },
): Promise<void> {
  const words = wordsOf(context)
  const account = await accountOfTelegram(services, context.from, { mayMakeOne: false })
  if (account.outcome === 'refused') {
    services.observations.count('bot-refusals')
    const isUnknown = account.reason === 'identity_unknown'
    const reply = isUnknown ? { lines: [words.bot.none] } : refusal(services, words, account.reason)
    return send(services, context, reply)
  }
  const { userId } = account.user
  const marks = new UpdateMarks(services)
  const updateId = context.update.update_id
  // Brought again because the answer did not arrive: one message ends one token.
  const isDone = (await marks.find(updateId)) === 'acted'
  const token = isDone ? await currentToken(services, userId) : await replaceToken(services, userId)
  await marks.put(updateId, 'acted')
  await send(services, context, replyFor(token, words))
}

function replyFor(token: BotToken, { bot }: Words): Reply {
  switch (token.outcome) {
    case 'made':
    case 'shown':
    case 'replaced':
      return { lines: [bot[token.outcome], bot.keep], token: token.token }
    case 'hidden':
      return { lines: [bot.hidden(token.lastFour)] }
    case 'none':
      return { lines: [bot.none] }
    case 'refused':
      return { lines: [token.reason === 'too_many' ? bot.problems.tooMany : bot.problems.other] }
    default:
      return token satisfies never
  }
}

function refusal({ settings }: Services, { bot }: Words, reason: string): Reply {
  const isDisabled = reason === 'account_disabled'
  return {
    lines: [isDisabled ? bot.problems.disabled : bot.problems.noAccount(settings.issuer)],
  }
}

/** The buttons of a question that was answered go away, whatever became of it. */
async function answerButton(
  { services, approvals }: BotParts,
  context: Context & { from: TelegramUser; callbackQuery: { data: string } },
): Promise<void> {
  const words = wordsOf(context).bot
  const choice = choiceOf(context.callbackQuery.data)
  const account = await accountOfTelegram(services, context.from, { mayMakeOne: false })
  const outcome =
    choice && account.outcome === 'accepted'
      ? await approvals.decide({ ...choice, userId: account.user.userId })
      : 'not_open'
  if (outcome === 'not_open') services.observations.count('bot-refusals')
  const said = choice?.choice === 'approve' ? words.approved : words.denied
  const text = outcome === 'recorded' ? said : words.notOpen
  await unlessRefused(services, () => context.answerCallbackQuery({ text }))
  const { message } = context.callbackQuery
  const question = message && 'text' in message ? message.text : undefined
  await unlessRefused(services, () =>
    outcome === 'recorded' && question !== undefined
      ? context.editMessageText(`${question}\n\n${said}`)
      : context.editMessageReplyMarkup(),
  )
}
