/** The smallest decider that can show what `execute` does, and ways to run it on a log. */
import { accept, type Decider, refuse } from '../../src/domain/decider.ts'
import type { DomainEvent } from '../../src/domain/event.ts'
import type { EventLog } from '../../src/domain/event-log.ts'
import { execute } from '../../src/domain/execute.ts'

export type Counted = DomainEvent<'Counted', { by: number }>
export interface Count {
  readonly kind: 'add' | 'add too much'
  readonly by: number
}

/** Adds up, to 1,000 at most; who wants more is refused, and that is on record as 0. */
export const counter: Decider<Count, number, Counted, 'too_much' | 'nothing'> = {
  noun: 'counter',
  stateSchema: 2,
  initial: 0,
  evolve: (sum, { payload }) => sum + payload.by,
  decide({ kind, by }, sum) {
    if (by < 0) return refuse('nothing')
    if (kind === 'add too much' || sum + by > 1000) {
      return refuse('too_much', { type: 'Counted', payload: { by: 0 } })
    }
    return by === 0 ? accept() : accept({ type: 'Counted', payload: { by } })
  },
}

export const cause = { actor: 'system:test', correlationId: 'req_1' }

export function add(log: EventLog, id: string, by: number) {
  return execute(log, cause, (work) => work.decide(counter, id, { kind: 'add', by }))
}

export async function sumOf(log: EventLog, id: string): Promise<number> {
  const [stream] = await log.load([`counter/${id}`])
  return stream?.version === 0 ? 0 : Number(stream?.state)
}

/** The log, with some of its answers given differently. */
export function against(log: EventLog, answers: Partial<EventLog>): EventLog {
  return {
    load: (ids) => log.load(ids),
    append: (append) => log.append(append),
    read: (query) => log.read(query),
    find: (id) => log.find(id),
    replay: (query) => log.replay(query),
    ...answers,
  }
}
