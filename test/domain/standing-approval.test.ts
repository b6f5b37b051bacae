/** What was approved ahead: up to an amount, for one tool, for a short while. */
import fc from 'fast-check'
import { addAmounts, isAtMost, subtractAmounts } from '../../src/domain/amount.ts'
import {
  StandingApprovalEnded,
  StandingApprovalGiven,
  StandingApprovalSpent,
  type StandingApprovalState,
  standingApprovalDecider,
} from '../../src/domain/standing-approval.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const under = {
  userId: 'usr_1',
  clientId: 'cli_1',
  grantId: 'grt_1',
  tool: 'book_table',
  currency: 'EUR',
} as const
const standing = {
  standingId: 'std_1',
  ...under,
  approvalId: 'apr_1',
  limit: '100',
  endsAt: 9000,
  at: 1000,
}
const active = StandingApprovalGiven(standing)
const fact = { standingId: 'std_1', userId: 'usr_1', at: 2000 }
const spend = (amount: string) =>
  ({ kind: 'spend', of: under, amount, approvalId: 'apr_2', now: 2000 }) as const
const spent = (amount: string, sum: string) =>
  StandingApprovalSpent({ ...fact, approvalId: 'apr_2', amount, spent: sum })
const end = { kind: 'end', userId: 'usr_1', now: 2000 } as const

describe('a standing approval', () => {
  test('is given once', () => {
    given(standingApprovalDecider).when({ kind: 'give', standing }).records(active)
    given(standingApprovalDecider, active)
      .when({ kind: 'give', standing })
      .refuses('standing_exists')
    given(standingApprovalDecider).when(spend('1')).refuses('standing_unknown')
    given(standingApprovalDecider).when(end).refuses('standing_unknown')
  })

  test('is spent to its limit, and not a cent further', () => {
    given(standingApprovalDecider, active).when(spend('84.50')).records(spent('84.50', '84.5'))
    const most = [active, spent('84.50', '84.5')]
    given(standingApprovalDecider, ...most)
      .when(spend('15.5'))
      .records(spent('15.5', '100'))
    given(standingApprovalDecider, ...most)
      .when(spend('15.51'))
      .refuses('standing_exceeded')
  })

  for (const [name, other] of Object.entries({
    userId: 'usr_2',
    clientId: 'cli_2',
    grantId: 'grt_2',
    tool: 'book_hotel',
    currency: 'USD',
  })) {
    test(`is for no other ${name}`, () => {
      given(standingApprovalDecider, active)
        .when({ ...spend('1'), of: { ...under, [name]: other } })
        .refuses('standing_differs')
    })
  }

  test('is over when its time is, or its person ends it', () => {
    given(standingApprovalDecider, active)
      .when({ ...spend('1'), now: 9000 })
      .refuses('standing_over')
    const ended = StandingApprovalEnded(fact)
    given(standingApprovalDecider, active).when(end).records(ended)
    given(standingApprovalDecider, active)
      .when({ ...end, userId: 'usr_2' })
      .refuses('standing_unknown')
    given(standingApprovalDecider, active, ended).when(end).refuses('standing_over')
    given(standingApprovalDecider, active, ended).when(spend('1')).refuses('standing_over')
  })

  const amounts = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 9999 }))
    .map(([whole, rest]) => `${whole}.${String(rest).padStart(4, '0')}`)

  test('never gives more than its limit, whatever is asked of it', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 20 }), (all) => {
        let state: StandingApprovalState = fold(standingApprovalDecider, [active])
        let sum = 0n
        for (const amount of all) {
          const decision = standingApprovalDecider.decide(spend(amount), state)
          for (const event of decision.events) state = standingApprovalDecider.evolve(state, event)
          if (decision.outcome === 'accepted') sum += BigInt(amount.replace('.', ''))
        }
        expect(sum <= 1_000_000n).toBe(true)
        expect(state.status === 'active' && isAtMost(state.spent, '100')).toBe(true)
      }),
    )
  })
})

describe('amounts', () => {
  test('are added and compared as they are written, without a float in between', () => {
    expect(addAmounts('0.1', '0.2')).toBe('0.3')
    expect(addAmounts('999999999999999.9999', '0.0001')).toBe('1000000000000000')
    expect(isAtMost('0.3', '0.3000')).toBe(true)
    expect(isAtMost('0.3001', '0.3')).toBe(false)
    expect(subtractAmounts('100', '84.5')).toBe('15.5')
    expect(subtractAmounts('1', '2')).toBe('0')
  })

  for (const text of ['', '-1', '1.', '.5', '01', '1e3', '1,5', '1.00001', 'NaN', '1 ']) {
    test(`are not written "${text}"`, () => {
      expect(() => addAmounts(text, '1')).toThrow('Cannot count')
    })
  }
})
