/**
 * The streams that are open to a server. One that was used a moment ago is taken first, so that
 * those of a busy minute are left alone afterwards; a server closes by itself what waits too long.
 */
import type { Step, StepOutcome } from './hrana-messages.ts'
import { HranaStream, type Server, StreamGone } from './hrana-stream.ts'

/** Servers wait ten seconds; what may be gone by the time that we are heard is not asked. */
const idleMsMax = 5_000
const farewellMsMax = 1_000

export class HranaStreams {
  readonly #server: Server
  #idle: HranaStream[] = []

  constructor(server: Server) {
    this.#server = server
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
    else stream.close(farewellMsMax).catch(() => undefined)
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

  async close(): Promise<void> {
    const farewells = this.#idle.splice(0).map((stream) => stream.close(farewellMsMax))
    await Promise.allSettled(farewells)
  }

  #take(): HranaStream | undefined {
    const stream = this.#idle.pop()
    if (stream === undefined || performance.now() - stream.usedAt <= idleMsMax) return stream
    // All others have waited longer than this one.
    this.#idle = []
    return undefined
  }
}
