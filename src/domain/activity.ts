/**
 * What people did before they proved anything: one event an hour with counts, however many
 * requests there were; and one when an account's sign-in is paused because somebody guesses.
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

// Events

export const AnonymousActivityCounted = defineEvent('AnonymousActivityCounted', {
  version: 1,
  payload: {
    /** Hours since 1970. */
    hour: open(Type.Integer()),
    counts: open(Type.Record(Type.String(), Type.Integer())),
    at: open(Type.Integer()),
  },
})

export const SignInPaused = defineEvent('SignInPaused', {
  version: 1,
  payload: {
    /** HMAC of the address that was tried. */
    emailKey: hashed(),
    failures: open(Type.Integer()),
    until: open(Type.Integer()),
    at: open(Type.Integer()),
  },
})

export const activityEventTypes = [AnonymousActivityCounted, SignInPaused]

export type ActivityEvent = EventOf<typeof AnonymousActivityCounted | typeof SignInPaused>

// State

export interface ActivityState {
  readonly status: 'open' | 'counted'
  readonly pausedUntil: number
}

function evolve(state: ActivityState, event: ActivityEvent): ActivityState {
  switch (event.type) {
    case 'AnonymousActivityCounted':
      return { ...state, status: 'counted' }
    case 'SignInPaused':
      return { ...state, pausedUntil: event.payload.until }
    default:
      return event satisfies never
  }
}

// Commands

export type ActivityCommand =
  | {
      readonly kind: 'count'
      readonly hour: number
      readonly counts: Record<string, number>
      readonly now: number
    }
  | {
      readonly kind: 'pause sign-in'
      readonly emailKey: string
      readonly failures: number
      readonly until: number
      readonly now: number
    }

export type ActivityRefusal = 'already_counted' | 'already_paused'

function decide(command: ActivityCommand, state: ActivityState) {
  switch (command.kind) {
    case 'count': {
      if (state.status === 'counted') return refuse<ActivityRefusal>('already_counted')
      const { hour, counts, now: at } = command
      return accept(AnonymousActivityCounted({ hour, counts, at }))
    }
    case 'pause sign-in': {
      const { emailKey, failures, until, now: at } = command
      if (state.pausedUntil >= until) return refuse<ActivityRefusal>('already_paused')
      return accept(SignInPaused({ emailKey, failures, until, at }))
    }
    default:
      return command satisfies never
  }
}

export const activityDecider: Decider<
  ActivityCommand,
  ActivityState,
  ActivityEvent,
  ActivityRefusal
> = {
  noun: 'activity',
  stateSchema: 1,
  initial: { status: 'open', pausedUntil: 0 },
  evolve,
  decide,
}
