/** What a person is allowed to do elsewhere: a list that an administrator sets, and claims tell. */
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { type UserRefusal, userDecider } from '../domain/user.ts'
import { findUser } from '../projections/users.ts'
import { userIdOf, type Whose } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'

export const permissionCountMax = 100

export type PermissionsProblem = UserRefusal | 'permission_malformed' | 'too_many_permissions'

/** What is wrong with such a list, if anything is. */
export function permissionsProblem(
  permissions: readonly string[],
): 'permission_malformed' | 'too_many_permissions' | undefined {
  if (permissions.length > permissionCountMax) return 'too_many_permissions'
  const isFit = permissions.every((permission) => /^[!-+\--~]{1,128}$/.test(permission))
  return isFit ? undefined : 'permission_malformed'
}

/** Sets all of them; an empty list takes them away. */
export async function setPermissions(
  services: Services,
  { permissions, actor, ...whose }: { permissions: string[]; actor: string } & Whose,
): Promise<
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: PermissionsProblem }
> {
  const problem = permissionsProblem(permissions)
  if (problem) return { outcome: 'refused', reason: problem }
  const userId = await userIdOf(services, whose)
  if (userId === undefined) return { outcome: 'refused', reason: 'user_unknown' }
  const now = services.now()
  const cause = { actor, correlationId: newId('cor') }
  const outcome = await execute<UserRefusal>(services.log, cause, async (work) => {
    await work.read(userDecider, userId)
    const wanted = [...new Set(permissions)]
    const { permissions: held } = (await findUser(services.reader, userId)) ?? {}
    if (held?.join(' ') === wanted.join(' ')) return { outcome: 'accepted' }
    return work.decide(userDecider, userId, { kind: 'set permissions', permissions: wanted, now })
  })
  return outcome.outcome === 'accepted'
    ? { outcome: 'accepted' }
    : { outcome: 'refused', reason: outcome.reason }
}
