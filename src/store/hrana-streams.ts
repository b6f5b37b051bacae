/**
 * The streams that are open to a server. One that was used a moment ago is taken first, so that
 * those of a busy minute are left alone afterwards; a server closes by itself what waits too long.
 */
import { openHttp } from '@libsql/hrana-client'
import { HranaStream, type Step, type StepOutcome } from './hrana-stream.ts'

/** Servers wait ten seconds; what may be gone by the time that we are heard is not asked. */
const idleMsMax = 5_000
const farewellMsMax = 1_000

/** The server does not know the stream any more, and has done nothing. */
export class StreamGone extends Error {}

export interface Server {
  readonly url: string
  readonly authToken?: string
  readonly requestMsMax: number
}

export class HranaStreams {
  readonly #server: ReturnType<typeof openHttp>
  readonly #requestMsMax: number
  /** Requests that are not answered yet, farewells among them. */
  readonly #asked = new Set<Promise<Response>>()
  #idle: HranaStream[] = []

  constructor({ url, authToken, requestMsMax }: Server) {
    this.#requestMsMax = requestMsMax
    this.#server = openHttp(url, authToken, (request: Request) => this.#fetch(request))
    this.#server.intMode = 'number'
  }

  /**
   * What became of the steps, which go to one connection in one request.
   * @param isAtRest whether they have left no transaction open: else nobody may use it again
   */
  async run(
    steps: readonly Step[],
    isAtRest: (outcomes: readonly StepOutcome[]) => boolean = () => true,
  ): Promise<StepOutcome[]> {
    const [stream, outcomes] = await this.#runOnAny(steps)
    if (isAtRest(outcomes)) this.#idle.push(stream)
    else stream.close()
    return outcomes
  }

  async #runOnAny(steps: readonly Step[]): Promise<[HranaStream, StepOutcome[]]> {
    const known = this.#take()
    try {
      if (known) return [known, await known.run(steps)]
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error
      // Most likely the server was started anew, and knows none of them.
      this.#idle = []
    }
    const stream = new HranaStream(this.#server)
    return [stream, await stream.run(steps)]
  }

  /** With a word to the server, unless it is away. */
  async close(): Promise<void> {
    for (const stream of this.#idle.splice(0)) stream.close()
    await new Promise((resolve) => setTimeout(resolve, 0))
    const farewell = new Promise((resolve) => setTimeout(resolve, farewellMsMax).unref?.())
    await Promise.race([Promise.allSettled(this.#asked), farewell])
  }

  #take(): HranaStream | undefined {
    const stream = this.#idle.pop()
    if (stream === undefined || performance.now() - stream.usedAt <= idleMsMax) return stream
    // All others have waited longer than this one.
    this.#idle = []
    return undefined
  }

  async #fetch(request: Request): Promise<Response> {
    const answer = this.#send(request)
    this.#asked.add(answer)
    try {
      return await answer
    } finally {
      this.#asked.delete(answer)
    }
  }

  async #send(request: Request): Promise<Response> {
    const { url, method, headers } = request
    // To compress an answer costs a server more than to make it.
    headers.set('accept-encoding', 'identity')
    // A body that it cannot send twice: Deno sends another one again by itself when a connection
    // ends, though all that was asked may have been done.
    const body = await request.blob()
    const signal = AbortSignal.timeout(this.#requestMsMax)
    const response = await fetch(url, { method, headers, body, signal })
    if (response.status === 400) throw await failureOf(response)
    return response
  }
}

async function failureOf(response: Response): Promise<Error> {
  const text = await response.text()
  if (/STREAM_EXPIRED|invalid baton/.test(text)) return new StreamGone(text)
  return new Error(`The server answers ${response.status}: ${text.slice(0, 500)}`)
}
