/**
 * The same question within a minute has the same answer while nothing changes that the answer was
 * made of: the client, the token, its grant, its person. Resource servers and proxies ask about a
 * token at each request that they get, so most of what they ask was asked just before.
 *
 *   question ─▶ [ its digest is known, and what was read for the answer is as it was ] ─▶ the answer
 *                     otherwise ─▶ made, with a note of everything that is read for it
 *
 * Only what was granted is kept. It is for a database of this process alone; with others, nobody
 * knows here what still holds.
 */
import { LRUCache } from 'lru-cache'
import { sha256 } from '../domain/keyring.ts'
import type { NotedReads } from '../projections/statement.ts'
import type { Services } from '../protocol/services.ts'

/** Of a usual size: one that is longer takes the room of several. */
const answersMax = 10_500
const answerCharactersMax = 1_024

export interface Answer {
  /** JSON. */
  readonly body: string
  readonly headers?: Headers
  /** Milliseconds since 1970; absent where the next one must be answered anew. */
  readonly repeatableUntil?: number | undefined
  /**
   * What is to be done at each repetition; false where it has to be answered anew after all.
   * @throws {OAuthError} where the request is refused
   */
  readonly again?: (request: Request) => boolean
}

interface Kept {
  readonly answer: Answer
  readonly until: number
  readonly reads: NotedReads
}

export class RepeatedAnswers {
  readonly #services: Services
  /** By size, or the room for all of them would be taken at once. */
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: answersMax,
    sizeCalculation: ({ answer }) => Math.ceil(answer.body.length / answerCharactersMax),
  })

  constructor(services: Services) {
    this.#services = services
  }

  /** @param question all that the answer may depend on, of the request and of who sent it */
  async answer(
    request: Request,
    question: readonly string[],
    make: (services: Services) => Promise<Answer>,
  ): Promise<Answer> {
    const services = this.#services
    if (!services.reader.noting) return make(services)
    const key = sha256(JSON.stringify(question))
    const kept = this.#kept.get(key)
    if (kept && this.#isGood(kept) && (kept.answer.again?.(request) ?? true)) return kept.answer
    const reads = services.reader.noting()
    const answer = await make({ ...services, reader: reads.reader })
    const { repeatableUntil: until } = answer
    if (until !== undefined && reads.holds()) this.#kept.set(key, { answer, until, reads })
    return answer
  }

  #isGood({ until, reads }: Kept): boolean {
    return this.#services.now() < until && reads.holds()
  }
}
