/**
 * What is done to an agent, by itself, by its owner or by an operator. One that waits has no
 * stream: what it does to itself changes its entry, and what ends it removes that.
 */
import { type AgentCommand, agentDecider } from '../domain/agent.ts'
import type { AgentRevocationReason } from '../domain/agent-events.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { handleKeyOf } from '../projections/agents.ts'
import { type KnownAgent, type WaitingAgent, waitingAgentKind } from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import type { ProfileChange } from './agent-fields.ts'
import { hashSecret } from './hashing.ts'
import { forgetWaiting } from './register-agent.ts'

/** @throws {OAuthError} invalid_token when the agent has ended meanwhile */
export async function changeProfile(
  services: Services,
  agent: KnownAgent,
  { change, correlationId }: { change: ProfileChange; correlationId: string },
): Promise<KnownAgent> {
  const { modelName, ownerName } = { ...agent, ...change }
  const now = services.now()
  if (agent.waiting) {
    await changeWaiting(services, { ...agent.waiting, modelName, ownerName })
  } else {
    const command = { kind: 'change profile', modelName, ownerName, now } as const
    await decide(services, agent, { command, cause: ownCause(agent, correlationId) })
  }
  return { ...agent, modelName, ownerName, updatedAt: now }
}

/** Ends every token that the agent has for itself. */
export async function rotateSecret(
  services: Services,
  agent: KnownAgent,
  { secret, cause }: { secret: string; cause: Cause },
): Promise<void> {
  const { passwords, settings, now } = services
  const secretId = newId('pwd')
  const secretHash = await hashSecret(passwords, secret, settings.agents.secretHash)
  if (agent.waiting) {
    await changeWaiting(services, { ...agent.waiting, secretId, secretHash })
    return
  }
  const { outcome } = await execute<string>(services.log, cause, async (work) => {
    const before = await work.read(agentDecider, agent.agentId)
    if (before.status !== 'unknown') work.forgetSecret(before.secretId)
    work.keepSecret(secretId, Buffer.from(secretHash))
    const command = { kind: 'rotate secret', secretId, now: now() } as const
    return work.decide(agentDecider, agent.agentId, command)
  })
  if (outcome === 'refused') throw ended()
}

export async function revokeAgent(
  services: Services,
  agent: Pick<KnownAgent, 'agentId' | 'handle' | 'waiting'>,
  { reason, why, cause }: { reason: AgentRevocationReason; why?: string; cause: Cause },
): Promise<void> {
  if (agent.waiting) return forgetWaiting(services, agent.handle)
  const { outcome } = await execute<string>(services.log, cause, async (work) => {
    const before = await work.read(agentDecider, agent.agentId)
    if (before.status !== 'unknown') work.forgetSecret(before.secretId)
    const said = why === undefined ? {} : { why }
    const command = { kind: 'revoke', reason, ...said, now: services.now() } as const
    return work.decide(agentDecider, agent.agentId, command)
  })
  if (outcome === 'refused') throw ended()
}

export function ownCause({ agentId }: Pick<KnownAgent, 'agentId'>, correlationId: string): Cause {
  return { actor: `agent:${agentId}`, correlationId }
}

async function decide(
  { log }: Services,
  { agentId }: KnownAgent,
  { command, cause }: { command: AgentCommand; cause: Cause },
): Promise<void> {
  const { outcome } = await execute<string>(log, cause, (work) =>
    work.decide(agentDecider, agentId, command),
  )
  if (outcome === 'refused') throw ended()
}

async function changeWaiting({ expiring }: Services, waiting: WaitingAgent): Promise<void> {
  const id = handleKeyOf(waiting.handle)
  if (!(await expiring.replace({ kind: waitingAgentKind, id, body: waiting }))) throw ended()
}

function ended(): OAuthError {
  return new OAuthError('invalid_token', 'The agent is not what it was; authenticate it again')
}
