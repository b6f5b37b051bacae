/**
 * A decider is one aggregate's rules as two pure functions:
 *
 *   decide(command, state) → what happened, or why not
 *   evolve(state, event)   → the state after it
 *
 * Time, ids and randomness arrive inside the command. A refusal is a value, and may itself
 * record facts: a replayed refresh token is refused, and ends its grant.
 */
import type { DomainEvent } from './event.ts'

export interface Accepted<E> {
  readonly outcome: 'accepted'
  readonly events: readonly E[]
}

export interface Refused<E, R extends string> {
  readonly outcome: 'refused'
  readonly reason: R
  readonly events: readonly E[]
}

export type Decision<E, R extends string> = Accepted<E> | Refused<E, R>

export interface Decider<Command, State, E extends DomainEvent, R extends string> {
  /** The noun; streams are named `<noun>/<id>`. */
  readonly noun: string
  /** Raised when the shape of the folded state changes. */
  readonly stateSchema: number
  readonly initial: State
  evolve(state: State, event: E): State
  decide(command: Command, state: State): Decision<E, R>
}

export function accept<E>(...events: E[]): Accepted<E> {
  return { outcome: 'accepted', events }
}

export function refuse<R extends string, E = never>(reason: R, ...events: E[]): Refused<E, R> {
  return { outcome: 'refused', reason, events }
}

export function streamOf(noun: string, id: string): string {
  return `${noun}/${id}`
}
