/** A job goes from queued over running to an end, with pauses for what only a person can do. */
import fc from 'fast-check'
import {
  JobCancelled,
  type JobCommand,
  type JobEvent,
  JobFailed,
  JobFinished,
  JobPaused,
  JobProgressed,
  JobQueued,
  type JobRefusal,
  JobResumed,
  JobStarted,
  jobDecider,
  jobPauses,
} from '../../src/domain/job.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const job = {
  jobId: 'job_1',
  userId: 'usr_1',
  clientId: 'cli_1',
  grantId: 'grt_1',
  tool: 'book_table',
  arguments: '{"seats":2}',
  argumentsHash: sha256('{"seats":2}'),
  at: 1000,
}
const fact = { jobId: 'job_1', userId: 'usr_1', at: 2000 }
const now = 2000

/** Every command but `queue`, with what it records where it is accepted. */
const steps = {
  start: [{ kind: 'start', now }, JobStarted(fact)],
  resume: [{ kind: 'resume', now }, JobResumed(fact)],
  progress: [{ kind: 'progress', note: 'half', now }, JobProgressed({ ...fact, note: 'half' })],
  finish: [{ kind: 'finish', result: '{}', now }, JobFinished({ ...fact, result: '{}' })],
  fail: [{ kind: 'fail', error: 'no table', now }, JobFailed({ ...fact, error: 'no table' })],
  cancel: [{ kind: 'cancel', reason: 'ill', now }, JobCancelled({ ...fact, reason: 'ill' })],
  ...pauses(),
} satisfies Record<string, readonly [JobCommand, JobEvent]>

function pauses() {
  const [payment, captcha, login] = jobPauses.map((pause): [JobCommand, JobEvent] => [
    { kind: 'pause', pause, note: 'please', now },
    JobPaused({ ...fact, pause, note: 'please' }),
  ]) as [[JobCommand, JobEvent], [JobCommand, JobEvent], [JobCommand, JobEvent]]
  return { 'pause for payment': payment, 'pause for a captcha': captcha, 'pause for login': login }
}

type Step = keyof typeof steps
const pauseSteps: Step[] = ['pause for payment', 'pause for a captcha', 'pause for login']
const runningOnly: Step[] = ['progress', ...pauseSteps, 'finish', 'fail']
const allSteps = Object.keys(steps) as Step[]
const queued = JobQueued(job)
const running = [queued, JobStarted(fact)] as const

function refused(history: readonly JobEvent[], commands: readonly Step[], reason: JobRefusal) {
  for (const step of commands) {
    test(`cannot ${step}`, () => {
      given(jobDecider, ...history)
        .when(steps[step][0])
        .refuses(reason)
    })
  }
}

function notQueuedAgain(history: readonly JobEvent[]) {
  test('cannot be queued again', () => {
    given(jobDecider, ...history)
      .when({ kind: 'queue', job })
      .refuses('job_exists')
  })
}

function allowed(history: readonly JobEvent[], commands: readonly Step[]) {
  for (const step of commands) {
    test(`can ${step}`, () => {
      given(jobDecider, ...history)
        .when(steps[step][0])
        .records(steps[step][1])
    })
  }
}

describe('a job nobody has heard of', () => {
  test('can be queued, under the grant that allows it', () => {
    given(jobDecider).when({ kind: 'queue', job }).records(queued)
  })
  refused([], allSteps, 'job_unknown')
})

describe('a queued job', () => {
  allowed([queued], ['start', 'cancel'])
  refused([queued], runningOnly, 'job_not_running')
  refused([queued], ['resume'], 'job_not_paused')
  notQueuedAgain([queued])
})

describe('a running job', () => {
  allowed(running, [...runningOnly, 'cancel'])
  refused(running, ['start'], 'job_not_queued')
  refused(running, ['resume'], 'job_not_paused')
  notQueuedAgain(running)

  test('is still running after it progressed', () => {
    given(jobDecider, ...running, steps.progress[1])
      .when(steps.finish[0])
      .records(steps.finish[1])
  })
})

for (const pause of pauseSteps) {
  describe(`a job that did ${pause}`, () => {
    const history = [...running, steps[pause][1]]
    allowed(history, ['resume', 'cancel'])
    refused(history, runningOnly, 'job_not_running')
    refused(history, ['start'], 'job_not_queued')
    notQueuedAgain(history)

    test('is running again once it resumed', () => {
      given(jobDecider, ...history, steps.resume[1])
        .when(steps[pause][0])
        .records(steps[pause][1])
    })
  })
}

const ends = { done: 'finish', error: 'fail', cancelled: 'cancel' } as const
for (const [status, end] of Object.entries(ends)) {
  describe(`a job that is ${status}`, () => {
    refused([...running, steps[end][1]], allSteps, 'job_over')
    notQueuedAgain([...running, steps[end][1]])
  })
}

test('the state holds nothing of what the tool was called with or gave', () => {
  expect(fold(jobDecider, [...running, steps.finish[1]])).toEqual({
    status: 'done',
    jobId: 'job_1',
    userId: 'usr_1',
  })
})

test('whatever comes, a job that is over stays as it is', () => {
  const command = fc.constantFrom<JobCommand>(
    { kind: 'queue', job },
    ...allSteps.map((step) => steps[step][0]),
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      let state = fold(jobDecider, [queued])
      for (const command of commands) {
        const over = ['done', 'error', 'cancelled'].includes(state.status)
        const { outcome, events } = jobDecider.decide(command, state)
        if (over) expect([outcome, events.length]).toEqual(['refused', 0])
        for (const event of events) state = jobDecider.evolve(state, event)
      }
    }),
  )
})
