/**
 * A call that is made only with the person's approval: the same call, by the same consent, with the
 * same arguments, goes through once after they gave it. Until then whoever calls learns where the
 * person decides; after a denial, that there is nothing to wait for.
 */
import { approvalDecider, type KnownApproval } from '../domain/approval.ts'
import { KeyTaken } from '../domain/event-log.ts'
import { execute, type Work } from '../domain/execute.ts'
import { inTurn } from '../identity/in-turn.ts'
import { countOpenApprovals, findApprovalOfCall } from '../projections/approvals.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { type ActingFor, actingFor, actorOf } from '../protocol/tokens/bearer.ts'
import { isStillGood } from '../protocol/tokens/still-good.ts'
import { ask } from './ask.ts'
import { tellOf } from './notice.ts'
import { approvalUrl } from './read.ts'

/** How often somebody in another process may have asked the same at this moment. */
const attemptsMax = 3

export interface Call {
  readonly tool: string
  /** What the call takes; the token has it. */
  readonly scope: string
  /** Canonical JSON. */
  readonly given: string
  readonly correlationId: string
}

export type CallApproval =
  | { readonly outcome: 'approved'; readonly approvalId: string }
  /** The person has not decided yet, or said no; `url` is where they are told about it. */
  | { readonly outcome: 'asked' | 'denied'; readonly approvalId: string; readonly url: string }
  | {
      readonly outcome: 'refused'
      readonly reason: keyof typeof whyNot
    }

const whyNot = {
  no_person: 'the token speaks for no person',
  access_withdrawn: 'what allowed it has just been withdrawn',
  arguments_too_large: 'its arguments are too large to be shown',
  too_many_approvals: 'too many calls wait for their approval already',
}

/** What the client is told, and the model reads. */
export function wordsForCall(
  tool: string,
  answer: Exclude<CallApproval, { outcome: 'approved' }>,
): string {
  switch (answer.outcome) {
    case 'asked':
      return `The tool ${tool} needs the person's approval for each call. They decide at ${answer.url}; make the same call again once they have approved it, and it goes through once.`
    case 'denied':
      return `The person denied this call of ${tool}. Do not make it again; they see what was asked at ${answer.url}.`
    case 'refused':
      return `The tool ${tool} needs the person's approval for each call, and they cannot be asked: ${whyNot[answer.reason]}`
    default:
      return answer satisfies never
  }
}

/** Lets a call through that was approved, and this once; asks the person about any other. */
export function requireApproval(
  services: Services,
  token: LiveToken,
  call: Call,
): Promise<CallApproval> {
  const whose = actingFor(token)
  if (!whose) return Promise.resolve({ outcome: 'refused', reason: 'no_person' })
  if (Buffer.byteLength(call.given) > services.settings.jobs.argumentsBytesMax) {
    return Promise.resolve({ outcome: 'refused', reason: 'arguments_too_large' })
  }
  // Many at once would all be counted before the first of them is there.
  return inTurn(`approvals of ${whose.userId}`, async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await passOrAsk(services, { ...token, ...whose }, call)
      } catch (error) {
        if (!(error instanceof KeyTaken) || attempt === attemptsMax) throw error
      }
    }
  })
}

type ActingToken = LiveToken & ActingFor

async function passOrAsk(
  services: Services,
  token: ActingToken,
  call: Call,
): Promise<CallApproval> {
  const { log, reader, now } = services
  const callKey = keyOf(services, token, call)
  const known = await findApprovalOfCall(reader, callKey)
  let answer = { outcome: 'refused', reason: 'access_withdrawn' } as CallApproval
  const cause = { actor: actorOf(token), correlationId: call.correlationId }
  let isNew = false
  await execute<string>(log, cause, async (work) => {
    isNew = false
    if (!(await isStillGood(work, token))) {
      answer = { outcome: 'refused', reason: 'access_withdrawn' }
      return work.reject('access_withdrawn')
    }
    const approval = known && (await work.read(approvalDecider, known.approvalId))
    if (approval && approval.status !== 'unknown' && !isOver(approval, now())) {
      answer = answerOf(services, approval)
      if (approval.status !== 'given') return work.reject('not_given')
      return work.decide(approvalDecider, approval.approvalId, { kind: 'use', callKey, now: now() })
    }
    if (approval) await expire(work, approval, now())
    if (await isTooMany(services, token)) {
      answer = { outcome: 'refused', reason: 'too_many_approvals' }
      return work.reject('too_many_approvals')
    }
    const { approvalId } = await askFor(services, work, { token, call, callKey })
    answer = { outcome: 'asked', approvalId, url: approvalUrl(services, approvalId) }
    isNew = true
    return { outcome: 'accepted' }
  })
  if (isNew && answer.outcome === 'asked') await tellOf(services, answer.approvalId)
  return answer
}

/** Whose call it is, of what, with what: equal calls have equal keys. */
function keyOf(
  { keyring }: Pick<Services, 'keyring'>,
  { userId, clientId, grantId = '', resource }: ActingToken,
  { tool, given }: Call,
): string {
  return keyring.mac('approval', ['call', userId, clientId, grantId, resource, tool, given])
}

/** Whether nothing can come of it any more, so that the same call has to ask anew. */
function isOver({ status, expiresAt, usableUntil }: KnownApproval, at: number): boolean {
  switch (status) {
    case 'open':
    case 'denied':
      return at >= expiresAt
    case 'given':
      return usableUntil === undefined || at >= usableUntil
    case 'voided':
    case 'expired':
    case 'used':
      return true
    default:
      return status satisfies never
  }
}

function answerOf(services: Services, { status, approvalId }: KnownApproval): CallApproval {
  if (status === 'given') return { outcome: 'approved', approvalId }
  const url = approvalUrl(services, approvalId)
  return { outcome: status === 'denied' ? 'denied' : 'asked', approvalId, url }
}

async function expire(work: Work, approval: { status: string; approvalId?: string }, now: number) {
  if (approval.approvalId === undefined) return
  if (approval.status !== 'open' && approval.status !== 'given') return
  await work.decide(approvalDecider, approval.approvalId, { kind: 'expire', now })
}

async function isTooMany(
  { reader, settings }: Services,
  { userId, clientId }: ActingToken,
): Promise<boolean> {
  const open = await countOpenApprovals(reader, { userId, clientId })
  const { openPerPersonMax, openPerClientMax } = settings.approvals
  return open.ofPerson >= openPerPersonMax || open.ofClient >= openPerClientMax
}

function askFor(
  services: Services,
  work: Work,
  { token, call, callKey }: { token: ActingToken; call: Call; callKey: string },
) {
  const { tool, scope, given } = call
  return ask(services, work, {
    asker: { ...token, scope },
    shown: { kind: 'call', tool, parameters: JSON.parse(given) },
    callKey,
    expiresAt: services.now() + services.settings.approvals.expirySeconds * 1000,
  })
}
