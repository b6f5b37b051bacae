/**
 * The bot: asks Telegram for messages, or is brought them, and answers each once.
 *
 *   polling:  getUpdates ──▶ receive ──▶ the next getUpdates confirms what was received
 *   webhook:  POST with the secret ──▶ receive ──▶ 200, or 503 and Telegram brings it again
 *
 * While Telegram or our database is away nothing is lost: an update is confirmed once it was
 * answered, or can never be.
 *
 * @see [Bot API - Getting updates](https://core.telegram.org/bots/api#getting-updates)
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Update } from 'grammy/types'
import { Bot, BotError } from 'grammy/web'
import { equalSecrets } from '../domain/keyring.ts'
import { findIdentitiesOf } from '../projections/identities.ts'
import type { Services } from '../protocol/services.ts'
import { languages, wordsFor } from '../web/words/words.ts'
import { type Approvals, approvalButtons, type Question } from './approval-buttons.ts'
import { ApprovalQuestions, telegramApprovals } from './approval-questions.ts'
import { botCommands } from './bot-commands.ts'
import { causeOf, isPassing, retryAfterMs, unlessRefused } from './replies.ts'
import { telegramUpstream } from './telegram-person.ts'
import { UpdateMarks } from './update-marks.ts'

const answerSecondsMax = 10
const pollSeconds = 25
const firstPauseMs = 250
const pauseMsMax = 30_000
const attemptsMax = 10
const wanted = ['message', 'callback_query'] as const

type Signal = Parameters<Bot['api']['getMe']>[0]

export class TelegramBot {
  readonly #services: Services
  readonly #token: string
  readonly #bot: Bot
  readonly #marks: UpdateMarks
  readonly #ending = new AbortController()
  readonly #underWay = new Map<number, Promise<void>>()
  readonly #questions: ApprovalQuestions
  #running: Promise<void> = Promise.resolve()

  constructor(services: Services, options: { token: string; approvals?: Approvals }) {
    const { token, approvals = telegramApprovals(services) } = options
    const { apiUrl: apiRoot } = services.settings.bot
    this.#services = services
    this.#token = token
    this.#marks = new UpdateMarks(services)
    this.#bot = new Bot(token, {
      // A redirect would carry the token, which stands in the path, to somewhere else.
      client: { apiRoot, baseFetchConfig: { redirect: 'error' } },
    })
    this.#bot.api.config.use((call, method, payload, signal) =>
      call(method, payload, signal ?? asSignal(AbortSignal.timeout(answerSecondsMax * 1000))),
    )
    this.#questions = new ApprovalQuestions(services, (question) => this.ask(question))
    this.#bot.use(botCommands({ services, approvals }))
  }

  start(): void {
    this.#running = this.#run()
    this.#questions.start()
  }

  /** Resolves when nothing is being answered; what was not is brought again at the next start. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#questions.stop()
    await this.#running
    await Promise.allSettled(this.#underWay.values())
  }

  /** Whether whoever brings an update knows what only Telegram was told. */
  isFromTelegram(presented: string): boolean {
    const { keyring } = this.#services
    return keyring.versions.some((version) => equalSecrets(presented, this.#secret(version)))
  }

  /**
   * Answers an update, once however often it is brought.
   * @throws what passes by itself: the update is to be brought again
   */
  receive(update: Update): Promise<void> {
    const id = update.update_id
    const underWay = this.#underWay.get(id)
    if (underWay) return underWay
    const receiving = this.#receive(update).finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, receiving)
    return receiving
  }

  /** True once the question stands in the person's chat; false where they have none with the bot. */
  async ask({ userId, text, reference, language }: Question): Promise<boolean> {
    const { settings, reader } = this.#services
    const { id } = telegramUpstream(settings)
    const identities = await findIdentitiesOf(reader, userId)
    const chat = identities.find(({ upstream }) => upstream === id)?.upstreamSubject
    if (!chat) return false
    const words = wordsFor({ uiLocales: language }).bot
    const buttons =
      reference === undefined ? {} : { reply_markup: approvalButtons(reference, words) }
    const link_preview_options = { is_disabled: true }
    return unlessRefused(this.#services, () =>
      this.#bot.api.sendMessage(chat, text, { ...buttons, link_preview_options }),
    )
  }

  async #receive(update: Update): Promise<void> {
    const { logger } = this.#services
    const id = update.update_id
    if ((await this.#marks.find(id)) === 'answered') return
    await this.#knowItself()
    try {
      await this.#bot.handleUpdate(update)
    } catch (thrown) {
      const error = thrown instanceof BotError ? thrown.error : thrown
      if (isPassing(error)) throw error
      logger.error({ update: id, cause: causeOf(error) }, 'a message to the bot was not answered')
    }
    await this.#marks.put(id, 'answered')
  }

  /** Commands in groups name the bot that they are for. */
  async #knowItself(): Promise<void> {
    if (!this.#bot.isInited()) this.#bot.botInfo = await this.#bot.api.getMe()
  }

  async #run(): Promise<void> {
    const isWebhook = this.#services.settings.bot.updates === 'webhook'
    await this.#untilDone(() => this.#knowItself())
    await this.#untilDone(() => this.#describe())
    if (isWebhook) await this.#untilDone(() => this.#announce())
    else await this.#pollAll()
  }

  async #pollAll(): Promise<void> {
    const { signal } = this.#ending
    // While there is a webhook nobody may ask.
    await this.#untilDone(() => this.#bot.api.deleteWebhook())
    let offset = 0
    while (!signal.aborted) {
      for (const update of (await this.#untilDone(() => this.#poll(offset))) ?? []) {
        await this.#untilDone(() => this.receive(update), attemptsMax)
        // What was not answered because the server ends is not confirmed.
        if (signal.aborted) return
        offset = update.update_id + 1
      }
    }
  }

  #poll(offset: number): Promise<Update[]> {
    const asked = { offset, timeout: pollSeconds, allowed_updates: wanted }
    const limit = AbortSignal.timeout((pollSeconds + answerSecondsMax) * 1000)
    const signal = AbortSignal.any([this.#ending.signal, limit])
    return this.#bot.api.getUpdates(asked, asSignal(signal))
  }

  async #announce(): Promise<void> {
    const { settings, keyring } = this.#services
    const url = settings.apiUrl + settings.bot.webhookPath
    const secret_token = this.#secret(keyring.current)
    await this.#bot.api.setWebhook(url, { secret_token, allowed_updates: wanted })
  }

  /** What people see of the commands, in each language; English where there is no other. */
  async #describe(): Promise<void> {
    for (const { language, bot } of languages) {
      const commands = Object.entries(bot.commands).map(([command, description]) => ({
        command,
        description,
      }))
      const isUsual = language === wordsFor({}).language
      await this.#bot.api.setMyCommands(
        commands,
        isUsual ? {} : { language_code: language as 'de' },
      )
    }
  }

  #secret(version: number): string {
    return this.#services.keyring.mac('bot-webhook', [this.#token], version)
  }

  /** Tries again after a pause that grows; undefined when it was given up, or the server ends. */
  async #untilDone<T>(act: () => Promise<T>, attempts = Number.POSITIVE_INFINITY) {
    const { signal } = this.#ending
    for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
      try {
        return await act()
      } catch (error) {
        if (signal.aborted) break
        this.#services.logger.warn({ attempt, cause: causeOf(error) }, 'the bot tries again')
        const pauseMs = Math.min(firstPauseMs * 2 ** (attempt - 1), pauseMsMax)
        const pause = Math.max(pauseMs, retryAfterMs(error))
        await sleep(pause, undefined, { signal }).catch(() => undefined)
      }
    }
    return undefined
  }
}

/** The library names the signal of a package; every runtime's own is one. */
function asSignal(signal: AbortSignal): Signal {
  return signal as unknown as Signal
}
