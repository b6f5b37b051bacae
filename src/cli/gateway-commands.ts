/** The words of `grantlog gateway …`. */
import type { Command } from 'commander'
import type { Running } from './program.ts'

interface ApproveOptions {
  readonly resource: string
  readonly definition: string
  readonly reason: string
}

export function addGatewayCommands(program: Command, { context, finish }: Running): void {
  const gateway = program.command('gateway').description('MCP servers behind this one')
  gateway
    .command('tools')
    .description('show their tools; of those that wait, what has changed')
    .action(async () => {
      const { listGatewayTools } = await import('./gateway.ts')
      finish(await listGatewayTools(context))
    })
  gateway
    .command('approve <tool>')
    .description('let a tool be listed and called as it is now')
    .requiredOption('--resource <identifier>', 'the resource that it is a tool of')
    .requiredOption('--definition <hash>', 'the definition that you have looked at, from "tools"')
    .requiredOption('--reason <words>', 'why; it stands in the log')
    .action(async (tool: string, options: ApproveOptions) => {
      const { approveGatewayTool } = await import('./gateway.ts')
      finish(await approveGatewayTool(context, { tool, ...options }))
    })
}
