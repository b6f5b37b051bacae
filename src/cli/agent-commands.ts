/** The words of `grantlog agent …`. */
import type { Command } from 'commander'
import type { Running } from './program.ts'

export function addAgentCommands(program: Command, { context, finish }: Running): void {
  const agent = program.command('agent').description('programs that sign in by themselves')
  agent
    .command('list')
    .description('show agents that are confirmed or have signed in somewhere, the newest first')
    .option('--search <text>', 'part of a name, a model or an id', '')
    .action(async ({ search }: { search: string }) => {
      const { listAgents } = await import('./agent.ts')
      finish(await listAgents(context, search))
    })
  agent
    .command('permissions <agent_id>')
    .description('set what the scope "permissions" tells of an agent')
    .requiredOption('--set <list>', 'all of the permissions, separated by commas; "" for none')
    .action(async (handle: string, { set }: { set: string }) => {
      const { setPermissions } = await import('./agent.ts')
      finish(await setPermissions(context, { handle, set }))
    })
  agent
    .command('revoke <agent_id>')
    .description('end an agent and all that it gave; works while the server is running')
    .requiredOption('--reason <words>', 'why; it stands in the record, sealed')
    .action(async (handle: string, { reason }: { reason: string }) => {
      const { revokeAgent } = await import('./agent.ts')
      finish(await revokeAgent(context, { handle, why: reason }))
    })
}
