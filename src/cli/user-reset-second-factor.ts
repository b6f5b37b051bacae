/**
 * `grantlog user reset-second-factor`: for somebody who has lost it, through the running server
 * where there is one.
 *
 *   grantlog user reset-second-factor --email ada@example.com --reason "Lost her phone"
 */
import { Type } from '@sinclair/typebox'
import { newId } from '../domain/ids.ts'
import { type ResetProblem, resetSecondFactor } from '../identity/reset-second-factor.ts'
import { findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const problemTexts: Readonly<Record<ResetProblem, string>> = {
  user_unknown: 'nobody has this address',
  second_factor_none: 'there is neither a passkey nor an app that shows codes',
  last_way_in: 'a passkey is the only way in to this account',
}

const problems = Object.keys(problemTexts) as ResetProblem[]

export const resetSecondFactorAction = controlAction({
  path: '/user/reset-second-factor',
  input: Type.Object(
    { email: Type.String(), reason: Type.String({ minLength: 1, maxLength: 1000 }) },
    { additionalProperties: false },
  ),
  output: Type.Union([
    Type.Object({ outcome: Type.Literal('accepted') }),
    Type.Object({
      outcome: Type.Literal('refused'),
      reason: Type.Union(problems.map((problem) => Type.Literal(problem))),
    }),
  ]),
  run: async (services, { email, reason }) => {
    const user = await findUserByEmail(services, normalizeEmail(email) ?? '')
    if (!user) return { outcome: 'refused', reason: 'user_unknown' } as const
    const cause = { actor: 'cli', correlationId: newId('cor') }
    return resetSecondFactor(services, { userId: user.userId, reason }, cause)
  },
})

export async function resetUserSecondFactor(
  context: CommandContext,
  { email, reason }: { email: string; reason: string },
): Promise<ExitCode> {
  const result = await perform(context, resetSecondFactorAction, { email, reason })
  if (result.outcome === 'refused') {
    const why = problemTexts[result.reason]
    context.terminal.complain(`Cannot reset the second factor of "${email}": ${why}`)
    return exitCodes.refused
  }
  context.terminal.print(`${email} signs in without a second factor until there is another`)
  return exitCodes.done
}
