/**
 * What waits for a person's answer.
 *
 *   back-channel-request          what is asked, by the hash of what the client polls with
 *   back-channel-question/<user>  where to find that, by the id that the person's page has
 *   back-channel-notify           what the client wants to be told with, encrypted
 *
 * @see [OpenID Connect CIBA Core 1.0 §7.3 - Successful Authentication Request Acknowledgement](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#successful_authentication_request_acknowdlegment)
 */
import type { Services } from '../services.ts'
import { type Notification, wrapNotification } from './back-channel-notification.ts'
import type { BackChannelTerms } from './back-channel-terms.ts'

export const backChannelRequestKind = 'back-channel-request'
export const backChannelDeniedKind = 'back-channel-denied'
export const backChannelNotifyKind = 'back-channel-notify'

/** The page of the questions; that of one is below. */
export const questionsPath = '/approvals/apps'

/** For so long after its end a client is told that its id has expired, and not that there is none. */
const expiryToldMs = 10 * 60 * 1000
/** More than the settings allow. */
const rowsMax = 101

export interface BackChannelRequest extends BackChannelTerms {
  /** Of the grant that it becomes, where the person approves it. */
  readonly grantId: string
  /** SHA-256 of what the client polls with, and later the code hash of the grant. */
  readonly requestHash: string
  readonly questionId: string
  readonly clientId: string
  /** Absent where there is nobody to ask, and the client must not learn it. */
  readonly userId?: string
  readonly receivedAt: number
  /** Milliseconds since 1970; the entry stays a little longer. */
  readonly expiresAt: number
}

/** One that somebody can answer. */
export type Question = BackChannelRequest & { readonly userId: string }

export function questionKind(userId: string): string {
  return `back-channel-question/${userId}`
}

/**
 * The question itself comes last: whoever finds it finds all of it.
 * @returns it, where it waits for somebody
 */
export async function keepQuestion(
  services: Pick<Services, 'expiring' | 'keyring' | 'settings'>,
  request: BackChannelRequest,
  { authReqId, notificationToken }: { authReqId: string; notificationToken?: string },
): Promise<Question | undefined> {
  const { expiring, keyring, settings } = services
  const { requestHash: id, questionId, userId, expiresAt } = request
  const told = expiresAt + expiryToldMs
  if (notificationToken !== undefined) {
    const notification: Notification = { authReqId, token: notificationToken }
    const body = wrapNotification(keyring, notification, id)
    await expiring.put({ kind: backChannelNotifyKind, id, body, expiresAt: told })
  }
  await expiring.put({ kind: backChannelRequestKind, id, body: request, expiresAt: told })
  // Nobody looks for the question of nobody; it is written all the same, and takes as long.
  const kind = questionKind(userId ?? 'nobody')
  await expiring.put({ kind, id: questionId, body: { requestHash: id }, expiresAt })
  // Of several at once none may be one too many.
  const open = await openQuestions({ expiring }, userId ?? 'nobody')
  const isTooMuch = open.length > settings.ciba.openPerPersonMax
  if (isTooMuch) await expiring.remove(kind, questionId)
  return isTooMuch || userId === undefined ? undefined : { ...request, userId }
}

/** Ids of those that wait for this person, the first to end first. */
export async function openQuestions(
  { expiring }: Pick<Services, 'expiring'>,
  userId: string,
): Promise<string[]> {
  return (await expiring.list(questionKind(userId), rowsMax)).map(({ id }) => id)
}

/** The question, while this person may answer it. */
export async function findQuestion(
  { expiring, now }: Pick<Services, 'expiring' | 'now'>,
  { userId, questionId }: { userId: string; questionId: string },
): Promise<Question | undefined> {
  const entry = await expiring.get(questionKind(userId), questionId)
  const found = entry as { requestHash: string } | undefined
  if (!found) return undefined
  const asked = await expiring.get(backChannelRequestKind, found.requestHash)
  const request = asked as BackChannelRequest | undefined
  const isTheirs = request?.userId === userId && request.questionId === questionId
  return isTheirs && now() < request.expiresAt ? (request as Question) : undefined
}

/** All that wait for this person, the first to end first. */
export async function findQuestions(
  services: Pick<Services, 'expiring' | 'now'>,
  userId: string,
): Promise<Question[]> {
  const ids = await openQuestions(services, userId)
  const found = await Promise.all(
    ids.map((questionId) => findQuestion(services, { userId, questionId })),
  )
  return found.filter((question) => question !== undefined)
}
