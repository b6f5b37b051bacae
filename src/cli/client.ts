/**
 * `grantlog client …`: clients that an operator adds, and what an operator may do to any client.
 *
 *   grantlog client create --name "Acme agent" --redirect-uri https://acme.example/cb
 *   grantlog client rotate-secret cli_… --overlap-seconds 86400
 *
 * A secret is shown once, on standard output, and kept nowhere.
 */
import type { Static, TSchema } from '@sinclair/typebox'
import {
  createClientAction,
  deleteClientAction,
  disableClientAction,
  enableClientAction,
  listClientsAction,
  rotateClientSecretAction,
  type ShownClient,
  showClientAction,
} from './client-actions.ts'
import { type ControlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

export async function createClient(
  context: CommandContext,
  options: Static<typeof createClientAction.input>,
): Promise<ExitCode> {
  const { terminal, surroundings } = context
  const { certificate: file, ...asked } = options
  const certificate = file === undefined ? undefined : surroundings.readFile(file)
  if (file !== undefined && certificate === undefined) {
    terminal.complain(`Cannot read "${file}": there is no such file`)
    return exitCodes.usage
  }
  const result = await perform(context, createClientAction, {
    ...asked,
    ...(certificate === undefined ? {} : { certificate }),
  })
  if (result.outcome === 'refused') {
    terminal.complain(`Cannot create the client "${asked.name}": ${result.reason}`)
    return exitCodes.refused
  }
  print(context, result.client)
  if (result.secret !== undefined) printSecret(context, result.secret)
  return exitCodes.done
}

export async function listClients(context: CommandContext): Promise<ExitCode> {
  for (const client of await perform(context, listClientsAction, {})) {
    const { clientId, status, registeredVia, authMethod } = client
    const columns = [clientId, status.padEnd(8), registeredVia.padEnd(13), authMethod.padEnd(19)]
    context.terminal.print([...columns, visible(client.name)].join('  '))
  }
  return exitCodes.done
}

export async function showClient(context: CommandContext, clientId: string): Promise<ExitCode> {
  const client = await perform(context, showClientAction, { clientId })
  if (client) {
    print(context, client)
    return exitCodes.done
  }
  context.terminal.complain(`Cannot show "${clientId}": there is no such client in the log`)
  return exitCodes.refused
}

export async function rotateSecret(
  context: CommandContext,
  { clientId, overlap }: { clientId: string; overlap: string },
): Promise<ExitCode> {
  const { terminal } = context
  const overlapSeconds = Number(overlap)
  const { maximum = 0 } = rotateClientSecretAction.input.properties.overlapSeconds
  if (!/^\d+$/.test(overlap) || overlapSeconds > maximum) {
    terminal.complain(`Cannot rotate with "${overlap}": it must be 0 to ${maximum} seconds`)
    return exitCodes.usage
  }
  const asked = { clientId, overlapSeconds }
  const result = await perform(context, rotateClientSecretAction, asked)
  if (result.outcome === 'refused') {
    terminal.complain(`Cannot rotate the secret of "${clientId}": ${result.reason}`)
    return exitCodes.refused
  }
  printSecret(context, result.secret)
  terminal.complain(`The secret before it is good for ${overlapSeconds} more seconds`)
  return exitCodes.done
}

export function disableClient(
  context: CommandContext,
  asked: { clientId: string; reason: string },
): Promise<ExitCode> {
  return change(context, disableClientAction, { asked, verb: 'disable', past: 'Disabled' })
}

export function enableClient(context: CommandContext, clientId: string): Promise<ExitCode> {
  const words = { verb: 'enable', past: 'Enabled' }
  return change(context, enableClientAction, { asked: { clientId }, ...words })
}

export function deleteClient(context: CommandContext, clientId: string): Promise<ExitCode> {
  const words = { verb: 'delete', past: 'Deleted' }
  return change(context, deleteClientAction, { asked: { clientId }, ...words })
}

async function change<I extends TSchema>(
  context: CommandContext,
  action: ControlAction<I, typeof enableClientAction.output>,
  { asked, verb, past }: { asked: Static<I> & { clientId: string }; verb: string; past: string },
): Promise<ExitCode> {
  const result = await perform(context, action, asked)
  if (result.outcome === 'refused') {
    context.terminal.complain(`Cannot ${verb} "${asked.clientId}": ${result.reason}`)
    return exitCodes.refused
  }
  context.terminal.print(`${past} ${asked.clientId}`)
  return exitCodes.done
}

function print({ terminal }: CommandContext, client: ShownClient): void {
  const { previousSecretEndsAt: endsAt } = client
  const lines: [string, string | undefined][] = [
    ['client_id', client.clientId],
    ['client_name', visible(client.name)],
    ['status', client.status],
    ['registered', `${client.registeredVia}, ${new Date(client.registeredAt).toISOString()}`],
    ['shared', client.shared ? 'by everybody who registers with the same words' : undefined],
    ['auth_method', client.authMethod],
    ['certificate', client.certificateName && visible(client.certificateName)],
    ['grant_types', client.grantTypes.join(' ')],
    ['scope', client.scope],
    ...client.redirectUris.map((uri): [string, string] => ['redirect_uri', uri]),
    ['old_secret', endsAt === undefined ? undefined : `until ${new Date(endsAt).toISOString()}`],
  ]
  for (const [name, value] of lines) {
    if (value !== undefined) terminal.print(`${name.padEnd(13)}${value}`)
  }
}

function printSecret({ terminal }: CommandContext, secret: string): void {
  terminal.print(`${'client_secret'.padEnd(13)} ${secret}`)
  terminal.complain('The secret is shown this once, and kept nowhere: save it now')
}

/** A stranger chose it: it must not move the cursor, or turn the line around. */
function visible(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�')
}
