/**
 * Reads from a server far away, in groups. To a libSQL server each request is a connection of its
 * own, which costs it more than most questions do, and a journey there and back. So what is asked
 * while others are under way goes in one request, as what is written does:
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

export interface Asking {
  /** One question. */
  readonly one: (statement: Statement) => Promise<Row[]>
  /** Several as of one moment; one that is refused spoils them all. */
  readonly several: (statements: readonly Statement[]) => Promise<Row[][]>
  /** Whether a failure is that of a statement, and the server did answer. */
  readonly isRefusal: (error: unknown) => boolean
}

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
    const [first, ...others] = group
    if (first && others.length === 0) return this.#settleAlone(first)
    try {
      const answers = await this.#asking.several(group.map(({ statement }) => statement))
      for (const [index, { answer }] of group.entries()) answer.resolve(answers[index] ?? [])
    } catch (error) {
      if (this.#asking.isRefusal(error)) {
        await Promise.all(group.map((asked) => this.#settleAlone(asked)))
      } else {
        for (const { answer } of group) answer.reject(error)
      }
    }
  }

  async #settleAlone({ statement, answer }: Asked): Promise<void> {
    try {
      answer.resolve(await this.#asking.one(statement))
    } catch (error) {
      answer.reject(error)
    }
  }
}
