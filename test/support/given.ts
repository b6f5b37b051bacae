/**
 * A decider's specification, one sentence a case:
 *
 *   given(userDecider, registered)
 *     .when({ kind: 'enable', now: 2 })
 *     .refuses('user_not_disabled')
 *
 * Every case also holds what is true of all deciders, whatever it is about:
 *
 * - events pass their type's `check`, so that the store would take them;
 * - deciding and evolving change neither state nor command, and give the same a second time;
 * - the state survives JSON, because that is how it is kept;
 * - the state does not depend on a sealed field, because that reads as null after an erasure.
 */
import { eventTypes } from '../../src/domain/catalog.ts'
import type { Decider, Decision } from '../../src/domain/decider.ts'
import type { DomainEvent, EventType } from '../../src/domain/event.ts'
import { expect } from './test.ts'

export interface Case<E extends DomainEvent, R extends string> {
  /** The command is accepted, and these events are what it records. */
  records(...events: NoInfer<E>[]): void
  /** The command is refused for this reason; the events are facts that the refusal records. */
  refuses(reason: NoInfer<R>, ...events: NoInfer<E>[]): void
}

export function given<C, S, E extends DomainEvent, R extends string>(
  decider: Decider<C, S, E, R>,
  ...events: NoInfer<E>[]
) {
  return {
    when(command: NoInfer<C>): Case<E, R> {
      const state = fold(decider, events)
      const decision = decider.decide(deepFreeze(command), state)
      expect(decider.decide(command, state)).toEqual(decision)
      holdsForEveryDecider(decider, [...events, ...decision.events])
      return {
        records: (...recorded) => expectDecision(decision, { outcome: 'accepted' }, recorded),
        refuses: (reason, ...recorded) =>
          expectDecision(decision, { outcome: 'refused', reason }, recorded),
      }
    },
  }
}

/** The state after these events. */
export function fold<C, S, E extends DomainEvent, R extends string>(
  decider: Decider<C, S, E, R>,
  events: readonly E[],
): S {
  let state = deepFreeze(decider.initial)
  for (const event of events) state = deepFreeze(decider.evolve(state, deepFreeze(event)))
  return state
}

/** The type in the catalog that an event says it is. */
export function typeOf(event: DomainEvent): EventType {
  const type = eventTypes.find(({ name }) => name === event.type)
  if (!type) throw new Error(`Cannot find "${event.type}": it is not in the catalog`)
  return type
}

/** The event as it reads once its subject's key is gone. */
export function erased<E extends DomainEvent>(event: E): E {
  const { fields } = typeOf(event)
  const payload = Object.entries(event.payload as object).map(([field, value]) => [
    field,
    fields[field] === 'sealed' ? null : value,
  ])
  return { ...event, payload: Object.fromEntries(payload) }
}

function expectDecision(
  decision: Decision<DomainEvent, string>,
  verdict: { outcome: string; reason?: string },
  events: readonly DomainEvent[],
): void {
  expect(decision).toStrictEqual({ ...verdict, events } as typeof decision)
}

function holdsForEveryDecider<C, S, E extends DomainEvent, R extends string>(
  decider: Decider<C, S, E, R>,
  events: readonly E[],
): void {
  for (const event of events) expect(typeOf(event).problems(event.payload)).toEqual([])
  const state = fold(decider, events)
  expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
  expect(fold(decider, events.map(erased))).toStrictEqual(state)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
