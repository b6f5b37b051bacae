/**
 * A person's answer to a client that asked them without a browser: one append, that uses the
 * question up and starts the grant whose code the client already polls with. So the same form
 * posted twice, or in two windows, gives one grant, and a yes and a no at once are one of them.
 *
 * @see [OpenID Connect CIBA Core 1.0 §8 - End-User Authentication](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.8)
 */
import type { Access } from '../../domain/access.ts'
import { backChannelDecider, backChannelId } from '../../domain/back-channel.ts'
import { execute } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import type { ApprovedTerms } from '../../domain/grant-events.ts'
import { userDecider } from '../../domain/user.ts'
import { admitClient } from '../clients/admission.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { accessOfPerson, type Person } from '../who-may.ts'
import { contextClassOf, meetsCondition } from './authentication-context.ts'
import { detailsAt } from './authorization-details.ts'
import { dueNotification } from './back-channel-ping.ts'
import {
  backChannelDeniedKind,
  backChannelRequestKind,
  findQuestions,
  type Question,
  questionKind,
} from './back-channel-question.ts'
import type { Approver } from './consent.ts'

/** What of that this person may give. */
export function givableOf(
  { settings }: Pick<Services, 'settings'>,
  { access }: Pick<Question, 'access'>,
  person: Person,
): Access[] {
  return accessOfPerson(access, person, (resource) => findResource(settings, resource))
}

/** Whoever said yes in the last second is still good for it. */
const redemptionMsMin = 2 * 60 * 1000

/** Whoever answers in a chat has no session there, and nobody knows when they last signed in. */
export type Answerer = Omit<Approver, 'authTime'> &
  ({ readonly authTime: number } | { readonly channel: 'telegram' })

interface Answer {
  readonly approver: Answerer
  readonly correlationId: string
}

/**
 * @returns whether the client has access now
 * @throws {AlreadyConsumed} when the question was answered before
 */
export async function approveQuestion(
  services: Services,
  question: Question,
  { approver, correlationId }: Answer,
): Promise<boolean> {
  const { clientId, requestHash, questionId, userId } = question
  const access = givableOf(services, question, approver)
  const isOpen = services.now() < question.expiresAt
  if (access.length === 0 || approver.userId !== userId || !isOpen) return false
  if (!meetsCondition(question, approver.amr)) return false
  const terms = termsOf(services, question, { ...approver, access })
  const cause = { actor: `user:${userId}`, correlationId }
  const { outcome } = await execute<string>(services.log, cause, async (work) => {
    const user = await work.read(userDecider, userId)
    if (user.status !== 'active') return work.reject('user_not_active')
    const admitted = await admitClient(services, work, { clientId, now: terms.at })
    if ('verdict' in admitted) return admitted.verdict
    work.consume(backChannelRequestKind, requestHash)
    work.consume(questionKind(userId), questionId)
    return work.decide(grantDecider, terms.grantId, { kind: 'approve', terms })
  })
  if (outcome !== 'accepted') return false
  await dueNotification(services, question)
  return true
}

function termsOf(
  { settings, now }: Services,
  { grantId, clientId, requestHash: codeHash, expiresAt, acrValues, ...asked }: Question,
  { userId, sessionId, amr, access, ...by }: Answerer & Pick<ApprovedTerms, 'access'>,
): ApprovedTerms {
  const at = now()
  const { grantMaxAgeSeconds: maxAge } = settings
  const acr = contextClassOf(amr, acrValues)
  const details = (asked.authorizationDetails ?? []).filter((detail) =>
    access.some(({ resource }) => detailsAt(settings, [detail], resource).length > 0),
  )
  return {
    grantId,
    via: 'ciba',
    ...{ userId, clientId, access, codeHash, amr, at },
    ...('channel' in by ? { channel: by.channel } : { authTime: by.authTime }),
    ...(details.length === 0 ? {} : { authorizationDetails: details }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(acr === undefined ? {} : { acr }),
    codeExpiresAt: Math.max(expiresAt, at + redemptionMsMin),
    ...(maxAge === 0 ? {} : { endsAt: at + maxAge * 1000 }),
  }
}

/**
 * Nothing of a denial enters the log: the client learns of it when it next asks.
 * @returns false when the question was answered before
 */
export async function denyQuestion(services: Services, question: Question): Promise<boolean> {
  const { expiring, observations } = services
  const { requestHash: id, questionId, userId, clientId, expiresAt } = question
  const taken = await expiring.take(backChannelRequestKind, id)
  if (taken === undefined) return false
  const body = { clientId }
  // It is told for as long as it would have waited, and a little longer.
  const told = expiresAt + redemptionMsMin
  await expiring.put({ kind: backChannelDeniedKind, id, body, expiresAt: told })
  await expiring.remove(questionKind(userId), questionId)
  observations.count('denials')
  await dueNotification(services, question)
  return true
}

interface Muting {
  readonly userId: string
  readonly clientId: string
  readonly correlationId: string
}

/** From now on this client does not reach this person; what it asks already is denied. */
export async function muteClient(services: Services, muting: Muting): Promise<void> {
  await change(services, 'mute', muting)
  for (const question of await findQuestions(services, muting.userId)) {
    if (question.clientId === muting.clientId) await denyQuestion(services, question)
  }
}

export async function unmuteClient(services: Services, muting: Muting): Promise<void> {
  await change(services, 'unmute', muting)
}

/** Asked for twice, it is done once. */
async function change(
  { log, now }: Services,
  kind: 'mute' | 'unmute',
  { userId, clientId, correlationId }: Muting,
): Promise<void> {
  const cause = { actor: `user:${userId}`, correlationId }
  await execute<string>(log, cause, async (work) => {
    const user = await work.read(userDecider, userId)
    if (user.status !== 'active') return work.reject('user_not_active')
    const command = { kind, userId, clientId, now: now() }
    return work.decide(backChannelDecider, backChannelId(command), command)
  })
}
