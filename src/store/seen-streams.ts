/**
 * Streams as they were when they were last seen here: read, or written by an append of this process.
 * It is for a database that others write to as well, so nothing of it can be relied on; it serves
 * guesses that an append then proves.
 */
import { LRUCache } from 'lru-cache'
import type { Append, FoldedStream } from '../domain/event-log.ts'
import { wellFormedJson } from './well-formed-json.ts'

const streamsMax = 20_000
/** A stream of more of them counts as several. */
const stateCharactersMax = 2_000

interface Seen {
  readonly version: number
  /** JSON. */
  readonly state: string
  readonly stateSchema: number
}

export class SeenStreams {
  readonly #seen = new LRUCache<string, Seen>({ maxSize: streamsMax, sizeCalculation: roomOf })

  recall(streamIds: readonly string[]): FoldedStream[] | undefined {
    const streams: FoldedStream[] = []
    for (const streamId of streamIds) {
      const seen = this.#seen.get(streamId)
      if (!seen) return undefined
      streams.push({ ...seen, streamId, state: JSON.parse(seen.state) })
    }
    return streams
  }

  /** An answer that was under way for long says less than what was seen meanwhile. */
  see(streamId: string, seen: Seen): void {
    if ((this.#seen.peek(streamId)?.version ?? 0) < seen.version) this.#seen.set(streamId, seen)
  }

  /** What an append has left behind. */
  take({ writes }: Append): void {
    for (const { streamId, expectedVersion, events, state, stateSchema } of writes) {
      const version = expectedVersion + events.length
      this.see(streamId, { version, state: wellFormedJson(state ?? null), stateSchema })
    }
  }

  /** What an append that failed took for true. */
  doubt({ writes, guards }: Append): void {
    for (const { streamId } of [...writes, ...guards]) this.#seen.delete(streamId)
  }
}

function roomOf({ state }: Seen): number {
  return Math.max(1, Math.ceil(state.length / stateCharactersMax))
}
