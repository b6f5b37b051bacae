/**
 * An agent: a program that signs in by itself. Anybody may register one and name any owner, so
 * until that person has confirmed it, it is worth no more than its own word.
 *
 *   registered ──▶ unconfirmed ──confirm──▶ confirmed
 *        └────────────── decline, revoke ──────┴──────▶ revoked
 *
 * What it may give to clients beside its own identity is what its owner has consented to, client
 * by client and resource by resource. A consent that was withdrawn and given again is another one:
 * what was given under the first does not come back to life.
 */

import { type Access, exceeds } from './access.ts'
import {
  AgentConfirmed,
  AgentConsented,
  AgentConsentWithdrawn,
  type AgentEvent,
  AgentPermissionsSet,
  AgentProfileChanged,
  AgentRegistered,
  type AgentRevocationReason,
  AgentRevoked,
  AgentSecretRotated,
  consentsOfAgentMax,
} from './agent-events.ts'
import { accept, type Decider, refuse } from './decider.ts'
import type { EventOf } from './event.ts'
import { type Explained, explainedBy } from './reason.ts'

export const agentIdPrefix = 'agt'

/** Whether a grant's holder is an agent and no person: ids are made by the server alone. */
export function isAgentId(id: string): boolean {
  return id.startsWith(`${agentIdPrefix}_`)
}

// State

export interface AgentConsent extends Access {
  readonly clientId: string
  /** Since when it has stood without a break. */
  readonly since: number
}

export interface LiveAgent {
  readonly status: 'unconfirmed' | 'confirmed'
  readonly agentId: string
  readonly handle: string
  readonly ownerEmailKey: string
  readonly secretId: string
  /** Present once confirmed. */
  readonly ownerId?: string
  readonly consents: readonly AgentConsent[]
}

export type AgentState =
  | { readonly status: 'unknown' }
  | { readonly status: 'revoked'; readonly agentId: string; readonly secretId: string }
  | LiveAgent

function evolve(state: AgentState, event: AgentEvent): AgentState {
  if (event.type === 'AgentRegistered') {
    const { agentId, handle, ownerEmailKey, secretId } = event.payload
    const status = 'unconfirmed'
    return { status, agentId, handle, ownerEmailKey, secretId, consents: [] }
  }
  if (state.status === 'unknown' || state.status === 'revoked') return state
  switch (event.type) {
    case 'AgentProfileChanged':
    case 'AgentPermissionsSet':
    case 'ReasonGiven':
      return state
    case 'AgentConfirmed':
      return { ...state, status: 'confirmed', ownerId: event.payload.ownerId }
    case 'AgentSecretRotated':
      return { ...state, secretId: event.payload.secretId }
    case 'AgentConsented':
      return { ...state, consents: withConsent(state.consents, event.payload) }
    case 'AgentConsentWithdrawn':
      return { ...state, consents: withoutConsent(state.consents, event.payload) }
    case 'AgentRevoked':
      return { status: 'revoked', agentId: state.agentId, secretId: state.secretId }
    default:
      return event satisfies never
  }
}

interface ConsentKey {
  readonly clientId: string
  readonly resource: string
}

function isFor({ clientId, resource }: ConsentKey) {
  return (each: ConsentKey) => each.clientId === clientId && each.resource === resource
}

export function withConsent(
  consents: readonly AgentConsent[],
  given: ConsentKey & { readonly scopes: string[]; readonly at: number },
): AgentConsent[] {
  const { clientId, resource, scopes, at } = given
  const since = consents.find(isFor(given))?.since ?? at
  return [...withoutConsent(consents, given), { clientId, resource, scopes, since }]
}

export function withoutConsent(consents: readonly AgentConsent[], key: ConsentKey): AgentConsent[] {
  return consents.filter((each) => !isFor(key)(each))
}

/**
 * What of these scopes the agent may give this client there.
 * @param given.at when the grant was made that rests on it; a consent that began later is another
 */
export function scopesOfAgent(
  { consents }: Pick<LiveAgent, 'consents'>,
  given: ConsentKey & { readonly scopes: readonly string[]; readonly at: number },
  isIdentityScope: (scope: string) => boolean,
): string[] {
  const consent = consents.find((each) => isFor(given)(each) && each.since <= given.at)
  return given.scopes.filter(
    (scope) => isIdentityScope(scope) || consent?.scopes.includes(scope) === true,
  )
}

// Commands

export type AgentFacts = EventOf<typeof AgentRegistered>['payload']

export type AgentCommand =
  | { readonly kind: 'register'; readonly facts: AgentFacts }
  | {
      readonly kind: 'change profile'
      readonly modelName: string
      readonly ownerName: string
      readonly now: number
    }
  | {
      readonly kind: 'confirm'
      readonly ownerId: string
      /** Of the person who confirms, by every version of the server's secret. */
      readonly emailKeys: readonly string[]
      readonly now: number
    }
  | { readonly kind: 'set permissions'; readonly permissions: string[]; readonly now: number }
  | { readonly kind: 'rotate secret'; readonly secretId: string; readonly now: number }
  | ({ readonly kind: 'consent'; readonly scopes: string[] } & OwnersWord)
  | ({ readonly kind: 'withdraw consent' } & OwnersWord)
  | ({ readonly kind: 'revoke'; readonly reason: AgentRevocationReason } & Explained)

interface OwnersWord extends ConsentKey {
  readonly ownerId: string
  readonly now: number
}

export type AgentRefusal =
  | 'agent_exists'
  | 'agent_unknown'
  | 'agent_revoked'
  | 'agent_confirmed'
  | 'agent_unconfirmed'
  | 'not_the_named_owner'
  | 'not_the_owner'
  | 'consent_unknown'
  | 'consents_too_many'

function decide(command: AgentCommand, state: AgentState) {
  if (command.kind === 'register') {
    if (state.status !== 'unknown') return refuse<AgentRefusal>('agent_exists')
    return accept<AgentEvent>(AgentRegistered(command.facts))
  }
  if (state.status === 'unknown') return refuse<AgentRefusal>('agent_unknown')
  if (state.status === 'revoked') return refuse<AgentRefusal>('agent_revoked')
  const { agentId } = state
  const at = command.now
  switch (command.kind) {
    case 'change profile': {
      const { modelName, ownerName } = command
      return accept<AgentEvent>(AgentProfileChanged({ agentId, modelName, ownerName, at }))
    }
    case 'confirm': {
      if (state.status === 'confirmed') return refuse<AgentRefusal>('agent_confirmed')
      const isNamed = command.emailKeys.includes(state.ownerEmailKey)
      if (!isNamed) return refuse<AgentRefusal>('not_the_named_owner')
      return accept<AgentEvent>(AgentConfirmed({ agentId, ownerId: command.ownerId, at }))
    }
    case 'set permissions':
      return accept<AgentEvent>(
        AgentPermissionsSet({ agentId, permissions: command.permissions, at }),
      )
    case 'rotate secret':
      return accept<AgentEvent>(AgentSecretRotated({ agentId, secretId: command.secretId, at }))
    case 'consent':
      return consent(command, state)
    case 'withdraw consent':
      return withdrawConsent(command, state)
    case 'revoke':
      return accept<AgentEvent>(
        AgentRevoked({ agentId, reason: command.reason, at }),
        ...explainedBy(command, agentId),
      )
    default:
      return command satisfies never
  }
}

function consent(command: Extract<AgentCommand, { kind: 'consent' }>, state: LiveAgent) {
  const { ownerId, clientId, resource, scopes, now: at } = command
  if (state.status !== 'confirmed') return refuse<AgentRefusal>('agent_unconfirmed')
  if (state.ownerId !== ownerId) return refuse<AgentRefusal>('not_the_owner')
  const before = state.consents.find(isFor(command))
  const isSame = before && !exceeds(scopes, before.scopes) && !exceeds(before.scopes, scopes)
  if (isSame) return accept<AgentEvent>()
  if (!before && state.consents.length >= consentsOfAgentMax) {
    return refuse<AgentRefusal>('consents_too_many')
  }
  const given = { agentId: state.agentId, ownerId, clientId, resource, scopes, at }
  return accept<AgentEvent>(AgentConsented(given))
}

function withdrawConsent(
  command: Extract<AgentCommand, { kind: 'withdraw consent' }>,
  state: LiveAgent,
) {
  const { ownerId, clientId, resource, now: at } = command
  if (state.ownerId !== ownerId) return refuse<AgentRefusal>('not_the_owner')
  if (!state.consents.some(isFor(command))) return refuse<AgentRefusal>('consent_unknown')
  const { agentId } = state
  return accept<AgentEvent>(AgentConsentWithdrawn({ agentId, ownerId, clientId, resource, at }))
}

export const agentDecider: Decider<AgentCommand, AgentState, AgentEvent, AgentRefusal> = {
  noun: 'agent',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
