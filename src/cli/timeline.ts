/** Prints steps, and beneath each the events that it left in the log. */
import type { EventLog, RecordedEvent } from '../domain/event-log.ts'
import type { Terminal } from './terminal.ts'

const typeWidth = 22

export class Timeline {
  readonly #log: EventLog
  readonly #terminal: Terminal
  #seen = 0

  constructor(log: EventLog, terminal: Terminal) {
    this.#log = log
    this.#terminal = terminal
  }

  async step(words: string, run: () => Promise<unknown>): Promise<void> {
    await run()
    const { print, bold, dim } = this.#terminal
    print('')
    print(`  ${bold(words)}`)
    const events = await this.#newEvents()
    for (const event of events) print(this.#line(event))
    if (events.length === 0) print(`    ${dim('nothing enters the log')}`)
  }

  /** @returns how many events there are in all */
  async finish(): Promise<number> {
    await this.#newEvents()
    this.#terminal.print('')
    return this.#seen
  }

  async #newEvents(): Promise<RecordedEvent[]> {
    const events = await this.#log.read({ after: this.#seen, order: 'oldest first', limit: 100 })
    this.#seen = events.at(-1)?.position ?? this.#seen
    return events
  }

  #line({ position, type, recordedAt, actor, streamId }: RecordedEvent): string {
    const { dim, colour } = this.#terminal
    const time = new Date(recordedAt).toISOString().slice(11, 23)
    const place = dim(`${String(position).padStart(5)}  ${time}`)
    const paint = /Ended|Revoked|Disabled/.test(type) ? 'red' : 'green'
    return `${place}  ${colour(paint, type.padEnd(typeWidth))} ${dim(short(actor))}  ${dim(short(streamId))}`
  }
}

/** `grant/grt_…4f2a`: enough to see what belongs together. */
function short(id: string): string {
  return id.replace(/_[0-9A-Za-z]{16,}([0-9A-Za-z]{4})$/, '_…$1').replace(/^(.{40}).+$/, '$1…')
}
