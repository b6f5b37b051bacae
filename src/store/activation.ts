/**
 * Takes a database over for this program: refuses if it holds what the program does not know,
 * else builds what is new beside what is old, and switches in one transaction.
 */
import type { EventType } from '../domain/event.ts'
import { type EventLog, LogUnavailable } from '../domain/event-log.ts'
import type { Projection } from '../projections/projection.ts'
import type { Database } from './database.ts'
import {
  activeSetOf,
  knowsMore,
  newProjections,
  raising,
  readFence,
  refuseUnknown,
} from './fence.ts'
import type { Migration } from './migrations.ts'
import { logEndsAt, Replica, replacing } from './replica.ts'

const attemptsMax = 100

export interface ActivationParts {
  readonly database: Database
  readonly log: EventLog
  readonly eventTypes: readonly EventType[]
  readonly projections: readonly Projection[]
  readonly migrations: readonly Migration[]
}

/**
 * Gives the epoch under which this program may write.
 * @throws {LogFenced} when a newer program has written here
 */
export async function activate(parts: ActivationParts): Promise<number> {
  const known = activeSetOf(parts.eventTypes, parts.projections)
  let replica: Replica | undefined
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const stored = await readFence(parts.database)
      refuseUnknown(stored.activeSet, known)
      if (!knowsMore(known, stored.activeSet)) return stored.epoch
      const added = newProjections(stored.activeSet, parts.projections)
      replica ??= new Replica(added, parts.migrations)
      await replica.catchUp(parts.log)
      const fill = replica.tables.flatMap((table) => replacing(table, replica?.rows(table) ?? []))
      const outcome = await parts.database.transact({
        preconditions: [logEndsAt(replica.through)],
        units: [[...raising(stored, known), ...fill]],
      })
      // Refused: the log moved on, or another program switched first. Look again.
      if (outcome.committed && outcome.units[0]?.done) return stored.epoch + 1
    }
    throw new LogUnavailable('Cannot open the database: others keep writing while it is upgraded')
  } finally {
    replica?.close()
  }
}
