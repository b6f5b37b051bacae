/**
 * `grantlog user create`: through the running server where there is one, because a file database
 * belongs to one process, and else on the database itself.
 *
 *   printf %s "$PASSWORD" | grantlog user create --email ada@example.com --password-stdin
 */
import process from 'node:process'
import { loadSettings } from '../config/load-settings.ts'
import { openKeyring } from '../config/secret.ts'
import type { Settings } from '../config/settings.ts'
import { registerUser, type UserRegistrationResult } from '../identity/register-user.ts'
import { createLogger } from '../runtimes/logger.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { openServices } from '../server.ts'
import {
  controlSocketPath,
  createUserOverSocket,
  type UserRequest,
  userProblemTexts,
} from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

/** More than any password may have; nobody types that, a wrong pipe does. */
const inputBytesMax = 16_384

export async function createUser(
  { runtime, terminal, surroundings }: CommandContext,
  person: { email: string; name: string; admin: boolean },
): Promise<ExitCode> {
  const { email, name, admin } = person
  const settings = loadSettings(surroundings)
  const user = { email, name, admin, password: await readPassword() }
  const path = controlSocketPath(settings)
  const result =
    (path && (await createUserOverSocket(user, { runtime, path }))) ||
    (await createUserOnDatabase(user, { runtime, settings }))
  if (result.outcome === 'refused') {
    terminal.complain(`Cannot create the user "${email}": ${userProblemTexts[result.reason]}`)
    return exitCodes.refused
  }
  terminal.print(`Created ${admin ? 'the admin' : 'the user'} ${email}: ${result.userId}`)
  return exitCodes.done
}

async function createUserOnDatabase(
  user: UserRequest,
  { runtime, settings }: { runtime: Runtime; settings: Settings },
): Promise<UserRegistrationResult> {
  const logger = createLogger({
    level: 'warn',
    pretty: true,
    write: (line) => void process.stderr.write(line),
  })
  const keyring = openKeyring(settings)
  const { services, close } = await openServices({ settings, keyring, runtime, logger })
  try {
    return await registerUser(services, { ...user, actor: 'cli' })
  } finally {
    await close()
  }
}

/** Standard input to its end, without the line break that `echo` adds. */
async function readPassword(): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > inputBytesMax) {
      throw new Error(`Cannot read the password: it has over ${inputBytesMax} bytes`)
    }
    chunks.push(part)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
