/**
 * One request to the server elsewhere, and its answer as the client may see it.
 *
 * @see [MCP 2025-11-25 - Streamable HTTP](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports)
 */
import type { OpenedOutcome } from '../protocol/outbound/guarded-fetch.ts'
import { type Answering, passOn } from './answered-message.ts'
import { answeredStream, type StreamTerms } from './answered-stream.ts'
import { isPlainId, wrapId } from './bound-id.ts'
import { type Message, NoMessage, readMessage, rpcCodes } from './message.ts'
import { accepted, json, noSession, refusal, stream } from './rpc-answer.ts'
import { headersFor, type Outgoing } from './upstream-headers.ts'
import { boundTo, type Visit } from './visit.ts'

export type Opened = Extract<OpenedOutcome, { outcome: 'opened' }>

const down = 'The server behind this gateway does not answer; try again in a moment'
const retrySeconds = 5

export async function send(visit: Visit, outgoing: Outgoing): Promise<OpenedOutcome> {
  const { services, upstream } = visit.gate
  return services.outbound.open({
    url: upstream.url,
    method: outgoing.method,
    headers: await headersFor(visit, outgoing),
    ...(outgoing.body === undefined ? {} : { body: outgoing.body }),
    allowPrivate: upstream.allowPrivate,
    timeoutMs: upstream.timeoutSeconds * 1000,
    signal: visit.signal,
  })
}

export type Terms = Pick<StreamTerms, 'isStillGood' | 'over'> & Answering

/** @param terms what the answer is to; `over` is called when no part of it is open any more */
export async function forward(visit: Visit, outgoing: Outgoing, terms: Terms): Promise<Response> {
  const opened = await send(visit, outgoing)
  if (opened.outcome === 'opened') {
    const type = typeOf(opened)
    if (opened.status === 200 && type === 'text/event-stream' && outgoing.method !== 'DELETE') {
      return stream(answeredStream(visit, opened, terms), sessionHeader(visit, opened))
    }
    try {
      return await answered(visit, opened, { ...terms, outgoing })
    } finally {
      opened.close()
      await terms.record?.end('upstream_error')
      terms.over()
    }
  }
  const isGone = visit.signal.aborted
  await terms.record?.end(isGone ? 'interrupted' : 'upstream_error')
  terms.over()
  const isLate = opened.reason === 'timed_out'
  return unanswered(visit, terms, { status: isLate ? 504 : 502, cause: opened.cause })
}

interface Unanswered {
  readonly status: number
  readonly cause: string
  readonly words?: string
}

/** What was the matter is for our log. */
function unanswered(
  { gate, correlationId }: Visit,
  { request }: Answering,
  { status, cause, words = down }: Unanswered,
): Response {
  const { services, resource } = gate
  const at = { requestId: correlationId, resource: resource.resource, cause }
  services.logger.warn(at, 'no answer of an MCP server')
  const headers = { 'retry-after': String(retrySeconds) }
  const id = request?.id
  return refusal({ status, code: rpcCodes.internal, words, id, correlationId, headers })
}

type Whole = Answering & { readonly outgoing: Outgoing }

/** An answer in one piece. */
async function answered(visit: Visit, opened: Opened, whole: Whole): Promise<Response> {
  const { request, outgoing } = whole
  const { status } = opened
  const { correlationId } = visit
  if (outgoing.method === 'POST' && status === 200) return wholeMessage(visit, opened, whole)
  if (status === 202 || status === 204 || (outgoing.method === 'DELETE' && status === 200)) {
    return request === undefined
      ? accepted(sessionHeader(visit, opened))
      : unanswered(visit, whole, { status: 502, cause: `status ${status} for a request` })
  }
  if (status === 404 && visit.session !== undefined) return noSession(correlationId, request?.id)
  if (status === 405 && outgoing.method !== 'POST') {
    const words = 'The server behind this gateway does not offer this'
    const code = rpcCodes.methodNotFound
    return refusal({ status: 405, code, words, correlationId, headers: { allow: 'POST' } })
  }
  if (status === 400 && typeOf(opened) === 'application/json') {
    return wholeMessage(visit, opened, whole)
  }
  const words =
    status === 401 || status === 403
      ? 'The server behind this gateway refuses the gateway; its operator has to look at it'
      : down
  const busy = status === 429 || status === 503
  return unanswered(visit, whole, { status: busy ? 503 : 502, cause: `status ${status}`, words })
}

async function wholeMessage(visit: Visit, opened: Opened, whole: Whole): Promise<Response> {
  const message = await readWhole(visit, opened)
  const passed = message && (await passOn(visit, message, whole))
  if (passed?.isLast && opened.status === 200) {
    return json(passed.message, sessionHeader(visit, opened))
  }
  if (message?.kind === 'error' && opened.status === 400) {
    const { code, message: words } = message.error
    const { correlationId } = visit
    return refusal({ status: 400, code, words, id: whole.request?.id, correlationId })
  }
  const cause = `status ${opened.status}, ${typeOf(opened)}: no answer to this`
  return unanswered(visit, whole, { status: 502, cause })
}

/** Undefined for what is no message, or too large a one. */
export async function readWhole(visit: Visit, opened: Opened): Promise<Message | undefined> {
  if (typeOf(opened) !== 'application/json') return undefined
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of opened.body) {
      bytes += chunk.byteLength
      if (bytes > visit.gate.upstream.answerBytesMax) return undefined
      chunks.push(chunk)
    }
    return readMessage(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    const { correlationId: requestId } = visit
    const cause = error instanceof NoMessage ? error.message : String(error)
    visit.gate.services.logger.info({ requestId, cause }, 'an MCP server sent no message')
    return undefined
  }
}

export function typeOf({ headers }: Opened): string {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
}

function sessionHeader(visit: Visit, { headers }: Opened): Record<string, string> {
  const session = headers.get('mcp-session-id')
  if (session === null || !isPlainId(session)) return {}
  const { keyring } = visit.gate.services
  return { 'mcp-session-id': wrapId(keyring, session, boundTo(visit, 'session')) }
}
