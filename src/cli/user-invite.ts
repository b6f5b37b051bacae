/**
 * `grantlog user invite`: sends a link with which somebody makes an account.
 *
 *   grantlog user invite --email ada@example.com --language de
 */
import { Type } from '@sinclair/typebox'
import { type InvitationProblem, invite } from '../identity/ask-for-link.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const problemTexts: Readonly<Record<InvitationProblem, string>> = {
  email_invalid: 'this is no e-mail address',
  email_taken: 'somebody has this address already',
  mail_off: 'no mail server is set; set mail.url',
  sign_up_off: 'nobody may sign up; set sign_up to "invitation" or "open"',
}

const problems = Object.keys(problemTexts) as InvitationProblem[]

export const inviteUserAction = controlAction({
  path: '/user/invite',
  input: Type.Object(
    { email: Type.String(), language: Type.String() },
    { additionalProperties: false },
  ),
  output: Type.Union([
    Type.Object({ outcome: Type.Literal('accepted') }),
    Type.Object({
      outcome: Type.Literal('refused'),
      reason: Type.Union(problems.map((problem) => Type.Literal(problem))),
    }),
  ]),
  run: invite,
})

export async function inviteUser(
  context: CommandContext,
  invited: { email: string; language: string },
): Promise<ExitCode> {
  const result = await perform(context, inviteUserAction, invited)
  if (result.outcome === 'refused') {
    context.terminal.complain(`Cannot invite "${invited.email}": ${problemTexts[result.reason]}`)
    return exitCodes.refused
  }
  context.terminal.print(`Invited ${invited.email}`)
  return exitCodes.done
}
