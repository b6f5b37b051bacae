/**
 * What a person approved ahead: given beside an approval, up to what the operator allows, for one
 * tool under one consent, and spent by what is asked within the hour.
 */
import { approvalDecider } from '../domain/approval.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute, type Work } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import type { Payment } from '../domain/job-events.ts'
import { standingApprovalDecider } from '../domain/standing-approval.ts'
import { findStandingApprovals } from '../projections/approvals.ts'
import type { Services } from '../protocol/services.ts'
import type { Asked, Asker } from './ask.ts'
import type { Shown } from './shown.ts'

const standingMs = 60 * 60 * 1000
/** What each approval is asked when there is more; nobody has that many. */
const triedMax = 10

/** Up to how much may be approved ahead with this; undefined where it may not. */
export function standingLimitFor(
  { settings }: Pick<Services, 'settings'>,
  { payment }: Pick<Shown, 'payment'>,
): { readonly currency: string; readonly limit: string } | undefined {
  if (!payment) return undefined
  const { currency } = payment
  const limit = settings.approvals.standingLimit[currency]
  return limit === undefined ? undefined : { currency, limit }
}

export interface StandingWish {
  readonly approvalId: string
  readonly asker: Pick<Asker, 'userId' | 'clientId'> &
    Partial<Pick<Asker, 'grantId' | 'apiTokenId'>>
  readonly tool: string
  readonly currency: string
  readonly limit: string
}

export async function giveStanding(
  { now }: Pick<Services, 'now'>,
  work: Work,
  { approvalId, asker, ...terms }: StandingWish,
): Promise<void> {
  const standingId = newId('std')
  const { userId, clientId } = asker
  const at = now()
  const about = { standingId, userId, approvalId, clientId, grantId: underOf(asker), ...terms }
  const standing = { ...about, endsAt: at + standingMs, at }
  await work.decide(standingApprovalDecider, standingId, { kind: 'give', standing })
}

export interface AskedToSpend extends Asked {
  readonly asker: StandingWish['asker']
  readonly tool: string
  readonly payment: Pick<Payment, 'amount' | 'currency'>
}

/** True once the approval was given by one of before. */
export async function spendStanding(
  { reader, now }: Pick<Services, 'reader' | 'now'>,
  work: Work,
  { approvalId, shownHash, asker, tool, payment }: AskedToSpend,
): Promise<boolean> {
  const { userId, clientId } = asker
  const { amount, currency } = payment
  const of = { userId, clientId, grantId: underOf(asker), tool, currency }
  const all = await findStandingApprovals(reader, { userId, now: now() })
  const fitting = all.filter((one) =>
    Object.entries(of).every(([k, v]) => k in one && one[k as 'tool'] === v),
  )
  for (const { standingId } of fitting.slice(0, triedMax)) {
    const spend = { kind: 'spend', of, amount, approvalId, now: now() } as const
    const spent = await work.decide(standingApprovalDecider, standingId, spend)
    if (spent.outcome === 'refused') continue
    const by = { userId, channel: 'standing', standingId } as const
    await work.decide(approvalDecider, approvalId, {
      kind: 'give',
      by,
      shownHash,
      useMs: 0,
      now: now(),
    })
    return true
  }
  return false
}

/** @returns false where there is none of this person, or it is over */
export async function endStanding(
  { log, now }: Pick<Services, 'log' | 'now'>,
  { standingId, userId }: { standingId: string; userId: string },
  cause: Cause,
): Promise<boolean> {
  const { outcome } = await execute<string>(log, cause, (work) =>
    work.decide(standingApprovalDecider, standingId, { kind: 'end', userId, now: now() }),
  )
  return outcome === 'accepted'
}

/** An API token is its own consent. */
function underOf({ grantId, apiTokenId, clientId }: StandingWish['asker']): string {
  return grantId ?? apiTokenId ?? clientId
}
