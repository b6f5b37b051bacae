/**
 * What refresh tokens do: each is used once, a lost answer may be asked for again, and everything
 * else is somebody who should not have the token.
 *
 * @see [RFC 9700 §4.14.2 - Refresh Token Protection](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 */
import { grantDecider } from '../../src/domain/grant.ts'
import { AccessTokenRevoked } from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { given } from '../support/given.ts'
import { describe, test } from '../support/test.ts'
import { approved, ended, grantId, pair, redeemed, rotate, rotated } from './grant-cases.ts'

const first = [approved, redeemed] as const
/** `refresh 1` was rotated at 10,000 ms; with a grace of 10 s a repeat is good below 20,000. */
const second = [...first, rotated(2, 10_000)] as const
const third = [...second, rotated(3, 12_000)] as const

describe('the current refresh token', () => {
  test('is rotated into the next generation', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1'))
      .records(rotated(2, 10_000))
  })

  test('is rotated again and again', () => {
    given(grantDecider, ...third)
      .when(rotate(4, 'refresh 3', { now: 13_000 }))
      .records(rotated(4, 13_000))
  })

  test('is rotated in the very millisecond that it was made', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 2', { now: 10_000 }))
      .records(rotated(3, 10_000))
  })

  test('is rotated whatever the grace is', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1', { graceSeconds: 0 }))
      .records(rotated(2, 10_000))
  })

  test('is good until the last millisecond before it expires', () => {
    const now = pair(1).refreshExpiresAt - 1
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1', { now }))
      .records(rotated(2, now))
  })

  test('has expired exactly at its expiry, which does not end the grant', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1', { now: pair(1).refreshExpiresAt }))
      .refuses('refresh_expired')
  })

  test('belongs to one client; another one’s attempt does not end the grant', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1', { clientId: 'cli_2' }))
      .refuses('wrong_client')
  })

  test('is still good after an access token was revoked', () => {
    const revoked = AccessTokenRevoked({ grantId, tokenHash: sha256('access 1'), at: 9000 })
    given(grantDecider, ...first, revoked)
      .when(rotate(2, 'refresh 1'))
      .records(rotated(2, 10_000))
  })
})

describe('the scopes of a refresh (RFC 6749 §6)', () => {
  const fewer = { ...pair(2), scopes: ['mcp:read'] }

  test('may be fewer than were approved', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1', { tokens: fewer }))
      .records(rotated(2, 10_000, fewer))
  })

  test('may be all that were approved again after they were fewer', () => {
    given(grantDecider, ...first, rotated(2, 10_000, fewer))
      .when(rotate(3, 'refresh 2', { now: 11_000 }))
      .records(rotated(3, 11_000))
  })

  test('are never more than were approved', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1', { tokens: { ...pair(2), scopes: ['mcp:admin'] } }))
      .refuses('scope_exceeded')
  })

  test('may be none', () => {
    const none = { ...pair(2), scopes: [] }
    given(grantDecider, ...first)
      .when(rotate(2, 'refresh 1', { tokens: none }))
      .records(rotated(2, 10_000, none))
  })
})

describe('the same refresh token again, whose answer may have been lost', () => {
  test('records nothing: the holder gets what was made before', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 10_001 }))
      .records()
  })

  test('records nothing in the very millisecond of the rotation', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 10_000 }))
      .records()
  })

  test('records nothing however often it comes', () => {
    const history = [...second] as const
    for (const now of [10_001, 12_000, 15_000]) {
      given(grantDecider, ...history)
        .when(rotate(3, 'refresh 1', { now }))
        .records()
    }
  })

  test('is good until the last millisecond of the grace', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 19_999 }))
      .records()
  })

  test('is a replay exactly at the end of the grace', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 20_000 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 20_000))
  })

  test('is a replay with grace 0, even in the same millisecond', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 10_000, graceSeconds: 0 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 10_000))
  })

  // Found by `grant-properties.test.ts`: two machines' clocks differ, and the second use went
  // through wherever it met the slower one.
  test('is a replay with grace 0, even by a clock that is behind', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 9_999, graceSeconds: 0 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 9_999))
  })

  test('is good by a clock that is behind, where there is a grace', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 9_999 }))
      .records()
  })

  test('is a replay once its successor was used, though the grace still runs', () => {
    given(grantDecider, ...third)
      .when(rotate(4, 'refresh 1', { now: 12_001 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 12_001))
  })

  test('may name its scopes in another order', () => {
    const tokens = { ...pair(3), scopes: [...pair(3).scopes].reverse() }
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 10_001, tokens }))
      .records()
  })

  for (const scopes of [['mcp:read'], [], ['mcp:read', 'mcp:write', 'mcp:admin']]) {
    test(`is refused with other scopes, "${scopes.join(' ')}", and ends nothing`, () => {
      given(grantDecider, ...second)
        .when(rotate(3, 'refresh 1', { now: 10_001, tokens: { ...pair(3), scopes } }))
        .refuses('repeat_differs')
    })
  }

  test('repeats the scopes of the first time, where those were fewer than approved', () => {
    const fewer = { ...pair(2), scopes: ['mcp:read'] }
    const history = [...first, rotated(2, 10_000, fewer)] as const
    given(grantDecider, ...history)
      .when(rotate(3, 'refresh 1', { now: 10_001, tokens: { ...pair(3), scopes: ['mcp:read'] } }))
      .records()
    given(grantDecider, ...history)
      .when(rotate(3, 'refresh 1', { now: 10_001 }))
      .refuses('repeat_differs')
  })

  test('belongs to one client; another one’s attempt does not end the grant', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 1', { now: 10_001, clientId: 'cli_2' }))
      .refuses('wrong_client')
  })

  test('leaves the successor good', () => {
    given(grantDecider, ...second)
      .when(rotate(3, 'refresh 2', { now: 10_002 }))
      .records(rotated(3, 10_002))
  })
})

describe('a refresh token that is neither the current one nor the one before', () => {
  test('is a replay when it is older, and ends the grant', () => {
    given(grantDecider, ...third, rotated(4, 13_000))
      .when(rotate(5, 'refresh 2', { now: 13_001 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 13_001))
  })

  test('is a replay when it was never heard of', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'made up'))
      .refuses('refresh_replayed', ended('refresh_replayed', 10_000))
  })

  test('does not end the grant when another client brings it', () => {
    given(grantDecider, ...third)
      .when(rotate(4, 'refresh 1', { clientId: 'cli_2' }))
      .refuses('wrong_client')
  })
})

describe('the code of the first generation', () => {
  test('is not taken for the refresh token before the current one', () => {
    given(grantDecider, ...first)
      .when(rotate(2, 'code', { now: 2001 }))
      .refuses('refresh_replayed', ended('refresh_replayed', 2001))
  })
})

test('a refresh token from before the end is not good after it', () => {
  for (const presented of ['refresh 1', 'refresh 2', 'code']) {
    given(grantDecider, ...second, ended('revoked_by_client', 10_500))
      .when(rotate(3, presented, { now: 10_501 }))
      .refuses('grant_ended')
  }
})
