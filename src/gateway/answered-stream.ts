/**
 * An event stream of the server elsewhere, passed on message by message as each comes. It ends with
 * the upstream's, with the client, with the time that a stream may have, and with the token: whoever
 * was shut out reads nothing further.
 */
import { type Answering, passOn } from './answered-message.ts'
import { isPlainId, wrapId } from './bound-id.ts'
import { keepAlive, readEvents, type StreamEvent, writeEvent } from './event-stream.ts'
import { type Message, NoMessage, readMessage, rpcCodes, writeMessage } from './message.ts'
import { errorOf } from './rpc-answer.ts'
import { boundTo, type Visit } from './visit.ts'

export interface StreamSource {
  readonly body: AsyncIterable<Uint8Array>
  close(): void
}

export interface StreamTerms extends Answering {
  /** Whether the token is good at this moment. */
  isStillGood(): Promise<boolean>
  /** Called once, whatever ended it. */
  over(): void
}

export function answeredStream(
  visit: Visit,
  source: StreamSource,
  terms: StreamTerms,
): ReadableStream<Uint8Array> {
  const { upstream } = visit.gate
  const encoder = new TextEncoder()
  const parts = partsOf(visit, source, terms)
  let timers: NodeJS.Timeout[] = []
  const end = () => {
    for (const timer of timers) clearInterval(timer)
    timers = []
    source.close()
    terms.over()
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const beat = async () => {
        if (!(await terms.isStillGood())) return end()
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(keepAlive))
      }
      const quietly = () => void beat().catch(end)
      timers = [
        setInterval(quietly, upstream.streamCheckSeconds * 1000),
        setTimeout(end, upstream.streamSeconds * 1000),
      ]
    },
    async pull(controller) {
      const next = await parts.next()
      if (!next.done) return controller.enqueue(encoder.encode(next.value))
      end()
      controller.close()
    },
    async cancel() {
      end()
      await parts.return(undefined)
    },
  })
}

/** Never throws: a stream that breaks off says so, or simply ends where it can be gone on with. */
async function* partsOf(
  visit: Visit,
  source: StreamSource,
  terms: StreamTerms,
): AsyncGenerator<string, undefined> {
  const { upstream, services } = visit.gate
  const { request, record } = terms
  let canGoOn = false
  let isAnswered = false
  try {
    for await (const event of readEvents(source.body, upstream.answerBytesMax)) {
      const passed = await passEvent(visit, event, terms)
      if (passed === undefined) continue
      if (event.id !== undefined) canGoOn = true
      if (passed.isLast) isAnswered = true
      yield passed.text
      if (isAnswered) return undefined
    }
  } catch (error) {
    const { correlationId: requestId } = visit
    services.logger.info({ requestId, cause: String(error) }, 'a stream of an MCP server broke off')
  } finally {
    await record?.end('interrupted')
  }
  if (request === undefined || canGoOn) return undefined
  yield writeEvent({ data: writeMessage(brokenOff(visit, request.id)) })
  return undefined
}

function brokenOff({ correlationId }: Visit, id: string | number): Message {
  const words = 'The server behind this gateway broke off before it answered'
  return { kind: 'error', id, error: errorOf({ code: rpcCodes.internal, words, correlationId }) }
}

async function passEvent(
  visit: Visit,
  { id, retryMs, data }: StreamEvent,
  terms: Answering,
): Promise<{ text: string; isLast: boolean } | undefined> {
  const { keyring } = visit.gate.services
  const place = {
    ...(id && isPlainId(id) ? { id: wrapId(keyring, id, boundTo(visit, 'event')) } : {}),
    ...(retryMs === undefined ? {} : { retryMs }),
  }
  if (data === '') return { text: writeEvent({ ...place, data }), isLast: false }
  const message = messageIn(visit, data)
  const passed = message && (await passOn(visit, message, terms))
  if (!passed) return undefined
  return {
    text: writeEvent({ ...place, data: writeMessage(passed.message) }),
    isLast: passed.isLast,
  }
}

function messageIn({ gate, correlationId: requestId }: Visit, data: string): Message | undefined {
  try {
    return readMessage(data)
  } catch (error) {
    if (!(error instanceof NoMessage)) throw error
    gate.services.logger.info({ requestId, cause: error.message }, 'an MCP server sent no message')
    return undefined
  }
}
