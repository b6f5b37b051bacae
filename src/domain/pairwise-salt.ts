/** That this server has a salt for pairwise subjects. The salt itself is a wrapped secret. */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, open } from './event.ts'

// Events

export const PairwiseSaltMade = defineEvent('PairwiseSaltMade', {
  version: 1,
  payload: { at: open(Type.Integer()) },
})

export type PairwiseSaltEvent = EventOf<typeof PairwiseSaltMade>

// State

export interface PairwiseSaltState {
  readonly status: 'unknown' | 'made'
}

// Commands

export interface PairwiseSaltCommand {
  readonly kind: 'make'
  readonly now: number
}

export type PairwiseSaltRefusal = 'salt_exists'

export const pairwiseSaltDecider: Decider<
  PairwiseSaltCommand,
  PairwiseSaltState,
  PairwiseSaltEvent,
  PairwiseSaltRefusal
> = {
  noun: 'pairwise-salt',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve: () => ({ status: 'made' }),
  decide: ({ now }, { status }) =>
    // Another one would call everybody by another name.
    status === 'made' ? refuse('salt_exists') : accept(PairwiseSaltMade({ at: now })),
}
