/**
 * An MCP server of revision 2026-07-28, made with the project's own SDK, as a process of its own:
 * one tool that counts and tells how far it is. Run by itself, it serves at the port it is given.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import process from 'node:process'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { freePort } from '../../src/cli/free-port.ts'
import { standardSchema } from '../../src/mcp/standard-schema.ts'

const startTriesMax = 200
const startPauseMs = 50
const inputSchema = standardSchema({ type: 'object', properties: { to: { type: 'integer' } } })

function counting(): McpServer {
  const server = new McpServer({ name: 'counter', version: '1' })
  const described = { title: 'Count', description: 'Counts', inputSchema }
  server.registerTool('count', described, async (given, { mcpReq }) => {
    const to = Number((given as { to?: number }).to ?? 3)
    const progressToken = mcpReq._meta?.progressToken
    for (let progress = 1; progress <= to && progressToken !== undefined; progress += 1) {
      const params = { progressToken, progress, total: to }
      await mcpReq.notify({ method: 'notifications/progress', params })
    }
    return { content: [{ type: 'text' as const, text: `counted to ${to}` }] }
  })
  return server
}

function serve(port: number): void {
  const handler = createMcpHandler(counting)
  createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method = 'GET', url = '/' } = incoming
    const headers = new Headers()
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
    const body = method === 'POST' ? { body: Buffer.concat(chunks) } : {}
    const request = new Request(`http://127.0.0.1:${port}${url}`, { method, headers, ...body })
    const answer = await handler.fetch(request)
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
    for await (const chunk of answer.body ?? []) outgoing.write(chunk)
    outgoing.end()
  }).listen(port, '127.0.0.1')
}

export async function startModernMcpServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const env = { PATH: process.env.PATH, PORT: String(port) }
  const server = spawn(process.execPath, [import.meta.filename], { env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/mcp`
  for (let tries = 0; !(await fetch(url).catch(() => undefined)); tries += 1) {
    if (tries === startTriesMax) throw new Error('Cannot start the MCP server: it does not answer')
    await new Promise((resolve) => setTimeout(resolve, startPauseMs))
  }
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      if (server.exitCode === null && server.kill('SIGKILL')) await ended
    },
  }
}

if (import.meta.main) serve(Number(process.env.PORT))
