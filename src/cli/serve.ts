/** `grantlog serve`: runs the server until SIGINT or SIGTERM, then lets it finish its work. */
import process from 'node:process'
import { readSettings, type SettingsSurroundings } from '../config/load-settings.ts'
import { openKeyring } from '../config/secret.ts'
import type { Settings } from '../config/settings.ts'
import type { Logger } from '../domain/logger.ts'
import type { Services } from '../protocol/services.ts'
import { createLogger } from '../runtimes/logger.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { type RunningServer, startFront, startServer } from '../server.ts'
import { controlInterface, controlSocketPath } from './control.ts'
import { controlActions } from './control-actions.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

/** What a shell reports for a program that Ctrl+C ended. */
const interruptedExitCode = 130

export async function serve(context: CommandContext, role?: string): Promise<ExitCode> {
  const { runtime, terminal } = context
  const { settings, originOf } = readSettings(inRole(context.surroundings, role))
  const logger = createLogger({
    level: settings.logLevel,
    pretty: terminal.interactive,
    colours: terminal.colours,
    write: (line) => void process.stdout.write(line),
  })
  // Before anybody can know that we listen: a signal that comes early must find someone.
  const signalled = anySignal()
  if (settings.role === 'front') {
    const front = await startFront({ settings, runtime, logger })
    announceFront(context, { settings, logger, url: front.url })
    runtime.settle()
    return untilSignal(logger, signalled, front)
  }
  const keyring = openKeyring(settings)
  // What a mail says is for the person at the terminal, and for no file that output is kept in.
  const showMail = terminal.interactive ? (text: string) => terminal.print(text) : undefined
  const server = await startServer({ settings, originOf, keyring, runtime, logger, showMail })
  const control = await serveControl(settings, { services: server.services, runtime })
  if (terminal.interactive) greet(context, { settings, server })
  else announce(logger, { settings, server })
  runtime.settle()

  return untilSignal(logger, signalled, {
    stop: async () => {
      await control?.stop()
      await server.stop()
    },
  })
}

/** What the command line says counts more than the environment. */
function inRole(surroundings: SettingsSurroundings, role?: string): SettingsSurroundings {
  if (role === undefined) return surroundings
  return { ...surroundings, env: { ...surroundings.env, GRANTLOG_ROLE: role } }
}

async function untilSignal(
  logger: Logger,
  signalled: Promise<NodeJS.Signals>,
  running: { stop(): Promise<void> },
): Promise<ExitCode> {
  logger.info({ signal: await signalled }, 'Shutting down')
  await running.stop()
  return exitCodes.done
}

function announceFront(
  { terminal, version }: CommandContext,
  { settings, logger, url }: { settings: Settings; logger: Logger; url: string },
): void {
  const { issuer, apiUrl } = settings
  if (!terminal.interactive) {
    logger.info({ url, issuer, apiUrl }, 'Listening')
    return
  }
  const { bold, dim } = terminal
  const title = `  ${bold('Grantlog')} ${dim(version)}  ${bold(url)}`
  terminal.print(['', title, `  ${dim('the front of')}  ${apiUrl}`, ''].join('\n'))
}

/** Lets commands of the same user reach this process; see control.ts. */
async function serveControl(
  settings: Settings,
  { services, runtime }: { services: Services; runtime: Runtime },
): Promise<{ stop(): Promise<void> } | undefined> {
  const path = controlSocketPath(settings)
  if (path === undefined) return undefined
  try {
    return await runtime.serveUnix({ path, fetch: controlInterface(services, controlActions) })
  } catch (error) {
    services.logger.warn({ error }, 'No command can reach this server while it runs')
    return undefined
  }
}

/** Without a person looking: what is said here may be kept, so the set-up link is not said. */
function announce(
  logger: Logger,
  { settings, server }: { settings: Settings; server: RunningServer },
): void {
  logger.info({ url: server.url, issuer: settings.issuer }, 'Listening')
  if (!server.setupLink) return
  const way = 'set GRANTLOG_ADMIN_EMAIL and GRANTLOG_ADMIN_PASSWORD, or run: grantlog user create'
  logger.warn({}, `There is no admin yet: ${way} --email <address> --admin --password-stdin`)
}

function greet(
  { terminal, version }: CommandContext,
  { settings, server }: { settings: Settings; server: RunningServer },
): void {
  const { bold, dim } = terminal
  const { url, setupLink } = server
  const lines = ['', `  ${bold('Grantlog')} ${dim(version)}  ${bold(url)}`]
  if (settings.issuer !== url) lines.push(`  ${dim('issuer')}  ${settings.issuer}`)
  lines.push('')
  if (setupLink !== undefined) {
    lines.push('  Make the first admin here (once, within 30 minutes):', `  ${bold(setupLink)}`, '')
  }
  const resource = settings.resources[0]?.resource ?? url
  lines.push(
    `  ${setupLink ? 'Then give' : 'Give'} this address to an MCP client:`,
    `  ${bold(resource)}`,
    '',
  )
  lines.push(`  ${dim('Ctrl+C stops the server')}`, '')
  terminal.print(lines.join('\n'))
}

/** The first signal asks; a second one does not wait for the answer. */
function anySignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let signals = 0
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        signals += 1
        if (signals > 1) process.exit(interruptedExitCode)
        resolve(signal)
      })
    }
  })
}
