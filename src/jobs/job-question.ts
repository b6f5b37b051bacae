/**
 * The questions that a job waits on: whether it may begin, and whether something may be paid. Each
 * is asked in the append in which the job begins to wait, and ends in the one in which the job does.
 */
import { ask } from '../approvals/ask.ts'
import { spendStanding } from '../approvals/standing.ts'
import { approvalDecider } from '../domain/approval.ts'
import type { ApprovalVoidReason } from '../domain/approval-events.ts'
import type { Work } from '../domain/execute.ts'
import type { KnownJob } from '../domain/job.ts'
import type { Payment, QueuedJob } from '../domain/job-events.ts'
import type { Services } from '../protocol/services.ts'

type Asking = Pick<Services, 'keyring' | 'now'>

/** Whether a job may begin. */
export async function askToBegin(
  services: Asking,
  work: Work,
  { arguments: given, ...job }: QueuedJob,
): Promise<QueuedJob> {
  const { tool, jobId, expiresAt } = job
  const parameters: unknown = JSON.parse(given ?? 'null')
  const shown = { kind: 'job', tool, parameters } as const
  const { approvalId } = await ask(services, work, { asker: askerOf(job), shown, jobId, expiresAt })
  return { ...job, arguments: given, approvalId }
}

export interface AskedPayment {
  readonly job: KnownJob
  readonly note: string
  readonly payment: Payment
  readonly expiresAt: number
}

/**
 * Whether this may be paid; what was asked before is not asked any more.
 * @returns `isGiven` where the person approved it ahead
 */
export async function askToPay(
  services: Pick<Services, 'keyring' | 'reader' | 'now'>,
  work: Work,
  { job, note, payment, expiresAt }: AskedPayment,
) {
  await endQuestion(work, job, { reason: 'changed', now: services.now() })
  const { parameters = {}, ...shownPayment } = payment
  const { tool, jobId } = job
  const shown = { kind: 'payment', tool, parameters, payment: shownPayment, note } as const
  const asker = askerOf(job)
  const asked = await ask(services, work, { asker, shown, jobId, expiresAt })
  const isGiven = await spendStanding(services, work, { ...asked, asker, tool, payment })
  return { ...asked, isGiven }
}

/** Nobody can answer any more what the job does not wait for. */
export async function endQuestion(
  work: Work,
  { approvalId }: Pick<KnownJob, 'approvalId'>,
  { reason, now }: { readonly reason: ApprovalVoidReason; readonly now: number },
): Promise<void> {
  if (approvalId === undefined) return
  await work.decide(approvalDecider, approvalId, { kind: 'void', reason, now })
}

/** The job's own authority: whoever started it asks. */
function askerOf(job: Omit<QueuedJob, 'arguments' | 'at'>) {
  const { userId, clientId, clientIds, grantId, issuanceId, resource, scope } = job
  const token = job.apiTokenId === undefined ? {} : { apiTokenId: job.apiTokenId }
  const agent = job.agentId === undefined ? {} : { agentId: job.agentId }
  return { ...agent, ...token, userId, clientId, clientIds, grantId, issuanceId, resource, scope }
}
