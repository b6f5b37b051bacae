/**
 * An MCP server elsewhere that writes down all that reaches it, byte for byte, and says what a test
 * wants: which tools it has, and how it answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface Recorded {
  readonly method: string
  readonly path: string
  /** Names in small letters, each as often as it came. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

export interface Told {
  readonly id?: string | number
  readonly method?: string
  readonly params?: {
    readonly name?: string
    readonly arguments?: unknown
    readonly cursor?: string
  }
}

type Answer = (told: Told, response: ServerResponse, request: IncomingMessage) => void

export interface RecordingUpstream {
  readonly url: string
  readonly recorded: Recorded[]
  /** The requests with this method of JSON-RPC. */
  asked(method: string): Recorded[]
  /** How many connections were cut before they were answered. */
  readonly cut: () => number
  tools: Record<string, unknown>[]
  /** In the place of the ordinary answer to this method; `GET` and `DELETE` for those. */
  on(method: string, answer: Answer): void
  stop(): Promise<void>
}

export function tool(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const inputSchema = { type: 'object', properties: { text: { type: 'string' } } }
  return { name, description: `Does ${name}`, inputSchema, ...more }
}

export function json(response: ServerResponse, body: unknown, headers = {}): void {
  const text = JSON.stringify(body)
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text)
}

export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const recorded: Recorded[] = []
  const answers = new Map<string, Answer>()
  let cut = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString('utf8')
    const { method = '', url: path = '', rawHeaders } = request
    const headers = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ''] as const] : [],
    )
    recorded.push({ method, path, headers, body })
    response.on('close', () => {
      if (!response.writableEnded) cut += 1
    })
    const told: Told = body === '' ? {} : JSON.parse(body)
    const answer = answers.get(told.method ?? method) ?? ordinary
    answer(told, response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const upstream: RecordingUpstream = {
    url: `http://127.0.0.1:${port}/mcp`,
    recorded,
    asked: (method) => recorded.filter(({ body }) => body.includes(`"method":"${method}"`)),
    cut: () => cut,
    tools: [tool('read_note', { annotations: { readOnlyHint: true } }), tool('delete_note')],
    on: (method, answer) => answers.set(method, answer),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const ordinary: Answer = ({ id, method, params }, response, request) => {
    const result = (value: unknown) => json(response, { jsonrpc: '2.0', id, result: value })
    if (request.method === 'GET') return void response.writeHead(405).end()
    if (request.method === 'DELETE') return void response.writeHead(200).end()
    if (id === undefined || method === undefined) return void response.writeHead(202).end()
    if (method === 'initialize') {
      const info = { name: 'notes', version: '1' }
      const capabilities = { tools: { listChanged: true }, resources: {}, logging: {} }
      const said = { protocolVersion: '2025-06-18', capabilities, serverInfo: info }
      const answer = { jsonrpc: '2.0', id, result: said }
      return json(response, answer, { 'mcp-session-id': `bare-session-${recorded.length}` })
    }
    if (method === 'tools/list') return result({ tools: upstream.tools })
    if (method === 'tools/call') {
      const text = `${params?.name} ${JSON.stringify(params?.arguments)}`
      return result({ content: [{ type: 'text', text }] })
    }
    return result({})
  }
  return upstream
}
