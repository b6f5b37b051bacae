/**
 * A read model: pure `event → statements`, run inside the append's own transaction, so that what
 * it shows is never behind what was acknowledged. It can be deleted and rebuilt from the log.
 *
 * Its tables carry its version in their names: a new version is built beside the old one.
 */
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { DomainEvent, EventType } from '../domain/event.ts'
import type { Statement } from './statement.ts'

/** What a projection may look at. Position and time of recording belong to the log alone. */
export interface ProjectedEvent extends DomainEvent<string, Readonly<Record<string, unknown>>> {
  readonly eventId: string
  readonly streamId: string
  readonly version: number
}

export interface Projection {
  /** Name and version, as its tables are called: `grants_v1`. */
  readonly name: string
  readonly tables: readonly SQLiteTable[]
  readonly handlers: ReadonlyMap<string, (event: ProjectedEvent) => Statement[]>
}

/** Ties an event type to what it changes, with the payload's own type. */
export function on<Name extends string, P>(
  type: EventType<Name, P>,
  project: (payload: P, event: ProjectedEvent) => Statement[],
): [string, (event: ProjectedEvent) => Statement[]] {
  return [type.name, (event) => project(event.payload as P, event)]
}

export function defineProjection(
  name: string,
  tables: readonly SQLiteTable[],
  handlers: [string, (event: ProjectedEvent) => Statement[]][],
): Projection {
  return { name, tables, handlers: new Map(handlers) }
}
