/** What people are asked, as the pages show it: in their words, and whole. */
import { agentsPage } from '../agents/owner-letter.ts'
import { type FoundApproval, readApproval } from '../approvals/read.ts'
import { findAgent } from '../projections/agents.ts'
import {
  type Approval,
  type ApprovalsAsked,
  findStandingApprovals,
  listApprovals,
} from '../projections/approvals.ts'
import { findClient } from '../projections/clients.ts'
import { type Job, listJobs } from '../projections/jobs.ts'
import { findLogoId } from '../protocol/clients/client-logo.ts'
import type { Services } from '../protocol/services.ts'
import type { ApprovalStateName, ShownClient } from '../web/approval.tsx'
import { approvalsPath } from '../web/approval.tsx'
import type { ListedApproval, ListedStanding } from '../web/approvals.tsx'
import { connectedAppsPath } from '../web/connected-apps.tsx'
import { logosPath } from './client-logos.ts'

export const jobsPath = `${approvalsPath}/jobs`
const waitingJobsMax = 100

interface WhoAsks {
  readonly clientId: string
  readonly agentId?: string | null | undefined
  readonly grantId?: string | null | undefined
}

/** Who asks; an API token has no client, and is the person's own. */
export async function shownClient(
  services: Services,
  { clientId, agentId, grantId }: WhoAsks,
): Promise<ShownClient> {
  // What an agent gave stands on the page of the agents, and is no app that the person connected.
  const agent = agentId ? await findAgent(services.reader, agentId) : undefined
  const consent = agentId ? agentsPage : grantId && `${connectedAppsPath}/${grantId}`
  const client = await findClient(services.reader, clientId)
  const logoId = client && (await findLogoId(services, client))
  return {
    name: client?.metadata.clientName ?? clientId,
    ...(logoId ? { logo: `${logosPath}/${logoId}` } : {}),
    ...(agentId ? { agent: agent?.handle ?? agentId } : {}),
    ...(consent ? { consent } : {}),
  }
}

export async function listedApprovals(
  services: Services,
  asked: ApprovalsAsked,
): Promise<ListedApproval[]> {
  const rows = await listApprovals(services.reader, asked)
  return Promise.all(rows.map((row) => listed(services, row)))
}

async function listed(services: Services, row: Approval): Promise<ListedApproval> {
  const { approvalId, userId, tool, kind, askedAt, expiresAt } = row
  const { name, agent } = await shownClient(services, row)
  const found = await readApproval(services, { approvalId, userId })
  const payment = found?.shown?.payment
  const state = found ? stateOf(services, found) : row.status
  return {
    ...{ href: `${approvalsPath}/${approvalId}`, clientName: name, agent, tool, kind, state },
    ...(payment ? { amount: `${payment.amount} ${payment.currency}`, payee: payment.payee } : {}),
    ...{ askedAt, expiresAt },
  }
}

/** One that ran out a moment ago says so, though nobody has closed it yet. */
export function stateOf(
  { now }: Pick<Services, 'now'>,
  { approval: { status, expiresAt } }: FoundApproval,
): ApprovalStateName {
  return status === 'open' && now() >= expiresAt ? 'expired' : status
}

/** Jobs that need the person at another site. */
export async function listedJobs(services: Services, userId: string): Promise<ListedApproval[]> {
  const statuses = ['captcha', 'needs_login'] as const
  const rows = await listJobs(services.reader, { userId, statuses, rowsMax: waitingJobsMax })
  return Promise.all(rows.map((row) => listedJob(services, row)))
}

async function listedJob(services: Services, job: Job): Promise<ListedApproval> {
  const { jobId, tool, status, changedAt: askedAt, expiresAt } = job
  const { name, agent } = await shownClient(services, job)
  const kind = status === 'captcha' ? 'captcha' : 'needs_login'
  const about = { clientName: name, agent, tool, kind, state: 'open', askedAt, expiresAt } as const
  return { href: `${jobsPath}/${jobId}`, ...about }
}

export async function listedStanding(
  services: Services,
  userId: string,
): Promise<ListedStanding[]> {
  const rows = await findStandingApprovals(services.reader, { userId, now: services.now() })
  return Promise.all(
    rows.map(async (row) => ({ ...row, clientName: (await shownClient(services, row)).name })),
  )
}
