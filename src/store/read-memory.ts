/**
 * Rows that were read are remembered until something is written that they were made of. It is for a
 * database of this process alone, whose every write passes here:
 *
 *   get      ──▶ as it was read, while nothing that it was made of was written since
 *   transact ──▶ what it may touch is in flight; the database; then what it touched has changed
 *
 * A row by its key (`SELECT * FROM "t" WHERE "id" IS ?`), or one that names all the rows that it was
 * joined from, outlives what is written about others; any other answer lives until one of its tables
 * is written. What is being written is asked of the database, which may know of the commit before
 * this thread does: whoever was told of a write, or saw anything of it, never sees what was before
 * it. Decisions load their streams past this memory, and are guarded besides.
 *
 * Time is no table: a question whose arguments hold the time is asked anew each millisecond. What
 * ends by time is therefore asked without it, and its end is looked at afterwards.
 */
import { LRUCache } from 'lru-cache'
import type { NotedReads, Reader, Statement } from '../projections/statement.ts'
import { Changes, type Sources } from './changes.ts'
import type { Database, Row, Transaction, TransactionOutcome } from './database.ts'
import { asksByKey, isKey, keysIn, namesRows } from './touched-keys.ts'

/** Of a usual size: one that is longer takes the room of several. */
const rowsMax = 2_000
const rowCharactersMax = 1_024
const textsMax = 1_000

/** A column that holds several ids, as JSON. */
const idsOfClients = 'client_ids'

/** The text of a statement. */
interface Question {
  /** Stands for the text, which is long, in the key of a row. */
  readonly number: number
  /** The tables that it names, of those that were written. */
  readonly tables: readonly string[]
  /** How many tables there were then. */
  readonly tablesWritten: number
  /** Whether it asks one table for the row with certain values. */
  readonly isByKey: boolean
  /** The columns of its answers that name rows; unknown before the first answer. */
  naming?: readonly string[]
}

interface Remembered {
  readonly row: Row | undefined
  readonly sources: Sources
  /** When it was read. */
  readonly moment: number
}

export class ReadMemory implements Database, Reader {
  readonly #database: Database
  readonly #changes = new Changes()
  /** By size, or the room for all of them would be taken at once. */
  readonly #rows = new LRUCache<string, Remembered>({ maxSize: rowsMax, sizeCalculation: roomOf })
  readonly #questions = new LRUCache<string, Question>({ max: textsMax })
  #numbers = 0
  /** Whoever asks then is told by the database that it is away. */
  #isClosed = false

  constructor(database: Database) {
    this.#database = database
  }

  async get(statement: Statement): Promise<Row | undefined> {
    return (await this.askNoting(statement)).row
  }

  all(statement: Statement): Promise<Row[]> {
    return this.#database.query(statement)
  }

  noting(): NotedReads {
    return new Noted(this, this.#changes.now)
  }

  /** The row, and what it was made of. */
  async askNoting(statement: Statement): Promise<{ row: Row | undefined; sources: Sources }> {
    return this.#recall(statement) ?? (await this.#ask(statement))
  }

  /** Of rows that nobody can name. */
  sourcesOfAll({ sql }: Statement): Sources {
    return { tables: this.#question(sql).tables }
  }

  /** Whether what was read at that moment would be read now. */
  stillHolds(read: readonly Sources[], moment: number): boolean {
    return !this.#isClosed && !read.some((sources) => this.#changes.haveTouched(sources, moment))
  }

  query(statement: Statement): Promise<Row[]> {
    return this.#database.query(statement)
  }

  snapshot(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#database.snapshot(statements)
  }

  async transact(transaction: Transaction): Promise<TransactionOutcome> {
    let outcome: TransactionOutcome | undefined
    const end = this.#changes.begin(transaction)
    try {
      outcome = await this.#database.transact(transaction)
      return outcome
    } finally {
      end(outcome)
    }
  }

  close(): Promise<void> {
    this.#isClosed = true
    return this.#database.close()
  }

  #recall({ sql, args }: Statement): Remembered | undefined {
    if (this.#isClosed || args.some(isOddKey)) return undefined
    const known = this.#rows.get(this.#keyOf(sql, args))
    return known && !this.#changes.haveTouched(known.sources, known.moment) ? known : undefined
  }

  async #ask(statement: Statement): Promise<Remembered> {
    const { sql, args } = statement
    const moment = this.#changes.now
    const [row] = await this.#database.query(statement)
    const sources = this.#sourcesOf(statement, row)
    const remembered = { row, sources, moment }
    // Something written meanwhile may be in the row or not.
    const isSure = !this.#changes.haveTouched(sources, moment)
    if (isSure && !args.some(isOddKey)) this.#rows.set(this.#keyOf(sql, args), remembered)
    return remembered
  }

  #keyOf(sql: string, args: Statement['args']): string {
    const { number } = this.#question(sql)
    const [only] = args
    return args.length === 1 && typeof only === 'string'
      ? `${number}:${only}`
      : `${number} ${JSON.stringify(args)}`
  }

  #sourcesOf({ sql, args, namesItsRows }: Statement, row: Row | undefined): Sources {
    const question = this.#question(sql)
    const { tables, isByKey } = question
    const isNamed = isByKey ? args.every(isKey) : namesItsRows === true && row !== undefined
    if (!isNamed) return { tables }
    if (!row) return { tables, keys: keysIn(args) }
    question.naming ??= Object.keys(row).filter((c) => c === idsOfClients || namesRows(c))
    return { tables, keys: [...new Set([...keysIn(args), ...keysOf(row, question.naming)])] }
  }

  #question(sql: string): Question {
    const { tablesWritten } = this.#changes
    const known = this.#questions.get(sql)
    if (known?.tablesWritten === tablesWritten) return known
    this.#numbers += 1
    const text = sql.toLowerCase()
    const tables = this.#changes.tablesAmong(new Set(text.match(/\w+/g)))
    const question = { number: this.#numbers, tables, tablesWritten, isByKey: asksByKey(sql) }
    this.#questions.set(sql, question)
    return question
  }
}

/** Kept with each answer that may be given again, so it is one small object. */
class Noted implements NotedReads, Reader {
  readonly #memory: ReadMemory
  readonly #moment: number
  readonly #sources: Sources[] = []

  constructor(memory: ReadMemory, moment: number) {
    this.#memory = memory
    this.#moment = moment
  }

  get reader(): Reader {
    return this
  }

  async get(statement: Statement): Promise<Row | undefined> {
    const { row, sources } = await this.#memory.askNoting(statement)
    this.#sources.push(sources)
    return row
  }

  all(statement: Statement): Promise<Row[]> {
    this.#sources.push(this.#memory.sourcesOfAll(statement))
    return this.#memory.all(statement)
  }

  holds(): boolean {
    return this.#memory.stillHolds(this.#sources, this.#moment)
  }
}

/** What strangers may make long is not kept in thousands. */
function roomOf({ row }: Remembered, key: string): number {
  let characters = key.length
  for (const column in row) {
    const value = row[column]
    if (typeof value === 'string') characters += value.length
  }
  return Math.ceil(characters / rowCharactersMax)
}

/** Names of the rows that this one was made of. */
function keysOf(row: Row, naming: readonly string[]): string[] {
  return naming.flatMap((column) => {
    const value = row[column]
    if (column === idsOfClients) return JSON.parse(String(value)) as string[]
    return isKey(value) ? [value] : []
  })
}

/** Bytes are no good as a key, and JSON has no large integers. */
function isOddKey(value: unknown): boolean {
  return typeof value === 'bigint' || (typeof value === 'object' && value !== null)
}
