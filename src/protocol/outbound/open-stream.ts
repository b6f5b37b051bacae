/**
 * One request to one address that was checked before, whose answer is read as it comes: an event
 * stream may be open for an hour.
 *
 * @see [RFC 9110 §7.2 - Host and :authority](https://www.rfc-editor.org/rfc/rfc9110.html#section-7.2)
 */
import type { IncomingMessage } from 'node:http'
import { ask, type Connection, headersOf, type Sendable } from './exchange.ts'

export interface StreamedRequest extends Sendable {
  readonly headers: Readonly<Record<string, string>>
  /** Whether the operator wants an address that is not public. */
  readonly allowPrivate: boolean
  /** How long it may take until the answer begins. */
  readonly timeoutMs: number
  /** Ends the request, and the answer too where it has begun. */
  readonly signal: AbortSignal
}

export interface StreamedResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: AsyncIterable<Uint8Array>
  /** Ends the connection. */
  close(): void
}

/** @throws whatever the connection failed of; a `TimeoutError` where nothing came in time */
export function openStream(
  { timeoutMs, ...asked }: StreamedRequest,
  connection: Omit<Connection, 'signal'>,
): Promise<StreamedResponse> {
  const limit = new AbortController()
  const end = () => limit.abort()
  asked.signal.addEventListener('abort', end, { once: true })
  if (asked.signal.aborted) end()
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new DOMException(`No answer within ${timeoutMs} ms`, 'TimeoutError'))
      end()
    }, timeoutMs)
    const sent = ask(asked, { ...connection, signal: limit.signal }, (response) => {
      clearTimeout(late)
      const close = () => {
        asked.signal.removeEventListener('abort', end)
        response.destroy()
        sent.destroy()
      }
      const { statusCode: status = 0 } = response
      resolve({ status, ...headersOf(response), body: bodyOf(response), close })
    })
    sent.on('error', (error) => {
      clearTimeout(late)
      reject(error)
    })
    sent.end(asked.body)
  })
}

async function* bodyOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of response) yield chunk
}
