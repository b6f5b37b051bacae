/**
 * Reading threads: what is asked is looked up later, and answered later still; a commit may come
 * before, between and after. Whoever waits may be told what was so at any moment since they asked.
 */
import type { Statement } from '../../src/projections/statement.ts'
import type { Database, Row } from '../../src/store/database.ts'
import type { LocalConnection } from '../../src/store/local-connection.ts'
import { expect } from '../support/test.ts'

export class LateReader {
  readonly #connection: LocalConnection
  readonly #asked: { statement: Statement; answer: PromiseWithResolvers<Row[]> }[] = []
  readonly #unheard: (() => void)[] = []

  constructor(connection: LocalConnection) {
    this.#connection = connection
  }

  /** The same database, read by these threads. */
  behind(database: Database): Database {
    return {
      ...database,
      query: (statement) => {
        const answer = Promise.withResolvers<Row[]>()
        this.#asked.push({ statement, answer })
        return answer.promise
      },
    }
  }

  look(): void {
    for (const { statement, answer } of this.#asked.splice(0)) {
      const rows = this.#connection.run(statement)
      this.#unheard.push(() => answer.resolve(rows))
    }
  }

  /** The next answer is heard; false when there is none. */
  async answer(): Promise<boolean> {
    const next = this.#unheard.shift()
    next?.()
    await new Promise((resolve) => setImmediate(resolve))
    return next !== undefined
  }

  async answerAll(): Promise<void> {
    this.look()
    while (await this.answer()) this.look()
  }
}

/** Holds what is told against what was so since it was asked for. */
export class Truths {
  readonly #open = new Set<{ look: () => unknown; since: unknown[] }>()

  /** @param look what is so now */
  expect(told: Promise<unknown>, look: () => unknown): Promise<void> {
    const asked = { look, since: [look()] }
    this.#open.add(asked)
    return told.then((answer) => {
      this.#open.delete(asked)
      expect(asked.since).toContainEqual(answer)
    })
  }

  /** After each commit. */
  note(): void {
    for (const { look, since } of this.#open) since.push(look())
  }
}
