/** Turns events into what they change in the read models, in the order of the projections. */
import type { ProjectedEvent, Projection } from '../projections/projection.ts'
import type { Statement } from '../projections/statement.ts'

export class Projector {
  readonly #handlers = new Map<string, ((event: ProjectedEvent) => Statement[])[]>()

  constructor(projections: readonly Projection[]) {
    for (const projection of projections) {
      for (const [type, handler] of projection.handlers) {
        this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), handler])
      }
    }
  }

  statements(event: ProjectedEvent): Statement[] {
    return (this.#handlers.get(event.type) ?? []).flatMap((handler) => handler(event))
  }
}
