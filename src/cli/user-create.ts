/**
 * `grantlog user create`: through the running server where there is one, because a file database
 * belongs to one process, and else on the database itself.
 *
 *   printf %s "$PASSWORD" | grantlog user create --email ada@example.com --password-stdin
 */
import process from 'node:process'
import { Type } from '@sinclair/typebox'
import { passwordCharactersMax, passwordCharactersMin } from '../identity/password-rules.ts'
import { registerUser, type UserProblem } from '../identity/register-user.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

/** More than any password may have; nobody types that, a wrong pipe does. */
const inputBytesMax = 16_384

/** What each refusal means, for the person at the terminal. */
const userProblemTexts: Readonly<Record<UserProblem, string>> = {
  email_invalid: 'this is no e-mail address',
  email_taken: 'somebody has this address already',
  password_too_short: `the password has under ${passwordCharactersMin} characters`,
  password_too_long: `the password has over ${passwordCharactersMax} characters`,
  password_too_common: 'the password is among those that are tried first',
  link_used: 'the link was used already',
}

const problems = Object.keys(userProblemTexts) as UserProblem[]

export const createUserAction = controlAction({
  path: '/user/create',
  input: Type.Object(
    { email: Type.String(), name: Type.String(), admin: Type.Boolean(), password: Type.String() },
    { additionalProperties: false },
  ),
  output: Type.Union([
    Type.Object({ outcome: Type.Literal('accepted'), userId: Type.String() }),
    Type.Object({
      outcome: Type.Literal('refused'),
      reason: Type.Union(problems.map((problem) => Type.Literal(problem))),
    }),
  ]),
  run: (services, user) => registerUser(services, { ...user, actor: 'cli' }),
})

export async function createUser(
  context: CommandContext,
  person: { email: string; name: string; admin: boolean },
): Promise<ExitCode> {
  const { email, name, admin } = person
  const { terminal } = context
  const user = { email, name, admin, password: await readPassword() }
  const result = await perform(context, createUserAction, user)
  if (result.outcome === 'refused') {
    terminal.complain(`Cannot create the user "${email}": ${userProblemTexts[result.reason]}`)
    return exitCodes.refused
  }
  terminal.print(`Created ${admin ? 'the admin' : 'the user'} ${email}: ${result.userId}`)
  return exitCodes.done
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
