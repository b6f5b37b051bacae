/**
 * Tells a person that something waits for their approval: by mail with a link, never with what is
 * asked, and by the bot, which asks itself. Both are on their way in tables, so a restart loses
 * none; nobody waits for them.
 */
import type { EventLog } from '../domain/event-log.ts'
import { putLetter } from '../identity/outbox.ts'
import { languageOf } from '../identity/person-language.ts'
import { findApproval } from '../projections/approvals.ts'
import { findUser } from '../projections/users.ts'
import { type Question, questionsPath } from '../protocol/authorization/back-channel-question.ts'
import type { Services } from '../protocol/services.ts'
import { approvalsPath } from './read.ts'

const questionKind = 'approval_question'
const mailedKind = 'approval_mailed'
/** One letter leads to the page, where all that waits is to be seen. */
const mailEverySeconds = 5 * 60
const questionsAtOnce = 100

const listeners = new WeakMap<EventLog, () => void>()

/** @param listener hears, in this process, that there is a question for the bot to ask */
export function onQuestion(log: EventLog, listener: () => void): void {
  listeners.set(log, listener)
}

/** To be called once what asks is written. A notice that fails takes nothing back. */
export async function tellOf(services: Services, approvalId: string): Promise<void> {
  const { reader, logger } = services
  try {
    const approval = await findApproval(reader, approvalId)
    if (approval?.status !== 'open') return
    const { userId, expiresAt } = approval
    await forBot(services, { id: approvalId, userId, expiresAt })
    await mail(services, { userId, page: `${approvalsPath}/${approvalId}` })
  } catch (error) {
    logger.warn({ approvalId, cause: String(error) }, 'nobody was told that an approval is asked')
  }
}

/** The same of a client that asks them from elsewhere. */
export async function tellOfQuestion(
  services: Services,
  { questionId, userId, expiresAt }: Pick<Question, 'questionId' | 'userId' | 'expiresAt'>,
): Promise<void> {
  try {
    await forBot(services, { id: questionId, userId, expiresAt })
    await mail(services, { userId, page: `${questionsPath}/${questionId}` })
  } catch (error) {
    services.logger.warn({ questionId, cause: String(error) }, 'nobody was told of a question')
  }
}

async function forBot(services: Services, waiting: WaitingQuestion): Promise<void> {
  const { log, settings } = services
  if (settings.bot.token === undefined || !settings.approvals.channels.includes('telegram')) return
  await putBack(services, waiting)
  listeners.get(log)?.()
}

interface Told {
  readonly userId: string
  readonly page: string
}

/** Only where somebody has proved that they read the address. */
async function mail(services: Services, { userId, page }: Told): Promise<void> {
  const { reader, expiring, settings } = services
  if (!services.mail.isReady || settings.approvals.mail === false) return
  const user = await findUser(reader, userId)
  if (!user?.email || user.emailVerifiedAt === null || user.status !== 'active') return
  if ((await expiring.count(mailedKind, userId, mailEverySeconds)) > 1) return
  const language = await languageOf(services, userId)
  await putLetter(services, { to: user.email, kind: 'approvalAsked', language, page })
}

export interface WaitingQuestion {
  /** Of an approval, or of a client's question. */
  readonly id: string
  readonly userId: string
  readonly expiresAt: number
}

/** Questions that the bot has yet to ask; each is given to one process, and to that once. */
export async function takeQuestions({
  expiring,
}: Pick<Services, 'expiring'>): Promise<WaitingQuestion[]> {
  const taken: WaitingQuestion[] = []
  for (const { id } of await expiring.list(questionKind, questionsAtOnce)) {
    const body = (await expiring.take(questionKind, id)) as Omit<WaitingQuestion, 'id'> | undefined
    if (body) taken.push({ ...body, id })
  }
  return taken
}

/** One that could not be asked now; its turn comes again, until nobody could answer it any more. */
export async function putBack(
  { expiring }: Pick<Services, 'expiring'>,
  { id, userId, expiresAt }: WaitingQuestion,
): Promise<void> {
  await expiring.put({ kind: questionKind, id, body: { userId, expiresAt }, expiresAt })
}
