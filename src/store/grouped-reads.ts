/**
 * Reads from a server far away, in groups: each request to it costs more than most questions do,
 * and a journey there and back. So what is asked while others are under way goes in one request, as
 * what is written does:
 *
 *   a ─▶ [a]     b, c, d are asked ─▶ [b c d]
 *
 * All of a group are answered as of one moment, which is after the last of them was asked. One that
 * the server refuses is refused alone.
 */
import type { Statement } from '../projections/statement.ts'
import type { Row } from './database.ts'

interface Asked {
  readonly statement: Statement
  readonly answer: PromiseWithResolvers<Row[]>
}

/** Several questions as of one moment: the rows of each, or why it is refused. */
export type Asking = (statements: readonly Statement[]) => Promise<readonly (Row[] | Error)[]>

export interface Grouping {
  readonly questionsMax: number
  /** A slow answer holds up its own group, and all others where only one may be under way. */
  readonly underWayMax: number
}

export class GroupedReads {
  readonly #asking: Asking
  readonly #grouping: Grouping
  readonly #waiting: Asked[] = []
  #underWay = 0

  constructor(asking: Asking, grouping: Grouping) {
    this.#asking = asking
    this.#grouping = grouping
  }

  ask(statement: Statement): Promise<Row[]> {
    const answer = Promise.withResolvers<Row[]>()
    this.#waiting.push({ statement, answer })
    // Whoever asks in the same breath is in the same group.
    if (this.#waiting.length === 1) queueMicrotask(() => this.#send())
    return answer.promise
  }

  #send(): void {
    const { questionsMax, underWayMax } = this.#grouping
    while (this.#waiting.length > 0 && this.#underWay < underWayMax) {
      const group = this.#waiting.splice(0, questionsMax)
      this.#underWay += 1
      this.#settle(group).finally(() => {
        this.#underWay -= 1
        this.#send()
      })
    }
  }

  /** Every one in the group is answered when this resolves, which it always does. */
  async #settle(group: readonly Asked[]): Promise<void> {
    try {
      const answers = await this.#asking(group.map(({ statement }) => statement))
      for (const [index, { answer }] of group.entries()) {
        const rows = answers[index] ?? new Error('The answer is too short')
        if (rows instanceof Error) answer.reject(rows)
        else answer.resolve(rows)
      }
    } catch (error) {
      for (const { answer } of group) answer.reject(error)
    }
  }
}
