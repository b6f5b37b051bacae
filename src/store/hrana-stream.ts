/**
 * A connection that a libSQL server keeps open for us from one request to the next. To open one
 * costs the server more than most of what it is asked: it reads the whole schema anew. What names a
 * stream is the baton of the last answer, and each baton is good once:
 *
 *   [ batch ] ─▶ baton a      [ a, batch ] ─▶ baton b      [ b, batch ] ─▶ …
 *
 * Between two requests no transaction is open, so whoever loses a stream loses nothing: a server
 * that was started anew, or that has waited too long, does not know the baton, and does nothing.
 */
import type { ServerError, Step, StepOutcome, StreamRequest } from './hrana-messages.ts'
import { stepMessage, stepOutcomes } from './hrana-messages.ts'

/** A server takes 50 texts a stream, of at most 5 kB. */
const textsMax = 50
const textCharactersMax = 1_500

/** The server does not know the stream any more, and has done nothing. */
export class StreamGone extends Error {}

export interface Server {
  readonly url: string
  readonly authToken?: string
  readonly requestMsMax: number
}

export class HranaStream {
  readonly #server: Server
  readonly #texts = new StoredTexts()
  #url: string
  #baton: string | undefined
  #usedAt = 0

  constructor(server: Server) {
    this.#server = server
    this.#url = server.url
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
    const requests = this.#texts.requestsFor(steps)
    const message = {
      type: 'batch',
      batch: { steps: steps.map((step) => stepMessage(step, this.#texts.idOf(step.sql))) },
    } as const
    const answers = await this.#send([...requests, message])
    return stepOutcomes(answers.at(-1), steps.length)
  }

  /** Lets the server close its connection, instead of waiting for us. */
  async close(msMax: number): Promise<void> {
    if (this.#baton !== undefined) await this.#send([{ type: 'close' }], msMax)
  }

  /** What it answered to each request. */
  async #send(
    requests: readonly StreamRequest[],
    msMax = this.#server.requestMsMax,
  ): Promise<unknown[]> {
    const { authToken } = this.#server
    // A body that it cannot send twice: Deno sends another one again by itself when a connection
    // ends, though all that was asked may have been done.
    const response = await fetch(new URL('v2/pipeline', this.#url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        // To compress an answer costs a server more than to make it.
        'accept-encoding': 'identity',
        ...(authToken === undefined ? {} : { authorization: `Bearer ${authToken}` }),
      },
      body: new Blob([JSON.stringify({ baton: this.#baton ?? null, requests })]),
      signal: AbortSignal.timeout(msMax),
    })
    if (!response.ok) throw await failureOf(response, this.#baton)
    const { baton, base_url: url, results } = (await response.json()) as PipelineAnswer
    this.#baton = baton ?? undefined
    this.#url = url ?? this.#url
    this.#usedAt = performance.now()
    return results.map((result) => {
      if (result.type === 'error') throw new Error(`Cannot ask the server: ${told(result.error)}`)
      return result.response.result
    })
  }
}

interface PipelineAnswer {
  readonly baton: string | null
  /** Where the next request of this stream has to go. */
  readonly base_url: string | null
  readonly results: readonly (
    | { readonly type: 'ok'; readonly response: { readonly result?: unknown } }
    | { readonly type: 'error'; readonly error: Partial<ServerError> }
  )[]
}

async function failureOf(response: Response, baton: string | undefined): Promise<Error> {
  const text = await response.text().catch(() => '')
  const isGone = response.status === 400 && /STREAM_EXPIRED|invalid baton/.test(text)
  if (isGone && baton !== undefined) return new StreamGone(text)
  return new Error(`The server answers ${response.status}: ${text.slice(0, 500)}`)
}

function told({ code, message }: Partial<ServerError>): string {
  return `${code ?? 'UNKNOWN'}: ${message ?? ''}`
}

/** The texts that the server keeps for this stream, by number, the longest unused first. */
class StoredTexts {
  readonly #ids = new Map<string, number>()
  #lastId = 0

  idOf(text: string): number | undefined {
    return this.#ids.get(text)
  }

  /** What has to be said first, so that the texts of these are kept as far as there is room. */
  requestsFor(steps: readonly Step[]): StreamRequest[] {
    const texts = new Set(steps.map(({ sql }) => sql).filter(isStorable))
    const requests: StreamRequest[] = []
    for (const text of texts) {
      const known = this.#ids.get(text)
      if (known !== undefined) {
        this.#ids.delete(text)
        this.#ids.set(text, known)
        continue
      }
      if (this.#ids.size >= textsMax) {
        const [oldest] = this.#ids
        if (!oldest || texts.has(oldest[0])) continue
        this.#ids.delete(oldest[0])
        requests.push({ type: 'close_sql', sql_id: oldest[1] })
      }
      this.#lastId += 1
      this.#ids.set(text, this.#lastId)
      requests.push({ type: 'store_sql', sql_id: this.#lastId, sql: text })
    }
    return requests
  }
}

function isStorable(text: string): boolean {
  return text.length <= textCharactersMax
}
