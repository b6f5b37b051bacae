/** MCP over HTTP by hand, one message at a time, as a client of either revision sends it. */
import type { TestServer } from '../support/server.ts'

export interface Message {
  readonly id?: number
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly challenge: string
  readonly body: RpcBody
}

export interface ToolResult {
  readonly isError?: boolean
  readonly content: readonly { readonly text: string }[]
  readonly structuredContent?: Readonly<Record<string, unknown>>
  readonly tools?: readonly Readonly<Record<string, unknown>>[]
  readonly [field: string]: unknown
}

interface RpcBody {
  readonly result?: ToolResult
  readonly error?: string | { readonly code: number; readonly message: string }
  readonly message?: string
}

type Headers = Record<string, string>

/** What every 2026-07-28 request carries in the place of a handshake. */
const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

export function toolCall(name: string, given: Record<string, unknown>): Message {
  return { id: 1, method: 'tools/call', params: { name, arguments: given } }
}

export function send2025(
  server: TestServer,
  {
    token,
    message,
    path = '',
  }: { token?: string; message: Message | readonly Message[]; path?: string },
  headers: Headers = {},
): Promise<Reply> {
  const body = Array.isArray(message)
    ? message.map((part: Message) => ({ jsonrpc: '2.0', ...part }))
    : { jsonrpc: '2.0', ...message }
  const version = { 'mcp-protocol-version': '2025-06-18' }
  return post(server, { token, body, path }, { ...version, ...headers })
}

export function send2026(
  server: TestServer,
  { token, message }: { token?: string; message: Message },
  headers: Headers = {},
): Promise<Reply> {
  const { name } = message.params ?? {}
  const standard = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': message.method,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
  }
  const params = { ...message.params, _meta: envelope }
  const body = { jsonrpc: '2.0', ...message, params }
  return post(server, { token, body }, { ...standard, ...headers })
}

async function post(
  { url }: TestServer,
  { token, body, path = '' }: { token: string | undefined; body: unknown; path?: string },
  headers: Headers,
): Promise<Reply> {
  const response = await fetch(`${url}/api/mcp${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      // An empty value stands for a header that is left out.
      ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const contentType = response.headers.get('content-type')?.split(';')[0] ?? ''
  return {
    status: response.status,
    contentType,
    challenge: response.headers.get('www-authenticate') ?? '',
    body: text === '' ? {} : JSON.parse(contentType === 'text/event-stream' ? dataOf(text) : text),
  }
}

/** The last message of an event stream. */
function dataOf(stream: string): string {
  const messages = [...stream.matchAll(/^data: ?(.+)$/gm)].map(([, data = '']) => data)
  return messages.at(-1) ?? '{}'
}
