/**
 * The command line: `grantlog <noun> <verb>`. A command's code is loaded when it is called, so
 * that none pays for the others at start.
 *
 * Exit codes: 0 done, 1 refused or failed, 2 called in a way that cannot be meant.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import type { SettingsSurroundings } from '../config/load-settings.ts'
import { SettingsRefused } from '../config/load-settings.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { addAgentCommands } from './agent-commands.ts'
import { addClientCommands } from './client-commands.ts'
import { addGatewayCommands } from './gateway-commands.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { addRemoteCommands, addTokenCommands } from './token-commands.ts'

/** What every command is handed. */
export interface CommandContext {
  readonly runtime: Runtime
  readonly terminal: Terminal
  readonly surroundings: SettingsSurroundings
  readonly version: string
}

export const exitCodes = { done: 0, refused: 1, usage: 2 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Runs one command line to its end. */
export async function runCli(args: readonly string[], runtime: Runtime): Promise<ExitCode> {
  const context: CommandContext = {
    runtime,
    terminal: openTerminal(process.env),
    surroundings: { env: process.env, cwd: process.cwd(), readFile },
    version: packageJson.version,
  }
  let exitCode: ExitCode = exitCodes.done
  const program = makeProgram(context, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return explain(error, context.terminal)
  }
}

/** What the words of a command are tied to. */
export interface Running {
  readonly context: CommandContext
  readonly finish: (code: ExitCode) => void
}

function makeProgram(context: CommandContext, finish: (code: ExitCode) => void): Command {
  const program = new Command('grantlog')
    .description('The authorization server that remembers')
    .version(context.version)
    .exitOverride()
    .showHelpAfterError('(see grantlog --help)')
  program
    .command('serve')
    .description('run the server until it is told to stop')
    .option('--role <role>', 'all, front or api: what this process is')
    .addHelpText(
      'after',
      '\nEverything is set in grantlog.toml or in the environment:\n  grantlog settings',
    )
    .action(async ({ role }: { role?: string }) => {
      const { serve } = await import('./serve.ts')
      finish(await serve(context, role))
    })
  program
    .command('settings')
    .description('show every setting, and the value in force')
    .option(
      '--markdown',
      'the table of all settings with their defaults, as docs/settings.md has it',
    )
    .action(async (options: { markdown?: boolean }) => {
      const { showSettings } = await import('./settings.ts')
      finish(showSettings(context, { markdown: options.markdown === true }))
    })
  program
    .command('demo')
    .description('watch a real MCP client sign in, work and leave, and what the log keeps of it')
    .action(async () => {
      const { demo } = await import('./demo.ts')
      finish(await demo(context))
    })
  addAgentCommands(program, { context, finish })
  addClientCommands(program, { context, finish })
  addGatewayCommands(program, { context, finish })
  addKeyCommands(program, { context, finish })
  addUserCommands(program, { context, finish })
  addTokenCommands(program, { context, finish })
  addRemoteCommands(program, { context, finish })
  return program
}

function addUserCommands(program: Command, { context, finish }: Running): void {
  const user = program.command('user').description('accounts of people')
  user
    .command('create')
    .description('make an account; works while the server is running')
    .requiredOption('--email <address>', 'what the person signs in with')
    .option('--name <name>', 'what the person is called', '')
    .option('--admin', 'may administer the server and read its audit', false)
    .requiredOption('--password-stdin', 'read the password from standard input')
    .action(async (options: { email: string; name: string; admin: boolean }) => {
      const { createUser } = await import('./user-create.ts')
      finish(await createUser(context, options))
    })
  user
    .command('invite')
    .description('send a link with which somebody makes an account')
    .requiredOption('--email <address>', 'where the link is sent')
    .option('--language <tag>', 'what the mail is written in: en or de', 'en')
    .action(async (options: { email: string; language: string }) => {
      const { inviteUser } = await import('./user-invite.ts')
      finish(await inviteUser(context, options))
    })
  user
    .command('groups')
    .description('say which groups a person is in; works while the server is running')
    .requiredOption('--email <address>', 'what the person signs in with')
    .requiredOption('--set <groups>', 'all of them, with commas between; "" for none')
    .action(async (options: { email: string; set: string }) => {
      const { setGroups } = await import('./user-groups.ts')
      finish(await setGroups(context, options))
    })
  user
    .command('permissions')
    .description('set what the scope "permissions" tells of a person')
    .requiredOption('--email <address>', 'what the person signs in with')
    .requiredOption('--set <list>', 'all of the permissions, separated by commas; "" for none')
    .action(async (options: { email: string; set: string }) => {
      const { setUserPermissions } = await import('./user-permissions.ts')
      finish(await setUserPermissions(context, options))
    })
  user
    .command('reset-second-factor')
    .description('for who has lost it; works while the server is running')
    .requiredOption('--email <address>', 'what the person signs in with')
    .requiredOption('--reason <words>', 'why; it stands in the record, sealed')
    .action(async (options: { email: string; reason: string }) => {
      const { resetUserSecondFactor } = await import('./user-reset-second-factor.ts')
      finish(await resetUserSecondFactor(context, options))
    })
}

function addKeyCommands(program: Command, { context, finish }: Running): void {
  const key = program.command('key').description('the keys that sign tokens, and those of fronts')
  key
    .command('front')
    .description('make the key of a front: one half for the front, the other for the API')
    .action(async () => {
      const { makeFrontKey } = await import('./key-front.ts')
      finish(makeFrontKey(context))
    })
  key
    .command('list')
    .description('show the keys that are published, and which of them sign')
    .action(async () => {
      const { listKeys } = await import('./key.ts')
      finish(await listKeys(context))
    })
  key
    .command('rotate')
    .description('publish the next key; it signs once every copy of the key set has it')
    .option('--alg <algorithm>', 'ES256, RS256 or EdDSA', 'ES256')
    .option('--now', 'a key was stolen: withdraw all keys, and sign with a new one at once', false)
    .action(async ({ alg, now }: { alg: string; now: boolean }) => {
      const { rotateKey } = await import('./key.ts')
      finish(await rotateKey(context, { algorithm: alg, now }))
    })
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** An error in our own words is enough by itself; any other one comes with its stack. */
function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  }
  if (error instanceof SettingsRefused) {
    terminal.complain(error.message)
    return exitCodes.usage
  }
  const isOurs = error instanceof Error && error.message.startsWith('Cannot ')
  terminal.complain(isOurs ? error.message : String((error as Error).stack ?? error))
  return exitCodes.refused
}
