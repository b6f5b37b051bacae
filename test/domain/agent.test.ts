/** What can happen to an agent, and what cannot. */
import {
  type AgentCommand,
  type AgentFacts,
  agentDecider,
  type LiveAgent,
  scopesOfAgent,
} from '../../src/domain/agent.ts'
import {
  AgentConfirmed,
  AgentConsented,
  AgentConsentWithdrawn,
  AgentPermissionsSet,
  AgentProfileChanged,
  AgentRegistered,
  AgentRevoked,
  AgentSecretRotated,
  consentsOfAgentMax,
} from '../../src/domain/agent-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { ReasonGiven } from '../../src/domain/reason.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const agentId = 'agt_1'
const key = sha256('grace@example.com')
const facts: AgentFacts = {
  agentId,
  handle: 'navigator',
  modelName: 'a model',
  ownerName: 'Grace',
  ownerEmail: 'grace@example.com',
  ownerEmailKey: key,
  secretId: 'pwd_1',
  registeredAt: 900,
  at: 1000,
}
const registered = AgentRegistered(facts)
const confirmed = AgentConfirmed({ agentId, ownerId: 'usr_1', at: 2000 })
const vault = { clientId: 'dcr_1', resource: 'https://vault.example' }
const consented = AgentConsented({
  agentId,
  ownerId: 'usr_1',
  ...vault,
  scopes: ['read'],
  at: 3000,
})
const withdrawn = AgentConsentWithdrawn({ agentId, ownerId: 'usr_1', ...vault, at: 4000 })
const revoked = AgentRevoked({ agentId, reason: 'revoked_by_owner', at: 5000 })

const confirm = { kind: 'confirm', ownerId: 'usr_1', emailKeys: ['other', key], now: 2000 } as const
const ofOwner = { ownerId: 'usr_1', ...vault }
const consent: AgentCommand = { kind: 'consent', ...ofOwner, scopes: ['read'], now: 3000 }
const withdraw = { kind: 'withdraw consent', ...ofOwner, now: 4000 } as const

describe('an agent', () => {
  test('enters the log once', () => {
    given(agentDecider).when({ kind: 'register', facts }).records(registered)
    given(agentDecider, registered).when({ kind: 'register', facts }).refuses('agent_exists')
    given(agentDecider).when(confirm).refuses('agent_unknown')
  })

  test('is confirmed by the person whose address it named, and once', () => {
    given(agentDecider, registered).when(confirm).records(confirmed)
    given(agentDecider, registered)
      .when({ ...confirm, emailKeys: [sha256('mallory@example.com')] })
      .refuses('not_the_named_owner')
    given(agentDecider, registered, confirmed).when(confirm).refuses('agent_confirmed')
  })

  test('changes what it says of itself, and its secret', () => {
    given(agentDecider, registered)
      .when({ kind: 'change profile', modelName: 'newer', ownerName: 'G', now: 7 })
      .records(AgentProfileChanged({ agentId, modelName: 'newer', ownerName: 'G', at: 7 }))
    given(agentDecider, registered)
      .when({ kind: 'set permissions', permissions: ['sail'], now: 7 })
      .records(AgentPermissionsSet({ agentId, permissions: ['sail'], at: 7 }))
    given(agentDecider, registered)
      .when({ kind: 'rotate secret', secretId: 'pwd_2', now: 8 })
      .records(AgentSecretRotated({ agentId, secretId: 'pwd_2', at: 8 }))
  })

  test('ends for good, with the reason that somebody gives', () => {
    given(agentDecider, registered)
      .when({ kind: 'revoke', reason: 'revoked_by_admin', why: 'spam', now: 9 })
      .records(
        AgentRevoked({ agentId, reason: 'revoked_by_admin', at: 9 }),
        ReasonGiven({ about: agentId, reason: 'spam', at: 9 }),
      )
    for (const command of [confirm, consent, withdraw] as AgentCommand[]) {
      given(agentDecider, registered, confirmed, revoked).when(command).refuses('agent_revoked')
    }
    given(agentDecider, registered, revoked)
      .when({ kind: 'register', facts })
      .refuses('agent_exists')
  })
})

describe('an owner’s consent', () => {
  test('counts when the agent is confirmed and the person owns it', () => {
    given(agentDecider, registered).when(consent).refuses('agent_unconfirmed')
    given(agentDecider, registered, confirmed)
      .when({ ...consent, ownerId: 'usr_2' })
      .refuses('not_the_owner')
    given(agentDecider, registered, confirmed).when(consent).records(consented)
    given(agentDecider, registered, confirmed, consented).when(consent).records()
  })

  test('is withdrawn by the owner alone', () => {
    const before = [registered, confirmed, consented]
    given(agentDecider, ...before)
      .when({ ...withdraw, ownerId: 'usr_2' })
      .refuses('not_the_owner')
    given(agentDecider, ...before)
      .when(withdraw)
      .records(withdrawn)
    given(agentDecider, ...before, withdrawn)
      .when(withdraw)
      .refuses('consent_unknown')
  })

  test('is for one client and one resource, and so many at most', () => {
    const many = Array.from({ length: consentsOfAgentMax }, (_, index) =>
      AgentConsented({ ...consented.payload, clientId: `dcr_${index + 10}` }),
    )
    given(agentDecider, registered, confirmed, ...many)
      .when(consent)
      .refuses('consents_too_many')
  })

  test('gives what it names to that client, and identity to every client', () => {
    const agent = fold(agentDecider, [registered, confirmed, consented]) as LiveAgent
    const asked = { ...vault, scopes: ['openid', 'read', 'write'], at: 3000 }
    const isIdentity = (scope: string) => scope === 'openid'
    expect(scopesOfAgent(agent, asked, isIdentity)).toEqual(['openid', 'read'])
    expect(scopesOfAgent(agent, { ...asked, clientId: 'dcr_2' }, isIdentity)).toEqual(['openid'])
    const elsewhere = { ...asked, resource: 'https://other.example' }
    expect(scopesOfAgent(agent, elsewhere, isIdentity)).toEqual(['openid'])
  })

  test('that is given again does not bring back what an earlier one gave', () => {
    const again = AgentConsented({ ...consented.payload, at: 6000 })
    const agent = fold(agentDecider, [registered, confirmed, consented, withdrawn, again])
    const asked = { ...vault, scopes: ['read'], at: 3000 }
    expect(scopesOfAgent(agent as LiveAgent, asked, () => false)).toEqual([])
    expect(scopesOfAgent(agent as LiveAgent, { ...asked, at: 6000 }, () => false)).toEqual(['read'])
  })

  test('that is widened stands since it began', () => {
    const wider = AgentConsented({ ...consented.payload, scopes: ['read', 'write'], at: 6000 })
    const agent = fold(agentDecider, [registered, confirmed, consented, wider]) as LiveAgent
    const asked = { ...vault, scopes: ['read', 'write'], at: 3000 }
    expect(scopesOfAgent(agent, asked, () => false)).toEqual(['read', 'write'])
  })
})
