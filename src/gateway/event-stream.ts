/**
 * An event stream read event by event and written anew: each message is looked at on its way, and
 * what is no message does not come through. Nothing is held back but the event that is not whole.
 *
 * @see [HTML - Server-sent events, Parsing an event stream](https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream)
 */

export interface StreamEvent {
  readonly id?: string
  readonly retryMs?: number
  /** Empty where the event says only where to go on. */
  readonly data: string
}

/** An event is longer than was wanted. */
export class EventTooLarge extends Error {
  override name = 'EventTooLarge'
}

export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
  charactersMax: number,
): AsyncGenerator<StreamEvent> {
  const tooLarge = new EventTooLarge(`An event has over ${charactersMax} characters`)
  const decoder = new TextDecoder()
  let rest = ''
  let lines: string[] = []
  let held = 0
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    for (;;) {
      // A carriage return at the very end may be the first half of a line's end.
      const end = /\r\n|\n|\r(?!$)/.exec(rest)
      if (!end) break
      const line = rest.slice(0, end.index)
      rest = rest.slice(end.index + end[0].length)
      if (line !== '') {
        lines.push(line)
        held += line.length
        if (held > charactersMax) throw tooLarge
        continue
      }
      const event = eventOf(lines)
      lines = []
      held = 0
      if (event) yield event
    }
    if (held + rest.length > charactersMax) throw tooLarge
  }
}

/** Undefined for a comment, and for events of another type than messages. */
function eventOf(lines: readonly string[]): StreamEvent | undefined {
  let type = 'message'
  let id: string | undefined
  let retryMs: number | undefined
  const data: string[] = []
  for (const line of lines) {
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'event') type = value
    if (field === 'id' && !value.includes('\0')) id = value
    if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value)
    if (field === 'data') data.push(value)
  }
  if (type !== 'message' || (id === undefined && data.length === 0)) return undefined
  return {
    ...(id === undefined ? {} : { id }),
    ...(retryMs === undefined ? {} : { retryMs }),
    data: data.join('\n'),
  }
}

/** @param event whose data is JSON, and so without line ends */
export function writeEvent({ id, retryMs, data }: StreamEvent): string {
  const parts = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(retryMs === undefined ? [] : [`retry: ${retryMs}`]),
    `data: ${data}`,
  ]
  return `event: message\n${parts.join('\n')}\n\n`
}

export const keepAlive = ': still here\n\n'
