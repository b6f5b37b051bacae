/**
 * Whose a grant is: a person, or an agent that signed in by itself. Both are guarded from the
 * moment that they are read, an agent together with its owner, so that neither ends unnoticed
 * before what rests on them is written.
 *
 * @see [RFC 6749 §1.1 - Roles](https://www.rfc-editor.org/rfc/rfc6749.html#section-1.1) for the resource owner
 */
import { agentDecider, isAgentId, scopesOfAgent } from '../../domain/agent.ts'
import type { Work } from '../../domain/execute.ts'
import type { GrantTerms } from '../../domain/grant-events.ts'
import { userDecider } from '../../domain/user.ts'
import { findUser } from '../../projections/users.ts'
import { findAgentOfId, isOwnerActive } from '../known-agent.ts'
import { isIdentityScope } from '../resources.ts'
import type { Services } from '../services.ts'
import type { Person } from '../who-may.ts'

/** The stream that says whether the holder is active. */
export function holderStream(holderId: string) {
  return isAgentId(holderId)
    ? ([agentDecider, holderId] as const)
    : ([userDecider, holderId] as const)
}

export async function isHolderActive(work: Work, holderId: string): Promise<boolean> {
  if (!isAgentId(holderId)) return (await work.read(userDecider, holderId)).status === 'active'
  const agent = await work.read(agentDecider, holderId)
  if (agent.status === 'unknown' || agent.status === 'revoked') return false
  return isOwnerActive(work, agent)
}

/**
 * Whether these scopes are still the holder's to give: an agent's are its owner's, who may have
 * taken the consent back since.
 */
export async function stillGives(
  work: Work,
  { userId, clientId, at }: Pick<GrantTerms, 'userId' | 'clientId' | 'at'>,
  given: { readonly resource: string; readonly scopes: readonly string[] },
): Promise<boolean> {
  if (!isAgentId(userId)) return true
  const agent = await work.read(agentDecider, userId)
  if (agent.status === 'unknown' || agent.status === 'revoked') return false
  const left = scopesOfAgent(agent, { ...given, clientId, at }, isIdentityScope)
  return left.length === given.scopes.length
}

/** What the holder may give there now of what was granted, and the person whose leave it takes. */
export async function holderMayGive(
  services: Services,
  { userId, clientId, at }: Pick<GrantTerms, 'userId' | 'clientId' | 'at'>,
  granted: { readonly resource: string; readonly scopes: string[] },
): Promise<{ scopes: string[]; person: () => Promise<Person | undefined> }> {
  const { reader, settings } = services
  if (!isAgentId(userId)) {
    return { scopes: granted.scopes, person: () => findUser(reader, userId) }
  }
  const agent = settings.agents.enabled ? await findAgentOfId(services, userId) : undefined
  const isTooEarly = agent?.ownerId === undefined && settings.agents.unconfirmed === 'nothing'
  if (!agent || isTooEarly) return { scopes: [], person: async () => undefined }
  const { ownerId } = agent
  return {
    scopes: scopesOfAgent(agent, { ...granted, clientId, at }, isIdentityScope),
    person: async () => (ownerId === undefined ? undefined : findUser(reader, ownerId)),
  }
}
