/**
 * Counts of what anonymous callers do, by hour. They gather in memory and are written together,
 * so a flood of requests is a few writes; what a crash loses is a few seconds of counting.
 */
import type { Observations } from '../domain/expiring.ts'
import type { Database } from './database.ts'
import { type GroupCommit, type Step, unexpected } from './group-commit.ts'

const flushDelayMs = 2_000
const hourMs = 60 * 60 * 1000
const kindsPerHourMax = 1_000

type Counts = Map<string, { hour: number; kind: string; count: number }>

export class ObservedCounters implements Observations {
  readonly #database: Database
  readonly #commits: GroupCommit
  readonly #clock: () => number
  #counts: Counts = new Map()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: { database: Database; commits: GroupCommit; clock: () => number }) {
    this.#database = parts.database
    this.#commits = parts.commits
    this.#clock = parts.clock
  }

  count(kind: string): void {
    const hour = this.#currentHour()
    const key = `${hour} ${kind}`
    const known = this.#counts.get(key)
    if (known) known.count += 1
    else if (this.#counts.size < kindsPerHourMax) this.#counts.set(key, { hour, kind, count: 1 })
    // A flush that fails keeps its counts; the next one takes them along.
    this.#timer ??= setTimeout(() => this.flush().catch(() => undefined), flushDelayMs)
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const counts = this.#counts
    if (counts.size === 0) return
    this.#counts = new Map()
    const sql = `INSERT INTO observed_counters (hour, kind, count) VALUES (?, ?, ?)
      ON CONFLICT (hour, kind) DO UPDATE SET count = count + excluded.count`
    const steps: Step[] = [...counts.values()].map(({ hour, kind, count }) => ({
      statement: { sql, args: [hour, kind, count] },
      refused: unexpected,
    }))
    try {
      await this.#commits.submit({ steps: () => steps })
    } catch (error) {
      this.#takeBack(counts)
      throw error
    }
  }

  async finishedHours(): Promise<{ hour: number; counts: Record<string, number> }[]> {
    await this.flush()
    const rows = await this.#database.query({
      sql: 'SELECT hour, kind, count FROM observed_counters WHERE hour < ? ORDER BY hour, kind',
      args: [this.#currentHour()],
    })
    const hours = new Map<number, Record<string, number>>()
    for (const row of rows) {
      const counts = hours.get(row.hour as number) ?? {}
      counts[row.kind as string] = row.count as number
      hours.set(row.hour as number, counts)
    }
    return [...hours].map(([hour, counts]) => ({ hour, counts }))
  }

  #takeBack(counts: Counts): void {
    for (const [key, lost] of counts) {
      const known = this.#counts.get(key)
      if (known) known.count += lost.count
      else this.#counts.set(key, lost)
    }
  }

  #currentHour(): number {
    return Math.floor(this.#clock() / hourMs)
  }
}
