/** How many event streams wait at once: each holds two connections open for as long as an hour. */

const ofOnePersonMax = 20

export class OpenStreams {
  readonly #most: number
  readonly #bySub = new Map<string, number>()
  #all = 0

  constructor(most: number) {
    this.#most = most
  }

  /** What to call when the stream is over, or undefined where there are too many. */
  begin(sub: string): (() => void) | undefined {
    const own = this.#bySub.get(sub) ?? 0
    if (own >= ofOnePersonMax || this.#all >= this.#most) return undefined
    this.#bySub.set(sub, own + 1)
    this.#all += 1
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#all -= 1
      const left = (this.#bySub.get(sub) ?? 1) - 1
      if (left === 0) this.#bySub.delete(sub)
      else this.#bySub.set(sub, left)
    }
  }
}
