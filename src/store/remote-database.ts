/**
 * A libSQL server, over HTTP. A transaction is one request; when the server says which statement
 * it refused, that one's unit is taken out and the rest is sent again.
 */
import { type Client, createClient, LibsqlBatchError, LibsqlError } from '@libsql/client/http'
import { LogUnavailable } from '../domain/event-log.ts'
import type { SqlValue, Statement } from '../projections/statement.ts'
import {
  type Database,
  NothingWritten,
  type Refusal,
  type Row,
  refusalOf,
  type Transaction,
  type TransactionOutcome,
  toBindable,
  toRow,
  type UnitOutcome,
} from './database.ts'
import { type Asking, GroupedReads } from './grouped-reads.ts'
import { streamsByIdSql } from './stream-statements.ts'
import { asksByKey } from './touched-keys.ts'

const requestMsMax = 15_000
/** PRAGMA synchronous = FULL: a commit is on disk before it is acknowledged. */
const synchronousFull = 2

const refusalCode = /^SQLITE_(CONSTRAINT|ERROR|UNKNOWN|MISMATCH|RANGE|TOOBIG)/
/** The server answered that it did not begin, or rolled back. */
const nothingWrittenCode = /^SQLITE_(BUSY|LOCKED|FULL)|^TRANSACTION_CLOSED/

export interface RemoteOptions {
  readonly url: string
  readonly authToken?: string
}

/** @throws {Error} when the server would lose acknowledged writes on a loss of power */
export async function openRemoteDatabase(options: RemoteOptions): Promise<RemoteDatabase> {
  const client = createClient({
    ...options,
    intMode: 'number',
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(requestMsMax) }),
  })
  const database = new RemoteDatabase(client)
  const [row] = await database.query({ sql: 'PRAGMA synchronous', args: [] })
  if (Number(row?.synchronous ?? synchronousFull) < synchronousFull) {
    client.close()
    throw new Error(
      `Cannot use "${new URL(options.url).host}": it acknowledges writes before they are on disk; ` +
        'set its durability_mode to "strong" (POST /v1/namespaces/default/config at its admin address)',
    )
  }
  return database
}

export class RemoteDatabase implements Database {
  readonly #client: Client
  readonly #asking: Asking = {
    one: (statement) => this.#one(statement),
    several: (statements) => this.#several(statements),
    isRefusal: (error) => error instanceof LibsqlError && refusalCode.test(error.code),
  }
  /** Rows by their keys, which none of them waits long for: each request costs more than its rows. */
  readonly #quickReads = new GroupedReads(this.#asking, { questionsMax: 256, underWayMax: 1 })
  readonly #reads = new GroupedReads(this.#asking, { questionsMax: 64, underWayMax: 4 })

  constructor(client: Client) {
    this.#client = client
  }

  async transact({ preconditions, units }: Transaction): Promise<TransactionOutcome> {
    const outcomes = new Map<number, UnitOutcome>()
    for (;;) {
      const sent = [...units.entries()].filter(([index]) => !outcomes.has(index))
      const statements = [...preconditions, ...sent.flatMap(([, unit]) => unit)]
      if (statements.length === 0) break
      const answer = await this.#batch(statements)
      if ('rows' in answer) {
        let at = preconditions.length
        for (const [index, unit] of sent) {
          const end = at + unit.length
          outcomes.set(index, { done: true, rows: answer.rows.slice(at, end) })
          at = end
        }
        break
      }
      const { refusal } = answer
      if (refusal.at < preconditions.length) return { committed: false, refusal }
      const [index, at] = unitAt(sent, refusal.at - preconditions.length)
      outcomes.set(index, { done: false, refusal: { ...refusal, at } })
    }
    return { committed: true, units: units.map((_, index) => outcomes.get(index) ?? nothingToDo) }
  }

  async query(statement: Statement): Promise<Row[]> {
    const reads = isQuick(statement) ? this.#quickReads : this.#reads
    return this.#ask(() => reads.ask(statement))
  }

  async snapshot(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#ask(() => this.#several(statements))
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  async #batch(
    statements: readonly Statement[],
  ): Promise<{ rows: Row[][] } | { refusal: Refusal }> {
    const list = statements.map(({ sql, args }) => ({ sql, args: args.map(toArgument) }))
    try {
      const results = await this.#client.batch(list, 'write')
      return { rows: results.map(({ rows, columns }) => rows.map((row) => namedRow(row, columns))) }
    } catch (error) {
      if (error instanceof LibsqlBatchError && refusalCode.test(error.code)) {
        return { refusal: refusalOf(error.message, error.statementIndex) }
      }
      if (error instanceof LibsqlError && nothingWrittenCode.test(error.code)) {
        throw new NothingWritten('Cannot write: the database is busy', { cause: error })
      }
      throw new LogUnavailable('Cannot write: the database does not answer', { cause: error })
    }
  }

  async #one({ sql, args }: Statement): Promise<Row[]> {
    const { rows, columns } = await this.#client.execute({ sql, args: args.map(toArgument) })
    return rows.map((row) => namedRow(row, columns))
  }

  async #several(statements: readonly Statement[]): Promise<Row[][]> {
    const list = statements.map(({ sql, args }) => ({ sql, args: args.map(toArgument) }))
    const results = await this.#client.batch(list, 'read')
    return results.map(({ rows, columns }) => rows.map((row) => namedRow(row, columns)))
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      throw new LogUnavailable('Cannot read the database: it does not answer', { cause: error })
    }
  }
}

function isQuick({ sql, namesItsRows }: Statement): boolean {
  return namesItsRows === true || sql === streamsByIdSql || asksByKey(sql)
}

const nothingToDo: UnitOutcome = { done: true, rows: [] }

/** Which unit a statement belongs to, and which one of it. */
function unitAt(
  sent: readonly (readonly [number, readonly Statement[]])[],
  statementIndex: number,
): [number, number] {
  let at = statementIndex
  for (const [index, unit] of sent) {
    if (at < unit.length) return [index, at]
    at -= unit.length
  }
  throw new LogUnavailable('Cannot write: the answer names a statement that was not sent')
}

function namedRow(row: ArrayLike<unknown>, columns: readonly string[]): Row {
  return toRow(Object.fromEntries(columns.map((name, index) => [name, row[index]])))
}

/** The client's types ask for a buffer of its own memory; a view is what it gets and accepts. */
function toArgument(value: SqlValue): string | number | bigint | Uint8Array<ArrayBuffer> | null {
  const bindable = toBindable(value)
  return bindable instanceof Uint8Array ? new Uint8Array(bindable) : bindable
}
