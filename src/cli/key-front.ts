/** `grantlog key front`: a new key for a front, in the words of the settings that take its halves. */
import { randomBytes } from 'node:crypto'
import { publicFrontKey } from '../protocol/front-key.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

export function makeFrontKey({ terminal }: CommandContext): ExitCode {
  const privateKey = randomBytes(32).toString('base64url')
  terminal.print(`# for the front, and nobody else
GRANTLOG_FRONT_PRIVATE_KEY=${privateKey}
# for the API
GRANTLOG_FRONT_KEYS=${publicFrontKey(privateKey)}`)
  return exitCodes.done
}
