/** What a person is allowed to do elsewhere: a list that an administrator sets, and claims tell. */
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { type UserRefusal, userDecider } from '../domain/user.ts'
import { findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'

export const permissionCountMax = 100

export type PermissionsProblem = UserRefusal | 'permission_malformed' | 'too_many_permissions'

/** Sets all of them; an empty list takes them away. */
export async function setPermissions(
  services: Services,
  { email, permissions, actor }: { email: string; permissions: string[]; actor: string },
): Promise<
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: PermissionsProblem }
> {
  if (permissions.length > permissionCountMax) {
    return { outcome: 'refused', reason: 'too_many_permissions' }
  }
  if (!permissions.every((permission) => /^[!-+\--~]{1,128}$/.test(permission))) {
    return { outcome: 'refused', reason: 'permission_malformed' }
  }
  const address = normalizeEmail(email)
  const user = address && (await findUserByEmail(services, address))
  if (!user) return { outcome: 'refused', reason: 'user_unknown' }
  const now = services.now()
  const cause = { actor, correlationId: newId('cor') }
  const outcome = await execute<UserRefusal>(services.log, cause, (work) =>
    work.decide(userDecider, user.userId, {
      kind: 'set permissions',
      permissions: [...new Set(permissions)],
      now,
    }),
  )
  return outcome.outcome === 'accepted'
    ? { outcome: 'accepted' }
    : { outcome: 'refused', reason: outcome.reason }
}
