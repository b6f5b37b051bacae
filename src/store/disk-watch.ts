/**
 * Whether this process has to wait for its disk. The system counts the blocks that the disk gave to
 * it; what the system has in memory is none of them. They are looked at once a second.
 */
import process from 'node:process'
import { clearInterval, setInterval } from 'node:timers'

const secondMs = 1_000
/** Of 512 bytes, as the system counts: 500 pages, each of which may take a tenth of a millisecond or many. */
const manyBlocks = 4_000
const fewBlocks = 400
/** After so many seconds with few it is at rest. */
const calmSecondsMin = 10

export class DiskWatch {
  readonly #blocksRead: () => number
  readonly #onRest: () => void
  readonly #timer: ReturnType<typeof setInterval>
  #last: number
  #calmSeconds = 0
  #isBusy = false

  /** @param onRest hears when the disk has come to rest */
  constructor(onRest: () => void, blocksRead = blocksReadSoFar) {
    this.#blocksRead = blocksRead
    this.#onRest = onRest
    this.#last = blocksRead()
    this.#timer = setInterval(() => this.look(), secondMs)
    this.#timer.unref()
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Once a second. */
  look(): void {
    const now = this.#blocksRead()
    const blocks = now - this.#last
    this.#last = now
    this.#calmSeconds = blocks < fewBlocks ? this.#calmSeconds + 1 : 0
    if (blocks >= manyBlocks) this.#isBusy = true
    if (!this.#isBusy || this.#calmSeconds < calmSecondsMin) return
    this.#isBusy = false
    this.#onRest()
  }
}

function blocksReadSoFar(): number {
  return process.resourceUsage().fsRead
}
