/**
 * `grantlog key list` and `grantlog key rotate`: the keys that sign tokens.
 *
 *   grantlog key rotate --alg ES256          the next key is published now, and signs in its time
 *   grantlog key rotate --alg ES256 --now    a key was stolen: none of the old ones counts any more
 */
import { Type } from '@sinclair/typebox'
import { type SigningAlgorithm, signingAlgorithms } from '../domain/signing-key.ts'
import { describeKeys, publishNextKey, replaceKeys } from '../protocol/tokens/key-rotation.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const algorithm = Type.Union(signingAlgorithms.map((name) => Type.Literal(name)))

const listedKey = Type.Object({
  keyId: Type.String(),
  algorithm,
  status: Type.String(),
  changedAt: Type.Integer(),
})

export const listKeysAction = controlAction({
  path: '/key/list',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Array(listedKey),
  run: describeKeys,
})

export const rotateKeyAction = controlAction({
  path: '/key/rotate',
  input: Type.Object({ algorithm, now: Type.Boolean() }, { additionalProperties: false }),
  output: Type.Object({ outcome: Type.String(), keyId: Type.String(), signsAt: Type.Integer() }),
  run: async (services, { algorithm: alg, now }) => {
    const change = now ? replaceKeys : publishNextKey
    const { outcome, keyId } = await change(services, alg, { actor: 'cli' })
    const { publishAheadSeconds } = services.settings.keys
    return { outcome, keyId, signsAt: services.now() + (now ? 0 : publishAheadSeconds * 1000) }
  },
})

export async function listKeys(context: CommandContext): Promise<ExitCode> {
  for (const key of await perform(context, listKeysAction, {})) {
    const since = new Date(key.changedAt).toISOString()
    const columns = [key.algorithm.padEnd(5), key.status.padEnd(9), since, key.keyId]
    context.terminal.print(columns.join('  '))
  }
  return exitCodes.done
}

export async function rotateKey(
  context: CommandContext,
  asked: { algorithm: string; now: boolean },
): Promise<ExitCode> {
  const { terminal } = context
  if (!isAlgorithm(asked.algorithm)) {
    const known = signingAlgorithms.join(', ')
    terminal.complain(`Cannot rotate "${asked.algorithm}": it is none of ${known}`)
    return exitCodes.usage
  }
  const { now, algorithm: alg } = { ...asked, algorithm: asked.algorithm }
  const result = await perform(context, rotateKeyAction, { algorithm: alg, now })
  if (result.outcome === 'refused') {
    terminal.complain(`Cannot rotate ${alg}: a next key is published already, and has to wait`)
    return exitCodes.refused
  }
  const when = new Date(result.signsAt).toISOString()
  terminal.print(
    now
      ? `${result.keyId} signs now; every other ${alg} key is withdrawn`
      : `${result.keyId} is published, and signs from ${when}`,
  )
  return exitCodes.done
}

function isAlgorithm(name: string): name is SigningAlgorithm {
  return (signingAlgorithms as readonly string[]).includes(name)
}
