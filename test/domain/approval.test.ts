/** A question that a person decides once, for exactly what they were shown. */
import fc from 'fast-check'
import {
  type ApprovalCommand,
  type ApprovalRefusal,
  type ApprovalState,
  type ApprovalStatus,
  approvalDecider,
  type DecidedBy,
} from '../../src/domain/approval.ts'
import {
  ApprovalAsked,
  ApprovalDenied,
  type ApprovalEvent,
  ApprovalExpired,
  ApprovalGiven,
  ApprovalUsed,
  ApprovalVoided,
  type AskedApproval,
} from '../../src/domain/approval-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const shownHash = sha256('what is shown')
const callKey = sha256('the call')
const call: AskedApproval = {
  approvalId: 'apr_1',
  userId: 'usr_1',
  kind: 'call',
  clientId: 'cli_1',
  clientIds: ['cli_1'],
  grantId: 'grt_1',
  resource: 'https://api.example.com/mcp',
  scope: 'files',
  tool: 'delete_file',
  callKey,
  shown: '{"amount":"84.50"}',
  shownHash,
  expiresAt: 9000,
  at: 1000,
}
const { callKey: _, ...withoutCall } = call
const payment: AskedApproval = { ...withoutCall, kind: 'payment', jobId: 'job_1' }

const now = 2000
const useMs = 500
const fact = { approvalId: 'apr_1', userId: 'usr_1', at: now }
const by: DecidedBy = {
  userId: 'usr_1',
  channel: 'web',
  sessionId: 'ses_1',
  amr: ['pwd'],
  authTime: 1900,
}
const decision = {
  ...fact,
  channel: 'web' as const,
  sessionId: 'ses_1',
  amr: ['pwd'],
  authTime: 1900,
  shownHash,
}

const asked = ApprovalAsked(call)
const approved = ApprovalGiven({ ...decision, usableUntil: now + useMs })
const denied = ApprovalDenied({ ...decision, reason: 'Not that file' })
const used = ApprovalUsed({ ...fact, callKey })
const voided = ApprovalVoided({ ...fact, reason: 'access_ended' })
const expired = ApprovalExpired(fact)

/** Every command but `ask`, as it would be accepted, with what it records. */
const commands = {
  give: [{ kind: 'give', by, shownHash, useMs, now }, approved],
  deny: [{ kind: 'deny', by, shownHash, reason: 'Not that file', now }, denied],
  void: [{ kind: 'void', reason: 'access_ended', now }, voided],
  expire: [{ kind: 'expire', now: 9000 }, ApprovalExpired({ ...fact, at: 9000 })],
  use: [{ kind: 'use', callKey, now }, used],
} satisfies Record<string, readonly [ApprovalCommand, ApprovalEvent]>

const histories: Readonly<Record<ApprovalStatus, readonly ApprovalEvent[]>> = {
  open: [asked],
  given: [asked, approved],
  denied: [asked, denied],
  voided: [asked, voided],
  expired: [asked, expired],
  used: [asked, approved, used],
}

const ok = 'accepted'
const [decided, over, late, spent] = [
  'approval_decided',
  'approval_voided',
  'approval_expired',
  'approval_used',
] as const

const table: Readonly<Record<keyof typeof commands, readonly (ApprovalRefusal | typeof ok)[]>> = {
  //       open  given    denied  voided expired used
  give: [ok, decided, decided, over, late, spent],
  deny: [ok, decided, decided, over, late, spent],
  void: [ok, ok, decided, over, late, spent],
  expire: [ok, ok, decided, over, late, spent],
  use: [
    'approval_not_given',
    ok,
    'approval_not_given',
    'approval_not_given',
    'approval_not_given',
    spent,
  ],
}

for (const [place, status] of (Object.keys(histories) as ApprovalStatus[]).entries()) {
  describe(`an approval that is ${status}`, () => {
    const history = histories[status]
    test('is what its events say', () => {
      expect(fold(approvalDecider, history).status).toBe(status)
    })
    test('cannot be asked again', () => {
      given(approvalDecider, ...history)
        .when({ kind: 'ask', approval: call })
        .refuses('approval_exists')
    })
    for (const [name, outcomes] of Object.entries(table)) {
      const [command, event] = commands[name as keyof typeof commands]
      const outcome = outcomes[place] as ApprovalRefusal | typeof ok
      test(`${name}: ${outcome}`, () => {
        const when = given(approvalDecider, ...history).when(command)
        if (outcome === ok) when.records(event)
        else when.refuses(outcome)
      })
    }
  })
}

describe('an approval nobody has heard of', () => {
  test('can be asked for', () => {
    given(approvalDecider).when({ kind: 'ask', approval: call }).records(asked)
  })
  for (const [name, [command]] of Object.entries(commands)) {
    test(`${name}: approval_unknown`, () => {
      given(approvalDecider).when(command).refuses('approval_unknown')
    })
  }
})

describe('an answer', () => {
  for (const name of ['give', 'deny'] as const) {
    const [command] = commands[name]
    test(`to what was shown otherwise does not ${name}`, () => {
      given(approvalDecider, asked)
        .when({ ...command, shownHash: sha256('another amount') })
        .refuses('shown_differs')
    })
    test(`of another person does not ${name}, and tells nobody that there is a question`, () => {
      given(approvalDecider, asked)
        .when({ ...command, by: { ...by, userId: 'usr_2' } })
        .refuses('approval_unknown')
    })
    test(`that comes too late does not ${name}, and says that it was over`, () => {
      given(approvalDecider, asked)
        .when({ ...command, now: 9000 })
        .refuses('approval_expired', ApprovalExpired({ ...fact, at: 9000 }))
    })
  }

  test('about a job is spent as it is given', () => {
    const history = [ApprovalAsked(payment), ApprovalGiven(decision)]
    given(approvalDecider, ApprovalAsked(payment))
      .when(commands.give[0])
      .records(ApprovalGiven(decision))
    given(approvalDecider, ...history)
      .when(commands.void[0])
      .refuses('approval_decided')
    given(approvalDecider, ...history)
      .when(commands.expire[0])
      .refuses('approval_decided')
    given(approvalDecider, ...history)
      .when(commands.use[0])
      .refuses('approval_not_given')
  })

  test('by a standing approval names it', () => {
    const standing = { userId: 'usr_1', channel: 'standing', standingId: 'std_1' } as const
    given(approvalDecider, ApprovalAsked(payment))
      .when({ ...commands.give[0], by: standing })
      .records(ApprovalGiven({ ...fact, channel: 'standing', standingId: 'std_1', shownHash }))
  })
})

describe('a call that was approved', () => {
  test('is the one that was shown', () => {
    given(approvalDecider, ...histories.given)
      .when({ kind: 'use', callKey: sha256('another call'), now })
      .refuses('call_differs')
  })

  test('is made in time or not at all', () => {
    const end = now + useMs
    given(approvalDecider, ...histories.given)
      .when({ kind: 'use', callKey, now: end })
      .refuses('approval_expired', ApprovalExpired({ ...fact, at: end }))
    given(approvalDecider, ...histories.given)
      .when({ kind: 'expire', now: end - 1 })
      .refuses('approval_not_expired')
  })
})

test('a question is over only when its time is', () => {
  given(approvalDecider, asked).when({ kind: 'expire', now: 8999 }).refuses('approval_not_expired')
})

test('the state holds nothing of what is shown', () => {
  expect(JSON.stringify(fold(approvalDecider, histories.denied))).not.toContain('84.50')
})

describe('whatever comes', () => {
  const command = fc
    .record({
      command: fc.constantFrom<ApprovalCommand>(
        { kind: 'ask', approval: call },
        ...Object.values(commands).map(([command]) => command),
      ),
      shownHash: fc.constantFrom(shownHash, sha256('other')),
      callKey: fc.constantFrom(callKey, sha256('other')),
      userId: fc.constantFrom('usr_1', 'usr_2'),
      now: fc.integer({ min: 1000, max: 10_000 }),
    })
    .map(({ command, userId, ...given }): ApprovalCommand => {
      const fields = Object.entries(given).filter(([field]) => field in command)
      const who = 'by' in command ? { by: { ...by, userId } } : {}
      return { ...command, ...Object.fromEntries(fields), ...who } as ApprovalCommand
    })

  test('there is one decision, by whom it was asked, for what they saw, and one use of it', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), fc.boolean(), (all, isCall) => {
        let state: ApprovalState = fold(approvalDecider, [isCall ? asked : ApprovalAsked(payment)])
        const recorded: string[] = []
        for (const command of all) {
          const { events } = approvalDecider.decide(command, state)
          for (const event of events) {
            state = approvalDecider.evolve(state, event)
            recorded.push(event.type)
            if (event.type !== 'ApprovalGiven' && event.type !== 'ApprovalDenied') continue
            expect(command).toMatchObject({ shownHash, by: { userId: 'usr_1' } })
            expect(command).not.toHaveProperty('now', 9000)
          }
        }
        const count = (...types: string[]) => recorded.filter((t) => types.includes(t)).length
        expect(count('ApprovalGiven', 'ApprovalDenied')).toBeLessThanOrEqual(1)
        expect(count('ApprovalUsed')).toBeLessThanOrEqual(isCall ? count('ApprovalGiven') : 0)
        const ends = ['ApprovalVoided', 'ApprovalExpired', 'ApprovalUsed', 'ApprovalDenied']
        expect(count(...ends)).toBeLessThanOrEqual(1)
        expect(count(...ends) + (isCall ? 0 : count('ApprovalGiven'))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })
})
