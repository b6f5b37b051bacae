/** Puts a person into groups. Whether somebody may is for the caller to decide. */
import { groupName } from '../config/resource-settings.ts'
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { userDecider } from '../domain/user.ts'
import { groupsMax } from '../domain/user-events.ts'
import { userIdOf, type Whose } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'
import { adminGroup } from '../protocol/who-may.ts'

export type GroupsProblem = 'user_unknown' | 'group_invalid' | 'group_reserved' | 'groups_too_many'

export type GroupsResult =
  | { readonly outcome: 'accepted'; readonly userId: string }
  | { readonly outcome: 'refused'; readonly reason: GroupsProblem }

/** From now on the person is in these groups and no other. */
export async function setUserGroups(
  services: Services,
  { groups, actor, ...whose }: { groups: readonly string[]; actor: string } & Whose,
): Promise<GroupsResult> {
  const problem = groupsProblem(groups)
  if (problem) return { outcome: 'refused', reason: problem }
  const userId = await userIdOf(services, whose)
  if (userId === undefined) return { outcome: 'refused', reason: 'user_unknown' }
  const now = services.now()
  const cause = { actor, correlationId: newId('cor') }
  const outcome = await execute<string>(services.log, cause, (work) =>
    work.decide(userDecider, userId, { kind: 'set groups', groups, now }),
  )
  if (outcome.outcome === 'refused') return { outcome: 'refused', reason: 'user_unknown' }
  return { outcome: 'accepted', userId }
}

function groupsProblem(groups: readonly string[]): GroupsProblem | undefined {
  if (groups.length > groupsMax) return 'groups_too_many'
  if (groups.includes(adminGroup)) return 'group_reserved'
  const isName = new RegExp(groupName.pattern ?? '')
  return groups.every((group) => isName.test(group)) ? undefined : 'group_invalid'
}
