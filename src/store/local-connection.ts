/**
 * A connection to a database in this process, through the native library. Its calls block, which
 * a read by key may and a commit may not: commits happen in the writer's thread.
 *
 * Preparing costs more than running, so prepared statements are kept by their text.
 */
import Libsql from 'libsql'
import { LRUCache } from 'lru-cache'
import type { Statement } from '../projections/statement.ts'
import {
  type Row,
  refusalOf,
  type Transaction,
  type TransactionOutcome,
  toBindable,
  toRow,
  type UnitOutcome,
} from './database.ts'

const preparedStatementsMax = 500

/**
 * For a file: 16 MB hold the inner pages of the indexes of tens of gigabytes, and all that a commit
 * of many changes. What has no room goes to the disk before its time, and is read again.
 */
export const keepManyPages = 'PRAGMA cache_size = -16000'

/**
 * For the connection that writes to it: what is committed is on disk, and a write-ahead log of 16 MB
 * goes into the file at once, because most pages are written again and again.
 */
export const writerPragmas = [
  'PRAGMA synchronous = FULL',
  'PRAGMA wal_autocheckpoint = 4000',
  keepManyPages,
]

interface Prepared {
  readonly statement: Libsql.Statement
  readonly givesRows: boolean
}

interface NativeError {
  readonly code: string
  readonly message: string
}

type RunUnit = (unit: readonly Statement[]) => UnitOutcome | undefined

/** Refusals of one statement; whatever else goes wrong is the database's trouble, not the caller's. */
const refusalCode = /^SQLITE_(CONSTRAINT|ERROR|MISMATCH|RANGE|TOOBIG)/

export class LocalConnection {
  readonly #native: Libsql.Database
  readonly #prepared = new LRUCache<string, Prepared>({ max: preparedStatementsMax })
  #commits = 0

  constructor(path: string, options: { busyTimeoutMs: number } = { busyTimeoutMs: 0 }) {
    this.#native = new Libsql(path, { timeout: options.busyTimeoutMs })
  }

  /** Runs SQL that has no arguments and gives no rows. */
  execute(sql: string): void {
    this.#native.exec(sql)
  }

  run({ sql, args }: Statement): Row[] {
    const { statement, givesRows } = this.#prepare(sql)
    const bound = args.map(toBindable)
    if (givesRows) return statement.all(bound).map((row) => toRow(row as Record<string, unknown>))
    statement.run(bound)
    return []
  }

  /** The answers to all of them as of one moment. */
  snapshot(statements: readonly Statement[]): Row[][] {
    this.execute('BEGIN')
    try {
      return statements.map((statement) => this.run(statement))
    } finally {
      this.#native.exec('ROLLBACK')
    }
  }

  /**
   * Commits what can be committed; see `Database`.
   * @throws when the database itself fails; then nothing was written
   */
  transact(transaction: Transaction): TransactionOutcome {
    return this.transactAll([transaction])[0] as TransactionOutcome
  }

  /** The same for several, one after another, with one sync of the disk. */
  transactAll(transactions: readonly Transaction[]): TransactionOutcome[] {
    // A savepoint keeps each page as it was before the unit, and hardly ever is a unit refused.
    const done = this.#commit(transactions, (unit) => this.#runOrGiveUp(unit))
    return (
      done ?? (this.#commit(transactions, (unit) => this.#runAside(unit)) as TransactionOutcome[])
    )
  }

  /** Undefined, and nothing written, where `run` gives up on a unit. */
  #commit(transactions: readonly Transaction[], run: RunUnit): TransactionOutcome[] | undefined {
    this.execute('BEGIN IMMEDIATE')
    try {
      const commit = this.#commits + 1
      const outcomes: TransactionOutcome[] = []
      for (const transaction of transactions) {
        const outcome = outcomeOf(transaction, { commit, run })
        if (!outcome) {
          this.#rollBack()
          return undefined
        }
        outcomes.push(outcome)
      }
      this.execute('COMMIT')
      this.#commits = commit
      return outcomes
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  close(): void {
    this.#prepared.clear()
    this.#native.close()
  }

  #runOrGiveUp(unit: readonly Statement[]): UnitOutcome | undefined {
    const outcome = this.#firstRefused(unit)
    return outcome.done ? outcome : undefined
  }

  /** So that it can be taken out alone. */
  #runAside(unit: readonly Statement[]): UnitOutcome {
    this.execute('SAVEPOINT unit')
    const outcome = this.#firstRefused(unit)
    if (!outcome.done) this.execute('ROLLBACK TO unit')
    this.execute('RELEASE unit')
    return outcome
  }

  #firstRefused(statements: readonly Statement[]): UnitOutcome {
    const rows: Row[][] = []
    for (const [at, statement] of statements.entries()) {
      try {
        rows.push(this.run(statement))
      } catch (error) {
        const { code, message } = error as NativeError
        if (!refusalCode.test(code) || !this.#native.inTransaction) throw error
        return { done: false, refusal: refusalOf(message, at) }
      }
    }
    return { done: true, rows }
  }

  #rollBack(): void {
    // Some failures (a full disk) have rolled back already.
    if (this.#native.inTransaction) this.#native.exec('ROLLBACK')
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#prepared.get(sql)
    if (!prepared) {
      const statement = this.#native.prepare(sql)
      prepared = { statement, givesRows: statement.reader }
      this.#prepared.set(sql, prepared)
    }
    return prepared
  }
}

function outcomeOf(
  { preconditions, units }: Transaction,
  { commit, run }: { commit: number; run: RunUnit },
): TransactionOutcome | undefined {
  const met = run(preconditions)
  if (!met?.done) return met && { committed: false, refusal: met.refusal }
  const outcomes: UnitOutcome[] = []
  for (const unit of units) {
    const outcome = run(unit)
    if (!outcome) return undefined
    outcomes.push(outcome)
  }
  return { committed: true, commit, units: outcomes }
}
