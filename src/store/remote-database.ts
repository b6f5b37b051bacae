/**
 * A libSQL server, over HTTP. A transaction is one request; when the server says which statement
 * it refused, that one's unit is taken out and the rest is sent again.
 *
 *   BEGIN ─▶ statement ─▶ statement ─▶ COMMIT      each only when the one before it went well
 *     └────────────────────────────────▶ ROLLBACK    when it began, and was not committed
 *
 * Beside each commit stands how its connection writes to the disk: a server that was killed and
 * started anew may have forgotten that it was told to be strong, and is then not believed.
 */
import { LogUnavailable } from '../domain/event-log.ts'
import type { Statement } from '../projections/statement.ts'
import {
  type Database,
  NothingWritten,
  type Refusal,
  type Row,
  refusalOf,
  type Transaction,
  type TransactionOutcome,
  type UnitOutcome,
} from './database.ts'
import { GroupedReads } from './grouped-reads.ts'
import type { Condition, Done, Refused, Step, StepOutcome } from './hrana-stream.ts'
import { HranaStreams } from './hrana-streams.ts'
import { mergeQuestions } from './merged-questions.ts'
import { serverAddress } from './server-address.ts'
import { asksQuickly } from './touched-keys.ts'

const requestMsMax = 15_000
/** PRAGMA synchronous = FULL: a commit is on disk before it is acknowledged. */
const synchronousFull = 2
const howItWrites = { sql: 'PRAGMA synchronous', args: [] }
const weak =
  'it acknowledges writes before they are on disk; set its durability_mode to "strong" ' +
  '(POST /v1/namespaces/default/config at its admin address)'

const refusalCode = /^SQLITE_(CONSTRAINT|ERROR|UNKNOWN|MISMATCH|RANGE|TOOBIG)/
/** The server answered that it did not commit, and rolled back. */
const uncommittedCode = /^SQLITE_(BUSY|LOCKED|FULL)/

export interface RemoteOptions {
  readonly url: string
  readonly authToken?: string
}

/** @throws {Error} when the server would lose acknowledged writes on a loss of power */
export async function openRemoteDatabase(options: RemoteOptions): Promise<RemoteDatabase> {
  const database = new RemoteDatabase(options)
  if (!isStrong(await database.query(howItWrites))) {
    await database.close()
    throw new Error(`Cannot use "${new URL(options.url).host}": ${weak}`)
  }
  return database
}

function isStrong([row]: readonly Row[]): boolean {
  return Number(row?.synchronous ?? synchronousFull) >= synchronousFull
}

export class RemoteDatabase implements Database {
  /** What one connection wrote it needs not read again for its next commit. */
  readonly #writing: HranaStreams
  readonly #reading: HranaStreams
  #commits = 0
  readonly #ask = async (questions: readonly Statement[]) => {
    const { statements, answersFrom } = mergeQuestions(questions)
    return answersFrom(await this.#askAtOnce(statements))
  }
  /** Rows by their keys, which none of them waits long for: each request costs more than its rows. */
  readonly #quickReads = new GroupedReads(this.#ask, { questionsMax: 256, underWayMax: 1 })
  readonly #reads = new GroupedReads(this.#ask, { questionsMax: 64, underWayMax: 4 })

  constructor(options: RemoteOptions) {
    const server = { ...serverAddress(options), requestMsMax }
    this.#writing = new HranaStreams(server)
    this.#reading = new HranaStreams(server)
  }

  async transact({ preconditions, units }: Transaction): Promise<TransactionOutcome> {
    const outcomes = new Map<number, UnitOutcome>()
    for (;;) {
      const sent = [...units.entries()].filter(([index]) => !outcomes.has(index))
      const statements = [...preconditions, ...sent.flatMap(([, unit]) => unit)]
      if (statements.length === 0) break
      const answer = await this.#commit(statements)
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
    this.#commits += 1
    const ofUnits = units.map((_, index) => outcomes.get(index) ?? nothingToDo)
    return { committed: true, commit: this.#commits, units: ofUnits }
  }

  async query(statement: Statement): Promise<Row[]> {
    const reads = asksQuickly(statement) ? this.#quickReads : this.#reads
    try {
      return await reads.ask(statement)
    } catch (error) {
      throw notRead(error)
    }
  }

  async snapshot(statements: readonly Statement[]): Promise<Row[][]> {
    try {
      return (await this.#askAtOnce(statements)).map((answer) => {
        if (answer instanceof Error) throw answer
        return answer
      })
    } catch (error) {
      throw notRead(error)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#writing.close(), this.#reading.close()])
  }

  async #commit(
    statements: readonly Statement[],
  ): Promise<{ rows: Row[][] } | { refusal: Refusal }> {
    const outcomes = await this.#writing.run(transactionOf(statements), isAtRest).catch((cause) => {
      throw new LogUnavailable('Cannot write: the database does not answer', { cause })
    })
    return whatCameOf(outcomes)
  }

  async #askAtOnce(statements: readonly Statement[]): Promise<(Row[] | Error)[]> {
    if (statements.length <= 1) return (await this.#reading.run(statements)).map(rowsOrError)
    const steps = [
      { sql: 'BEGIN TRANSACTION READONLY', args: [] },
      ...statements.map((statement) => ({ ...statement, condition: wentWell(0) })),
      { sql: 'COMMIT', args: [], condition: wentWell(0) },
    ]
    const [began, ...answers] = await this.#reading.run(steps, (outcomes) =>
      isDone(outcomes.at(-1)),
    )
    if (!isDone(began)) throw errorOf(began)
    return answers.slice(0, -1).map(rowsOrError)
  }
}

function transactionOf(statements: readonly Statement[]): Step[] {
  const commitAt = statements.length + 1
  const isOpen = { type: 'not', cond: wentWell(commitAt) } as const
  return [
    { sql: 'BEGIN IMMEDIATE', args: [] },
    ...statements.map((statement, index) => ({ ...statement, condition: wentWell(index) })),
    { sql: 'COMMIT', args: [], condition: wentWell(statements.length) },
    { sql: 'ROLLBACK', args: [], condition: { type: 'and', conds: [wentWell(0), isOpen] } },
    { ...howItWrites, condition: wentWell(commitAt) },
  ]
}

/** What is certain of a transaction by what its steps came to. */
function whatCameOf(outcomes: readonly StepOutcome[]): { rows: Row[][] } | { refusal: Refusal } {
  const [began, ...taken] = outcomes
  const [committed, , written] = taken.splice(-3)
  if (isDone(committed)) {
    if (isDone(written) && !isStrong(written.rows)) {
      throw new LogUnavailable(`Cannot rely on the database: ${weak}`)
    }
    return { rows: taken.map((outcome) => (isDone(outcome) ? outcome.rows : [])) }
  }
  const at = taken.findIndex(isRefused)
  const refused = taken[at]
  if (isRefused(refused) && refusalCode.test(refused.refusal.code)) {
    return { refusal: refusalOf(refused.refusal.message, at) }
  }
  // Whoever was not told to commit has not.
  const nothingWritten = committed === 'left out' || uncommittedCode.test(codeOf(committed))
  const cause = errorOf([began, refused, committed].find(isRefused))
  if (nothingWritten) throw new NothingWritten('Cannot write: the database is busy', { cause })
  throw new LogUnavailable('Cannot write: the database does not say what it did', { cause })
}

/** Committed, or rolled back; and to be used again. */
function isAtRest(outcomes: readonly StepOutcome[]): boolean {
  const [committed, rolledBack, written] = outcomes.slice(-3)
  const isWeak = isDone(written) && !isStrong(written.rows)
  return (isDone(committed) || isDone(rolledBack)) && !isWeak
}

function wentWell(step: number): Condition {
  return { type: 'ok', step }
}

function isDone(outcome: StepOutcome | undefined): outcome is Done {
  return outcome !== undefined && outcome !== 'left out' && 'rows' in outcome
}

function isRefused(outcome: StepOutcome | undefined): outcome is Refused {
  return outcome !== undefined && outcome !== 'left out' && 'refusal' in outcome
}

function codeOf(outcome: StepOutcome | undefined): string {
  return isRefused(outcome) ? outcome.refusal.code : ''
}

function rowsOrError(outcome: StepOutcome | undefined): Row[] | Error {
  return isDone(outcome) ? outcome.rows : errorOf(outcome)
}

function errorOf(outcome: StepOutcome | undefined): Error {
  if (!isRefused(outcome)) return new Error('The server left out a statement')
  const { code, message } = outcome.refusal
  return new Error(`${code}: ${message}`)
}

function notRead(cause: unknown): LogUnavailable {
  return new LogUnavailable('Cannot read the database: it does not answer', { cause })
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
