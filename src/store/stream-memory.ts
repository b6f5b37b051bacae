/**
 * Streams as they stand are remembered by their id: most of what a decision reads (a client, a
 * person) was read for the one before. Like `ReadMemory`, it is for a database of this process
 * alone, whose every write passes here:
 *
 *   query     ──▶ streams by id: those that are remembered, and the others from the database
 *   transact  ──▶ what it writes is forgotten; the database; then it stands here as it was written
 *
 * A stream that is being written is asked of the database, which may know of the commit before this
 * thread does: whoever saw anything of it there must not see the stream as it was before.
 *
 * A decision is guarded besides: the append is refused where a stream is not at the version at
 * which it was read.
 */
import { LRUCache } from 'lru-cache'
import type { Statement } from '../projections/statement.ts'
import type { Database, Row, Transaction, TransactionOutcome } from './database.ts'
import {
  readsStreams,
  rowWrittenBy,
  streamsById,
  streamsByIdSql,
  writesStreams,
} from './stream-statements.ts'

const streamsMax = 2_000
/** A stream of more of them counts as several. */
const stateCharactersMax = 2_000

export class StreamMemory implements Database {
  readonly #database: Database
  /** By size, or the room for all of them would be taken at once. */
  readonly #rows = new LRUCache<string, Row>({ maxSize: streamsMax, sizeCalculation: roomOf })
  /** The streams that each of the transactions in flight writes. */
  readonly #inFlight = new Set<ReadonlySet<string>>()
  /** How many transactions have ended; what was read across the end of one is not kept. */
  #transactions = 0
  #isClosed = false

  constructor(database: Database) {
    this.#database = database
  }

  async query(statement: Statement): Promise<Row[]> {
    if (statement.sql !== streamsByIdSql || this.#isClosed) return this.#database.query(statement)
    const ids = JSON.parse(String(statement.args[0])) as string[]
    const known = ids.map((id) => this.#rows.get(id)).filter((row) => row !== undefined)
    if (known.length === ids.length) return known
    const missing = ids.filter((id) => !this.#rows.has(id))
    const before = this.#transactions
    const found = await this.#database.query(streamsById(missing))
    if (before === this.#transactions) {
      for (const row of found) this.#keep(row)
    }
    return [...known, ...found]
  }

  snapshot(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#database.snapshot(statements)
  }

  async transact(transaction: Transaction): Promise<TransactionOutcome> {
    let outcome: TransactionOutcome | undefined
    const written = transaction.units.flat().map(rowWrittenBy)
    const writing = new Set(written.filter((row) => row !== undefined).map(streamIdOf))
    this.#inFlight.add(writing)
    for (const streamId of writing) this.#rows.delete(streamId)
    try {
      outcome = await this.#database.transact(transaction)
      return outcome
    } finally {
      this.#transactions += 1
      this.#inFlight.delete(writing)
      this.#take(transaction, outcome)
    }
  }

  close(): Promise<void> {
    this.#isClosed = true
    return this.#database.close()
  }

  #take({ preconditions, units }: Transaction, outcome: TransactionOutcome | undefined): void {
    if (!outcome) {
      // Nobody knows what was written.
      this.#rows.clear()
      return
    }
    if (!outcome.committed) return
    for (const statement of preconditions) this.#takeWritten(statement)
    for (const [index, unit] of units.entries()) {
      const isDone = outcome.units[index]?.done === true
      for (const statement of unit) {
        if (isDone) this.#takeWritten(statement)
        else this.#doubt(statement)
      }
    }
  }

  #keep(row: Row): void {
    const streamId = streamIdOf(row)
    for (const writing of this.#inFlight) if (writing.has(streamId)) return
    this.#rows.set(streamId, row)
  }

  #takeWritten(statement: Statement): void {
    const row = rowWrittenBy(statement)
    if (row) this.#keep(row)
    else if (writesStreams(statement)) this.#rows.clear()
  }

  /** What a refused unit took for true is asked anew. */
  #doubt(statement: Statement): void {
    if (!readsStreams(statement)) return
    for (const value of statement.args) if (typeof value === 'string') this.#rows.delete(value)
  }
}

function roomOf({ state }: Row): number {
  return Math.max(1, Math.ceil(String(state).length / stateCharactersMax))
}

function streamIdOf(row: Row): string {
  return String(row.stream_id)
}
