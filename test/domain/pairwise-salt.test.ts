/** There is one salt for pairwise subjects, for ever. */
import { PairwiseSaltMade, pairwiseSaltDecider } from '../../src/domain/pairwise-salt.ts'
import { given } from '../support/given.ts'
import { test } from '../support/test.ts'

test('a salt is made', () => {
  given(pairwiseSaltDecider)
    .when({ kind: 'make', now: 1 })
    .records(PairwiseSaltMade({ at: 1 }))
})

test('once', () => {
  given(pairwiseSaltDecider, PairwiseSaltMade({ at: 1 }))
    .when({ kind: 'make', now: 2 })
    .refuses('salt_exists')
})
