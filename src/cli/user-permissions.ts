/**
 * `grantlog user permissions`: what the scope `permissions` tells of a person.
 *
 *   grantlog user permissions --email ada@example.com --set reports:read,reports:write
 */
import { Type } from '@sinclair/typebox'
import { setPermissions } from '../identity/permissions.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const words: Readonly<Record<string, string>> = {
  user_unknown: 'nobody here has this address',
  permission_malformed: 'a permission has 1 to 128 printable characters, and no comma or space',
  too_many_permissions: 'there are over 100 permissions',
}

export const setPermissionsAction = controlAction({
  path: '/user/permissions',
  input: Type.Object(
    { email: Type.String(), permissions: Type.Array(Type.String()) },
    { additionalProperties: false },
  ),
  output: Type.Object({ outcome: Type.String(), reason: Type.Optional(Type.String()) }),
  run: (services, asked) => setPermissions(services, { ...asked, actor: 'cli' }),
})

export async function setUserPermissions(
  context: CommandContext,
  { email, set }: { email: string; set: string },
): Promise<ExitCode> {
  const permissions = set.split(',').filter((permission) => permission !== '')
  const result = await perform(context, setPermissionsAction, { email, permissions })
  if (result.outcome === 'refused') {
    const reason = words[result.reason ?? ''] ?? result.reason
    context.terminal.complain(`Cannot set the permissions of "${email}": ${reason}`)
    return exitCodes.refused
  }
  context.terminal.print(`${email} has now: ${permissions.join(', ') || 'no permissions'}`)
  return exitCodes.done
}
