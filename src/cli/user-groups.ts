/**
 * `grantlog user groups`: says which groups a person is in, through the running server where there
 * is one. `who_may` and `allowed_groups` of a resource name groups.
 *
 *   grantlog user groups --email ada@example.com --set editors,staff
 */
import { Type } from '@sinclair/typebox'
import { type GroupsProblem, setUserGroups } from '../identity/user-groups.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const problemTexts: Readonly<Record<GroupsProblem, string>> = {
  user_unknown: 'nobody has this address',
  group_invalid: 'a group has letters, digits, dots, dashes and underscores, at most 64',
  group_reserved: 'administrators, and they alone, are in the group "admin"',
  groups_too_many: 'these are too many',
}

const problems = Object.keys(problemTexts) as GroupsProblem[]

export const setUserGroupsAction = controlAction({
  path: '/user/groups',
  input: Type.Object(
    { email: Type.String(), groups: Type.Array(Type.String()) },
    { additionalProperties: false },
  ),
  output: Type.Union([
    Type.Object({ outcome: Type.Literal('accepted'), userId: Type.String() }),
    Type.Object({
      outcome: Type.Literal('refused'),
      reason: Type.Union(problems.map((problem) => Type.Literal(problem))),
    }),
  ]),
  run: (services, given) => setUserGroups(services, { ...given, actor: 'cli' }),
})

export async function setGroups(
  context: CommandContext,
  { email, set }: { email: string; set: string },
): Promise<ExitCode> {
  const groups = set.split(',').flatMap((group) => group.trim() || [])
  const result = await perform(context, setUserGroupsAction, { email, groups })
  if (result.outcome === 'refused') {
    context.terminal.complain(`Cannot set the groups of "${email}": ${problemTexts[result.reason]}`)
    return exitCodes.refused
  }
  context.terminal.print(`${email} is in ${groups.length > 0 ? groups.join(', ') : 'no group'}`)
  return exitCodes.done
}
