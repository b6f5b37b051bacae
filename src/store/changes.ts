/**
 * When what was last written, in moments that count transactions: so that whoever remembers what
 * was read can tell whether it still is so.
 *
 *   a transaction begins ─▶ all that it may touch is in flight
 *   it ends              ─▶ all that it touched has changed
 *
 * A commit may be on disk before this thread hears of it, so what is in flight is neither told from
 * memory nor remembered. A statement that says which rows it changed, and changed none, touched
 * nothing.
 */
import type { Statement } from '../projections/statement.ts'
import type { Row, Transaction, TransactionOutcome, UnitOutcome } from './database.ts'
import { keysIn, touchedBy } from './touched-keys.ts'

const keysMax = 100_000

/** What an answer was made of. */
export interface Sources {
  /** Every table that was asked. */
  readonly tables: readonly string[]
  /** Names of all the rows that it was made of; absent where nobody can tell. */
  readonly keys?: readonly string[]
}

interface TableMoments {
  /** Of the last change at all. */
  any: number
  /** Of the last change of rows that were not named. */
  unnamed: number
}

interface Touched {
  readonly tables: ReadonlyMap<string, { readonly byKey: boolean }>
  readonly keys: ReadonlySet<string>
}

export class Changes {
  #moment = 0
  /** Those that were never written since the start are not in it. */
  readonly #tables = new Map<string, TableMoments>()
  #keys = new Map<string, number>()
  /** What was last changed before this is not known any more. */
  #knownFrom = 0
  #inFlight: Touched | undefined

  get now(): number {
    return this.#moment
  }

  /** Those of these words that are tables which were ever written to; there may be more later. */
  tablesAmong(words: ReadonlySet<string>): string[] {
    return [...this.#tables.keys()].filter((table) => words.has(table))
  }

  /** How many tables were ever written to. */
  get tablesWritten(): number {
    return this.#tables.size
  }

  begin(transaction: Transaction): void {
    const touched = touchedIn(transaction)
    this.#inFlight = touched
    for (const table of touched.tables.keys()) {
      if (this.#tables.has(table)) continue
      // What was asked before did not look out for this table.
      this.#moment += 1
      this.#knownFrom = this.#moment
      this.#tables.set(table, { any: this.#moment, unnamed: this.#moment })
    }
  }

  /** @param outcome absent where nobody knows what was written */
  end(transaction: Transaction, outcome?: TransactionOutcome): void {
    const units = outcome?.committed ? outcome.units : undefined
    this.#change(touchedIn(transaction, units))
    this.#inFlight = undefined
  }

  /** Whether any of it was written after that moment, or is being written. */
  haveTouched(sources: Sources, since: number): boolean {
    if (since === this.#moment && !this.#inFlight) return false
    if (since < this.#knownFrom) return true
    const { tables, keys } = sources
    for (const table of tables) {
      const last = this.#tables.get(table)
      if (last && (keys ? last.unnamed : last.any) > since) return true
    }
    for (const key of keys ?? []) if ((this.#keys.get(key) ?? 0) > since) return true
    return this.#isInFlight(sources)
  }

  #isInFlight({ tables, keys }: Sources): boolean {
    const touched = this.#inFlight
    if (!touched) return false
    for (const table of tables) {
      const writing = touched.tables.get(table)
      if (writing && !(keys && writing.byKey)) return true
    }
    for (const key of keys ?? []) if (touched.keys.has(key)) return true
    return false
  }

  #change({ tables, keys }: Touched): void {
    this.#moment += 1
    for (const [table, { byKey }] of tables) {
      const unnamed = byKey ? (this.#tables.get(table)?.unnamed ?? 0) : this.#moment
      this.#tables.set(table, { any: this.#moment, unnamed })
    }
    if (this.#keys.size + keys.size > keysMax) {
      this.#keys = new Map()
      this.#knownFrom = this.#moment
    }
    for (const key of keys) this.#keys.set(key, this.#moment)
  }
}

/** @param outcomes once it is known what became of each unit */
function touchedIn(
  { preconditions, units }: Transaction,
  outcomes?: readonly UnitOutcome[],
): Touched {
  const tables = new Map<string, { byKey: boolean }>()
  const keys = new Set<string>()
  const touch = (statement: Statement) => {
    if (statement.dropsEnded) return
    const touched = touchedBy(statement)
    for (const table of touched.tables) {
      const others = tables.get(table)?.byKey ?? true
      tables.set(table, { byKey: others && touched.byKey })
    }
    if (touched.byKey) for (const key of keysIn(statement.args)) keys.add(key)
  }
  for (const statement of preconditions) touch(statement)
  for (const [index, unit] of units.entries()) {
    const outcome = outcomes?.[index]
    for (const [at, statement] of unit.entries()) {
      if (!changedNothing(statement, outcome?.done ? outcome.rows[at] : undefined)) touch(statement)
    }
  }
  return { tables, keys }
}

function changedNothing({ sql }: Statement, rows: readonly Row[] | undefined): boolean {
  return rows?.length === 0 && /\breturning\b/i.test(sql)
}
