/** What a person was asked here, and their answers, without the pages. */
import { readApproval } from '../../src/approvals/read.ts'
import { decideApproval, type Wish } from '../../src/jobs/decide-approval.ts'
import { listApprovals } from '../../src/projections/approvals.ts'
import type { TestServer } from './server.ts'

type Served = Pick<TestServer, 'services'>

export const cause = { actor: 'user:somebody', correlationId: 'test' }

/** Ids of what waits for the person, the newest first. */
export async function openApprovals({ services }: Served, userId: string): Promise<string[]> {
  const rows = await listApprovals(services.reader, { userId, isOpen: true, rowsMax: 100 })
  return rows.map(({ approvalId }) => approvalId)
}

export async function approvalOfJob({ services }: Served, jobId: string) {
  const [job] = await services.log.load([`job/${jobId}`])
  const { approvalId, userId = '' } = (job?.state ?? {}) as { approvalId?: string; userId?: string }
  if (approvalId === undefined) throw new Error('Cannot decide: the job asks for nothing')
  const found = await readApproval(services, { approvalId, userId })
  if (!found) throw new Error('Cannot decide: there is no such approval')
  return { ...found, approvalId, userId }
}

/** Answers as the person would on the page, having seen what is asked. */
export async function decide(
  { services }: Served,
  about: { readonly approvalId: string; readonly userId: string },
  wish: Partial<Wish> = {},
) {
  const [approval] = await services.log.load([`approval/${about.approvalId}`])
  const { shownHash = '' } = (approval?.state ?? {}) as { shownHash?: string }
  const by = { userId: about.userId, channel: 'web', sessionId: 'ses_1', amr: ['pwd'] } as const
  const whole = { approvalId: about.approvalId, by, choice: 'approve', shownHash, ...wish } as const
  return decideApproval(services, whole, cause)
}
