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
import { keysIn, returnsWhatChanged, touchedBy } from './touched-keys.ts'

const keysMax = 50_000

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
  /** Of the last change of rows of this name. */
  keys: Map<string, number>
}

interface TouchedTable {
  /** Whether all of its rows that are touched are named. */
  byKey: boolean
  readonly keys: Set<string>
}

type Touched = ReadonlyMap<string, TouchedTable>

/** @param outcome absent where nobody knows what was written */
type EndOfTransaction = (outcome?: TransactionOutcome) => void

export class Changes {
  #moment = 0
  /** Those that were never written since the start are not in it. */
  readonly #tables = new Map<string, TableMoments>()
  #keysKnown = 0
  /** What was last changed before this is not known any more. */
  #knownFrom = 0
  readonly #inFlight = new Set<Touched>()

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

  /** Gives what is to be called when it has ended. */
  begin(transaction: Transaction): EndOfTransaction {
    const touched = touchedIn(transaction)
    this.#inFlight.add(touched)
    for (const table of touched.keys()) {
      if (this.#tables.has(table)) continue
      // What was asked before did not look out for this table.
      this.#moment += 1
      this.#knownFrom = this.#moment
      this.#tables.set(table, { any: this.#moment, unnamed: this.#moment, keys: new Map() })
    }
    return (outcome) => {
      const units = outcome?.committed ? outcome.units : undefined
      const isAsBegun = !units?.some((unit, index) =>
        hasLeftOut(transaction.units[index] ?? [], unit),
      )
      this.#change(isAsBegun ? touched : touchedIn(transaction, units))
      this.#inFlight.delete(touched)
    }
  }

  /** Whether any of it was written after that moment, or is being written. */
  haveTouched(sources: Sources, since: number): boolean {
    if (since === this.#moment && this.#inFlight.size === 0) return false
    if (since < this.#knownFrom) return true
    return sources.tables.some((table) => this.#hasTouched(table, sources, since))
  }

  #hasTouched(table: string, { keys }: Sources, since: number): boolean {
    for (const touched of this.#inFlight) if (mayTouch(touched.get(table), keys)) return true
    const last = this.#tables.get(table)
    if (!last || last.any <= since) return false
    if (!keys || last.unnamed > since) return true
    return keys.some((key) => (last.keys.get(key) ?? 0) > since)
  }

  #change(touched: Touched): void {
    this.#moment += 1
    for (const [table, { byKey, keys }] of touched) {
      const last = this.#tables.get(table)
      if (!last) continue
      last.any = this.#moment
      if (!byKey) last.unnamed = this.#moment
      const before = last.keys.size
      for (const key of keys) last.keys.set(key, this.#moment)
      this.#keysKnown += last.keys.size - before
    }
    if (this.#keysKnown > keysMax) this.#forgetKeys()
  }

  #forgetKeys(): void {
    for (const moments of this.#tables.values()) moments.keys = new Map()
    this.#keysKnown = 0
    this.#knownFrom = this.#moment
  }
}

function mayTouch(writing: TouchedTable | undefined, keys: Sources['keys']): boolean {
  return writing !== undefined && !(keys && writing.byKey && !keys.some((k) => writing.keys.has(k)))
}

/** @param outcomes once it is known what became of each unit */
function touchedIn(
  { preconditions, units }: Transaction,
  outcomes?: readonly UnitOutcome[],
): Touched {
  const all = new Map<string, TouchedTable>()
  const touch = (statement: Statement) => {
    if (statement.dropsEnded) return
    const { tables, byKey } = touchedBy(statement)
    for (const table of tables) {
      const touched = all.get(table) ?? { byKey: true, keys: new Set() }
      all.set(table, touched)
      if (byKey) for (const key of keysIn(statement.args)) touched.keys.add(key)
      else touched.byKey = false
    }
  }
  for (const statement of preconditions) touch(statement)
  for (const [index, unit] of units.entries()) {
    const outcome = outcomes?.[index]
    for (const [at, statement] of unit.entries()) {
      if (!changedNothing(statement, outcome?.done ? outcome.rows[at] : undefined)) touch(statement)
    }
  }
  return all
}

/** Whether one of its statements changed nothing that it might have changed. */
function hasLeftOut(unit: readonly Statement[], outcome: UnitOutcome): boolean {
  return outcome.done && unit.some((statement, at) => changedNothing(statement, outcome.rows[at]))
}

function changedNothing(statement: Statement, rows: readonly Row[] | undefined): boolean {
  return rows?.length === 0 && returnsWhatChanged(statement)
}
