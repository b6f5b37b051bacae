/**
 * What a person approves ahead: up to an amount, for one tool under one consent, for a short while.
 * What was spent is counted in its own stream, so that two payments at once cannot overspend it.
 *
 *   active ── spend ──▶ active (with less left) ── end ──▶ ended
 */
import { Type } from '@sinclair/typebox'
import { addAmounts, amountPattern, isAtMost } from './amount.ts'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, open } from './event.ts'

// Events

const common = {
  standingId: open(Type.String()),
  userId: open(Type.String()),
  at: open(Type.Integer()),
}
const amount = open(Type.String({ pattern: amountPattern }))

export const StandingApprovalGiven = defineEvent('StandingApprovalGiven', {
  version: 1,
  payload: {
    ...common,
    /** The approval that it was given with. */
    approvalId: open(Type.String()),
    clientId: open(Type.String()),
    /** The consent; or the API token. */
    grantId: open(Type.String()),
    tool: open(Type.String()),
    /** ISO 4217. */
    currency: open(Type.String({ pattern: '^[A-Z]{3}$' })),
    limit: amount,
    endsAt: open(Type.Integer()),
  },
})

export const StandingApprovalSpent = defineEvent('StandingApprovalSpent', {
  version: 1,
  payload: {
    ...common,
    /** The approval that it gave. */
    approvalId: open(Type.String()),
    amount,
    spent: amount,
  },
})

export const StandingApprovalEnded = defineEvent('StandingApprovalEnded', {
  version: 1,
  payload: common,
})

export const standingApprovalEventTypes = [
  StandingApprovalGiven,
  StandingApprovalSpent,
  StandingApprovalEnded,
]

export type StandingApprovalEvent = EventOf<(typeof standingApprovalEventTypes)[number]>
export type GivenStandingApproval = EventOf<typeof StandingApprovalGiven>['payload']

// State

interface Known extends GivenStandingApproval {
  readonly spent: string
}

export type StandingApprovalState =
  | { readonly status: 'unknown' }
  | (Known & { readonly status: 'active' | 'ended' })

function evolve(state: StandingApprovalState, event: StandingApprovalEvent): StandingApprovalState {
  if (event.type === 'StandingApprovalGiven') {
    return { ...event.payload, status: 'active', spent: '0' }
  }
  if (state.status === 'unknown') return state
  switch (event.type) {
    case 'StandingApprovalSpent':
      return { ...state, spent: event.payload.spent }
    case 'StandingApprovalEnded':
      return { ...state, status: 'ended' }
    default:
      return event satisfies never
  }
}

// Commands

export type StandingApprovalCommand =
  | { readonly kind: 'give'; readonly standing: GivenStandingApproval }
  | {
      readonly kind: 'spend'
      /** Under what, and for what: it has to be what was approved. */
      readonly of: Pick<
        GivenStandingApproval,
        'userId' | 'clientId' | 'grantId' | 'tool' | 'currency'
      >
      readonly amount: string
      readonly approvalId: string
      readonly now: number
    }
  | { readonly kind: 'end'; readonly userId: string; readonly now: number }

export type StandingApprovalRefusal =
  | 'standing_exists'
  | 'standing_unknown'
  | 'standing_over'
  | 'standing_differs'
  | 'standing_exceeded'

function decide(command: StandingApprovalCommand, state: StandingApprovalState) {
  if (command.kind === 'give') {
    return state.status === 'unknown'
      ? accept<StandingApprovalEvent>(StandingApprovalGiven(command.standing))
      : refuse<StandingApprovalRefusal>('standing_exists')
  }
  if (state.status === 'unknown') return refuse<StandingApprovalRefusal>('standing_unknown')
  const { standingId, userId } = state
  const fact = { standingId, userId, at: command.now }
  switch (command.kind) {
    case 'spend': {
      const { amount, approvalId, of } = command
      const isSame = (['userId', 'clientId', 'grantId', 'tool', 'currency'] as const).every(
        (name) => of[name] === state[name],
      )
      if (!isSame) return refuse<StandingApprovalRefusal>('standing_differs')
      if (state.status === 'ended' || command.now >= state.endsAt) {
        return refuse<StandingApprovalRefusal>('standing_over')
      }
      const spent = addAmounts(state.spent, amount)
      if (!isAtMost(spent, state.limit)) return refuse<StandingApprovalRefusal>('standing_exceeded')
      return accept<StandingApprovalEvent>(
        StandingApprovalSpent({ ...fact, approvalId, amount, spent }),
      )
    }
    case 'end':
      if (command.userId !== userId) return refuse<StandingApprovalRefusal>('standing_unknown')
      if (state.status === 'ended') return refuse<StandingApprovalRefusal>('standing_over')
      return accept<StandingApprovalEvent>(StandingApprovalEnded(fact))
    default:
      return command satisfies never
  }
}

export const standingApprovalDecider: Decider<
  StandingApprovalCommand,
  StandingApprovalState,
  StandingApprovalEvent,
  StandingApprovalRefusal
> = {
  noun: 'standing-approval',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
