/** Reads an event stream as a browser does, one event at a time. */

export interface StreamedEvent {
  readonly id: string
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

export class EventStream {
  readonly status: number
  readonly #abort: AbortController
  readonly #response: Response
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  readonly #text = new TextDecoder()
  #buffer = ''

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status
    this.#response = response
    this.#abort = abort
    this.#reader = response.ok ? response.body?.getReader() : undefined
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventStream> {
    const abort = new AbortController()
    const response = await fetch(url, { headers, signal: abort.signal })
    return new EventStream(response, abort)
  }

  /** The refusal, where there is no stream. */
  refusal(): Promise<unknown> {
    return this.#response.json()
  }

  /** Undefined at the end. */
  async next(): Promise<StreamedEvent | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#buffer.slice(0, end)
        this.#buffer = this.#buffer.slice(end + 2)
        const event = read(block)
        if (event) return event
        continue
      }
      const piece = await this.#reader?.read()
      if (!piece || piece.done) return undefined
      this.#buffer += this.#text.decode(piece.value, { stream: true })
    }
  }

  /** All that come until the end. */
  async rest(): Promise<StreamedEvent[]> {
    const events: StreamedEvent[] = []
    for (let event = await this.next(); event; event = await this.next()) events.push(event)
    return events
  }

  close(): void {
    this.#abort.abort()
  }
}

/** Undefined for a comment. */
function read(block: string): StreamedEvent | undefined {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
  if (fields.data === undefined) return undefined
  return { id: fields.id ?? '', event: fields.event ?? '', data: JSON.parse(fields.data) }
}
