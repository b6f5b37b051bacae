/** A browser in which somebody has signed in: it starts once and ends once. */
import { sha256 } from '../../src/domain/keyring.ts'
import {
  SessionEnded,
  type SessionStart,
  SessionStarted,
  sessionDecider,
} from '../../src/domain/session.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const begin: SessionStart = {
  sessionId: 'ses_1',
  userId: 'usr_1',
  tokenHash: sha256('cookie'),
  amr: ['pwd'],
  userAgent: 'Firefox',
  address: '192.0.2.1',
  now: 1000,
  expiresAt: 9000,
}
const { now: at, ...facts } = begin
const started = SessionStarted({ ...facts, at })
const start = { kind: 'start', start: begin } as const
const reasons = ['signed_out', 'replaced', 'ended_by_admin'] as const

function ended(reason: (typeof reasons)[number]) {
  return SessionEnded({ sessionId: 'ses_1', userId: 'usr_1', reason, at: 2000 })
}

describe('a session nobody has heard of', () => {
  test('starts, with how the person proved who they are (RFC 8176)', () => {
    given(sessionDecider).when(start).records(started)
  })

  test('cannot end', () => {
    given(sessionDecider)
      .when({ kind: 'end', reason: 'signed_out', now: 2000 })
      .refuses('session_unknown')
  })
})

describe('an active session', () => {
  test('cannot start again', () => {
    given(sessionDecider, started).when(start).refuses('session_exists')
  })

  for (const reason of reasons) {
    test(`ends because it was ${reason}`, () => {
      given(sessionDecider, started).when({ kind: 'end', reason, now: 2000 }).records(ended(reason))
    })
  }

  test('can be ended after it has expired, so that a late sign-out is on record', () => {
    given(sessionDecider, started)
      .when({ kind: 'end', reason: 'signed_out', now: 9001 })
      .records(
        SessionEnded({ sessionId: 'ses_1', userId: 'usr_1', reason: 'signed_out', at: 9001 }),
      )
  })
})

describe('an ended session', () => {
  test('cannot start again', () => {
    given(sessionDecider, started, ended('signed_out')).when(start).refuses('session_exists')
  })

  for (const reason of reasons) {
    test(`cannot end again, whether or not it is ${reason}`, () => {
      given(sessionDecider, started, ended('replaced'))
        .when({ kind: 'end', reason, now: 3000 })
        .refuses('session_ended')
    })
  }
})

test('the state holds neither browser nor address', () => {
  expect(fold(sessionDecider, [started])).toEqual({
    status: 'active',
    sessionId: 'ses_1',
    userId: 'usr_1',
    expiresAt: 9000,
  })
})
