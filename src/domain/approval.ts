/**
 * A question that one person decides once: may this be paid, may this job begin, may this call be
 * made? The answer counts only for what they were shown, which its hash says.
 *
 *           give                 use
 *   open ─────────▶ given ─────────────▶ used          (a call is let through once)
 *     │  deny          │
 *     ├─────────▶ denied
 *     ├─ void ──▶ voided ◀── void, of a call
 *     └─ expire ▶ expired ◀─ expire, of a call
 *
 * An approval for a job is spent as it is given: the job goes on in the same append.
 */
import {
  ApprovalAsked,
  type ApprovalChannel,
  ApprovalDenied,
  type ApprovalEvent,
  ApprovalExpired,
  ApprovalGiven,
  ApprovalUsed,
  ApprovalVoided,
  type ApprovalVoidReason,
  type AskedApproval,
} from './approval-events.ts'
import { accept, type Decider, refuse } from './decider.ts'

// State

type Terms = Omit<AskedApproval, 'shown'>

export interface KnownApproval extends Terms {
  readonly status: 'open' | 'given' | 'denied' | 'voided' | 'expired' | 'used'
  /** Of a call that was approved. */
  readonly usableUntil?: number
}

export type ApprovalStatus = KnownApproval['status']
export type ApprovalState = { readonly status: 'unknown' } | KnownApproval

function evolve(state: ApprovalState, event: ApprovalEvent): ApprovalState {
  if (event.type === 'ApprovalAsked') {
    const { shown: _, ...terms } = event.payload
    return { ...terms, status: 'open' }
  }
  if (state.status === 'unknown') return state
  switch (event.type) {
    case 'ApprovalGiven': {
      const { usableUntil } = event.payload
      return { ...state, status: 'given', ...(usableUntil === undefined ? {} : { usableUntil }) }
    }
    case 'ApprovalDenied':
      return { ...state, status: 'denied' }
    case 'ApprovalVoided':
      return { ...state, status: 'voided' }
    case 'ApprovalExpired':
      return { ...state, status: 'expired' }
    case 'ApprovalUsed':
      return { ...state, status: 'used' }
    default:
      return event satisfies never
  }
}

// Commands

/** Who decides, by which way, and how they were known. */
export interface DecidedBy {
  readonly userId: string
  readonly channel: ApprovalChannel
  readonly sessionId?: string
  readonly amr?: readonly string[]
  readonly authTime?: number
  readonly standingId?: string
}

export type ApprovalCommand =
  | { readonly kind: 'ask'; readonly approval: AskedApproval }
  | {
      readonly kind: 'give'
      readonly by: DecidedBy
      /** Of what the person was shown. */
      readonly shownHash: string
      /** How long the call may be made then. */
      readonly useMs: number
      readonly now: number
    }
  | {
      readonly kind: 'deny'
      readonly by: DecidedBy
      readonly shownHash: string
      readonly reason?: string
      readonly now: number
    }
  | { readonly kind: 'void'; readonly reason: ApprovalVoidReason; readonly now: number }
  | { readonly kind: 'expire'; readonly now: number }
  | { readonly kind: 'use'; readonly callKey: string; readonly now: number }

export type ApprovalRefusal =
  | 'approval_exists'
  /** Another's too: nobody learns that there is one. */
  | 'approval_unknown'
  | 'approval_decided'
  | 'approval_voided'
  | 'approval_expired'
  | 'approval_not_expired'
  | 'approval_not_given'
  | 'approval_used'
  | 'shown_differs'
  | 'call_differs'

function decide(command: ApprovalCommand, state: ApprovalState) {
  if (command.kind === 'ask') {
    return state.status === 'unknown'
      ? accept<ApprovalEvent>(ApprovalAsked(command.approval))
      : refuse<ApprovalRefusal, ApprovalEvent>('approval_exists')
  }
  if (state.status === 'unknown') return refuse<ApprovalRefusal, ApprovalEvent>('approval_unknown')
  const { approvalId, userId } = state
  const fact = { approvalId, userId, at: command.now }
  switch (command.kind) {
    case 'give':
    case 'deny':
      return answer(command, state, fact)
    case 'void':
      if (!isWaiting(state)) return refuse<ApprovalRefusal, ApprovalEvent>(overAs(state))
      return accept<ApprovalEvent>(ApprovalVoided({ ...fact, reason: command.reason }))
    case 'expire':
      if (!isWaiting(state)) return refuse<ApprovalRefusal, ApprovalEvent>(overAs(state))
      if (command.now < endOf(state)) {
        return refuse<ApprovalRefusal, ApprovalEvent>('approval_not_expired')
      }
      return accept<ApprovalEvent>(ApprovalExpired(fact))
    case 'use':
      return use(command, state, fact)
    default:
      return command satisfies never
  }
}

interface Fact {
  readonly approvalId: string
  readonly userId: string
  readonly at: number
}

type Answer = Extract<ApprovalCommand, { kind: 'give' | 'deny' }>

function answer(command: Answer, state: KnownApproval, fact: Fact) {
  const { by, shownHash, now } = command
  if (by.userId !== state.userId) return refuse<ApprovalRefusal, ApprovalEvent>('approval_unknown')
  if (state.status !== 'open') return refuse<ApprovalRefusal, ApprovalEvent>(overAs(state))
  if (now >= state.expiresAt) {
    return refuse<ApprovalRefusal, ApprovalEvent>('approval_expired', ApprovalExpired(fact))
  }
  if (shownHash !== state.shownHash) return refuse<ApprovalRefusal, ApprovalEvent>('shown_differs')
  const { amr, ...known } = by
  const decision = { ...fact, ...known, ...(amr ? { amr: [...amr] } : {}), shownHash }
  if (command.kind === 'deny') {
    const { reason } = command
    return accept<ApprovalEvent>(
      ApprovalDenied({ ...decision, ...(reason === undefined ? {} : { reason }) }),
    )
  }
  const usable = state.kind === 'call' ? { usableUntil: now + command.useMs } : {}
  return accept<ApprovalEvent>(ApprovalGiven({ ...decision, ...usable }))
}

function use(
  { callKey, now }: Extract<ApprovalCommand, { kind: 'use' }>,
  state: KnownApproval,
  fact: Fact,
) {
  if (state.status === 'open' || state.usableUntil === undefined) {
    return refuse<ApprovalRefusal, ApprovalEvent>('approval_not_given')
  }
  if (state.status !== 'given') return refuse<ApprovalRefusal, ApprovalEvent>(overAs(state))
  if (callKey !== state.callKey) return refuse<ApprovalRefusal, ApprovalEvent>('call_differs')
  if (now >= state.usableUntil) {
    return refuse<ApprovalRefusal, ApprovalEvent>('approval_expired', ApprovalExpired(fact))
  }
  return accept<ApprovalEvent>(ApprovalUsed({ ...fact, callKey }))
}

/** Whether something may still come of it: an answer, or the call that was approved. */
export function isWaiting({ status, kind }: KnownApproval): boolean {
  return status === 'open' || (status === 'given' && kind === 'call')
}

/** When it ends by itself. */
function endOf({ expiresAt, usableUntil }: KnownApproval): number {
  return usableUntil ?? expiresAt
}

function overAs({ status }: KnownApproval): ApprovalRefusal {
  switch (status) {
    case 'open':
    case 'given':
    case 'denied':
      return 'approval_decided'
    case 'voided':
      return 'approval_voided'
    case 'expired':
      return 'approval_expired'
    case 'used':
      return 'approval_used'
    default:
      return status satisfies never
  }
}

export const approvalDecider: Decider<
  ApprovalCommand,
  ApprovalState,
  ApprovalEvent,
  ApprovalRefusal
> = {
  noun: 'approval',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
