/**
 * People, workers and time meet at one job. Every question to the log and every answer is held back
 * until a scheduler lets it through, in every order it can think of: one of them is heard, the
 * others learn that they came too late, and nothing is half done.
 */
import fc from 'fast-check'
import { readApproval } from '../../src/approvals/read.ts'
import { approvalDecider, type KnownApproval } from '../../src/domain/approval.ts'
import { execute, Work } from '../../src/domain/execute.ts'
import { jobDecider, type KnownJob } from '../../src/domain/job.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { cancelJob } from '../../src/jobs/cancel-job.ts'
import { claimJob } from '../../src/jobs/claim-job.ts'
import { decideApproval } from '../../src/jobs/decide-approval.ts'
import { queueJob } from '../../src/jobs/queue-job.ts'
import { type ReportedStep, reportSteps } from '../../src/jobs/worker-steps.ts'
import type { Services } from '../../src/protocol/services.ts'
import { findAccessToken } from '../../src/protocol/tokens/access-token.ts'
import { revoke } from '../../src/protocol/tokens/revoke.ts'
import { addClient } from '../support/operator-client.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { heldBack, meeting } from './held-back.ts'
import { jobSettings } from './job-workload.ts'
import {
  type Approved,
  bareRequest,
  cause,
  consent,
  newClient,
  newUser,
  openWorld,
  redeem,
  type World,
} from './world.ts'

const numRuns = process.env.GRANTLOG_TEST_NIGHTLY ? 500 : 40
const correlationId = 'test'

let world: World
beforeAll(async () => {
  world = await openWorld(jobSettings)
})
afterAll(() => world.close())

interface Situation {
  readonly userId: string
  readonly clientId: string
  readonly accessToken: string
  readonly workers: readonly string[]
  readonly jobId: string
}

interface Paused extends Situation {
  readonly workerId: string
  readonly leaseHash: string
  readonly approvalId: string
  readonly shownHash: string
}

async function queued(services: Services): Promise<Situation> {
  const ids = { clientId: await newClient(services), userId: await newUser(services) }
  const approved = (await consent(services, ids)) as Approved
  const { access_token: accessToken } = await redeem(services, approved)
  const token = await findAccessToken(services, accessToken)
  const wish = { tool: 'book', scope: 'book', arguments: {}, correlationId }
  const made = token && (await queueJob(services, token, wish))
  if (made?.outcome !== 'queued') throw new Error('Cannot go on: there is no job')
  const both = [await addClient(services), await addClient(services)]
  const workers = both.map(({ client_id }) => client_id)
  return { ...ids, accessToken, workers, jobId: made.jobId }
}

async function paused(services: Services): Promise<Paused> {
  const situation = await queued(services)
  const [workerId = ''] = situation.workers
  const claimed = await claim(services, workerId)
  const { leaseHash = '' } = claimed ?? {}
  await report(services, { ...situation, workerId, leaseHash }, payment('10.00'))
  const { approvalId = '' } = await jobOf(services, situation)
  const { shownHash } = await approvalOf(services, approvalId)
  return { ...situation, workerId, leaseHash, approvalId, shownHash }
}

function payment(amount: string): ReportedStep {
  const asked = { amount, currency: 'CHF', payee: 'Da Enzo', description: 'Four seats' }
  return { kind: 'pause', pause: 'paused_payment', note: 'Pay', payment: asked }
}

function claim(services: Services, clientId: string) {
  const { signal } = new AbortController()
  return claimJob(
    services,
    { clientId, tools: ['book'], leaseSeconds: 60, correlationId },
    { waitSeconds: 0, signal },
  )
}

type Holder = Pick<Paused, 'jobId' | 'workerId' | 'leaseHash'>

function report(services: Services, { jobId, workerId, leaseHash }: Holder, step: ReportedStep) {
  return reportSteps(services, { jobId, workerId, leaseHash, steps: [step], correlationId })
}

async function jobOf({ log }: Services, { jobId }: Pick<Situation, 'jobId'>): Promise<KnownJob> {
  return (await new Work(log).read(jobDecider, jobId)) as KnownJob
}

async function approvalOf({ log }: Services, approvalId: string): Promise<KnownApproval> {
  return (await new Work(log).read(approvalDecider, approvalId)) as KnownApproval
}

function answer(services: Services, about: Paused, choice: 'approve' | 'deny') {
  const { approvalId, shownHash, userId } = about
  const by = { userId, channel: 'web' } as const
  return decideApproval(services, { approvalId, by, choice, shownHash }, cause)
}

async function typesOf({ log }: Services, streamId: string): Promise<string[]> {
  return (await log.read({ streamId })).map(({ type }) => type)
}

/** What each may do to a payment that somebody is asked for. */
const acts = {
  approve: async (services: Services, about: Paused) =>
    (await answer(services, about, 'approve')).outcome === 'recorded',
  deny: async (services: Services, about: Paused) =>
    (await answer(services, about, 'deny')).outcome === 'recorded',
  change: async (services: Services, about: Paused) =>
    (await report(services, about, payment('99.00'))).outcome === 'recorded',
  finish: async (services: Services, about: Paused) =>
    (await report(services, about, { kind: 'finish', result: {} })).outcome === 'recorded',
  cancel: (services: Services, { jobId }: Paused) =>
    cancelJob(services, { jobId, reason: 'cancelled_by_user' }, cause),
  expire: async (services: Services, { jobId }: Paused) => {
    // A day later by this one's clock.
    const now = services.now() + 25 * 3_600_000
    const { outcome } = await execute<string>(services.log, cause, (work) =>
      work.decide(jobDecider, jobId, { kind: 'expire', now }),
    )
    return outcome === 'accepted'
  },
  revoke: async (services: Services, { accessToken, clientId }: Paused) => {
    const form = new URLSearchParams({ client_id: clientId, token: accessToken })
    await revoke(services, { form, ...bareRequest })
    return true
  },
}

type Act = keyof typeof acts

/** Runs them at once on one paused job, in the orders of this scheduler. */
async function atOnce(s: fc.Scheduler, names: readonly Act[], more: readonly number[]) {
  const { services } = world
  const about = await paused(services)
  const come = meeting(heldBack(services.log, s), names.length)
  const doing = names.map((name, nth) =>
    acts[name]({ ...services, log: come(more[nth] ?? 0) }, about),
  )
  const did = await s.waitFor(Promise.all(doing))
  const done = names.filter((_, index) => did[index])
  const job = await jobOf(services, about)
  const approval = await approvalOf(services, about.approvalId)
  return { about, done, job, approval, types: await typesOf(services, `job/${about.jobId}`) }
}

const lateness = fc.array(fc.nat(8), { minLength: 4, maxLength: 4 })

/** All orders of these, and that not always the same one was first. */
async function inEveryOrder(
  names: readonly Act[],
  holds: (after: Awaited<ReturnType<typeof atOnce>>) => void | Promise<void>,
): Promise<void> {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), lateness, async (s, more) => {
      const after = await atOnce(s, names, more)
      seen.add(after.done.join())
      await holds(after)
    }),
    { numRuns },
  )
  expect(seen.size).toBeGreaterThan(1)
}

describe('a payment', () => {
  test('that is approved, changed and runs out at once is approved as it was shown, or not', async () => {
    await inEveryOrder(
      ['approve', 'change', 'expire'],
      async ({ about, done, job, approval, types }) => {
        expect(approval.status).toBe(done.includes('approve') ? 'given' : 'voided')
        const resumed = types.filter((type) => type === 'JobResumed')
        expect(resumed).toHaveLength(done.includes('approve') ? 1 : 0)
        // What was approved is never the payment that is asked for now.
        if (job.status === 'paused_payment') expect(job.approvalId).not.toBe(about.approvalId)
        if (done.includes('expire')) expect(job.status).toBe('error')
        const found = await readApproval(world.services, about)
        expect(found?.shown?.payment?.amount).toBe('10.00')
      },
    )
  })

  test('that is denied while its worker says that it is done is denied', async () => {
    await inEveryOrder(['deny', 'finish', 'cancel'], ({ done, job, approval, types }) => {
      // Nobody but the person leads out of the pause.
      expect(done).not.toContain('finish')
      expect(done).toHaveLength(1)
      expect(job.status).toBe('cancelled')
      expect(approval.status).toBe(done.includes('deny') ? 'denied' : 'voided')
      expect(types.filter((type) => type === 'JobCancelled')).toHaveLength(1)
      expect(types).not.toContain('JobFinished')
    })
  })

  test('has one answer, from however many windows', async () => {
    await inEveryOrder(['approve', 'deny', 'approve', 'deny'], ({ done, job, types }) => {
      expect(done).toHaveLength(1)
      expect(job.status).toBe(done[0] === 'deny' ? 'cancelled' : 'running')
      const ends = types.filter((type) => type === 'JobResumed' || type === 'JobCancelled')
      expect(ends).toHaveLength(1)
    })
  })

  test('is not approved once what allowed it has ended', async () => {
    await inEveryOrder(['approve', 'revoke'], async ({ about, done, job, approval }) => {
      const { services } = world
      if (!done.includes('approve')) {
        expect(approval.status).toBe('voided')
        expect(job.status).toBe('paused_payment')
        return
      }
      // It was approved before: its worker hears at the next step that nothing allows it any more.
      const next = await report(services, about, { kind: 'progress', note: 'On' })
      expect(next).toMatchObject({ outcome: 'refused', reason: 'job_over' })
      expect((await jobOf(services, about)).status).toBe('cancelled')
    })
  })
})

describe('a job', () => {
  test('that two claim and somebody cancels is one worker’s, or nobody’s', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), lateness, async (s, more) => {
        const { services } = world
        const { workers, jobId } = await queued(services)
        // The second of two claims in one process waits for the first.
        const come = meeting(heldBack(services.log, s), 2)
        const claims = { ...services, log: come(more[0] ?? 0) }
        const cancels = { ...services, log: come(more[1] ?? 0) }
        const claiming = workers.map((worker) => claim(claims, worker))
        const cancelling = cancelJob(cancels, { jobId, reason: 'cancelled_by_user' }, cause)
        const [isCancelled, ...got] = await s.waitFor(Promise.all([cancelling, ...claiming]))
        expect(isCancelled).toBe(true)
        const leases = got.filter((claimed) => claimed !== undefined)
        expect(leases.length).toBeLessThan(2)
        const types = await typesOf(services, `job/${jobId}`)
        expect(types.filter((type) => type === 'JobClaimed')).toHaveLength(leases.length)
        expect(types.at(-1)).toBe('JobCancelled')
        seen.add(String(leases.length))
        const [lease] = leases
        if (!lease) return
        const [workerId = ''] = workers.filter((_, index) => got[index])
        const late = await report(services, { ...lease, workerId }, { kind: 'finish', result: 1 })
        expect(late).toMatchObject({ outcome: 'refused', reason: 'job_over' })
      }),
      { numRuns },
    )
    expect([...seen].toSorted()).toEqual(['0', '1'])
  })

  test('that two processes claim at once is one worker’s', async () => {
    const winners = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const { services } = world
        const { workers, jobId } = await queued(services)
        const held = { ...services, log: heldBack(services.log, s) }
        const take = (workerId: string) => {
          const command = {
            kind: 'claim',
            workerId,
            leaseHash: sha256(workerId),
            now: services.now(),
          } as const
          return execute<string>(held.log, cause, (work) => work.decide(jobDecider, jobId, command))
        }
        const all = await s.waitFor(Promise.all(workers.map(take)))
        expect(all.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
        winners.add(all.findIndex(({ outcome }) => outcome === 'accepted'))
        await cancelJob(services, { jobId, reason: 'cancelled_by_user' }, cause)
      }),
      { numRuns },
    )
    expect(winners.size).toBe(2)
  })
})
