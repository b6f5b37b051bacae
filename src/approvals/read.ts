/** An approval as it stands, with what the person is shown: from its own events. */
import { approvalDecider, type KnownApproval } from '../domain/approval.ts'
import type { ApprovalEvent, ApprovalVoidReason } from '../domain/approval-events.ts'
import type { EventLog } from '../domain/event-log.ts'
import type { Services } from '../protocol/services.ts'
import { readShown, type Shown } from './shown.ts'

export const approvalsPath = '/approvals'

export interface FoundApproval {
  readonly approval: KnownApproval
  /** Undefined for what was erased, or is not what was asked: nobody can decide that. */
  readonly shown: Shown | undefined
  readonly askedAt: number
  /** The answer, if there was one. */
  readonly decision?: Decision | undefined
  /** Why and when it ended without one. */
  readonly voided?: ApprovalVoidReason | undefined
  readonly endedAt?: number | undefined
}

export interface Decision {
  readonly channel: 'web' | 'telegram' | 'standing'
  readonly at: number
  readonly reason?: string | undefined
}

/** @returns undefined where there is none, or it is another's */
export async function readApproval(
  { log, keyring }: Pick<Services, 'log' | 'keyring'>,
  { approvalId, userId }: { approvalId: string; userId: string },
): Promise<FoundApproval | undefined> {
  const events = await eventsOf(log, approvalId)
  const state = events.reduce(approvalDecider.evolve, approvalDecider.initial)
  const [asked] = events
  if (asked?.type !== 'ApprovalAsked') return undefined
  if (state.status === 'unknown' || state.userId !== userId) return undefined
  const last = events.at(-1)
  return {
    approval: state,
    shown: readShown(keyring, asked.payload),
    askedAt: asked.payload.at,
    decision: decisionIn(events),
    voided: last?.type === 'ApprovalVoided' ? last.payload.reason : undefined,
    endedAt: last === asked ? undefined : last?.payload.at,
  }
}

/** Where the person decides. */
export function approvalUrl({ settings }: Pick<Services, 'settings'>, approvalId: string): string {
  return `${settings.issuer}${approvalsPath}/${approvalId}`
}

async function eventsOf(log: EventLog, approvalId: string): Promise<ApprovalEvent[]> {
  const events: ApprovalEvent[] = []
  for await (const event of log.replay({ streamId: `approval/${approvalId}` })) {
    events.push(event as unknown as ApprovalEvent)
  }
  return events
}

function decisionIn(events: readonly ApprovalEvent[]): Decision | undefined {
  for (const { type, payload } of events) {
    if (type === 'ApprovalGiven') return { channel: payload.channel, at: payload.at }
    if (type !== 'ApprovalDenied') continue
    const { channel, at, reason } = payload
    return { channel, at, reason: reason ?? undefined }
  }
  return undefined
}
