/** Folds every stream of the given deciders again, and compares with what `streams` holds. */
import { streamOf } from '../domain/decider.ts'
import type { RecordedEvent } from '../domain/event-log.ts'
import type { Statement } from '../projections/statement.ts'
import type { Row } from './database.ts'
import type { Folding } from './rebuild.ts'
import { wellFormedJson } from './well-formed-json.ts'

interface Folded {
  readonly folding: Folding
  version: number
  state: unknown
}

export class StreamFold {
  readonly live: Statement = {
    sql: 'SELECT stream_id, version, state, state_schema FROM streams ORDER BY stream_id',
    args: [],
  }
  readonly #foldings: readonly Folding[]
  readonly #streams = new Map<string, Folded>()

  constructor(foldings: readonly Folding[]) {
    this.#foldings = foldings
  }

  add({ streamId, version, type, payload }: RecordedEvent): void {
    let folded = this.#streams.get(streamId)
    if (!folded) {
      const folding = this.#foldings.find(({ noun }) => streamId.startsWith(streamOf(noun, '')))
      if (!folding) return
      folded = { folding, version: 0, state: folding.initial }
      this.#streams.set(streamId, folded)
    }
    folded.state = folded.folding.evolve(folded.state, { type, payload } as never)
    folded.version = version
  }

  /** What to write where a live stream is not what its events fold to. */
  compare(live: readonly Row[]) {
    if (this.#foldings.length === 0) return undefined
    const byId = new Map(live.map((row) => [row.stream_id, row]))
    const wrong = [...this.#streams].filter(([id, folded]) => !isSame(byId.get(id), folded))
    const mend = wrong.map(
      ([id, { version, state, folding }]): Statement => ({
        sql: `INSERT INTO streams (stream_id, version, state, state_schema) VALUES (?, ?, ?, ?)
        ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version,
          state = excluded.state, state_schema = excluded.state_schema`,
        args: [id, version, wellFormedJson(state), folding.stateSchema],
      }),
    )
    return { table: 'streams', rows: this.#streams.size, differed: wrong.length > 0, mend }
  }
}

/** A state of an older shape is folded again when it is next read, and is not wrong. */
function isSame(row: Row | undefined, { version, state, folding }: Folded): boolean {
  if (row?.version !== version) return false
  if (row.state_schema !== folding.stateSchema) return true
  return canonical(JSON.parse(row.state as string)) === canonical(state)
}

/** JSON with sorted keys: the order in which a state's fields were set means nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
