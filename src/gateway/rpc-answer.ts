/** Answers that the gateway gives itself: errors of the protocol, in words that name nothing inside. */
import { type Message, type RequestId, rpcCodes, writeMessage } from './message.ts'

export interface Refusal {
  readonly status: number
  readonly code: number
  readonly words: string
  readonly id?: RequestId | undefined
  /** Finds it in our log. */
  readonly correlationId: string
  readonly headers?: Readonly<Record<string, string>>
}

const base = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** A question that cannot be named gets an answer whose id is null, as JSON-RPC has it. */
export function refusal({ status, id, headers = {}, ...error }: Refusal): Response {
  const body = JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: errorOf(error) })
  const all = { ...base, 'content-type': 'application/json', ...headers }
  return new Response(body, { status, headers: all })
}

export function errorOf({
  code,
  words,
  correlationId,
}: Omit<Refusal, 'status' | 'id' | 'headers'>) {
  return { code, message: words, data: { request_id: correlationId } }
}

export function json(message: Message, headers: Readonly<Record<string, string>>): Response {
  const all = { ...base, 'content-type': 'application/json', ...headers }
  return new Response(writeMessage(message), { headers: all })
}

export function accepted(headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 202, headers: { ...base, ...headers } })
}

export function stream(
  body: ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>>,
): Response {
  const all = {
    ...base,
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
    ...headers,
  }
  return new Response(body, { headers: all })
}

export function noSession(correlationId: string, id?: RequestId): Response {
  const words = 'There is no such session; begin a new one'
  return refusal({ status: 404, code: rpcCodes.sessionNotFound, words, id, correlationId })
}
