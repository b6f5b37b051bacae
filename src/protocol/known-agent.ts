/**
 * Finds an agent by the name that it goes by, or by our id of it: in the table, or still waiting
 * for its owner or a first use. Nobody has proved anything of one that waits, so it is an entry
 * that expires; the log hears of it with the first thing that depends on it.
 *
 * @see [RFC 6749 §2.3 - Client Authentication](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3), which agents' secrets follow
 */
import {
  type AgentConsent,
  type AgentFacts,
  agentDecider,
  type LiveAgent,
} from '../domain/agent.ts'
import type { Verdict, Work } from '../domain/execute.ts'
import { userDecider } from '../domain/user.ts'
import { type Agent, findAgent, findAgentByHandle, handleKeyOf } from '../projections/agents.ts'
import { findUser } from '../projections/users.ts'
import type { Services } from './services.ts'

export const waitingAgentKind = 'waiting-agent'

/** A registration that waits. */
export interface WaitingAgent extends Omit<AgentFacts, 'at' | 'ownerName' | 'ownerEmail'> {
  readonly ownerName: string
  readonly ownerEmail: string
  readonly secretHash: string
  readonly expiresAt: number
}

export interface KnownAgent {
  readonly agentId: string
  readonly handle: string
  readonly modelName: string
  readonly ownerName: string
  readonly ownerEmail: string
  readonly ownerEmailKey: string
  /** Present once the owner has confirmed it. */
  readonly ownerId?: string
  readonly secretId: string
  readonly consents: readonly AgentConsent[]
  /** What it is allowed to do elsewhere. */
  readonly permissions: readonly string[]
  readonly registeredAt: number
  readonly updatedAt: number
  /** Its registration, while the log does not know it. */
  readonly waiting?: WaitingAgent
}

type Parts = Pick<Services, 'reader' | 'expiring'>

/** The agent of this name, or undefined: unknown, revoked, and one whose owner may not act look the same. */
export async function findKnownAgent(
  services: Parts,
  handle: string,
): Promise<KnownAgent | undefined> {
  const row = await findAgentByHandle(services.reader, handle)
  if (row) return knownAgent(services, row)
  const waiting = await findWaiting(services, handle)
  if (waiting)
    return { ...waiting, consents: [], permissions: [], updatedAt: waiting.registeredAt, waiting }
  // It may have entered the log between the questions.
  const entered = await findAgentByHandle(services.reader, handle)
  return entered && knownAgent(services, entered)
}

/** One that is in the log, as a token names it. */
export async function findAgentOfId(
  services: Parts,
  agentId: string,
): Promise<KnownAgent | undefined> {
  const row = await findAgent(services.reader, agentId)
  return row && knownAgent(services, row)
}

export async function findWaiting(
  { expiring }: Pick<Services, 'expiring'>,
  handle: string,
): Promise<WaitingAgent | undefined> {
  return (await expiring.get(waitingAgentKind, handleKeyOf(handle))) as WaitingAgent | undefined
}

async function knownAgent(
  { reader }: Parts,
  { status, ownerId, ownerName, ownerEmail, ...row }: Agent,
): Promise<KnownAgent | undefined> {
  if (status === 'revoked') return undefined
  if (ownerId !== null && (await findUser(reader, ownerId))?.status !== 'active') return undefined
  return {
    ...row,
    ownerName: ownerName ?? '',
    ownerEmail: ownerEmail ?? '',
    ...(ownerId === null ? {} : { ownerId }),
  }
}

/**
 * The agent's stream in a unit of work, guarded from there on; one that waits enters the log with
 * the work. Its owner is guarded too.
 */
export async function admitAgent(
  work: Work,
  { agentId, waiting }: Pick<KnownAgent, 'agentId' | 'waiting'>,
  now: number,
): Promise<{ agent: LiveAgent } | { verdict: Verdict<string> }> {
  let agent = await work.read(agentDecider, agentId)
  if (agent.status === 'unknown' && waiting) {
    const { secretHash, expiresAt: _, ...facts } = waiting
    work.keepSecret(facts.secretId, Buffer.from(secretHash))
    work.consumeAsRead({
      kind: waitingAgentKind,
      id: handleKeyOf(waiting.handle),
      body: waiting,
    })
    const command = { kind: 'register', facts: { ...facts, at: now } } as const
    const registered = await work.decide(agentDecider, agentId, command)
    if (registered.outcome === 'refused') return { verdict: registered }
    agent = await work.read(agentDecider, agentId)
  }
  if (agent.status === 'unknown' || agent.status === 'revoked') {
    return { verdict: work.reject('agent_not_active') }
  }
  if (!(await isOwnerActive(work, agent))) return { verdict: work.reject('agent_not_active') }
  return { agent }
}

export async function isOwnerActive(work: Work, { ownerId }: LiveAgent): Promise<boolean> {
  if (ownerId === undefined) return true
  return (await work.read(userDecider, ownerId)).status === 'active'
}
