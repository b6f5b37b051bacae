/**
 * What a person has to do with agents: those that name them as their owner, which they confirm or
 * decline, and those that are theirs. Whose an agent is, is decided by an address that the person
 * has proved, never by who came with a link.
 */
import { agentDecider } from '../domain/agent.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute, type Work } from '../domain/execute.ts'
import { GrantApproved } from '../domain/grant-events.ts'
import { userDecider } from '../domain/user.ts'
import { type Agent, findAgentsFor } from '../projections/agents.ts'
import type { User } from '../projections/users.ts'
import { emailKey, normalizeEmail } from '../protocol/email-address.ts'
import { admitAgent, findKnownAgent, type KnownAgent } from '../protocol/known-agent.ts'
import { findResource, isIdentityScope } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { scopesOfPerson } from '../protocol/who-may.ts'
import { waitingForKind } from './owner-letter.ts'
import { forgetQuestion, type OwnerQuestion, questionsFor } from './owner-questions.ts'

const waitingMax = 50

export interface OwnAgents {
  /** They name the person, who has yet to say whether it is true. */
  readonly naming: readonly KnownAgent[]
  /** Confirmed ones, and those that have ended, the newest first. */
  readonly owned: readonly Agent[]
}

type Owner = Pick<User, 'userId' | 'email' | 'emailVerifiedAt'>

/** The keys of an address that the person has proved, by every version of the secret. */
function provedKeys({ keyring }: Pick<Services, 'keyring'>, owner: Owner): string[] {
  const address = owner.emailVerifiedAt === null ? undefined : normalizeEmail(owner.email ?? '')
  if (address === undefined) return []
  return keyring.versions.map((version) => emailKey(keyring, address, version))
}

export async function listOwnAgents(services: Services, owner: Owner): Promise<OwnAgents> {
  const emailKeys = provedKeys(services, owner)
  const rows = await findAgentsFor(services.reader, { ownerId: owner.userId, emailKeys })
  const owned = rows.filter(({ ownerId }) => ownerId !== null)
  const handles = rows.filter(({ ownerId }) => ownerId === null).map(({ handle }) => handle)
  for (const key of emailKeys) {
    const entries = await services.expiring.list(waitingForKind(key), waitingMax)
    handles.push(...entries.map(({ body }) => (body as { handle: string }).handle))
  }
  const found = await Promise.all(
    [...new Set(handles)].map((handle) => findKnownAgent(services, handle)),
  )
  const naming = found.filter(
    (agent) => agent && !agent.ownerId && emailKeys.includes(agent.ownerEmailKey),
  ) as KnownAgent[]
  return { naming, owned }
}

export type OwnerRefusal = 'agent_gone' | 'question_gone' | 'not_yours_to_give'
export type OwnerResult = OwnerRefusal | undefined

/** @returns why not, where it does not happen */
export async function confirmAgent(
  services: Services,
  owner: Owner,
  { agentId, cause }: { agentId: string; cause: Cause },
): Promise<OwnerResult> {
  const { naming } = await listOwnAgents(services, owner)
  const agent = naming.find((each) => each.agentId === agentId)
  if (!agent) return 'agent_gone'
  const emailKeys = provedKeys(services, owner)
  const { userId: ownerId } = owner
  const now = services.now()
  const outcome = await execute<string>(services.log, cause, async (work) => {
    const admitted = await admitAgent(work, agent, now)
    if ('verdict' in admitted) return admitted.verdict
    if (!(await hasProved(work, ownerId, emailKeys))) return work.reject('email_changed')
    const command = { kind: 'confirm', ownerId, emailKeys, now } as const
    return work.decide(agentDecider, agentId, command)
  })
  return outcome.outcome === 'accepted' ? undefined : 'agent_gone'
}

async function hasProved(work: Work, userId: string, emailKeys: readonly string[]) {
  const person = await work.read(userDecider, userId)
  if (person.status !== 'active' || !person.emailVerified) return false
  return emailKeys.includes(person.emailKey ?? '')
}

export async function answerQuestion(
  services: Services,
  owner: User,
  { id, allow, cause }: { id: string; allow: boolean; cause: Cause },
): Promise<OwnerResult> {
  const { userId: ownerId } = owner
  const asked = (await questionsFor(services, ownerId)).find((each) => each.id === id)
  if (!asked) return 'question_gone'
  const { question } = asked
  if (allow) {
    if (!mayGive(services, owner, question)) return 'not_yours_to_give'
    const { agentId, clientId, resource } = question
    const outcome = await execute<string>(services.log, cause, async (work) => {
      const person = await work.read(userDecider, ownerId)
      if (person.status !== 'active') return work.reject('user_not_active')
      const agent = await work.read(agentDecider, agentId)
      const before = 'consents' in agent ? agent.consents : []
      const same = before.find((c) => c.clientId === clientId && c.resource === resource)
      const wanted = question.scopes.filter((scope) => !isIdentityScope(scope))
      const scopes = [...new Set([...(same?.scopes ?? []), ...wanted])]
      const now = services.now()
      const command = { kind: 'consent', ownerId, clientId, resource, scopes, now } as const
      return work.decide(agentDecider, agentId, command)
    })
    if (outcome.outcome === 'refused') return 'agent_gone'
  }
  await forgetQuestion(services, ownerId, id)
  return undefined
}

/** Nobody has an agent give what they may not give themselves. */
function mayGive({ settings }: Services, owner: User, { resource, scopes }: OwnerQuestion) {
  const found = findResource(settings, resource)
  return found !== undefined && scopesOfPerson(found, [...scopes], owner).length === scopes.length
}

export async function withdrawConsent(
  services: Services,
  ownerId: string,
  given: { agentId: string; clientId: string; resource: string; cause: Cause },
): Promise<OwnerResult> {
  const { agentId, clientId, resource, cause } = given
  const now = services.now()
  const { outcome } = await execute<string>(services.log, cause, (work) => {
    const command = { kind: 'withdraw consent', ownerId, clientId, resource, now } as const
    return work.decide(agentDecider, agentId, command)
  })
  return outcome === 'accepted' ? undefined : 'agent_gone'
}

export interface AgentSignIn {
  readonly eventId: string
  readonly clientId: string
  readonly at: number
}

/** Of the last that the agent did, so much is looked at. */
const eventsLookedAtMax = 500

/** To which clients the agent signed in last. */
export async function lastSignIns(
  { log }: Services,
  agentId: string,
  limit: number,
): Promise<AgentSignIn[]> {
  const actor = `agent:${agentId}`
  const order = 'newest first'
  const events = await log.read({ actor, order, limit: eventsLookedAtMax })
  const signIns = events.filter(({ type }) => type === GrantApproved.name).slice(0, limit)
  return signIns.map(({ eventId, recordedAt: at, payload }) => {
    return { eventId, at, clientId: String(payload.clientId) }
  })
}
