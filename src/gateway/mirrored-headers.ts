/**
 * The headers in which newer clients repeat what the body says, so that those on the way need not
 * read it. They are made from the body that was judged; where a client's own say something else,
 * its request is refused.
 *
 * @see [MCP 2026-07-28 - Streamable HTTP, Standard Request Headers](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http)
 */
import { isMembers, type Message, NoMessage, rpcCodes } from './message.ts'
import type { LiveTool } from './tool-definitions.ts'

const since = '2026-07-28'
/** What `Mcp-Name` repeats of the params. */
const nameMember: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
}

interface Mirroring {
  readonly protocolVersion: string | undefined
  readonly tool: LiveTool | undefined
}

export function mirrorHeaders(
  message: Message,
  { protocolVersion = '', tool }: Mirroring,
): Record<string, string> {
  if (protocolVersion < since || !('method' in message)) return {}
  const name = nameOf(message)
  return {
    'mcp-method': message.method,
    ...(name === undefined ? {} : { 'mcp-name': encoded(name) }),
    ...(tool ? argumentHeaders(tool.definition.inputSchema, message.params?.arguments) : {}),
  }
}

/** @throws {NoMessage} where a header says something else than the body */
export function requireSameHeaders(headers: Headers, message: Message): void {
  const told = { method: headers.get('mcp-method'), name: headers.get('mcp-name') }
  const method = 'method' in message ? message.method : undefined
  const isSame =
    (told.method === null || told.method === method) &&
    (told.name === null || decoded(told.name) === nameOf(message))
  if (isSame) return
  throw new NoMessage(rpcCodes.headerMismatch, 'Mcp-Method or Mcp-Name is not what the body says')
}

function nameOf(message: Message): string | undefined {
  if (!('method' in message)) return undefined
  const value = message.params?.[nameMember[message.method] ?? '']
  return typeof value === 'string' ? value : undefined
}

/** A tool may want single arguments repeated: `x-mcp-header` in its schema names the header. */
function argumentHeaders(schema: unknown, given: unknown): Record<string, string> {
  if (!isMembers(schema) || !isMembers(schema.properties) || !isMembers(given)) return {}
  const headers: Record<string, string> = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (!isMembers(property) || value === undefined || value === null) continue
    const header = property['x-mcp-header']
    if (typeof header === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(header)) {
      if (typeof value !== 'object') headers[`mcp-param-${header}`] = encoded(String(value))
    } else Object.assign(headers, argumentHeaders(property, value))
  }
  return headers
}

function encoded(text: string): string {
  const isPlain = /^[\x20-\x7E]*$/.test(text) && text === text.trim() && !text.startsWith('=?')
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`
}

function decoded(text: string): string {
  const [, base64] = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/.exec(text) ?? []
  return base64 === undefined ? text : Buffer.from(base64, 'base64').toString('utf8')
}
