/**
 * A person decides what they were asked: the answer and what follows from it are one append. Given,
 * a job goes on; denied, it ends. What nothing allows any more, or what is not asked any more, is
 * closed by whoever comes to it, and answers nothing.
 */
import { readApproval } from '../approvals/read.ts'
import type { Shown } from '../approvals/shown.ts'
import { giveStanding, standingLimitFor } from '../approvals/standing.ts'
import {
  type ApprovalRefusal,
  approvalDecider,
  type DecidedBy,
  isWaiting,
  type KnownApproval,
} from '../domain/approval.ts'
import type { ApprovalVoidReason } from '../domain/approval-events.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute, type Verdict, type Work } from '../domain/execute.ts'
import { isOver, type JobState, jobDecider } from '../domain/job.ts'
import type { JobRefusal } from '../domain/job-commands.ts'
import { findApprovalsToEnd } from '../projections/approvals.ts'
import type { Services } from '../protocol/services.ts'
import { resumeIn } from './answer-job.ts'
import { isAllowed, systemCause } from './job-access.ts'
import { signalJob } from './job-signals.ts'

export interface Wish {
  readonly approvalId: string
  readonly by: DecidedBy
  readonly choice: 'approve' | 'deny'
  /** Of what the person was shown. */
  readonly shownHash: string
  readonly reason?: string | undefined
  /** Whether further payments of the tool are approved ahead, as far as the settings allow. */
  readonly standing?: boolean
}

export type DecisionRefusal = ApprovalRefusal | JobRefusal

export type Decided =
  | { readonly outcome: 'recorded' }
  | { readonly outcome: 'refused'; readonly reason: DecisionRefusal }

export async function decideApproval(
  services: Services,
  wish: Wish,
  cause: Cause,
): Promise<Decided> {
  const { log } = services
  const { approvalId, by } = wish
  const { userId } = by
  const found = await readApproval(services, { approvalId, userId })
  // What cannot be shown as it was asked cannot be decided.
  if (!found) return { outcome: 'refused', reason: 'approval_unknown' }
  const { shown } = found
  if (!shown) return { outcome: 'refused', reason: 'shown_differs' }
  let job: JobState = jobDecider.initial
  let closed = false
  const done = await execute<DecisionRefusal>(log, cause, async (work) => {
    const approval = await work.read(approvalDecider, approvalId)
    if (approval.status === 'unknown') return work.reject('approval_unknown')
    closed = approval.status === 'open' && (await close(services, work, approval))
    if (closed) return { outcome: 'accepted' }
    const verdict = await answer(services, work, { approval, wish, shown })
    if (approval.jobId !== undefined) job = await work.read(jobDecider, approval.jobId)
    return verdict
  })
  if (done.outcome === 'refused') return { outcome: 'refused', reason: done.reason }
  if (closed) return { outcome: 'refused', reason: 'approval_voided' }
  signalJob(log, job)
  return { outcome: 'recorded' }
}

interface Answering {
  readonly approval: KnownApproval
  readonly wish: Wish
  readonly shown: Shown
}

async function answer(
  services: Services,
  work: Work,
  { approval, wish, shown }: Answering,
): Promise<Verdict<DecisionRefusal>> {
  const { settings, now } = services
  const { approvalId, jobId } = approval
  const { by, shownHash, reason, choice } = wish
  const useMs = settings.approvals.useSeconds * 1000
  const said = { by, shownHash, now: now() }
  const verdict = await work.decide(
    approvalDecider,
    approvalId,
    choice === 'approve'
      ? { kind: 'give', ...said, useMs }
      : { kind: 'deny', ...said, ...(reason === undefined ? {} : { reason }) },
  )
  if (verdict.outcome === 'refused') return verdict
  const standing = standingLimitFor(services, shown)
  if (choice === 'approve' && wish.standing && standing) {
    await giveStanding(services, work, {
      approvalId,
      asker: approval,
      ...standing,
      tool: shown.tool,
    })
  }
  return jobId === undefined ? verdict : carryOut(services, work, { approval, jobId, choice })
}

function carryOut(
  services: Services,
  work: Work,
  {
    approval,
    jobId,
    choice,
  }: Pick<Answering, 'approval'> & { jobId: string; choice: Wish['choice'] },
): Promise<Verdict<DecisionRefusal>> {
  const now = services.now()
  const { approvalId, shownHash, kind } = approval
  if (choice === 'deny') {
    return work.decide(jobDecider, jobId, { kind: 'cancel', reason: 'denied_by_user', now })
  }
  return kind === 'job'
    ? work.decide(jobDecider, jobId, { kind: 'approve', approvalId, now })
    : resumeIn(services, work, { jobId, shownHash, approvalId })
}

/** Closes what is not to be decided any more; false where it still is. */
async function close(
  { now }: Pick<Services, 'now'>,
  work: Work,
  approval: KnownApproval,
): Promise<boolean> {
  const reason = await whyVoid(work, approval)
  if (reason === undefined) return false
  const command = { kind: 'void', reason, now: now() } as const
  const verdict = await work.decide(approvalDecider, approval.approvalId, command)
  return verdict.outcome === 'accepted'
}

async function whyVoid(
  work: Work,
  approval: KnownApproval,
): Promise<ApprovalVoidReason | undefined> {
  const { jobId, approvalId } = approval
  if (jobId !== undefined) {
    const job = await work.read(jobDecider, jobId)
    if (job.status === 'unknown' || isOver(job.status)) return 'job_over'
    if (job.approvalId !== approvalId) return 'changed'
  }
  return (await isAllowed(work, approval)) ? undefined : 'access_ended'
}

/** So that nobody waits for it; the rest have their turn a moment later. */
const approvalsPerRun = 100

/**
 * Closes what ran out, and what nothing allows any more: of this person, or of everybody.
 * @returns how many
 */
export async function endApprovals(services: Services, userId?: string): Promise<number> {
  const { reader, now, log } = services
  const rows = { now: now(), userId, rowsMax: approvalsPerRun }
  let ended = 0
  for (const approvalId of await findApprovalsToEnd(reader, rows)) {
    const { outcome } = await execute<string>(log, systemCause('end-approvals'), async (work) => {
      const approval = await work.read(approvalDecider, approvalId)
      if (approval.status === 'unknown' || !isWaiting(approval)) return work.reject('approval_over')
      if (await close(services, work, approval)) return { outcome: 'accepted' }
      return work.decide(approvalDecider, approvalId, { kind: 'expire', now: now() })
    })
    if (outcome === 'accepted') ended += 1
  }
  return ended
}
