/**
 * What can happen to an agent: a program with a name and a secret of its own, which says of itself
 * whose it is. What it says of people is sealed under the agent's key, as nobody has proved it.
 */
import { Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import type { ReasonGivenEvent } from './reason.ts'

export const consentsOfAgentMax = 100

const agentId = open(Type.String())
const at = open(Type.Integer())

export const AgentRegistered = defineEvent('AgentRegistered', {
  version: 1,
  subject: 'agentId',
  payload: {
    /** Ours, and never used again; tokens are about it. */
    agentId,
    /** What the agent calls itself and signs in by: the `agent_id` of its registration. */
    handle: open(Type.String()),
    modelName: open(Type.String()),
    ownerName: Type.String(),
    ownerEmail: Type.String(),
    /** HMAC of the address that it named. */
    ownerEmailKey: hashed(),
    /** Where its secret's hash is kept. */
    secretId: open(Type.String()),
    /** When it registered; it enters the log later, when somebody proves something. */
    registeredAt: open(Type.Integer()),
    at,
  },
})

/** All of what an agent may change about itself, as it is from now on. */
export const AgentProfileChanged = defineEvent('AgentProfileChanged', {
  version: 1,
  subject: 'agentId',
  payload: { agentId, modelName: open(Type.String()), ownerName: Type.String(), at },
})

/** The person whose address the agent named says that it is theirs. */
export const AgentConfirmed = defineEvent('AgentConfirmed', {
  version: 1,
  payload: { agentId, ownerId: open(Type.String()), at },
})

/** All of them, as they are from now on; an operator sets them. */
export const AgentPermissionsSet = defineEvent('AgentPermissionsSet', {
  version: 1,
  payload: { agentId, permissions: open(Type.Array(Type.String())), at },
})

export const AgentSecretRotated = defineEvent('AgentSecretRotated', {
  version: 1,
  payload: { agentId, secretId: open(Type.String()), at },
})

/** From now on the agent may give this client access to this resource, as often as it is asked. */
export const AgentConsented = defineEvent('AgentConsented', {
  version: 1,
  payload: {
    agentId,
    ownerId: open(Type.String()),
    clientId: open(Type.String()),
    resource: open(Type.String()),
    /** All that it may give there. */
    scopes: open(Type.Array(Type.String(), { minItems: 1 })),
    at,
  },
})

export const AgentConsentWithdrawn = defineEvent('AgentConsentWithdrawn', {
  version: 1,
  payload: {
    agentId,
    ownerId: open(Type.String()),
    clientId: open(Type.String()),
    resource: open(Type.String()),
    at,
  },
})

const revocationReason = Type.Union([
  Type.Literal('declined'),
  Type.Literal('revoked_by_owner'),
  Type.Literal('revoked_by_admin'),
  Type.Literal('revoked_by_agent'),
  Type.Literal('account_deleted'),
])
export type AgentRevocationReason = (typeof revocationReason)['static']

/** The end: its name is not given to another. */
export const AgentRevoked = defineEvent('AgentRevoked', {
  version: 1,
  payload: { agentId, reason: open(revocationReason), at },
})

export const agentEventTypes = [
  AgentRegistered,
  AgentProfileChanged,
  AgentConfirmed,
  AgentPermissionsSet,
  AgentSecretRotated,
  AgentConsented,
  AgentConsentWithdrawn,
  AgentRevoked,
]

export type AgentEvent = ReasonGivenEvent | EventOf<(typeof agentEventTypes)[number]>
