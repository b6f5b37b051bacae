/**
 * Events of an older version become events of today's as they are read: the log itself never
 * changes. Each upcaster takes one step, so a version-1 event passes through all of them:
 *
 *   stored v1 ── upcaster from 1 ──▶ v2 ── upcaster from 2 ──▶ v3, what the program knows
 */
export interface Upcaster {
  readonly type: string
  /** The version that it reads; it gives the next one. */
  readonly from: number
  /** The field that named the subject in that version, where it had another name than today. */
  readonly subject?: string
  readonly upcast: (payload: Readonly<Record<string, unknown>>) => Record<string, unknown>
}

/** One for each released version of an event that is not the last. */
export const upcasters: readonly Upcaster[] = []

export class Upcasting {
  readonly #steps: ReadonlyMap<string, Upcaster>

  /** @throws {Error} when two claim the same step */
  constructor(list: readonly Upcaster[]) {
    this.#steps = new Map(
      list.map((upcaster) => [stepName(upcaster.type, upcaster.from), upcaster]),
    )
    if (this.#steps.size < list.length)
      throw new Error('Cannot upcast: two upcasters take one step')
  }

  /** @throws {Error} when a step between the two versions is missing */
  upcast(
    payload: Record<string, unknown>,
    { type, from, to }: { type: string; from: number; to: number },
  ): Record<string, unknown> {
    let current = payload
    for (let version = from; version < to; version += 1) {
      const step = this.#steps.get(stepName(type, version))
      if (!step) throw new Error(`Cannot read "${type}": no upcaster from version ${version}`)
      current = step.upcast(current)
    }
    return current
  }

  /** The field that named the subject in an older version. */
  subjectField(type: string, version: number): string | undefined {
    return this.#steps.get(stepName(type, version))?.subject
  }
}

function stepName(type: string, from: number): string {
  return `${type} ${from}`
}
