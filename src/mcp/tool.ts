/**
 * A tool is declared once: what it is called, which scope it takes, what goes in and comes out,
 * and what it does for whom. Errors that it does not foresee stay here: the SDK would put their
 * message into the answer.
 *
 * @see [MCP 2026-07-28 - Tools](https://modelcontextprotocol.io/specification/2026-07-28/server/tools)
 */
import type { CallToolResult, McpServer, ToolAnnotations } from '@modelcontextprotocol/server'
import type { Static, TObject } from '@sinclair/typebox'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { standardSchema } from './standard-schema.ts'

/** One request by somebody whose token was found good. */
export interface Call {
  readonly services: Services
  readonly token: LiveToken
  readonly correlationId: string
  /** What tools of this request asked for in vain: the tool's name and its scope. */
  readonly missingScopes: Map<string, string>
}

/** What a tool answers: something for the program and a sentence for the model, or why not. */
export type ToolAnswer<Output> =
  | { readonly outcome: 'done'; readonly output: Output; readonly text: string }
  | { readonly outcome: 'refused'; readonly text: string }

export interface ToolDefinition<Input extends TObject, Output extends TObject> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly scope: string
  readonly annotations: ToolAnnotations
  readonly input: Input
  readonly output: Output
  run(call: Call, input: Static<Input>): Promise<ToolAnswer<Static<Output>>>
}

export interface Tool {
  readonly name: string
  readonly scope: string
  /** Puts the tool into a server that lives for one request. */
  register(server: McpServer, call: Call): void
}

export function defineTool<Input extends TObject, Output extends TObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, scope, title, description, annotations, input, output } = definition
  const inputSchema = standardSchema(input)
  const outputSchema = standardSchema(output)
  return {
    name,
    scope,
    register(server, call) {
      const scopeChallenge = () => {
        if (call.token.scopes.includes(scope)) return undefined
        call.missingScopes.set(name, scope)
        return { scopes: [scope] as const }
      }
      const config = { title, description, annotations, inputSchema, outputSchema, scopeChallenge }
      server.registerTool(name, config, (given) => answer(definition, call, given))
    },
  }
}

async function answer<Input extends TObject, Output extends TObject>(
  { name, run }: ToolDefinition<Input, Output>,
  call: Call,
  input: Static<Input>,
): Promise<CallToolResult> {
  try {
    const given = await run(call, input)
    const content = [{ type: 'text' as const, text: given.text }]
    if (given.outcome === 'refused') return { content, isError: true }
    return { content, structuredContent: given.output }
  } catch (error) {
    const { correlationId: requestId, services } = call
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : 'no error object'
    const stack = error instanceof Error ? error.stack : undefined
    services.logger.error({ requestId, tool: name, cause, stack }, 'tool failed')
    const text = `Something went wrong here; ${requestId} finds it in the log`
    return { content: [{ type: 'text', text }], isError: true }
  }
}
