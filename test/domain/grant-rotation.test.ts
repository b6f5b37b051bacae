/**
 * What refresh tokens do: each is used once, a lost answer may be asked for again, and everything
 * else is somebody who should not have the token.
 *
 * @see [RFC 9700 §4.14.2 - Refresh Token Protection](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 */
import { refusalsRecordedMax } from '../../src/domain/grant.ts'
import {
  AccessTokenRevoked,
  GrantUseRefused,
  RefreshTokenRevoked,
} from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { describe, test } from '../support/test.ts'
import {
  approved,
  ended,
  givenGrant,
  grantId,
  pair,
  redeemed,
  redeemedWith,
  rotate,
  rotated,
} from './grant-cases.ts'

const first = [approved, redeemed] as const
/** `refresh 1` was rotated at 10,000 ms; with a grace of 10 s a repeat is good below 20,000. */
const second = [...first, rotated(2, 10_000)] as const
const third = [...second, rotated(3, 12_000)] as const

describe('the current refresh token', () => {
  test('is rotated into the next generation', () => {
    givenGrant(...first)
      .when(rotate(2, 'refresh 1'))
      .records(rotated(2, 10_000))
  })

  test('is rotated again and again', () => {
    givenGrant(...third)
      .when(rotate(4, 'refresh 3', { now: 13_000 }))
      .records(rotated(4, 13_000))
  })

  test('is rotated in the very millisecond that it was made', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 2', { now: 10_000 }))
      .records(rotated(3, 10_000))
  })

  test('is rotated whatever the grace is', () => {
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { graceSeconds: 0 }))
      .records(rotated(2, 10_000))
  })

  test('is good until the last millisecond before it expires', () => {
    const now = pair(1).refreshExpiresAt - 1
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { now }))
      .records(rotated(2, now))
  })

  test('has expired exactly at its expiry, which does not end the grant', () => {
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { now: pair(1).refreshExpiresAt }))
      .refusesUse('refresh_expired')
  })

  test('belongs to one client; another one’s attempt does not end the grant', () => {
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { clientId: 'cli_2' }))
      .refusesUse('wrong_client')
  })

  test('is still good after an access token was revoked', () => {
    const revoked = AccessTokenRevoked({ grantId, tokenHash: sha256('access 1'), at: 9000 })
    givenGrant(...first, revoked)
      .when(rotate(2, 'refresh 1'))
      .records(rotated(2, 10_000))
  })
})

describe('the scopes of a refresh (RFC 6749 §6)', () => {
  const fewer = { ...pair(2), scopes: ['mcp:read'] }

  test('may be fewer than were approved', () => {
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { tokens: fewer }))
      .records(rotated(2, 10_000, fewer))
  })

  test('may be all that were approved again after they were fewer', () => {
    givenGrant(...first, rotated(2, 10_000, fewer))
      .when(rotate(3, 'refresh 2', { now: 11_000 }))
      .records(rotated(3, 11_000))
  })

  test('are never more than were approved', () => {
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { tokens: { ...pair(2), scopes: ['mcp:admin'] } }))
      .refuses('scope_exceeded')
  })

  test('may be none', () => {
    const none = { ...pair(2), scopes: [] }
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { tokens: none }))
      .records(rotated(2, 10_000, none))
  })
})

describe('the same refresh token again, whose answer may have been lost', () => {
  test('records nothing: the holder gets what was made before', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 10_001 }))
      .records()
  })

  test('records nothing in the very millisecond of the rotation', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 10_000 }))
      .records()
  })

  test('records nothing however often it comes', () => {
    const history = [...second] as const
    for (const now of [10_001, 12_000, 15_000]) {
      givenGrant(...history)
        .when(rotate(3, 'refresh 1', { now }))
        .records()
    }
  })

  test('is good until the last millisecond of the grace', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 19_999 }))
      .records()
  })

  test('is a replay exactly at the end of the grace', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 20_000 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 20_000))
  })

  test('is a replay with grace 0, even in the same millisecond', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 10_000, graceSeconds: 0 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 10_000))
  })

  // Found by `grant-properties.test.ts`: two machines' clocks differ, and the second use went
  // through wherever it met the slower one.
  test('is a replay with grace 0, even by a clock that is behind', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 9_999, graceSeconds: 0 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 9_999))
  })

  test('is good by a clock that is behind, where there is a grace', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 9_999 }))
      .records()
  })

  test('is a replay once its successor was used, though the grace still runs', () => {
    givenGrant(...third)
      .when(rotate(4, 'refresh 1', { now: 12_001 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 12_001))
  })

  test('may name its scopes in another order', () => {
    const tokens = { ...pair(3), scopes: [...pair(3).scopes].reverse() }
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 10_001, tokens }))
      .records()
  })

  for (const scopes of [['mcp:read'], [], ['mcp:read', 'mcp:write', 'mcp:admin']]) {
    test(`is refused with other scopes, "${scopes.join(' ')}", and ends nothing`, () => {
      givenGrant(...second)
        .when(rotate(3, 'refresh 1', { now: 10_001, tokens: { ...pair(3), scopes } }))
        .refuses('repeat_differs')
    })
  }

  test('repeats the scopes of the first time, where those were fewer than approved', () => {
    const fewer = { ...pair(2), scopes: ['mcp:read'] }
    const history = [...first, rotated(2, 10_000, fewer)] as const
    givenGrant(...history)
      .when(rotate(3, 'refresh 1', { now: 10_001, tokens: { ...pair(3), scopes: ['mcp:read'] } }))
      .records()
    givenGrant(...history)
      .when(rotate(3, 'refresh 1', { now: 10_001 }))
      .refuses('repeat_differs')
  })

  test('belongs to one client; another one’s attempt does not end the grant', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 10_001, clientId: 'cli_2' }))
      .refusesUse('wrong_client')
  })

  test('leaves the successor good', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 2', { now: 10_002 }))
      .records(rotated(3, 10_002))
  })
})

describe('a refresh token that is neither the current one nor the one before', () => {
  test('is a replay when it is older, and ends the grant', () => {
    givenGrant(...third, rotated(4, 13_000))
      .when(rotate(5, 'refresh 2', { now: 13_001 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 13_001))
  })

  test('is a replay when it was never heard of', () => {
    givenGrant(...first)
      .when(rotate(2, 'made up'))
      .refuses('refresh_replayed', ended('refresh_replayed', 10_000))
  })

  test('does not end the grant when another client brings it', () => {
    givenGrant(...third)
      .when(rotate(4, 'refresh 1', { clientId: 'cli_2' }))
      .refusesUse('wrong_client')
  })
})

describe('the code of the first generation', () => {
  test('is not taken for the refresh token before the current one', () => {
    givenGrant(...first)
      .when(rotate(2, 'code', { now: 2001 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 2001))
  })
})

test('a refresh token from before the end is not good after it', () => {
  for (const presented of ['refresh 1', 'refresh 2', 'code']) {
    givenGrant(...second, ended('revoked_by_client', 10_500))
      .when(rotate(3, presented, { now: 10_501 }))
      .refusesUse('grant_ended')
  }
})

describe('the resource of a refresh (RFC 8707 §2.2)', () => {
  const files = { resource: 'https://files.example.com', scopes: ['files:read'] }

  test('may be another of those that were approved', () => {
    const tokens = { ...pair(2), ...files }
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { tokens }))
      .records(rotated(2, 10_000, tokens))
  })

  test('is never one that was not approved', () => {
    const tokens = { ...pair(2), resource: 'https://other.example.com' }
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { tokens }))
      .refuses('resource_not_granted')
  })

  test('does not lend its scopes to another resource', () => {
    const tokens = { ...pair(2), resource: files.resource }
    givenGrant(...first)
      .when(rotate(2, 'refresh 1', { tokens }))
      .refuses('scope_exceeded')
  })

  test('is the same in a repeat', () => {
    givenGrant(...second)
      .when(rotate(3, 'refresh 1', { now: 10_001, tokens: { ...pair(3), ...files } }))
      .refuses('repeat_differs')
  })
})

describe('a refresh token that is bound to a key (RFC 9449 §5)', () => {
  const jkt = sha256('the key of the client')
  const held = { confirmation: { jkt } }
  const bound = redeemedWith({ ...held, refreshKey: jkt })
  const now = 10_000

  test('is rotated by the holder of the key, and stays bound to it', () => {
    givenGrant(approved, bound)
      .when(rotate(2, 'refresh 1', { tokens: { ...pair(2), ...held } }))
      .records(rotated(2, now, { ...pair(2), ...held, refreshKey: jkt }))
  })

  for (const [who, confirmation] of [
    ['nobody', undefined],
    ['the holder of another key', { jkt: sha256('the key of a thief') }],
  ] as const) {
    test(`is refused to ${who}, whatever generation it is of, and ends nothing`, () => {
      const tokens = { ...pair(2), ...(confirmation ? { confirmation } : {}) }
      for (const presented of ['refresh 1', 'made up']) {
        givenGrant(approved, bound)
          .when(rotate(2, presented, { tokens }))
          .refusesUse('key_mismatch')
      }
    })
  }

  test('of a client that proves itself otherwise may change its key', () => {
    const tokens = { ...pair(2), confirmation: { jkt: sha256('a newer key') } }
    givenGrant(approved, redeemedWith(held))
      .when(rotate(2, 'refresh 1', { tokens }))
      .records(rotated(2, now, tokens))
  })
})

describe('a refresh token that was revoked by itself', () => {
  const revoked = RefreshTokenRevoked({ grantId, at: 9000 })

  test('leaves the grant as it is', () => {
    givenGrant(...first)
      .when({ kind: 'revoke refresh token', now: 9000 })
      .records(revoked)
  })

  test('is refused, and is no replay', () => {
    for (const presented of ['refresh 1', 'made up']) {
      givenGrant(...first, revoked)
        .when(rotate(2, presented))
        .refusesUse('refresh_revoked')
    }
  })

  test('is not revoked twice', () => {
    givenGrant(...first, revoked)
      .when({ kind: 'revoke refresh token', now: 9001 })
      .refuses('token_unknown')
  })
})

test('the facts about refusals are limited, so that nobody fills the log with them', () => {
  const fact = GrantUseRefused({ grantId, clientId: 'cli_2', reason: 'wrong_client', at: 1 })
  const facts = Array.from({ length: refusalsRecordedMax }, () => fact)
  const asked = rotate(2, 'refresh 1', { clientId: 'cli_2' })
  givenGrant(...first, ...facts.slice(1))
    .when(asked)
    .refusesUse('wrong_client')
  givenGrant(...first, ...facts)
    .when(asked)
    .refuses('wrong_client')
})
