/**
 * Questions that people answer in their chat with the bot: exactly what the page shows, as text, and
 * two buttons. What a button brings names the question and the hash of what was shown, so that an
 * old message answers nothing new. What does not fit into one message is not cut: then there is the
 * way to the page, and no button.
 */
import { onQuestion, putBack, takeQuestions, type WaitingQuestion } from '../approvals/notice.ts'
import { approvalUrl, readApproval } from '../approvals/read.ts'
import { type Shown, shownParameters } from '../approvals/shown.ts'
import type { KnownApproval } from '../domain/approval.ts'
import { newId } from '../domain/ids.ts'
import { languageOf } from '../identity/person-language.ts'
import { decideApproval } from '../jobs/decide-approval.ts'
import { findAgent } from '../projections/agents.ts'
import { findClient } from '../projections/clients.ts'
import type { Services } from '../protocol/services.ts'
import { inUtc } from '../web/time.tsx'
import { type Words, wordsFor } from '../web/words/words.ts'
import { appQuestionOf, decideAppQuestion } from './app-questions.ts'
import type { Approvals, Question } from './approval-buttons.ts'
import { foreign, hashCharacters, textCharactersMax } from './question-text.ts'

const lookAgainMs = 30_000

export function telegramApprovals(services: Services): Approvals {
  return {
    async decide(answer) {
      const { userId, reference, choice } = answer
      if (!services.settings.approvals.channels.includes('telegram')) return 'not_open'
      if (reference.startsWith('ask_')) return decideAppQuestion(services, answer)
      const [, approvalId = '', hashStart] = /^(apr_[0-9a-f]+)-([\w-]{13})$/.exec(reference) ?? []
      const found = await readApproval(services, { approvalId, userId })
      const { shownHash = '' } = found?.approval ?? {}
      if (shownHash.slice(0, hashCharacters) !== hashStart) return 'not_open'
      const cause = { actor: `user:${userId}`, correlationId: newId('cor') }
      const by = { userId, channel: 'telegram' } as const
      const decided = await decideApproval(services, { approvalId, by, choice, shownHash }, cause)
      return decided.outcome === 'recorded' ? 'recorded' : 'not_open'
    },
  }
}

type Ask = (question: Question) => Promise<boolean>

/** Asks what waits to be asked, as soon as it does; what fails has its turn again. */
export class ApprovalQuestions {
  readonly #services: Services
  readonly #ask: Ask
  #running: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false

  constructor(services: Services, ask: Ask) {
    this.#services = services
    this.#ask = ask
  }

  start(): void {
    onQuestion(this.#services.log, () => this.#wake())
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #wake(): void {
    if (this.#isOver) return
    clearTimeout(this.#timer)
    this.#running = this.#running
      .then(() => this.#run())
      .then(() => {
        clearTimeout(this.#timer)
        if (!this.#isOver) this.#timer = setTimeout(() => this.#wake(), lookAgainMs)
      })
  }

  async #run(): Promise<void> {
    const services = this.#services
    try {
      for (const waiting of await takeQuestions(services)) {
        try {
          const question = await questionOf(services, waiting)
          if (question) await this.#ask(question)
        } catch (error) {
          services.logger.warn({ ...waiting, cause: String(error) }, 'the bot could not ask')
          await putBack(services, waiting)
        }
      }
    } catch (error) {
      services.logger.warn({ cause: String(error) }, 'nobody knows what the bot has to ask')
    }
  }
}

async function questionOf(
  services: Services,
  { id, userId }: WaitingQuestion,
): Promise<Question | undefined> {
  if (id.startsWith('ask_')) {
    return (await appQuestionOf(services, { questionId: id, userId }))?.question
  }
  const approvalId = id
  const found = await readApproval(services, { approvalId, userId })
  if (found?.approval.status !== 'open' || !found.shown) return undefined
  const { shown, approval } = found
  const language = await languageOf(services, userId)
  const words = wordsFor({ uiLocales: language })
  const url = approvalUrl(services, approvalId)
  const app = await whoAsks(services, approval, words)
  const { expiresAt } = approval
  const text = [...linesOf(shown, { app, words, expiresAt }), url].join('\n')
  const common = { userId, language }
  if (text.length > textCharactersMax) {
    return {
      ...common,
      text: `${words.bot.asks[shown.kind](app, foreign(shown.tool))}\n${words.bot.tooLong}\n${url}`,
    }
  }
  const reference = `${approvalId}-${approval.shownHash.slice(0, hashCharacters)}`
  return { ...common, text, reference }
}

async function whoAsks(
  { reader }: Pick<Services, 'reader'>,
  { clientId, agentId }: KnownApproval,
  words: Words,
): Promise<string> {
  const client = await findClient(reader, clientId)
  const app = foreign(client?.metadata.clientName ?? clientId)
  if (agentId === undefined) return app
  const agent = await findAgent(reader, agentId)
  return words.bot.agent(foreign(agent?.handle ?? agentId), app)
}

function linesOf(
  shown: Shown,
  { app, words, expiresAt }: { app: string; words: Words; expiresAt: number },
): string[] {
  const { payment, note, tool, kind } = shown
  const { facts, to } = words.approvals
  const paid = payment && [
    `${payment.amount} ${payment.currency} ${to} ${foreign(payment.payee)}`,
    `${facts.description}: ${foreign(payment.description)}`,
  ]
  return [
    words.bot.asks[kind](app, foreign(tool)),
    ...(paid ?? []),
    ...(note === undefined ? [] : [`${facts.note}: ${foreign(note)}`]),
    ...shownParameters(shown).map(({ name, text }) => `${foreign(name)}: ${foreign(text)}`),
    `${facts.ends}: ${inUtc(expiresAt, words)}`,
  ]
}
