/**
 * A tool, put into a server that lives for one request. Errors that it does not foresee stay here:
 * the SDK would put their message into the answer.
 *
 * @see [MCP 2026-07-28 - Tools](https://modelcontextprotocol.io/specification/2026-07-28/server/tools)
 */
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server'
import type { ToolSetting } from '../config/tool-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { type JsonObject, standardSchema } from './standard-schema.ts'

/** One request by somebody whose token was found good. */
export interface Call {
  readonly services: Services
  readonly token: LiveToken
  readonly correlationId: string
  /** Whether anything can be told before the answer. */
  readonly streams: boolean
}

/** What a tool answers: something for the program and a sentence for the model, or why not. */
export type ToolAnswer =
  | { readonly outcome: 'done'; readonly output: JsonObject; readonly text: string }
  | { readonly outcome: 'refused'; readonly text: string }

export interface ToolRun extends Call {
  readonly tool: ToolSetting
  /** What it was called with, as its schema wants it. */
  readonly given: JsonObject
  readonly context: ServerContext
}

export interface Tool {
  readonly tool: ToolSetting
  run(run: ToolRun): Promise<ToolAnswer>
}

export function mayCall({ tool }: Tool, { scopes }: LiveToken): boolean {
  return scopes.includes(tool.scope)
}

export function registerTool(server: McpServer, tool: Tool, call: Call): void {
  const { name, title, description, annotations, inputSchema, outputSchema } = tool.tool
  const config = {
    ...{ title, description, annotations },
    inputSchema: standardSchema(inputSchema),
    ...(outputSchema === undefined ? {} : { outputSchema: standardSchema(outputSchema) }),
  }
  const registered = server.registerTool(name, config, (given, context) =>
    answer(tool, { ...call, tool: tool.tool, given, context }),
  )
  const { toolsList } = call.services.settings.mcp
  if (toolsList === 'granted' && !mayCall(tool, call.token)) registered.disable()
}

async function answer(tool: Tool, run: ToolRun): Promise<CallToolResult> {
  const { correlationId: requestId, services } = run
  try {
    // The request was refused before it came here, unless it was read in another way there.
    if (!mayCall(tool, run.token)) throw new Error('the scope is missing')
    const given = await tool.run(run)
    const content = [{ type: 'text' as const, text: given.text }]
    if (given.outcome === 'refused') return { content, isError: true }
    return { content, structuredContent: given.output }
  } catch (error) {
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : 'no error object'
    const stack = error instanceof Error ? error.stack : undefined
    services.logger.error({ requestId, tool: run.tool.name, cause, stack }, 'tool failed')
    const text = `Something went wrong here; ${requestId} finds it in the log`
    return { content: [{ type: 'text', text }], isError: true }
  }
}
