/**
 * Drives workers against a server in two ways:
 *
 *   closed  every connection sends its next request as soon as it has its answer: what can it take?
 *   open    units are due at a fixed rate, whether or not the last ones were answered: how long
 *           does somebody wait?  A unit that finds every connection busy waits in a queue, and
 *           that wait counts, so that a stall of the server is not left out of the figures.
 *
 * Units become due at ticks of a millisecond, several at once where the rate is high; the clock of
 * a unit starts at the tick that it is due at.
 */
import { Connection } from './connection.ts'
import type { Step, Worker } from './worker.ts'

export interface Driven {
  readonly units: number
  readonly seconds: number
  /** Milliseconds of each unit, unsorted. */
  readonly latencies: readonly number[]
}

export interface Load {
  readonly url: string
  /** One for each connection. */
  readonly workers: readonly Worker[]
  readonly seconds: number
}

const tickMs = 1
/** How long answers may be outstanding at the end before they count as lost. */
const drainMsMax = 30_000

/** @throws the first wrong answer */
export async function driveClosed(load: Load): Promise<Driven> {
  const run = new Run(load)
  const end = performance.now() + load.seconds * 1000
  const go = (lane: Lane) => {
    if (run.failure || run.exhausted || performance.now() >= end) return
    run.start(lane, performance.now(), go)
  }
  for (const lane of run.lanes) go(lane)
  return run.finish()
}

/** @throws the first wrong answer */
export async function driveOpen(load: Load & { unitsPerSecond: number }): Promise<Driven> {
  const run = new Run(load)
  const idle = [...run.lanes]
  const due: number[] = []
  const freed = (lane: Lane) => {
    const at = due.shift()
    if (at === undefined) idle.push(lane)
    else run.start(lane, at, freed)
  }
  const started = performance.now()
  for (let dueSoFar = 0; !run.failure && !run.exhausted; ) {
    const now = performance.now()
    const elapsed = (now - started) / 1000
    if (elapsed >= load.seconds) break
    for (const wanted = elapsed * load.unitsPerSecond; dueSoFar < wanted; dueSoFar += 1) {
      const lane = idle.pop()
      if (lane) run.start(lane, now, freed)
      else due.push(now)
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  return run.finish(() => due.length === 0)
}

interface Lane {
  readonly connection: Connection
  readonly worker: Worker
}

class Run {
  readonly lanes: readonly Lane[]
  failure: Error | undefined
  /** A worker has nothing left to do. */
  exhausted = false
  readonly #latencies: number[] = []
  readonly #startedAt = performance.now()
  #endedAt = 0
  #open = 0

  constructor({ url, workers }: Load) {
    this.lanes = workers.map((worker) => ({ worker, connection: new Connection(url) }))
  }

  start(lane: Lane, since: number, done: (lane: Lane) => void): void {
    const first = lane.worker.next()
    if (!first) {
      this.exhausted = true
      return
    }
    this.#open += 1
    const take = (step: Step) =>
      lane.connection.send(step.request, (answer) => {
        try {
          if (answer instanceof Error) throw answer
          const next = step.accept(answer)
          if (next) return take(next)
        } catch (error) {
          this.failure ??= error as Error
        }
        this.#open -= 1
        this.#endedAt = performance.now()
        this.#latencies.push(this.#endedAt - since)
        if (!this.failure) done(lane)
      })
    take(first)
  }

  async finish(isDrained: () => boolean = () => true): Promise<Driven> {
    const limit = () => performance.now() - Math.max(this.#endedAt, this.#startedAt) > drainMsMax
    while (!this.failure && (this.#open > 0 || !(isDrained() || this.exhausted))) {
      if (limit()) this.failure = new Error('Cannot go on: answers are outstanding')
      await new Promise((resolve) => setTimeout(resolve, tickMs))
    }
    for (const { connection } of this.lanes) connection.close()
    if (this.failure) throw this.failure
    return {
      units: this.#latencies.length,
      seconds: (this.#endedAt - this.#startedAt) / 1000,
      latencies: this.#latencies,
    }
  }
}
