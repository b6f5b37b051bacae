/**
 * `grantlog gateway tools` and `grantlog gateway approve`: what MCP servers elsewhere say of their
 * tools, and the word of an operator that it is fine.
 *
 *   grantlog gateway approve read_file --resource https://… --definition … --reason "a new word"
 */
import { type Static, Type } from '@sinclair/typebox'
import { gatewayToolId } from '../domain/gateway-tool.ts'
import { newId } from '../domain/ids.ts'
import { approveTool, listTools } from '../gateway/tool-review.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const change = Type.Object({
  place: Type.String(),
  before: Type.Optional(Type.String()),
  after: Type.Optional(Type.String()),
})

const listedTool = Type.Object({
  resource: Type.String(),
  tool: Type.String(),
  state: Type.String(),
  definitionHash: Type.String(),
  changes: Type.Array(change),
})

export const listToolsAction = controlAction({
  path: '/gateway/tools',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Array(listedTool),
  run: async (services) =>
    (await listTools(services)).map(({ resource, tool, state, definitionHash, changes }) => ({
      ...{ resource, tool, state, definitionHash },
      // Of what is as it was approved there is nothing to look at.
      changes: state === 'trusted' ? [] : [...changes],
    })),
})

const reasonCharactersMax = 1000

export const approveToolAction = controlAction({
  path: '/gateway/approve',
  input: Type.Object(
    {
      resource: Type.String(),
      tool: Type.String(),
      definition: Type.String(),
      reason: Type.String({ minLength: 1, maxLength: reasonCharactersMax }),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ outcome: Type.String(), reason: Type.Optional(Type.String()) }),
  run: async (services, { resource, tool, definition: definitionHash, reason }) => {
    const toolId = gatewayToolId(resource, tool)
    const cause = { actor: 'cli', correlationId: newId('cor') }
    const done = await approveTool(services, { toolId, definitionHash, reason }, cause)
    return { outcome: done.outcome, ...(done.outcome === 'refused' ? { reason: done.reason } : {}) }
  },
})

export async function listGatewayTools(context: CommandContext): Promise<ExitCode> {
  const { terminal } = context
  for (const listed of await perform(context, listToolsAction, {})) {
    const { resource, tool, state, definitionHash, changes } = listed
    terminal.print([resource, state.padEnd(7), definitionHash, tool].join('  '))
    for (const { place, before, after } of changes) {
      if (before !== undefined) terminal.print(`    - ${place}: ${before}`)
      if (after !== undefined) terminal.print(`    + ${place}: ${after}`)
    }
  }
  return exitCodes.done
}

const words: Readonly<Record<string, string>> = {
  tool_unknown: 'nobody has seen a tool of this name there',
  tool_changed: 'it is another now; look at it with "grantlog gateway tools" again',
  already_approved: 'it is approved as it is',
}

export async function approveGatewayTool(
  context: CommandContext,
  asked: Static<typeof approveToolAction.input>,
): Promise<ExitCode> {
  const { terminal } = context
  if (asked.reason.trim() === '' || asked.reason.length > reasonCharactersMax) {
    terminal.complain(`Cannot approve: the reason has 1 to ${reasonCharactersMax} characters`)
    return exitCodes.usage
  }
  const { outcome, reason = '' } = await perform(context, approveToolAction, asked)
  if (outcome === 'refused') {
    terminal.complain(`Cannot approve "${asked.tool}": ${words[reason] ?? reason}`)
    return exitCodes.refused
  }
  terminal.print(`${asked.tool} is approved as it is now`)
  return exitCodes.done
}
