/**
 * Where a person's own server is and how to prove who they are there, in a file that nobody else
 * on the machine may read.
 *
 *   $XDG_CONFIG_HOME/grantlog/config.json, or ~/.config/grantlog/config.json
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const names = ['api.url', 'api.token'] as const
type Name = (typeof names)[number]
export type RemoteConfig = Partial<Record<Name, string>>

function fileOf({ surroundings: { env } }: CommandContext): string {
  const folder = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config')
  return join(folder, 'grantlog', 'config.json')
}

/** @throws {Error} when the file is not what was written */
export function readRemoteConfig(context: CommandContext): RemoteConfig {
  const file = fileOf(context)
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`Cannot read "${file}": it is not JSON, or not yours to read`)
  }
}

export async function setConfig(
  context: CommandContext,
  name: string,
  value: string,
): Promise<ExitCode> {
  if (!isName(name)) return noSuchName(context, name)
  const given = (value === '-' ? await standardInput() : value).trim()
  if (name === 'api.url' && !/^https?:\/\/[^\s]+$/.test(given)) {
    context.terminal.complain('Cannot set api.url: it must begin with https:// or http://')
    return exitCodes.refused
  }
  if (given === '' || /\s/.test(given)) {
    context.terminal.complain(`Cannot set ${name}: it is empty, or has a space in it`)
    return exitCodes.refused
  }
  const kept = name === 'api.url' ? given.replace(/\/+$/, '') : given
  write(context, { ...readRemoteConfig(context), [name]: kept })
  return exitCodes.done
}

export function unsetConfig(context: CommandContext, name: string): ExitCode {
  if (!isName(name)) return noSuchName(context, name)
  const { [name]: _, ...rest } = readRemoteConfig(context)
  write(context, rest)
  return exitCodes.done
}

function isName(name: string): name is Name {
  return names.some((known) => known === name)
}

function noSuchName({ terminal }: CommandContext, name: string): ExitCode {
  terminal.complain(`Cannot set "${name}": there are ${names.join(' and ')}`)
  return exitCodes.usage
}

/** Written beside it first, so that nobody ever finds half of it or may read it for a moment. */
function write(context: CommandContext, config: RemoteConfig): void {
  const file = fileOf(context)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const next = `${file}.${process.pid}`
  writeFileSync(next, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  chmodSync(next, 0o600)
  renameSync(next, file)
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
