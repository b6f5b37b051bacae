/** The words of `grantlog token …`, `grantlog config …`, `grantlog approvals` and `grantlog whoami`. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Running } from './program.ts'

const daySeconds = 24 * 60 * 60

interface CreateOptions {
  readonly email: string
  readonly name: string
  readonly description: string
  readonly scopes: string
  readonly resource?: string
  readonly expiresDays?: number
}

export function addTokenCommands(program: Command, { context, finish }: Running): void {
  const token = program.command('token').description('API tokens of people')
  token
    .command('create')
    .description('make an API token for a person; prints it, this once')
    .requiredOption('--email <address>', 'whose it is')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scopes <scopes>', 'what it may do, with commas between')
    .option('--description <words>', 'more about it', '')
    .option('--resource <identifier>', 'what it opens; the first resource unless told')
    .option('--expires-days <n>', 'how long it lives; 0 for no end', days)
    .action(async ({ scopes, expiresDays, ...asked }: CreateOptions) => {
      const { createToken } = await import('./token.ts')
      const lifetime =
        expiresDays === undefined ? {} : { lifetimeSeconds: expiresDays * daySeconds }
      const list = scopes.split(',').flatMap((scope) => scope.trim() || [])
      finish(await createToken(context, { ...asked, scopes: list, ...lifetime }))
    })
  token
    .command('list')
    .description('show the API tokens of a person')
    .requiredOption('--email <address>', 'whose they are')
    .action(async ({ email }: { email: string }) => {
      const { listTokens } = await import('./token.ts')
      finish(await listTokens(context, email))
    })
  token
    .command('revoke <id>')
    .description('end an API token at once')
    .action(async (id: string) => {
      const { revokeToken } = await import('./token.ts')
      finish(await revokeToken(context, id))
    })
}

function days(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of days.')
}

/** What a person does with a server elsewhere, by an API token. */
export function addRemoteCommands(program: Command, { context, finish }: Running): void {
  const config = program.command('config').description('how this command line reaches a server')
  config
    .command('set <name> <value>')
    .description('keep api.url or api.token for you alone; "-" reads it from standard input')
    .action(async (name: string, value: string) => {
      const { setConfig } = await import('./remote-config.ts')
      finish(await setConfig(context, name, value))
    })
  config
    .command('unset <name>')
    .description('forget api.url or api.token')
    .action(async (name: string) => {
      const { unsetConfig } = await import('./remote-config.ts')
      finish(unsetConfig(context, name))
    })
  program
    .command('approvals')
    .description('what waits for you to decide, and the page on which you do')
    .action(async () => {
      const { approvals } = await import('./approvals.ts')
      finish(await approvals(context))
    })
  program
    .command('whoami')
    .description('ask the server whose api.token is, and what it may do')
    .action(async () => {
      const { whoami } = await import('./whoami.ts')
      finish(await whoami(context))
    })
}
