/**
 * The fence: what the programs know that write to this database, as one row with an epoch.
 *
 *   row = { epoch 3, event types with versions, projections with versions }
 *   this program lacks something of it → it must not write: LogFenced
 *   this program knows more            → it raises the epoch; whoever wrote before is fenced off
 *
 * Every append asserts the epoch. It must be there from the first version on, because only the
 * older program can refuse.
 */
import type { EventType } from '../domain/event.ts'
import { LogFenced } from '../domain/event-log.ts'
import type { Projection } from '../projections/projection.ts'
import type { Statement } from '../projections/statement.ts'
import { assertThat } from './assertions.ts'
import type { Database } from './database.ts'

type Versions = Readonly<Record<string, number>>

export interface ActiveSet {
  readonly eventTypes: Versions
  /** By name without its version: `grants_v2` is `grants` at 2. */
  readonly projections: Versions
}

export interface Fence {
  /** 0 before any program has written. */
  readonly epoch: number
  readonly activeSet: ActiveSet
}

export function activeSetOf(
  eventTypes: readonly EventType[],
  projections: readonly Projection[],
): ActiveSet {
  return {
    eventTypes: Object.fromEntries(eventTypes.map(({ name, version }) => [name, version])),
    projections: Object.fromEntries(projections.map(({ name }) => versionedName(name))),
  }
}

export async function readFence(database: Database): Promise<Fence> {
  const sql = 'SELECT epoch, active_set FROM fence'
  const [row] = await database.query({ sql, args: [] })
  if (!row) return { epoch: 0, activeSet: { eventTypes: {}, projections: {} } }
  return { epoch: row.epoch as number, activeSet: JSON.parse(row.active_set as string) }
}

/** @throws {LogFenced} naming what stands in the database and not in this program */
export function refuseUnknown(stored: ActiveSet, known: ActiveSet): void {
  const unknown = [
    ...newerThan(stored.eventTypes, known.eventTypes).map((name) => `event "${name}"`),
    ...newerThan(stored.projections, known.projections).map((name) => `projection "${name}"`),
  ]
  if (unknown.length === 0) return
  throw new LogFenced(
    `Cannot open the database: a newer version of Grantlog has written to it, and this one does ` +
      `not know ${unknown.join(', ')}; start the newer version`,
  )
}

/** The projections whose tables the database does not have filled. */
export function newProjections(
  stored: ActiveSet,
  projections: readonly Projection[],
): Projection[] {
  return projections.filter(({ name }) => {
    const [base, version] = versionedName(name)
    return stored.projections[base] !== version
  })
}

export function knowsMore(known: ActiveSet, stored: ActiveSet): boolean {
  const more = [
    ...newerThan(known.eventTypes, stored.eventTypes),
    ...newerThan(known.projections, stored.projections),
  ]
  return more.length > 0
}

/** The statements that raise the epoch from what was read; refused when somebody was faster. */
export function raising(stored: Fence, known: ActiveSet): Statement[] {
  const set = JSON.stringify(known)
  if (stored.epoch === 0) {
    const sql = 'INSERT INTO fence (id, epoch, active_set) VALUES (1, 1, ?)'
    return [{ sql, args: [set] }]
  }
  return [
    assertThat('EXISTS (SELECT 1 FROM fence WHERE epoch = ?)', [stored.epoch]),
    { sql: 'UPDATE fence SET epoch = epoch + 1, active_set = ?', args: [set] },
  ]
}

function newerThan(some: Versions, others: Versions): string[] {
  return Object.entries(some)
    .filter(([name, version]) => version > (others[name] ?? 0))
    .map(([name, version]) => `${name} v${version}`)
}

function versionedName(name: string): [string, number] {
  const match = /^(.+)_v(\d+)$/.exec(name)
  if (!match?.[1]) throw new Error(`Cannot use projection "${name}": it must end in _v<version>`)
  return [match[1], Number(match[2])]
}
