/**
 * A connection that a libSQL server keeps open for us from one request to the next, by the library
 * that libSQL's own client speaks with. To open one costs the server more than most of what it is
 * asked: it reads the whole schema anew. What names a stream is the baton of the last answer, and
 * each baton is good once:
 *
 *   [ batch ] ─▶ baton a      [ a, batch ] ─▶ baton b      [ b, batch ] ─▶ …
 *
 * Between two requests no transaction is open, so whoever loses a stream loses nothing: a server
 * that was started anew, or that has waited too long, does not know the baton, and does nothing.
 */
import {
  type Batch,
  BatchCond,
  type BatchStep,
  type HttpClient,
  type HttpStream,
  ResponseError,
  type RowsResult,
  type Sql,
  Stmt,
} from '@libsql/hrana-client'
import type { Statement } from '../projections/statement.ts'
import { type Row, toBindable, toRow } from './database.ts'

/** A server takes 50 texts a stream, of at most 5 kB. */
const textsMax = 50
const textCharactersMax = 1_500

/** When a step is taken: always, unless it says otherwise. Steps are named by their places. */
export type Condition =
  | { readonly type: 'ok'; readonly step: number }
  | { readonly type: 'not'; readonly cond: Condition }
  | { readonly type: 'and'; readonly conds: readonly Condition[] }

export interface Step extends Statement {
  readonly condition?: Condition
}

/** What became of a step: rows, a refusal, or nothing where its condition did not hold. */
export type StepOutcome = Done | Refused | 'left out'

export interface Done {
  readonly rows: Row[]
}

export interface Refused {
  readonly refusal: { readonly message: string; readonly code: string }
}

export class HranaStream {
  readonly #stream: HttpStream
  readonly #texts: StoredTexts
  #usedAt = 0

  constructor(server: HttpClient) {
    this.#stream = server.openStream()
    this.#texts = new StoredTexts(this.#stream)
  }

  /** When it was last answered; 0 before that. */
  get usedAt(): number {
    return this.#usedAt
  }

  /**
   * One request; the next one waits for its answer. Whoever gets an error from it must leave the
   * stream alone.
   * @throws {StreamGone}
   */
  async run(steps: readonly Step[]): Promise<StepOutcome[]> {
    const batch = this.#stream.batch()
    const taken: BatchStep[] = []
    const texts = this.#texts.storedFor(steps)
    const outcomes = steps.map(({ sql, args, condition }) => {
      const step = batch.step()
      if (condition) step.condition(conditionOf(condition, { batch, taken }))
      const stmt = new Stmt(texts.get(sql) ?? sql).bindIndexes(args.map(toBindable))
      const outcome = outcomeOf(step.query(stmt))
      taken.push(step)
      return outcome
    })
    await batch.execute()
    this.#usedAt = performance.now()
    return Promise.all(outcomes)
  }

  /** Lets the server close its connection, instead of waiting for us. */
  close(): void {
    this.#stream.close()
  }
}

function conditionOf(
  condition: Condition,
  of: { readonly batch: Batch; readonly taken: readonly BatchStep[] },
): BatchCond {
  switch (condition.type) {
    case 'ok':
      return BatchCond.ok(of.taken[condition.step] as BatchStep)
    case 'not':
      return BatchCond.not(conditionOf(condition.cond, of))
    case 'and':
      return BatchCond.and(
        of.batch,
        condition.conds.map((each) => conditionOf(each, of)),
      )
    default:
      return condition satisfies never
  }
}

async function outcomeOf(answer: Promise<RowsResult | undefined>): Promise<StepOutcome> {
  try {
    const result = await answer
    return result ? { rows: result.rows.map((row) => toRow({ ...row })) } : 'left out'
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error
    return { refusal: { message: error.message, code: error.code ?? 'UNKNOWN' } }
  }
}

/** The texts that the server keeps for this stream, the longest unused first. */
class StoredTexts {
  readonly #stream: HttpStream
  readonly #stored = new Map<string, Sql>()

  constructor(stream: HttpStream) {
    this.#stream = stream
  }

  /** Those that are kept there, or are from this request on, as far as there is room. */
  storedFor(steps: readonly Step[]): ReadonlyMap<string, Sql> {
    const texts = new Set(steps.map(({ sql }) => sql).filter(isStorable))
    for (const text of texts) {
      const known = this.#stored.get(text)
      if (known) this.#stored.delete(text)
      else if (!this.#makeRoom(texts)) continue
      this.#stored.set(text, known ?? this.#stream.storeSql(text))
    }
    return this.#stored
  }

  /** False where all that is kept is needed now. */
  #makeRoom(needed: ReadonlySet<string>): boolean {
    if (this.#stored.size < textsMax) return true
    const [oldest] = this.#stored
    if (!oldest || needed.has(oldest[0])) return false
    this.#stored.delete(oldest[0])
    oldest[1].close()
    return true
  }
}

function isStorable(text: string): boolean {
  return text.length <= textCharactersMax
}
