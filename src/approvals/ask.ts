/**
 * Asks a person, inside a larger unit of work: whatever waits for the answer is written in the same
 * append. That they hear of it is for `tellOf`, once the append is there.
 */
import { approvalDecider } from '../domain/approval.ts'
import type { AskedApproval } from '../domain/approval-events.ts'
import type { Work } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import type { Services } from '../protocol/services.ts'
import type { Authority } from '../protocol/tokens/still-good.ts'
import { hashOf, type Shown, textOf } from './shown.ts'

/** On whose word it is asked. */
export interface Asker extends Authority {
  readonly userId: string
  readonly agentId?: string
  readonly clientId: string
  readonly resource: string
  readonly scope: string
}

export interface Question extends Pick<AskedApproval, 'jobId' | 'callKey' | 'expiresAt'> {
  readonly asker: Asker
  readonly shown: Shown
}

export type Asked = Pick<AskedApproval, 'approvalId' | 'shownHash'>

export async function ask(
  { keyring, now }: Pick<Services, 'keyring' | 'now'>,
  work: Work,
  { asker, shown, jobId, callKey, expiresAt }: Question,
): Promise<Asked> {
  const { userId, agentId, clientId, clientIds, grantId, issuanceId, apiTokenId } = asker
  const { kind, tool } = shown
  const agent = agentId === undefined ? {} : { agentId }
  const about = { approvalId: newId('apr'), userId, ...agent, clientId, tool }
  const text = textOf(shown)
  const shownHash = hashOf(keyring, about, { text })
  const approval: AskedApproval = {
    ...about,
    kind,
    clientIds: [...clientIds],
    ...(grantId === undefined ? {} : { grantId }),
    ...(issuanceId === undefined ? {} : { issuanceId }),
    ...(apiTokenId === undefined ? {} : { apiTokenId }),
    resource: asker.resource,
    scope: asker.scope,
    ...(jobId === undefined ? {} : { jobId }),
    ...(callKey === undefined ? {} : { callKey }),
    shown: text,
    shownHash,
    expiresAt,
    at: now(),
  }
  await work.decide(approvalDecider, about.approvalId, { kind: 'ask', approval })
  return { approvalId: about.approvalId, shownHash }
}
