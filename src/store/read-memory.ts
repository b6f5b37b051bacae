/**
 * Rows that were read are remembered until something is written to a table that they came from. It
 * is for a database of this process alone, whose every write passes here:
 *
 *   get ──▶ as it was read, while no table that the question names was written since
 *   transact ──▶ what it writes is forgotten; the database; then it is forgotten once more
 *
 * While a table is being written it is asked of the database, which may know of the commit before
 * this thread does. So whoever was told of a write, or saw anything of it, never sees what was
 * before it. Which tables a statement names is
 * read from its text, rather too many than too few. Decisions load their streams past this memory,
 * and are guarded besides.
 *
 * Time is no table: a question whose arguments hold the time is asked anew each millisecond. What
 * ends by time is therefore asked without it, and its end is looked at afterwards.
 */
import { LRUCache } from 'lru-cache'
import type { Reader, Statement } from '../projections/statement.ts'
import type { Database, Row, Transaction, TransactionOutcome } from './database.ts'

const rowsMax = 20_000
const textsMax = 1_000

/** The text of a statement. */
interface Question {
  /** Stands for the text, which is long, in the key of a row. */
  readonly number: number
  /** The tables that it names, of those that were written. */
  readonly tables: readonly string[]
}

interface Remembered {
  readonly row: Row | undefined
  /** How often its tables had been written, all together, when it was read. */
  readonly writes: number
}

export class ReadMemory implements Database, Reader {
  readonly #database: Database
  readonly #rows = new LRUCache<string, Remembered>({ max: rowsMax })
  /** How often each table was written since the start; those that never were are not in it. */
  readonly #writes = new Map<string, number>()
  readonly #questions = new LRUCache<string, Question>({ max: textsMax })
  /** The tables that the transaction in flight writes. */
  #writing: ReadonlySet<string> = new Set()
  #numbers = 0
  /** Whoever asks then is told by the database that it is away. */
  #isClosed = false

  constructor(database: Database) {
    this.#database = database
  }

  async get(statement: Statement): Promise<Row | undefined> {
    const { sql, args } = statement
    if (this.#isClosed || args.some(isOddKey)) return (await this.#database.query(statement))[0]
    const { number, tables } = this.#question(sql)
    if (this.#isBeingWritten(tables)) return (await this.#database.query(statement))[0]
    const key = `${number} ${JSON.stringify(args)}`
    const known = this.#rows.get(key)
    const writes = tables.reduce((sum, table) => sum + (this.#writes.get(table) ?? 0), 0)
    if (known?.writes === writes) return known.row
    const [row] = await this.#database.query(statement)
    // Something written meanwhile may be in the row or not; either way it is older than this count.
    this.#rows.set(key, { row, writes })
    return row
  }

  all(statement: Statement): Promise<Row[]> {
    return this.#database.query(statement)
  }

  query(statement: Statement): Promise<Row[]> {
    return this.#database.query(statement)
  }

  snapshot(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#database.snapshot(statements)
  }

  async transact(transaction: Transaction): Promise<TransactionOutcome> {
    const tables = tablesWrittenBy(transaction)
    this.#writing = tables
    this.#forget(tables)
    try {
      return await this.#database.transact(transaction)
    } finally {
      this.#writing = new Set()
      // After a failure too: nobody knows then what was written.
      this.#forget(tables)
    }
  }

  close(): Promise<void> {
    this.#isClosed = true
    return this.#database.close()
  }

  #question(sql: string): Question {
    const known = this.#questions.get(sql)
    if (known) return known
    const words = new Set(sql.toLowerCase().match(/\w+/g))
    const tables = [...this.#writes.keys()].filter((table) => words.has(table))
    this.#numbers += 1
    const question = { number: this.#numbers, tables }
    this.#questions.set(sql, question)
    return question
  }

  #isBeingWritten(tables: readonly string[]): boolean {
    return this.#writing.size > 0 && tables.some((table) => this.#writing.has(table))
  }

  #forget(tables: ReadonlySet<string>): void {
    for (const table of tables) {
      if (!this.#writes.has(table)) {
        // Questions that name it were not counted by it.
        this.#questions.clear()
        this.#rows.clear()
      }
      this.#writes.set(table, (this.#writes.get(table) ?? 0) + 1)
    }
  }
}

function tablesWrittenBy({ preconditions, units }: Transaction): Set<string> {
  const texts = new Set([preconditions, ...units].flat().map(({ sql }) => sql))
  return new Set([...texts].flatMap(writtenBy))
}

/** Bytes are no good as a key, and JSON has no large integers. */
function isOddKey(value: unknown): boolean {
  return typeof value === 'bigint' || (typeof value === 'object' && value !== null)
}

const written = new LRUCache<string, readonly string[]>({ max: textsMax })

/** Tables that the statement may change; what it reads beside them may be among them. */
function writtenBy(sql: string): readonly string[] {
  let tables = written.get(sql)
  if (!tables) {
    const found = sql
      .toLowerCase()
      .matchAll(/\b(?:into|update|from|to|table(?: if(?: not)? exists)?)\s+["`]?(\w+)/g)
    tables = [...new Set([...found].map(([, table = '']) => table))]
    written.set(sql, tables)
  }
  return tables
}
