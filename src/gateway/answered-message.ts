/**
 * A message of the server elsewhere on its way to the client: looked at, changed where it tells of
 * tools or abilities, and the end of a call if it is that.
 */
import type { ToolCallOutcome } from '../domain/tool-call.ts'
import type { CallRecord } from '../protocol/tool-call-record.ts'
import type { Message, Request } from './message.ts'
import { offeredAbilities, offeredTools } from './offered.ts'
import type { Visit } from './visit.ts'

/** What the stream or the body answers. */
export interface Answering {
  /** Absent on a stream that goes on, or that waits for whatever the server has to say. */
  readonly request?: Request
  readonly record?: CallRecord
}

export interface Passed {
  readonly message: Message
  /** Whether it answers the request. */
  readonly isLast: boolean
}

/** Undefined for what this client has no business with. */
export async function passOn(
  visit: Visit,
  message: Message,
  { request, record }: Answering,
): Promise<Passed | undefined> {
  if ('method' in message) {
    if (message.method === 'notifications/tools/list_changed') visit.gate.definitions.forget()
    return { message, isLast: false }
  }
  // On a stream that goes on there may be answers to what was asked before.
  if (request === undefined) {
    return { message: await shown(visit, message, undefined), isLast: false }
  }
  if (message.id !== request.id) return undefined
  await record?.end(outcomeOf(message))
  return { message: await shown(visit, message, request.method), isLast: true }
}

/** @param method undefined where it is not known; then the answer is judged by what is in it */
async function shown(visit: Visit, message: Message, method?: string): Promise<Message> {
  if (message.kind !== 'result') return message
  const { result } = message
  const isOf = (name: string, isInIt: boolean) =>
    method === name || (method === undefined && isInIt)
  if (isOf('tools/list', Array.isArray(result.tools))) {
    return { ...message, result: await offeredTools(visit, result) }
  }
  const isAbilities = 'capabilities' in result
  if (isOf('initialize', isAbilities) || isOf('server/discover', isAbilities)) {
    return { ...message, result: offeredAbilities(visit.gate.upstream, result) }
  }
  return message
}

function outcomeOf(message: Message): ToolCallOutcome {
  if (message.kind !== 'result') return 'upstream_error'
  return message.result.isError === true ? 'tool_error' : 'ok'
}
