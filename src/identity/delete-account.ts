/**
 * Ends an account: its sessions, grants, API tokens and agents end with it, its address is free
 * again, and the key under which the person's fields are sealed is destroyed, so that the log still
 * says what happened and no longer who it was.
 */
import { agentDecider } from '../domain/agent.ts'
import { apiTokenDecider } from '../domain/api-token.ts'
import { authenticatorsDecider } from '../domain/authenticators.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { grantDecider } from '../domain/grant.ts'
import { sessionDecider } from '../domain/session.ts'
import { userDecider } from '../domain/user.ts'
import { findAgentsOf } from '../projections/agents.ts'
import { findApiTokensOf } from '../projections/api-tokens.ts'
import { findGrantsOf } from '../projections/grants.ts'
import { findSessionsOf } from '../projections/sessions.ts'
import type { Services } from '../protocol/services.ts'
import { forgetLanguage } from './person-language.ts'

export type DeletionResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: 'user_unknown' }

export async function deleteAccount(
  { log, reader, expiring, now }: Pick<Services, 'log' | 'reader' | 'expiring' | 'now'>,
  userId: string,
  cause: Cause,
): Promise<DeletionResult> {
  const { outcome } = await execute<string>(log, cause, async (work) => {
    const person = await work.read(userDecider, userId)
    if (person.status === 'unknown' || person.status === 'deleted') {
      return work.reject('user_unknown')
    }
    const at = now()
    for (const { sessionId } of await findSessionsOf(reader, userId)) {
      const reason = 'account_deleted'
      await work.decide(sessionDecider, sessionId, { kind: 'end', reason, now: at })
    }
    for (const { grantId } of await findGrantsOf(reader, userId)) {
      const reason = 'account_deleted'
      await work.decide(grantDecider, grantId, { kind: 'end', reason, now: at })
    }
    for (const { apiTokenId, leakedAt } of await findApiTokensOf(reader, { userId })) {
      if (leakedAt !== null) continue
      const reason = 'account_deleted'
      await work.decide(apiTokenDecider, apiTokenId, { kind: 'revoke', reason, now: at })
    }
    for (const { agentId, secretId, status } of await findAgentsOf(reader, userId)) {
      // What it said of its owner is about the same person, whenever it ended.
      work.forgetSecret(`person:${agentId}`)
      if (status === 'revoked') continue
      const reason = 'account_deleted'
      await work.decide(agentDecider, agentId, { kind: 'revoke', reason, now: at })
      work.forgetSecret(secretId)
    }
    if (person.passwordSecretId !== undefined) work.forgetSecret(person.passwordSecretId)
    const { totpSecretId } = await work.read(authenticatorsDecider, userId)
    if (totpSecretId !== undefined) work.forgetSecret(totpSecretId)
    work.forgetSecret(`person:${userId}`)
    return work.decide(userDecider, userId, { kind: 'delete', now: at })
  })
  if (outcome === 'refused') return { outcome, reason: 'user_unknown' }
  await forgetLanguage({ expiring }, userId)
  return { outcome }
}
