/**
 * Proves that what is live equals a replay of the log, and puts the replay in its place where it
 * does not. Folded streams are proved too for the deciders that are given.
 */
import { getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { type EventLog, LogUnavailable, type RecordedEvent } from '../domain/event-log.ts'
import type { Projection } from '../projections/projection.ts'
import type { Statement } from '../projections/statement.ts'
import type { Database, Row } from './database.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Migration } from './migrations.ts'
import { allRows, logEndsAt, Replica, replacing } from './replica.ts'
import { StreamFold } from './stream-fold.ts'

/** Other servers may write between the comparison and the switch; then it is done again. */
const attemptsMax = 20

/** The part of a decider that folds. */
export interface Folding {
  readonly noun: string
  readonly stateSchema: number
  readonly initial: unknown
  evolve(state: unknown, event: never): unknown
}

export interface RebuiltTable {
  readonly table: string
  readonly rows: number
  /** The live table was missing, or was not what the log says; it is now. */
  readonly differed: boolean
}

export interface RebuildReport {
  /** The last position that was replayed. */
  readonly through: number
  readonly tables: readonly RebuiltTable[]
}

export interface RebuildParts {
  readonly database: Database
  readonly log: EventLog
  readonly commits: GroupCommit
  readonly projections: readonly Projection[]
  readonly migrations: readonly Migration[]
  readonly deciders: readonly Folding[]
}

interface Finding extends RebuiltTable {
  /** What makes the live table equal the replay. */
  readonly mend: readonly Statement[]
}

export async function rebuild(parts: RebuildParts): Promise<RebuildReport> {
  const replica = new Replica(parts.projections, parts.migrations)
  const streams = new StreamFold(parts.deciders)
  const watch = (event: RecordedEvent) => streams.add(event)
  try {
    await replica.catchUp(parts.log, watch)
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const report = await parts.commits.exclusively(async () => {
        await replica.catchUp(parts.log, watch)
        return switchOver(parts.database, { replica, streams })
      })
      if (report) return report
    }
    throw new LogUnavailable('Cannot rebuild: others keep writing meanwhile')
  } finally {
    replica.close()
  }
}

/** Compares and mends as of one moment; undefined when the log moved meanwhile. */
async function switchOver(
  database: Database,
  { replica, streams }: { replica: Replica; streams: StreamFold },
): Promise<RebuildReport | undefined> {
  const present = await tablesPresent(database)
  const tables = replica.tables.filter((table) => present.has(getTableName(table)))
  const [liveStreams = [], ...live] = await database.snapshot([
    streams.live,
    ...tables.map(allRows),
  ])
  const findings: Finding[] = replica.tables.map((table) => {
    const at = tables.indexOf(table)
    return compareTable(table, { replica, live: at < 0 ? undefined : live[at] })
  })
  const folded = streams.compare(liveStreams)
  if (folded) findings.push(folded)
  const outcome = await database.transact({
    preconditions: [logEndsAt(replica.through)],
    units: [findings.flatMap(({ mend }) => mend)],
  })
  if (!outcome.committed) return undefined
  const [unit] = outcome.units
  if (unit && !unit.done) throw new Error(`Cannot rebuild: ${unit.refusal.message}`)
  return {
    through: replica.through,
    tables: findings.map(({ table, rows, differed }) => ({ table, rows, differed })),
  }
}

function compareTable(
  table: SQLiteTable,
  { replica, live }: { replica: Replica; live: readonly Row[] | undefined },
): Finding {
  const rebuilt = replica.rows(table)
  const differed = !live || fingerprint(live) !== fingerprint(rebuilt)
  const mend = [
    ...(live ? [] : replica.definition(table)),
    ...(differed ? replacing(table, rebuilt) : []),
  ]
  return { table: getTableName(table), rows: rebuilt.length, differed, mend }
}

async function tablesPresent(database: Database): Promise<Set<unknown>> {
  const sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
  return new Set((await database.query({ sql, args: [] })).map(({ name }) => name))
}

/** Rows as text in which no two different values look alike. */
function fingerprint(rows: readonly Row[]): string {
  return JSON.stringify(rows, (_, value: unknown) => {
    if (value instanceof Uint8Array) return { blob: Buffer.from(value).toString('hex') }
    return typeof value === 'bigint' ? { integer: value.toString() } : value
  })
}
