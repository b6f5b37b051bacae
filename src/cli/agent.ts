/**
 * `grantlog agent list` and `grantlog agent revoke`: programs that sign in by themselves. Those
 * that wait for their owner are no part of the list, and can be ended by name.
 */
import { Type } from '@sinclair/typebox'
import { endAgent, findAgents, setAgentPermissions } from '../agents/operator-agents.ts'
import { newId } from '../domain/ids.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const listedAgent = Type.Object({
  agentId: Type.String(),
  handle: Type.String(),
  modelName: Type.String(),
  status: Type.String(),
  ownerId: Type.String(),
})

export const listAgentsAction = controlAction({
  path: '/agent/list',
  input: Type.Object({ search: Type.String() }, { additionalProperties: false }),
  output: Type.Array(listedAgent),
  run: async (services, { search }) => {
    const rows = await findAgents(services, search)
    return rows.map(({ agentId, handle, modelName, status, ownerId }) => {
      return { agentId, handle, modelName, status, ownerId: ownerId ?? '' }
    })
  },
})

export const revokeAgentAction = controlAction({
  path: '/agent/revoke',
  input: Type.Object(
    { handle: Type.String({ maxLength: 64 }), why: Type.String({ minLength: 1, maxLength: 1000 }) },
    { additionalProperties: false },
  ),
  output: Type.Object({ ended: Type.Boolean() }),
  run: async (services, { handle, why }) => {
    const cause = { actor: 'cli', correlationId: newId('cor') }
    return { ended: await endAgent(services, handle, { why, cause }) }
  },
})

const problems: Readonly<Record<string, string>> = {
  agent_unknown: 'there is no such agent in the log',
  permission_malformed: 'a permission has 1 to 128 printable characters, and no comma or space',
  too_many_permissions: 'there are over 100 permissions',
}

export const setAgentPermissionsAction = controlAction({
  path: '/agent/permissions',
  input: Type.Object(
    { handle: Type.String({ maxLength: 64 }), permissions: Type.Array(Type.String()) },
    { additionalProperties: false },
  ),
  output: Type.Object({ problem: Type.Optional(Type.String()) }),
  run: async (services, { handle, permissions }) => {
    const cause = { actor: 'cli', correlationId: newId('cor') }
    const problem = await setAgentPermissions(services, handle, { permissions, cause })
    return problem === undefined ? {} : { problem }
  },
})

export async function setPermissions(
  context: CommandContext,
  { handle, set }: { handle: string; set: string },
): Promise<ExitCode> {
  const permissions = set.split(',').filter((permission) => permission !== '')
  const name = JSON.stringify(handle)
  const { problem } = await perform(context, setAgentPermissionsAction, { handle, permissions })
  if (problem !== undefined) {
    context.terminal.complain(`Cannot set the permissions of ${name}: ${problems[problem]}`)
    return exitCodes.refused
  }
  context.terminal.print(`${name} has now: ${permissions.join(', ') || 'no permissions'}`)
  return exitCodes.done
}

export async function listAgents(context: CommandContext, search: string): Promise<ExitCode> {
  for (const agent of await perform(context, listAgentsAction, { search })) {
    const { agentId, handle, modelName, status, ownerId } = agent
    // Whoever registers an agent chooses these: quoted, nothing in them moves the cursor.
    const names = [JSON.stringify(handle), JSON.stringify(modelName)]
    context.terminal.print([status.padEnd(11), agentId, ...names, ownerId].join('  ').trimEnd())
  }
  return exitCodes.done
}

export async function revokeAgent(
  context: CommandContext,
  { handle, why }: { handle: string; why: string },
): Promise<ExitCode> {
  const { ended } = await perform(context, revokeAgentAction, { handle, why })
  if (!ended) {
    context.terminal.complain(`Cannot revoke ${JSON.stringify(handle)}: there is no such agent`)
    return exitCodes.refused
  }
  context.terminal.print(`${JSON.stringify(handle)} has ended, and all that it gave`)
  return exitCodes.done
}
