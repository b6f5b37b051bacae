/**
 * One writer per process. What arrives in one turn of the event loop forms a transaction, and while
 * as many are under way as the database takes, what arrives forms the next; so the cost of a commit
 * (a sync of the disk, a round trip) is shared by all who wait for it:
 *
 *   a ─▶ [commit a]
 *   b, c, d arrive ─▶ [commit b c d]      c conflicts: it alone is refused
 *   e, b again     ─▶ [commit e]          b's command is in flight or known: same answer
 *
 * Where several may be under way, many that arrive in one turn are sent as they come, so that some
 * are written while others are still decided. Nobody is answered before the commit that holds their
 * work has ended.
 */
import { setImmediate } from 'node:timers/promises'
import { LogFenced, LogUnavailable } from '../domain/event-log.ts'
import type { Statement } from '../projections/statement.ts'
import { assertThat } from './assertions.ts'
import {
  type Database,
  NothingWritten,
  type Refusal,
  type Row,
  type TransactionOutcome,
} from './database.ts'

const jobsPerCommitMax = 256
/** So many do not wait for the end of the turn: more each would leave the writer idle meanwhile. */
const jobsSentAtOnce = 16
/** Several servers may stamp in turn; each time the head has moved past our stamp we stamp anew. */
const restampsMax = 20
const retryDelayMs = 50

export interface Step {
  readonly statement: Statement
  /** What it means that this statement is refused. */
  readonly refused: (refusal: Refusal) => Error
}

/** A piece of work that is written whole or not at all. */
export interface Job {
  /** Appends carry one: they obey the fence, and may be sent again after an unknown outcome. */
  readonly commandId?: string
  steps(recordedAt: number): readonly Step[]
}

type Rows = readonly (readonly Row[])[]

interface Pending {
  readonly job: Job
  readonly answer: PromiseWithResolvers<Rows>
}

export interface GroupCommitOptions {
  readonly database: Database
  readonly clock: () => number
  readonly epoch: () => number
  /** How often work is sent again after a failure: a server may come back, a disk does not. */
  readonly retriesMax: number
  /** How many transactions are sent before the first of them has ended. */
  readonly underWayMax: number
}

export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #queue: Pending[] = []
  #tasks: (() => Promise<void>)[] = []
  readonly #underWay = new Set<Promise<void>>()
  /** A task runs, or waits until it can. */
  #isExclusive = false
  #running: Promise<void> | undefined
  #lastRecordedAt = 0
  #commits = 0
  #lastCommit = 0

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  /** How often the database was made to commit. */
  get commits(): number {
    return this.#commits
  }

  /** The rows of each of the job's statements, once they are on disk. */
  submit(job: Job): Promise<Rows> {
    const answer = Promise.withResolvers<Rows>()
    this.#queue.push({ job, answer })
    if (this.#isWorthSending()) this.#send()
    else this.#start()
    return answer.promise
  }

  /** Runs a task while this process writes nothing else. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const answer = Promise.withResolvers<T>()
    this.#tasks.push(() => task().then(answer.resolve, answer.reject))
    this.#start()
    return answer.promise
  }

  /** Resolves once nothing is waiting. */
  async idle(): Promise<void> {
    while (this.#running || this.#underWay.size > 0) {
      await this.#running
      await Promise.all(this.#underWay)
    }
  }

  #start(): void {
    this.#running ??= this.#drain()
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 || this.#tasks.length > 0) {
      if (this.#tasks.length > 0) await this.#runTasks()
      // One turn of the event loop: whatever has arrived by now shares the commit.
      await setImmediate()
      if (this.#queue.length > 0) this.#send()
      if (!this.#hasRoom()) await Promise.race(this.#underWay)
    }
    this.#running = undefined
  }

  async #runTasks(): Promise<void> {
    this.#isExclusive = true
    await Promise.all(this.#underWay)
    for (const task of this.#tasks.splice(0)) await task()
    this.#isExclusive = false
  }

  #isWorthSending(): boolean {
    const { underWayMax } = this.#options
    const isEnough = underWayMax > 1 && this.#queue.length >= jobsSentAtOnce
    return isEnough && this.#hasRoom() && !this.#isExclusive
  }

  #hasRoom(): boolean {
    return this.#underWay.size < this.#options.underWayMax
  }

  #send(): void {
    const batch = this.#queue.splice(0, jobsPerCommitMax)
    const settled = this.#settle(batch).finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
  }

  /** Every one in the batch is answered when this resolves. */
  async #settle(batch: readonly Pending[]): Promise<void> {
    let pending = batch
    for (let restamps = 0, failures = 0; pending.length > 0; ) {
      try {
        pending = await this.#commit(pending)
        restamps += 1
        if (restamps > restampsMax)
          throw new LogUnavailable('Cannot append: the log moves too fast')
      } catch (error) {
        failures += 1
        const isLast = failures > this.#options.retriesMax || restamps > restampsMax
        pending = pending.filter(({ job, answer }) => {
          const mayRepeat = error instanceof NothingWritten || job.commandId !== undefined
          if (mayRepeat && !isLast) return true
          answer.reject(error)
          return false
        })
        await new Promise((resolve) => setTimeout(resolve, retryDelayMs * failures))
      }
    }
  }

  /** Sends one transaction; gives those that must be sent again. */
  async #commit(pending: readonly Pending[]): Promise<readonly Pending[]> {
    const { database, clock } = this.#options
    const recordedAt = Math.max(clock(), this.#lastRecordedAt)
    const stepsOf = pending.map(({ job }) => job.steps(recordedAt))
    const hasAppends = pending.some(({ job }) => job.commandId !== undefined)
    // Now, as the next may be sent before this has ended.
    if (hasAppends) this.#lastRecordedAt = recordedAt
    const outcome = await database.transact({
      preconditions: hasAppends ? this.#preconditions(recordedAt) : [],
      units: stepsOf.map((steps) => steps.map(({ statement }) => statement)),
    })
    if (!outcome.committed) return this.#unmet(pending, outcome.refusal)
    if (outcome.commit !== this.#lastCommit) this.#commits += 1
    this.#lastCommit = outcome.commit
    answerAll(pending, { outcome, stepsOf })
    return []
  }

  #preconditions(recordedAt: number): Statement[] {
    return [
      assertThat('EXISTS (SELECT 1 FROM fence WHERE epoch = ?)', [this.#options.epoch()]),
      assertThat(
        'coalesce((SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1), 0) <= ?',
        [recordedAt],
      ),
    ]
  }

  /** Nothing was written: the fence has moved, or somebody has stamped a later time. */
  async #unmet(pending: readonly Pending[], refusal: Refusal): Promise<readonly Pending[]> {
    if (refusal.at === 0) {
      const fenced = new LogFenced('Cannot append: a newer program has taken over this database')
      const isAppend = ({ job }: Pending) => job.commandId !== undefined
      for (const { answer } of pending.filter(isAppend)) answer.reject(fenced)
      return pending.filter((one) => !isAppend(one))
    }
    const head = 'SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1'
    const rows = await this.#options.database.query({ sql: head, args: [] })
    this.#lastRecordedAt = Math.max(this.#lastRecordedAt, Number(rows[0]?.recorded_at ?? 0))
    return pending
  }
}

function answerAll(
  pending: readonly Pending[],
  {
    outcome,
    stepsOf,
  }: {
    outcome: TransactionOutcome & { committed: true }
    stepsOf: readonly (readonly Step[])[]
  },
): void {
  for (const [index, { answer }] of pending.entries()) {
    const unit = outcome.units[index]
    if (!unit) answer.reject(new LogUnavailable('Cannot write: the answer is too short'))
    else if (unit.done) answer.resolve(unit.rows)
    else answer.reject(refusalError(stepsOf[index] ?? [], unit.refusal))
  }
}

function refusalError(steps: readonly Step[], refusal: Refusal): Error {
  return steps[refusal.at]?.refused(refusal) ?? unexpected(refusal)
}

/** A statement was refused that should not have been: a fault of ours, told without values. */
export function unexpected(refusal: Refusal): Error {
  return new Error(`Cannot write: ${refusal.message}`)
}
