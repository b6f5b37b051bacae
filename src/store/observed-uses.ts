/**
 * When things were last used. What is noted gathers in memory and is written together, so whoever
 * uses something does not wait for the disk; what a crash loses is a few seconds of noting.
 */
import type { Expiring, ExpiringEntry, Uses } from '../domain/expiring.ts'
import { puttingOf } from './expiring-entries.ts'
import { type GroupCommit, unexpected } from './group-commit.ts'

const flushDelayMs = 2_000
/** More of them than this are written sooner. */
const gatheredMax = 1_000
const entriesPerWrite = 200

export class ObservedUses implements Uses {
  readonly #expiring: Expiring
  readonly #commits: GroupCommit
  /** Noted and not on disk yet, the newest use of each. */
  readonly #noted = new Map<string, ExpiringEntry>()
  #flushing: Promise<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: { expiring: Expiring; commits: GroupCommit }) {
    this.#expiring = parts.expiring
    this.#commits = parts.commits
  }

  note(entry: ExpiringEntry): void {
    this.#noted.set(keyOf(entry), entry)
    const flush = () => this.flush().catch(() => undefined)
    if (this.#noted.size >= gatheredMax) flush()
    this.#timer ??= setTimeout(flush, flushDelayMs)
  }

  async last(kind: string, id: string): Promise<unknown> {
    const noted = this.#noted.get(keyOf({ kind, id }))
    return noted ? noted.body : this.#expiring.get(kind, id)
  }

  async forget(kind: string, id: string): Promise<void> {
    this.#noted.delete(keyOf({ kind, id }))
    await this.#expiring.remove(kind, id)
  }

  /** Rejects where it could not be written; what was noted is then taken along the next time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  async #writeAll(): Promise<void> {
    while (this.#noted.size > 0) {
      const some = [...this.#noted].slice(0, entriesPerWrite)
      const steps = some.map(([, entry]) => ({ statement: puttingOf(entry), refused: unexpected }))
      try {
        await this.#commits.submit({ steps: () => steps })
      } catch (error) {
        this.#forgetOldest()
        throw error
      }
      // Unless it was noted anew, or forgotten, meanwhile.
      for (const [key, entry] of some) if (this.#noted.get(key) === entry) this.#noted.delete(key)
    }
  }

  /** A database that is away for long must not fill the memory. */
  #forgetOldest(): void {
    const excess = Math.max(0, this.#noted.size - gatheredMax)
    for (const key of [...this.#noted.keys()].slice(0, excess)) this.#noted.delete(key)
  }
}

function keyOf({ kind, id }: Pick<ExpiringEntry, 'kind' | 'id'>): string {
  return `${kind} ${id}`
}
