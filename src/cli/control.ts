/**
 * How a command reaches a server that is running: a file database belongs to one process, so
 * the command asks that process, over HTTP on a unix socket that only the same user may open.
 * Where nobody listens it opens the database and does the same work itself.
 *
 *   grantlog user create ── POST /user/create ──▶ <dataDir>/control.sock ──▶ grantlog serve
 *                        ◀── 200, what came of it ──
 */
import { join } from 'node:path'
import process from 'node:process'
import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { loadSettings } from '../config/load-settings.ts'
import { openKeyring } from '../config/secret.ts'
import type { Settings } from '../config/settings.ts'
import type { Services } from '../protocol/services.ts'
import { createLogger } from '../runtimes/logger.ts'
import { openServices } from '../server.ts'
import type { CommandContext } from './program.ts'

const bodyBytesMax = 32_768

/** What a command asks of the services, wherever they are. */
export interface ControlAction<I extends TSchema = TSchema, O extends TSchema = TSchema> {
  /** `/user/create` */
  readonly path: string
  readonly input: I
  readonly output: O
  run(services: Services, input: Static<I>): Promise<Static<O>>
}

export function controlAction<I extends TSchema, O extends TSchema>(action: ControlAction<I, O>) {
  return action
}

/** Where the server of these settings can be asked, or undefined for a shared database. */
export function controlSocketPath(settings: Settings): string | undefined {
  if (!settings.databaseUrl.startsWith('file:')) return undefined
  return join(settings.dataDir, 'control.sock')
}

/** The server's side. */
export function controlInterface(
  services: Services,
  actions: readonly ControlAction[],
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url)
    const action = actions.find(({ path }) => path === pathname)
    if (!action || request.method !== 'POST') return refusal(404, 'not_found')
    const input = parsed(await request.text())
    if (!Value.Check(action.input, input)) return refusal(400, 'invalid_request')
    return Response.json(await action.run(services, input))
  }
}

/** The command's side. */
export async function perform<I extends TSchema, O extends TSchema>(
  context: CommandContext,
  action: ControlAction<I, O>,
  input: Static<I>,
): Promise<Static<O>> {
  const settings = loadSettings(context.surroundings)
  const answer = await askServer(context, settings, { path: action.path, input })
  if (!answer) return performOnDatabase(context, settings, (s) => action.run(s, input))
  const output: unknown = await answer.json()
  if (answer.ok && Value.Check(action.output, output)) return output
  throw new Error(`Cannot do this: the running server answered ${answer.status}`)
}

/** Undefined when no server listens there. */
async function askServer(
  { runtime }: CommandContext,
  settings: Settings,
  { path, input }: { path: string; input: unknown },
): Promise<Response | undefined> {
  const socket = controlSocketPath(settings)
  if (socket === undefined) return undefined
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(input),
  })
  try {
    return await runtime.fetchUnix(socket, request)
  } catch {
    return undefined
  }
}

async function performOnDatabase<T>(
  { runtime }: CommandContext,
  settings: Settings,
  run: (services: Services) => Promise<T>,
): Promise<T> {
  const write = (line: string) => void process.stderr.write(line)
  const logger = createLogger({ level: 'warn', pretty: true, write })
  const keyring = openKeyring(settings)
  const { services, close } = await openServices({ settings, keyring, runtime, logger })
  try {
    return await run(services)
  } finally {
    await close()
  }
}

function parsed(body: string): unknown {
  if (body.length > bodyBytesMax) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status })
}
