/**
 * Threads that look rows up while the server's own goes on: each waits for the disk by itself, and
 * a disk answers several sooner than one after another. They are started when they are first asked.
 *
 *   asked in one breath   a b c d e ──▶ [ a b c d ] ──▶ thread
 *                                   └─▶ [ e ]       ──▶ another
 *
 * They see what was committed before they were asked, as the server's own connection does.
 */
import { availableParallelism } from 'node:os'
import { LogUnavailable } from '../domain/event-log.ts'
import type { Statement } from '../projections/statement.ts'
import type { Row } from './database.ts'
import type { FileThread } from './file-thread.ts'
import { GroupedReads } from './grouped-reads.ts'
import { readAnswers, TransactionWriter } from './transaction-text.ts'

/** A disk answers two at once in hardly more time than one; more are of use where there are cores for them. */
export const threadsMax = Math.min(4, Math.max(2, availableParallelism()))
/** Few, as those of a group are looked up one after another. */
export const questionsMax = 4

interface ReadingThread {
  readonly thread: FileThread
  readonly texts: TransactionWriter
}

export class ReadingThreads {
  readonly #start: () => FileThread
  readonly #all = new Set<ReadingThread>()
  readonly #idle: ReadingThread[] = []
  #isClosed = false
  readonly #reads = new GroupedReads((questions) => this.#ask(questions), {
    ...{ questionsMax, underWayMax: threadsMax },
  })

  /** @param start gives a thread that has been told to open the file */
  constructor(start: () => FileThread) {
    this.#start = start
  }

  /** How many there are. */
  get count(): number {
    return this.#all.size
  }

  /** @throws {LogUnavailable} */
  ask(statement: Statement): Promise<Row[]> {
    return this.#reads.ask(statement)
  }

  /** Ends all, until there is something to ask again; what they were asked before is answered. */
  async rest(): Promise<void> {
    this.#idle.length = 0
    await Promise.all([...this.#all].map((reading) => this.#end(reading)))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.rest()
  }

  async #ask(questions: readonly Statement[]): Promise<Row[][]> {
    if (this.#isClosed) throw new LogUnavailable('Cannot read: the database is closed')
    const reading = this.#idle.pop() ?? this.#begin()
    const { thread, texts } = reading
    try {
      const answers = readAnswers(await thread.ask({ ask: texts.questions(questions) }))
      if (this.#all.has(reading)) this.#idle.push(reading)
      return answers
    } catch (error) {
      // Another one may find the file again.
      await this.#end(reading)
      throw error
    }
  }

  #begin(): ReadingThread {
    const reading = { thread: this.#start(), texts: new TransactionWriter() }
    this.#all.add(reading)
    return reading
  }

  async #end(reading: ReadingThread): Promise<void> {
    // Where it does not end well, nothing of it is needed any more.
    if (this.#all.delete(reading)) await reading.thread.close().catch(() => undefined)
  }
}
