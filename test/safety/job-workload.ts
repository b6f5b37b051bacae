/** What workers do, what people are asked, what agents and the gateway write, sensible or not. */
import { requireApproval } from '../../src/approvals/call-approval.ts'
import { readApproval } from '../../src/approvals/read.ts'
import { type AgentCommand, agentDecider } from '../../src/domain/agent.ts'
import { execute } from '../../src/domain/execute.ts'
import { newId } from '../../src/domain/ids.ts'
import { jobDecider } from '../../src/domain/job.ts'
import type { JobCommand } from '../../src/domain/job-commands.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { standingApprovalDecider } from '../../src/domain/standing-approval.ts'
import { cancelJob } from '../../src/jobs/cancel-job.ts'
import { claimJob } from '../../src/jobs/claim-job.ts'
import { decideApproval, endApprovals } from '../../src/jobs/decide-approval.ts'
import { endLostLeases, expireJobs } from '../../src/jobs/end-waiting.ts'
import { queueJob } from '../../src/jobs/queue-job.ts'
import { type ReportedStep, reportSteps } from '../../src/jobs/worker-steps.ts'
import { findStandingApprovals, listApprovals } from '../../src/projections/approvals.ts'
import type { LiveToken } from '../../src/projections/live-tokens.ts'
import { findAccessToken } from '../../src/protocol/tokens/access-token.ts'
import { CallRecord, recordRefused } from '../../src/protocol/tool-call-record.ts'
import { one, type Step, type Steps } from './workload-step.ts'
import { cause } from './world.ts'

const seat = { title: 'T', description: 'D', scope: 'book', job: true, inputSchema: {} }

/** What the world needs for these steps to do something. */
export const jobSettings = {
  tools: [
    { ...seat, name: 'book', inputSchema: { type: 'object' } },
    { ...seat, name: 'delete', inputSchema: { type: 'object' }, approval: true },
  ],
  approvals: { standingLimit: { EUR: '100' } },
  jobs: { attemptsMax: 2 },
}

const correlationId = 'test'
const hour = 3_600_000

export const jobSteps = {
  async 'queue a job'(to, pick) {
    const token = await tokenOf(to, pick)
    if (!token) return
    const tool = pick % 5 === 4 ? 'delete' : 'book'
    const key = pick % 7 === 6 ? { idempotencyKey: `once ${pick}` } : {}
    const given = { 'zoë \u0000': pick }
    const wish = { tool, scope: 'book', arguments: given, ...key, correlationId }
    const queued = await queueJob(to.services, token, wish)
    if (queued.outcome === 'queued') to.jobs.push(queued.jobId)
  },
  async 'claim a job'(to, pick) {
    const workerId = one(to.machines, pick % 2)?.client_id
    if (!workerId) return
    const worker = { clientId: workerId, leaseSeconds: 60, correlationId }
    const { signal } = new AbortController()
    const claimed = await claimJob(to.services, worker, { waitSeconds: 0, signal })
    if (claimed) to.held.push({ ...claimed, workerId })
  },
  'go on with a job': (to, pick) =>
    report(to, pick, { kind: 'progress', note: 'é', percent: pick }),
  'ask for a payment': (to, pick) =>
    report(to, pick, {
      kind: 'pause',
      pause: 'paused_payment',
      note: 'Zoë \u0000',
      payment: {
        amount: `${pick}.50`,
        currency: pick % 4 === 3 ? 'JPY' : 'EUR',
        payee: '<b>É</b>',
        description: '"',
        parameters: { seats: pick },
      },
    }),
  'ask for a captcha': (to, pick) =>
    report(to, pick, { kind: 'pause', pause: 'captcha', note: 'é', url: 'https://é.example' }),
  'let a job go': (to, pick) => report(to, pick, { kind: 'let go' }),
  'finish a job': (to, pick) => report(to, pick, { kind: 'finish', result: '"' }),
  'fail at a job': (to, pick) => report(to, pick, { kind: 'fail', code: 'no_table', message: 'é' }),
  async 'cancel a job'(to, pick) {
    const jobId = one(to.jobs, pick)
    const why = pick % 2 ? { why: 'é' } : {}
    if (jobId) await cancelJob(to.services, { jobId, reason: 'cancelled_by_admin', ...why }, cause)
  },
  async 'do to a job what no worker can'(to, pick) {
    const [jobId, now] = [one(to.jobs, pick), to.services.now()]
    const lease = { leaseHash: sha256('nobody has it'), now }
    const wrong: JobCommand[] = [
      { kind: 'approve', approvalId: 'apr_none', now },
      { kind: 'finish', result: null, ...lease },
      { kind: 'resume', shownHash: 'x', isHeld: true, expiresAt: now, now },
    ]
    const command = wrong[pick % wrong.length]
    if (jobId && command) {
      await execute<string>(to.services.log, cause, (work) =>
        work.decide(jobDecider, jobId, command),
      )
    }
  },
  async 'let time end what waits'(to, pick) {
    to.later(pick % 3 ? 61_000 : 25 * hour)
    await endLostLeases(to.services)
    await expireJobs(to.services)
    await endApprovals(to.services)
  },
  approve: (to, pick) => decide(to, pick, 'approve'),
  deny: (to, pick) => decide(to, pick, 'deny'),
  async 'end what was approved ahead'(to, pick) {
    const userId = one(to.users, pick)
    if (!userId) return
    const rows = await findStandingApprovals(to.services.reader, { userId, now: to.services.now() })
    const standingId = rows[0]?.standingId
    if (!standingId) return
    const command = { kind: 'end', userId, now: to.services.now() } as const
    await execute<string>(to.services.log, cause, (work) =>
      work.decide(standingApprovalDecider, standingId, command),
    )
  },
  async 'call a tool elsewhere'(to, pick) {
    const token = await tokenOf(to, pick)
    if (!token) return
    const given = JSON.stringify({ pick: pick % 3, zoë: '\u0000' })
    const facts = { resource: token.resource, token, correlationId }
    const call = { ...facts, tool: 'delete_note', given }
    const scope = 'book'
    const answer = await requireApproval(to.services, token, { ...call, scope })
    if (answer.outcome !== 'approved' && pick % 4) {
      await recordRefused(to.services, [call], 'approval_needed')
      return
    }
    const terms = { definitionHash: sha256('a tool'), keepArguments: pick % 2 === 0 }
    const record = await CallRecord.make(to.services, call, { ...terms, before: pick % 3 > 0 })
    const outcomes = ['ok', 'tool_error', 'upstream_error', 'interrupted'] as const
    if (pick !== 20) await record?.end(outcomes[pick % 4] ?? 'ok')
  },
  async 'register an agent'(to, pick) {
    const [agentId, now] = [newId('agt'), to.services.now()]
    const words = { handle: agentId, modelName: 'é', ownerName: 'Zoë \u0000', ownerEmail: 'x@é' }
    const keys = { ownerEmailKey: sha256('x@é'), secretId: newId('sec') }
    const facts = { agentId, ...words, ...keys, registeredAt: now - pick, at: now }
    to.agents.push(agentId)
    await onAgent(to, 0, { kind: 'register', facts })
  },
  'confirm an agent': (to, pick) =>
    onAgent(to, pick, { kind: 'confirm', emailKeys: [sha256('x@é')], ...ownerOf(to, pick) }),
  "change an agent's words": (to, pick) =>
    onAgent(to, pick, {
      kind: 'change profile',
      modelName: `${pick} é`,
      ownerName: '"',
      now: to.services.now(),
    }),
  'let an agent give': (to, pick) =>
    onAgent(to, pick, { kind: 'consent', scopes: ['book'], ...ownerOf(to, pick), ...there(to) }),
  'let an agent give no more': (to, pick) =>
    onAgent(to, pick, { kind: 'withdraw consent', ...ownerOf(to, pick), ...there(to) }),
  'revoke an agent': (to, pick) =>
    pick > 10
      ? onAgent(to, pick, {
          kind: 'revoke',
          reason: 'revoked_by_owner',
          ...(pick % 2 ? { why: 'é' } : {}),
          now: to.services.now(),
        })
      : undefined,
} satisfies Record<string, Step>

/** What some client could present now. */
async function tokenOf(to: Steps, pick: number): Promise<LiveToken | undefined> {
  const held = one(to.accessTokens, pick % 4)
  return held && findAccessToken(to.services, held.refreshToken)
}

async function report(to: Steps, pick: number, step: ReportedStep): Promise<void> {
  const held = one(to.held, pick % 3)
  if (held) await reportSteps(to.services, { ...held, steps: [step], correlationId })
}

async function decide(to: Steps, pick: number, choice: 'approve' | 'deny'): Promise<void> {
  const { services } = to
  const userId = one(to.users, pick % 3)
  if (!userId) return
  const rows = await listApprovals(services.reader, { userId, rowsMax: 100 })
  const approvalId = one(rows.toReversed(), pick % 4)?.approvalId
  const found = approvalId && (await readApproval(services, { approvalId, userId }))
  if (!found) return
  const { shownHash } = found.approval
  const by = { userId, channel: 'web', sessionId: 'ses_1', amr: ['pwd'], authTime: 1 } as const
  const reason = pick % 2 ? { reason: 'Zoë \u0000' } : {}
  const wish = { approvalId, by, choice, shownHash, standing: pick % 3 === 0, ...reason }
  await decideApproval(services, wish, cause)
}

function ownerOf(to: Steps, pick: number) {
  return { ownerId: one(to.users, pick % 2) ?? 'none', now: to.services.now() }
}

function there(to: Steps) {
  return { clientId: one(to.clients, 0) ?? 'none', resource: 'https://api.example.com/mcp' }
}

async function onAgent(to: Steps, pick: number, command: AgentCommand): Promise<void> {
  const id = one(to.agents, pick % 3)
  if (id)
    await execute<string>(to.services.log, cause, (work) => work.decide(agentDecider, id, command))
}
