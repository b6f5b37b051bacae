/** What people did before they proved anything: an hour is counted once, a pause only grows. */
import {
  AnonymousActivityCounted,
  activityDecider,
  SignInPaused,
} from '../../src/domain/activity.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { given } from '../support/given.ts'
import { describe, test } from '../support/test.ts'

const emailKey = sha256('ada@example.com')
const counts = { sign_in_failed: 3, registration: 1 }
const counted = AnonymousActivityCounted({ hour: 480000, counts, at: 1000 })
const paused = SignInPaused({ emailKey, failures: 5, until: 5000, at: 1000 })

const count = { kind: 'count', hour: 480000, counts, now: 1000 } as const
const pause = { kind: 'pause sign-in', emailKey, failures: 5, until: 5000, now: 1000 } as const

describe('an hour', () => {
  test('is counted in one event, however many requests there were', () => {
    given(activityDecider).when(count).records(counted)
  })

  test('is counted even when nothing happened in it', () => {
    given(activityDecider)
      .when({ ...count, counts: {} })
      .records(AnonymousActivityCounted({ hour: 480000, counts: {}, at: 1000 }))
  })

  test('is counted once, whichever process comes second', () => {
    given(activityDecider, counted).when(count).refuses('already_counted')
  })
})

describe('the sign-in of an account that somebody guesses at', () => {
  test('is paused', () => {
    given(activityDecider).when(pause).records(paused)
  })

  test('is not paused twice until the same moment', () => {
    given(activityDecider, paused).when(pause).refuses('already_paused')
  })

  test('is not paused until an earlier moment', () => {
    given(activityDecider, paused)
      .when({ ...pause, until: 4999 })
      .refuses('already_paused')
  })

  test('is paused for longer, by as little as a millisecond', () => {
    given(activityDecider, paused)
      .when({ ...pause, failures: 6, until: 5001 })
      .records(SignInPaused({ emailKey, failures: 6, until: 5001, at: 1000 }))
  })
})

describe('counting and pausing do not stand in each other’s way', () => {
  test('a paused sign-in can be counted', () => {
    given(activityDecider, paused).when(count).records(counted)
  })

  test('a counted hour can be paused', () => {
    given(activityDecider, counted).when(pause).records(paused)
  })
})
