/**
 * When what was last written, in moments that count transactions: so that whoever remembers what
 * was read can tell whether it still is so.
 *
 *   a transaction begins ─▶ all that it touches has changed, and is in flight
 *   it ends              ─▶ all that it touched has changed once more
 *
 * A commit may be on disk before this thread hears of it, so what is in flight is never remembered.
 */
import type { Statement } from '../projections/statement.ts'
import type { Transaction } from './database.ts'
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
    this.#inFlight = touchedIn(transaction)
    this.#change(this.#inFlight)
  }

  end(): void {
    if (this.#inFlight) this.#change(this.#inFlight)
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
      const last = this.#tables.get(table)
      // What was asked before did not look out for this table.
      if (!last) this.#knownFrom = this.#moment
      const unnamed = byKey ? (last?.unnamed ?? 0) : this.#moment
      this.#tables.set(table, { any: this.#moment, unnamed })
    }
    if (this.#keys.size + keys.size > keysMax) {
      this.#keys = new Map()
      this.#knownFrom = this.#moment
    }
    for (const key of keys) this.#keys.set(key, this.#moment)
  }
}

function touchedIn({ preconditions, units }: Transaction): Touched {
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
  for (const unit of units) for (const statement of unit) touch(statement)
  return { tables, keys }
}
