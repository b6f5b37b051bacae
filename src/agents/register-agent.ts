/**
 * An agent registers: anybody may, under any free name, for any owner. So nothing of it enters the
 * log, the owner is told once and may be told only so often, and a registration that nobody
 * confirms and nothing uses is gone after a while, its name free again.
 */
import { agentIdPrefix } from '../domain/agent.ts'
import { newId } from '../domain/ids.ts'
import { findAgentByHandle, handleKeyOf } from '../projections/agents.ts'
import { emailKey } from '../protocol/email-address.ts'
import {
  findWaiting,
  type KnownAgent,
  type WaitingAgent,
  waitingAgentKind,
} from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { readRegistration } from './agent-fields.ts'
import { hashSecret } from './hashing.ts'
import { tellOwner } from './owner-letter.ts'

const claimKind = 'agent-name'
/** So that a name is never free before the registration that holds it has ended. */
const claimLongerSeconds = 60

/** @throws {OAuthError} invalid_request, agent_id_taken (409) */
export async function registerAgent(
  services: Services,
  { body, language }: { body: unknown; language: string },
): Promise<KnownAgent> {
  const { settings, expiring, keyring, now, observations } = services
  observations.count('agent-registrations')
  const { secret, ownerAddress, ...said } = readRegistration(settings, body)
  const { handle } = said
  if (await isTaken(services, handle)) throw taken()
  const secretHash = await hashSecret(services.passwords, secret, settings.agents.secretHash)
  // Of many at once one gets the name.
  const ttlSeconds = settings.agents.registrationTtlSeconds
  const claims = await expiring.count(
    claimKind,
    handleKeyOf(handle),
    ttlSeconds + claimLongerSeconds,
  )
  if (claims > 1) throw taken()
  const registeredAt = now()
  const expiresAt = registeredAt + ttlSeconds * 1000
  const waiting: WaitingAgent = {
    ...said,
    agentId: newId(agentIdPrefix),
    ownerEmailKey: emailKey(keyring, ownerAddress),
    secretId: newId('pwd'),
    secretHash,
    registeredAt,
    expiresAt,
  }
  await expiring.put({ kind: waitingAgentKind, id: handleKeyOf(handle), body: waiting, expiresAt })
  await tellOwner(services, waiting, language)
  return { ...waiting, consents: [], permissions: [], updatedAt: registeredAt, waiting }
}

async function isTaken(services: Services, handle: string): Promise<boolean> {
  if (await findAgentByHandle(services.reader, handle)) return true
  return (await findWaiting(services, handle)) !== undefined
}

function taken(): OAuthError {
  return new OAuthError('agent_id_taken', 'This agent_id is taken; choose another')
}

/** A registration that is over before its time leaves its name to others. */
export async function forgetWaiting(
  { expiring }: Pick<Services, 'expiring'>,
  handle: string,
): Promise<void> {
  await expiring.remove(waitingAgentKind, handleKeyOf(handle))
  await expiring.remove(`${claimKind}`, handleKeyOf(handle))
}
