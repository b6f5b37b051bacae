/** A job goes from queued over running to an end, with pauses for what only a person can do. */
import fc from 'fast-check'
import type { Decision } from '../../src/domain/decider.ts'
import { type JobState, type JobStatus, jobDecider, jobStepsMax } from '../../src/domain/job.ts'
import type { JobCommand, JobRefusal } from '../../src/domain/job-commands.ts'
import {
  JobApproved,
  JobCancelled,
  JobClaimed,
  type JobEvent,
  JobFailed,
  JobFinished,
  JobPaused,
  JobProgressed,
  JobQueued,
  JobResumed,
  JobReturned,
  jobPauses,
} from '../../src/domain/job-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const job = {
  jobId: 'job_1',
  userId: 'usr_1',
  clientId: 'cli_1',
  clientIds: ['cli_1'],
  grantId: 'grt_1',
  resource: 'https://api.example.com/mcp',
  scope: 'book',
  tool: 'book_table',
  arguments: '{"seats":2}',
  argumentsHash: sha256('{"seats":2}'),
  expiresAt: 9000,
  at: 1000,
}
const now = 2000
const fact = { jobId: 'job_1', userId: 'usr_1', at: now }
const step = { ...fact, attempt: 1 }
const leaseHash = sha256('lease 1')
const shownHash = sha256('what is shown')
const later = 20_000
const payment = { amount: '84.50', currency: 'EUR', payee: 'Da Enzo', description: 'Four seats' }

const pauses = {
  paused_payment: { note: 'Pay first', payment, approvalId: 'apr_1' },
  captcha: { note: 'Prove it', url: 'https://example.com/captcha' },
  needs_login: { note: 'Sign in', url: 'https://example.com/login' },
} as const

/** Every command but `queue`, by the current worker or whoever may, with what it records. */
const commands = {
  claim: [
    { kind: 'claim', workerId: 'op_1', leaseHash, now },
    [JobClaimed({ ...step, workerId: 'op_1', leaseHash })],
  ],
  progress: [
    { kind: 'progress', note: 'half', percent: 50, leaseHash, now },
    [JobProgressed({ ...step, note: 'half', percent: 50 })],
  ],
  paused_payment: pausing('paused_payment'),
  captcha: pausing('captcha'),
  needs_login: pausing('needs_login'),
  finish: [
    { kind: 'finish', result: { table: 4 }, leaseHash, now },
    [JobFinished({ ...step, result: { table: 4 } })],
  ],
  fail: [
    { kind: 'fail', code: 'full', message: 'No table', leaseHash, now },
    [JobFailed({ ...fact, code: 'full', message: 'No table' })],
  ],
  'let go': [
    { kind: 'let go', expiresAt: later, leaseHash, now },
    [JobReturned({ ...step, reason: 'let_go', expiresAt: later })],
  ],
  resume: [
    { kind: 'resume', shownHash, isHeld: true, expiresAt: later, now },
    [JobResumed({ ...fact, shownHash })],
  ],
  'resume approved': [
    {
      ...{ kind: 'resume', shownHash, approvalId: 'apr_1' },
      ...{ isHeld: true, expiresAt: later, now },
    },
    [JobResumed({ ...fact, shownHash, approvalId: 'apr_1' })],
  ],
  approve: [
    { kind: 'approve', approvalId: 'apr_1', now },
    [JobApproved({ ...fact, approvalId: 'apr_1' })],
  ],
  'end lease': [
    { kind: 'end lease', leaseHash, attemptsMax: 5, expiresAt: later, now },
    [JobReturned({ ...step, reason: 'lease_ended', expiresAt: later })],
  ],
  cancel: [
    { kind: 'cancel', reason: 'cancelled_by_user', now },
    [JobCancelled({ ...fact, reason: 'cancelled_by_user' })],
  ],
  expire: [
    { kind: 'expire', now: 9000 },
    [
      JobFailed({
        ...fact,
        at: 9000,
        code: 'expired',
        message: 'Nobody went on with it in time',
      }),
    ],
  ],
} satisfies Record<string, Row>

type Row = readonly [JobCommand, readonly JobEvent[]]
type Name = keyof typeof commands

function pausing(pause: keyof typeof pauses): Row {
  const shown = { pause, ...pauses[pause], shownHash, expiresAt: 9000 }
  return [{ kind: 'pause', ...shown, leaseHash, now }, [JobPaused({ ...step, ...shown })]]
}

const queued = JobQueued(job)
const running = [queued, ...commands.claim[1]]
const paused = (pause: keyof typeof pauses) => [...running, ...commands[pause][1]]

const histories: Readonly<Record<JobStatus, readonly JobEvent[]>> = {
  queued: [queued],
  running,
  paused_payment: paused('paused_payment'),
  captcha: paused('captcha'),
  needs_login: paused('needs_login'),
  done: [...running, ...commands.finish[1]],
  error: [...running, ...commands.fail[1]],
  cancelled: [...running, ...commands.cancel[1]],
}

const ok = 'accepted'
const [unqueued, unpaused, idle] = ['job_not_queued', 'job_not_paused', 'job_not_running'] as const
const [over, stale, other] = ['job_over', 'lease_lost', 'approval_differs'] as const

/** What becomes of each command in each status. A queued job has no worker, so none has a say. */
const table: Readonly<Record<Name, readonly (JobRefusal | typeof ok)[]>> = {
  //              queued    running            payment   captcha   needs_login done error cancelled
  claim: [ok, unqueued, unqueued, unqueued, unqueued, over, over, over],
  progress: [stale, ok, idle, idle, idle, over, over, over],
  paused_payment: [stale, ok, ok, idle, idle, over, over, over],
  captcha: [stale, ok, idle, idle, idle, over, over, over],
  needs_login: [stale, ok, idle, idle, idle, over, over, over],
  finish: [stale, ok, idle, idle, idle, over, over, over],
  fail: [stale, ok, idle, idle, idle, over, over, over],
  'let go': [stale, ok, idle, idle, idle, over, over, over],
  resume: [unpaused, unpaused, other, ok, ok, over, over, over],
  'resume approved': [unpaused, unpaused, ok, other, other, over, over, over],
  approve: [other, unqueued, unqueued, unqueued, unqueued, over, over, over],
  'end lease': [stale, ok, idle, idle, idle, over, over, over],
  cancel: [ok, ok, ok, ok, ok, over, over, over],
  expire: [ok, 'job_not_expired', ok, ok, ok, over, over, over],
}

for (const [place, status] of (Object.keys(histories) as JobStatus[]).entries()) {
  describe(`a job that is ${status}`, () => {
    const history = histories[status]
    test('is what its events say', () => {
      expect(fold(jobDecider, history).status).toBe(status)
    })
    test('cannot be queued again', () => {
      given(jobDecider, ...history)
        .when({ kind: 'queue', job })
        .refuses('job_exists')
    })
    for (const [name, outcomes] of Object.entries(table)) {
      const [command, events] = commands[name as Name]
      const outcome = outcomes[place] as JobRefusal | typeof ok
      test(`${name}: ${outcome}`, () => {
        const decided = given(jobDecider, ...history).when(command)
        if (outcome === ok) decided.records(...events)
        else decided.refuses(outcome)
      })
    }
  })
}

describe('a job nobody has heard of', () => {
  test('can be queued, under the grant that allows it', () => {
    given(jobDecider).when({ kind: 'queue', job }).records(queued)
  })
  for (const [name, [command]] of Object.entries(commands)) {
    test(`${name}: job_unknown`, () => {
      given(jobDecider).when(command).refuses('job_unknown')
    })
  }
})

describe('a lease', () => {
  const other = sha256('lease 2')
  const steps = ['progress', ...jobPauses, 'finish', 'fail', 'let go', 'end lease'] as const

  for (const name of steps) {
    test(`that is not the current one cannot ${name}`, () => {
      const [command] = commands[name]
      const stale = { ...command, leaseHash: other } as JobCommand
      for (const history of Object.values(histories)) {
        given(jobDecider, ...history)
          .when(stale)
          .refuses('lease_lost')
      }
    })
  }

  test('that has ended is worth nothing once somebody else has the job', () => {
    const again = JobClaimed({ ...step, attempt: 2, workerId: 'op_2', leaseHash: other })
    const history = [...running, ...commands['end lease'][1], again]
    given(jobDecider, ...history)
      .when(commands.finish[0])
      .refuses('lease_lost')
    given(jobDecider, ...history)
      .when({ ...commands.finish[0], leaseHash: other })
      .records(JobFinished({ ...step, attempt: 2, result: { table: 4 } }))
  })

  test('that ends for the last time ends the job', () => {
    const [lost] = commands['end lease'][1]
    const again = (attempt: number) => JobClaimed({ ...step, attempt, workerId: 'op_1', leaseHash })
    const command = { ...commands['end lease'][0], attemptsMax: 2 }
    const history = [...running, lost as JobEvent, again(2)]
    given(jobDecider, ...history)
      .when(command)
      .records(
        JobReturned({ ...step, attempt: 2, reason: 'lease_ended', expiresAt: later }),
        JobFailed({
          ...fact,
          code: 'attempts_exhausted',
          message: 'Nobody brought it to an end',
        }),
      )
  })

  test('that the worker let go costs no attempt', () => {
    const state = fold(jobDecider, [...running, ...commands['let go'][1]])
    expect(state).toMatchObject({ status: 'queued', attempt: 1, lost: 0, expiresAt: later })
  })
})

describe('a job that may not begin unasked', () => {
  const unapproved = JobQueued({ ...job, approvalId: 'apr_1' })
  const approved = commands.approve[1]

  test('is claimed by nobody before it is approved, and then by whoever comes', () => {
    given(jobDecider, unapproved).when(commands.claim[0]).refuses('job_unapproved')
    given(jobDecider, unapproved, ...approved)
      .when(commands.claim[0])
      .records(...commands.claim[1])
  })

  test('is approved once, by the approval that it waits for', () => {
    given(jobDecider, unapproved)
      .when(commands.approve[0])
      .records(...approved)
    given(jobDecider, unapproved)
      .when({ ...commands.approve[0], approvalId: 'apr_2' })
      .refuses('approval_differs')
    given(jobDecider, unapproved, ...approved)
      .when(commands.approve[0])
      .refuses('approval_differs')
  })

  test('stays approved when its worker is lost', () => {
    const history = [unapproved, ...approved, ...commands.claim[1], ...commands['end lease'][1]]
    expect(fold(jobDecider, history)).not.toHaveProperty('approvalId')
  })
})

describe('a payment', () => {
  const [pay] = commands.paused_payment
  test('is never asked for without an approval', () => {
    const { approvalId: _, ...unasked } = pay as typeof pay & { approvalId: string }
    given(jobDecider, ...running)
      .when(unasked as JobCommand)
      .refuses('approval_missing')
  })

  test('that was asked for again is approved as it is asked now', () => {
    const newer = { approvalId: 'apr_2', shownHash: sha256('another amount') }
    const [first] = commands.paused_payment[1] as [ReturnType<typeof JobPaused>]
    const second = JobPaused({ ...first.payload, ...newer })
    const history = [...histories.paused_payment, second]
    given(jobDecider, ...histories.paused_payment)
      .when({ ...pay, ...newer } as JobCommand)
      .records(second)
    given(jobDecider, ...history)
      .when(commands['resume approved'][0])
      .refuses('pause_differs')
    given(jobDecider, ...history)
      .when({ ...commands['resume approved'][0], shownHash: newer.shownHash })
      .refuses('approval_differs')
    given(jobDecider, ...history)
      .when({ ...commands['resume approved'][0], ...newer })
      .records(JobResumed({ ...fact, ...newer }))
  })
})

describe('a pause', () => {
  test('is answered as it was shown, or not at all', () => {
    given(jobDecider, ...histories.paused_payment)
      .when({ ...commands['resume approved'][0], shownHash: sha256('another amount') })
      .refuses('pause_differs')
  })

  test('of before answers no later one', () => {
    const newer = sha256('what is shown now')
    const [first] = commands.captcha[1] as [ReturnType<typeof JobPaused>]
    const second = JobPaused({ ...first.payload, shownHash: newer })
    given(jobDecider, ...histories.captcha, ...commands.resume[1], second)
      .when(commands.resume[0])
      .refuses('pause_differs')
  })

  test('takes what the person wrote to the worker', () => {
    given(jobDecider, ...histories.captcha)
      .when({ ...commands.resume[0], answer: 'seven bridges' })
      .records(JobResumed({ ...fact, shownHash, answer: 'seven bridges' }))
  })

  test('that nobody holds any more ends in the queue', () => {
    const back = JobReturned({ ...step, reason: 'let_go', expiresAt: later })
    given(jobDecider, ...histories.needs_login)
      .when({ ...commands.resume[0], isHeld: false })
      .records(...commands.resume[1], back)
  })

  test('is over only when its time is', () => {
    given(jobDecider, ...histories.captcha)
      .when({ kind: 'expire', now: 8999 })
      .refuses('job_not_expired')
  })
})

test('a worker cannot fill the log with one job, and can still end it', () => {
  const many = Array.from({ length: jobStepsMax }, () => commands.progress[1][0] as JobEvent)
  const state = fold(jobDecider, [...running, ...many])
  const reasonOf = (command: JobCommand) => {
    const decision: Decision<JobEvent, JobRefusal> = jobDecider.decide(command, state)
    return decision.outcome === 'refused' ? decision.reason : decision.outcome
  }
  expect(reasonOf(commands.progress[0])).toBe('too_many_steps')
  expect(reasonOf(commands.captcha[0])).toBe('too_many_steps')
  expect(reasonOf(commands.finish[0])).toBe('accepted')
})

test('an administrator says why', () => {
  given(jobDecider, ...running)
    .when({ kind: 'cancel', reason: 'cancelled_by_admin', why: 'A mistake', now })
    .records(JobCancelled({ ...fact, reason: 'cancelled_by_admin' }), {
      type: 'ReasonGiven',
      payload: { about: 'usr_1', reason: 'A mistake', at: now },
    })
})

test('the state holds nothing of what the tool was called with or gave', () => {
  const state = JSON.stringify(fold(jobDecider, [...histories.paused_payment]))
  expect(state).not.toContain('seats')
  expect(state).not.toContain('84.50')
})

describe('whatever comes', () => {
  const leases = ['lease 1', 'lease 2', 'lease 3'].map(sha256)
  const shown = ['a', 'b'].map(sha256)
  const command = fc
    .record({
      command: fc.constantFrom<JobCommand>(
        { kind: 'queue', job },
        ...Object.values(commands).map(([command]) => command),
      ),
      leaseHash: fc.constantFrom(...leases),
      shownHash: fc.constantFrom(...shown),
      isHeld: fc.boolean(),
      attemptsMax: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ command, ...given }): JobCommand => {
      const fields = Object.entries(given).filter(([field]) => field in command)
      return { ...command, ...Object.fromEntries(fields) } as JobCommand
    })
  const isOver = ({ status }: JobState) => ['done', 'error', 'cancelled'].includes(status)

  test('a job ends once, by its worker alone, and never leaves a pause by one', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (all) => {
        let state: JobState = fold(jobDecider, [queued])
        let ends = 0
        for (const command of all) {
          const before = state
          const { outcome, events } = jobDecider.decide(command, before)
          if (isOver(before)) expect([outcome, events.length]).toEqual(['refused', 0])
          for (const event of events) {
            const wasOver = isOver(state)
            state = jobDecider.evolve(state, event)
            if (isOver(state) && !wasOver) ends += 1
          }
          const wasHeld = 'leaseHash' in before ? before.leaseHash : undefined
          if (events.some(({ type }) => type === 'JobFinished')) {
            expect(command).toMatchObject({ kind: 'finish', leaseHash: wasHeld })
          }
          const wasPaused = (jobPauses as readonly string[]).includes(before.status)
          if (wasPaused && state.status !== before.status) {
            expect(['resume', 'cancel', 'expire']).toContain(command.kind)
          }
          if (state.status === 'running') expect(state).toHaveProperty('leaseHash')
          if (state.status === 'queued') expect(state).not.toHaveProperty('leaseHash')
        }
        expect(ends).toBe(isOver(state) ? 1 : 0)
      }),
      { numRuns: 500 },
    )
  })
})
