/**
 * The tool of a call as its server lists it now. Where that is not known, or was long ago, the
 * server is asked in the same session before the call is judged: a definition that changed after
 * the client had read it is noticed before anything is called.
 *
 * @see [MCP 2025-11-25 - Tools, Listing Tools](https://modelcontextprotocol.io/specification/2025-11-25/server/tools)
 */
import { readEvents } from './event-stream.ts'
import { type Opened, readWhole, send, typeOf } from './forward.ts'
import type { FindTool } from './judge.ts'
import { type Message, type Request, readMessage, writeMessage } from './message.ts'
import type { Visit } from './visit.ts'

const pagesMax = 20

/** What newer clients send with every request, in the place of a handshake. */
const envelopePrefix = 'io.modelcontextprotocol/'

export function toolFinder(visit: Visit, call: Message): FindTool {
  const { definitions } = visit.gate
  return async (name) => {
    const known = definitions.fresh(name)
    if (known) return known
    const listed = await listAll(visit, envelopeOf(call))
    if (listed === undefined) return 'unreachable'
    const { usable } = await definitions.note(listed, visit.correlationId)
    return usable.find((tool) => tool.name === name) ?? 'none'
  }
}

function envelopeOf(message: Message): Record<string, unknown> | undefined {
  const meta = 'method' in message ? message.params?._meta : undefined
  if (typeof meta !== 'object' || meta === null) return undefined
  const kept = Object.entries(meta).filter(([name]) => name.startsWith(envelopePrefix))
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

/** Undefined when the server does not tell. */
async function listAll(visit: Visit, meta?: Record<string, unknown>) {
  const tools: unknown[] = []
  let cursor: string | undefined
  for (let page = 1; page <= pagesMax; page += 1) {
    const params = {
      ...(cursor === undefined ? {} : { cursor }),
      ...(meta === undefined ? {} : { _meta: meta }),
    }
    const id = `gateway-${visit.correlationId}-${page}`
    const answer = await answerTo(visit, { kind: 'request', id, method: 'tools/list', params })
    if (answer?.kind !== 'result' || !Array.isArray(answer.result.tools)) return undefined
    tools.push(...answer.result.tools)
    const { nextCursor } = answer.result
    if (typeof nextCursor !== 'string' || nextCursor === '') return tools
    cursor = nextCursor
  }
  return tools
}

async function answerTo(visit: Visit, request: Request): Promise<Message | undefined> {
  const body = writeMessage(request)
  const asking = { ...visit, lastEvent: undefined }
  const opened = await send(asking, { method: 'POST', body, message: request })
  if (opened.outcome === 'failed') {
    const { correlationId: requestId } = visit
    visit.gate.services.logger.warn({ requestId, cause: opened.cause }, 'tools cannot be listed')
    return undefined
  }
  const answers = (message: Message) => 'id' in message && message.id === request.id
  try {
    if (opened.status !== 200) return undefined
    if (typeOf(opened) !== 'text/event-stream') {
      const message = await readWhole(visit, opened)
      return message && answers(message) ? message : undefined
    }
    return await firstAnswer(visit, opened, answers)
  } catch {
    return undefined
  } finally {
    opened.close()
  }
}

async function firstAnswer(
  { gate }: Visit,
  { body }: Opened,
  ...[answers]: [(message: Message) => boolean]
): Promise<Message | undefined> {
  for await (const { data } of readEvents(body, gate.upstream.answerBytesMax)) {
    const message = data === '' ? undefined : readMessage(data)
    if (message && !('method' in message) && answers(message)) return message
  }
  return undefined
}
