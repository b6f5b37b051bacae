/**
 * The gate before an MCP server elsewhere: what a client sends is read, judged, written down where
 * it is a call, and sent on as a new request of ours.
 *
 *   client ── its token ──▶ gate ── our credential, who asks (signed) ──▶ MCP server
 *
 * @see [MCP 2026-07-28 - Streamable HTTP](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http)
 */
import type { GatewayUpstream } from '../config/gateway-settings.ts'
import type { Resource } from '../config/resource-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { isPlainId, unwrapId } from './bound-id.ts'
import { toolFinder } from './find-tool.ts'
import { forward, type Terms } from './forward.ts'
import { judge } from './judge.ts'
import { type Message, NoMessage, readMessage, rpcCodes, writeMessage } from './message.ts'
import { requireSameHeaders } from './mirrored-headers.ts'
import { OpenStreams } from './open-streams.ts'
import { accepted, json, noSession, refusal } from './rpc-answer.ts'
import { ToolDefinitions } from './tool-definitions.ts'
import { boundTo, type Gate, type Visit } from './visit.ts'

/** @throws {Error} when the environment does not have the secret that the settings name */
export function openGate(
  services: Services,
  { resource, upstream, env }: { resource: Resource; upstream: GatewayUpstream; env: Environment },
): Gate {
  const { credential, credentialEnv = '' } = upstream
  const secret = env[credentialEnv]
  const needsSecret = credential === 'bearer' || credential === 'header'
  if (needsSecret && !secret) {
    throw new Error(`Cannot reach "${resource.name}": the environment has no ${credentialEnv}`)
  }
  const definitions = new ToolDefinitions(services, resource, upstream)
  const streams = new OpenStreams(upstream.streamsMax)
  return { services, resource, upstream, definitions, streams, secret }
}

type Environment = Readonly<Record<string, string | undefined>>

/** A request whose token was found good for the resource. */
export interface Arrival {
  readonly request: Request
  readonly token: LiveToken
  readonly tokenText: string
  readonly correlationId: string
  isStillGood(): Promise<boolean>
}

/** @throws {OAuthError} insufficient_scope, invalid_token */
export async function receive(gate: Gate, arrival: Arrival, text: string): Promise<Response> {
  const { method } = arrival.request
  const visit = visitOf(gate, arrival)
  if (visit instanceof Response) return visit
  try {
    if (method === 'POST') return await receiveMessage(visit, arrival, text)
  } catch (error) {
    if (!(error instanceof NoMessage)) throw error
    const { code, message: words } = error
    return refusal({ status: 400, code, words, correlationId: visit.correlationId })
  }
  const { isStillGood } = arrival
  if (method === 'DELETE') return forward(visit, { method }, { isStillGood, over: () => {} })
  return waiting(visit, (over) => forward(visit, { method: 'GET' }, { isStillGood, over }))
}

/** The client's own ids, as the server elsewhere knows them. */
function visitOf(gate: Gate, arrival: Arrival): Visit | Response {
  const { request, token, tokenText, correlationId } = arrival
  const { headers, signal } = request
  const who = { gate, token }
  const { keyring } = gate.services
  const told = { session: headers.get('mcp-session-id'), event: headers.get('last-event-id') }
  const session =
    told.session === null ? undefined : unwrapId(keyring, told.session, boundTo(who, 'session'))
  const lastEvent =
    told.event === null ? undefined : unwrapId(keyring, told.event, boundTo(who, 'event'))
  const isForeign = (wrapped: string | null, id: string | undefined) =>
    wrapped !== null && (id === undefined || !isPlainId(id))
  if (isForeign(told.session, session) || isForeign(told.event, lastEvent)) {
    return noSession(correlationId)
  }
  const protocolVersion = headers.get('mcp-protocol-version') ?? undefined
  if (protocolVersion !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(protocolVersion)) {
    const words = 'MCP-Protocol-Version is none'
    return refusal({ status: 400, code: rpcCodes.invalidRequest, words, correlationId })
  }
  const ids = { session, lastEvent, protocolVersion }
  return { ...who, tokenText, correlationId, signal, ...ids }
}

async function receiveMessage(visit: Visit, arrival: Arrival, text: string): Promise<Response> {
  const message = readMessage(text)
  requireSameHeaders(arrival.request.headers, message)
  const body = writeMessage(message)
  // Whoever put it there would hand it on, and the server elsewhere could use it.
  if (body.includes(visit.tokenText)) {
    throw new NoMessage(rpcCodes.invalidRequest, 'The message contains the access token')
  }
  const judgement = await judge(visit, message, toolFinder(visit, message))
  if (judgement.verdict === 'refused') return refused(visit, message, judgement)
  if (judgement.verdict === 'answered') return answered(message, judgement.result)
  const { record, tool } = judgement
  const { isStillGood } = arrival
  const about = {
    ...(message.kind === 'request' ? { request: message } : {}),
    ...(record === undefined ? {} : { record }),
  }
  const terms: Terms = { ...about, isStillGood, over: () => {} }
  return forward(visit, { method: 'POST', body, message, tool }, terms)
}

/** Of a notification nobody waits for an answer, so that only its status tells. */
function refused(
  { correlationId }: Visit,
  message: Message,
  { code, words }: { code: number; words: string },
): Response {
  const status = message.kind === 'request' ? 200 : 400
  const id = message.kind === 'request' ? message.id : undefined
  return refusal({ status, code, words, id, correlationId })
}

/** Only a request is a call. */
function answered(message: Message, result: Readonly<Record<string, unknown>>): Response {
  if (message.kind !== 'request') return accepted()
  return json({ kind: 'result', id: message.id, result }, {})
}

async function waiting(
  { gate, token, correlationId }: Visit,
  open: (over: () => void) => Promise<Response>,
): Promise<Response> {
  const over = gate.streams.begin(token.sub)
  if (over) return open(over)
  const words = 'Too many streams are open'
  const headers = { 'retry-after': '30' }
  return refusal({ status: 503, code: rpcCodes.internal, words, correlationId, headers })
}
