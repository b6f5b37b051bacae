/**
 * A browser in which somebody has signed in. It starts with proof and ends by sign-out, by
 * expiry, or because the password changed or the account was
 * deleted; with an account that is disabled all of its sessions are over.
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

// Events

export const SessionStarted = defineEvent('SessionStarted', {
  version: 1,
  subject: 'userId',
  payload: {
    sessionId: open(Type.String()),
    userId: open(Type.String()),
    tokenHash: hashed(),
    /** How the person proved who they are, as RFC 8176 names it: `pwd`. */
    amr: open(Type.Array(Type.String())),
    /** When the person proved it, where that was with another service and earlier. */
    authenticatedAt: Type.Optional(open(Type.Integer())),
    userAgent: Type.String(),
    address: Type.String(),
    at: open(Type.Integer()),
    expiresAt: open(Type.Integer()),
  },
})

const endReason = Type.Union([
  Type.Literal('signed_out'),
  Type.Literal('signed_out_elsewhere'),
  Type.Literal('replaced'),
  Type.Literal('ended_by_admin'),
  Type.Literal('password_changed'),
  Type.Literal('account_deleted'),
])
export type SessionEndReason = (typeof endReason)['static']

export const SessionEnded = defineEvent('SessionEnded', {
  version: 1,
  payload: {
    sessionId: open(Type.String()),
    userId: open(Type.String()),
    reason: open(endReason),
    at: open(Type.Integer()),
  },
})

export const sessionEventTypes = [SessionStarted, SessionEnded]

export type SessionEvent = EventOf<typeof SessionStarted | typeof SessionEnded>

// State

export type SessionState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'ended'
      readonly sessionId: string
      readonly userId: string
      readonly expiresAt: number
    }

function evolve(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'SessionStarted': {
      const { sessionId, userId, expiresAt } = event.payload
      return { status: 'active', sessionId, userId, expiresAt }
    }
    case 'SessionEnded':
      return state.status === 'unknown' ? state : { ...state, status: 'ended' }
    default:
      return event satisfies never
  }
}

// Commands

export type SessionCommand =
  | { readonly kind: 'start'; readonly start: SessionStart }
  | { readonly kind: 'end'; readonly reason: SessionEndReason; readonly now: number }

export interface SessionStart {
  readonly sessionId: string
  readonly userId: string
  readonly tokenHash: string
  readonly amr: string[]
  readonly authenticatedAt?: number
  readonly userAgent: string
  readonly address: string
  readonly now: number
  readonly expiresAt: number
}

export type SessionRefusal = 'session_exists' | 'session_unknown' | 'session_ended'

function decide(command: SessionCommand, state: SessionState) {
  if (command.kind === 'start') {
    if (state.status !== 'unknown') return refuse<SessionRefusal>('session_exists')
    const { now: at, ...start } = command.start
    return accept(SessionStarted({ ...start, at }))
  }
  if (state.status === 'unknown') return refuse<SessionRefusal>('session_unknown')
  if (state.status === 'ended') return refuse<SessionRefusal>('session_ended')
  const { sessionId, userId } = state
  return accept(SessionEnded({ sessionId, userId, reason: command.reason, at: command.now }))
}

export const sessionDecider: Decider<SessionCommand, SessionState, SessionEvent, SessionRefusal> = {
  noun: 'session',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
