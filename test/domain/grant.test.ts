/**
 * A grant from the consent to the end. What its refresh tokens do is in `grant-rotation.test.ts`;
 * what no sequence of requests can bring about is in `grant-properties.test.ts`.
 *
 * @see [RFC 6749 §4.1 - Authorization Code Grant](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1)
 */
import { grantDecider } from '../../src/domain/grant.ts'
import {
  AccessTokenRevoked,
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
} from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'
import {
  approved,
  codeHash,
  ended,
  grantId,
  pair,
  redeem,
  redeemed,
  rotate,
  terms,
} from './grant-cases.ts'

const approve = { kind: 'approve', terms } as const
const revokeAccess = {
  kind: 'revoke access token',
  tokenHash: sha256('access 1'),
  now: 3000,
} as const
const end = { kind: 'end', reason: 'revoked_by_user', now: 4000 } as const

describe('a grant nobody has heard of', () => {
  test('is approved on the terms that the person saw', () => {
    given(grantDecider).when(approve).records(approved)
  })

  test('keeps the nonce of OpenID Connect (Core 1.0 §3.1.2.1)', () => {
    const withNonce = { ...terms, nonce: 'n-0S6_WzA2Mj' }
    given(grantDecider)
      .when({ kind: 'approve', terms: withNonce })
      .records(GrantApproved(withNonce))
  })

  for (const command of [redeem(1), rotate(2, 'refresh 1'), revokeAccess, end]) {
    test(`cannot be the subject of ${command.kind}`, () => {
      given(grantDecider).when(command).refuses('grant_unknown')
    })
  }
})

describe('an approved grant', () => {
  test('cannot be approved again', () => {
    given(grantDecider, approved).when(approve).refuses('grant_exists')
  })

  test('gives tokens for its code', () => {
    given(grantDecider, approved).when(redeem(1)).records(redeemed)
  })

  test('has no refresh token yet, so none is known', () => {
    given(grantDecider, approved).when(rotate(1, 'refresh 1')).refuses('refresh_unknown')
  })

  test('does not take its code for a refresh token', () => {
    given(grantDecider, approved).when(rotate(1, 'code')).refuses('refresh_unknown')
  })

  test('tells a stranger that the client is wrong before anything else', () => {
    given(grantDecider, approved)
      .when(rotate(1, 'refresh 1', { clientId: 'cli_2' }))
      .refuses('wrong_client')
  })

  test('has no access token to revoke', () => {
    given(grantDecider, approved).when(revokeAccess).refuses('token_unknown')
  })

  test('can end before its code was used', () => {
    given(grantDecider, approved).when(end).records(ended('revoked_by_user', 4000))
  })

  test('ends for each reason there is', () => {
    const reasons = ['revoked_by_client', 'revoked_by_user', 'revoked_by_admin', 'expired'] as const
    for (const reason of [...reasons, 'code_replayed', 'refresh_replayed'] as const) {
      given(grantDecider, approved)
        .when({ kind: 'end', reason, now: 4000 })
        .records(ended(reason, 4000))
    }
  })
})

describe('a code (RFC 6749 §4.1.3)', () => {
  test('is good until the last millisecond before it expires', () => {
    const now = terms.codeExpiresAt - 1
    given(grantDecider, approved)
      .when(redeem(1, { now }))
      .records(CodeRedeemed({ grantId, presentedHash: codeHash, ...pair(1), at: now }))
  })

  test('has expired exactly at its expiry', () => {
    given(grantDecider, approved)
      .when(redeem(1, { now: terms.codeExpiresAt }))
      .refuses('code_expired')
  })

  test('not for another code of the same client, which then ends nothing either', () => {
    const other = redeem(1, { codeHash: sha256('another code') })
    given(grantDecider, approved).when(other).refuses('code_unknown')
    given(grantDecider, approved, redeemed).when(other).refuses('code_unknown')
  })

  test('belongs to one client; another one’s attempt does not end the grant', () => {
    given(grantDecider, approved)
      .when(redeem(1, { clientId: 'cli_2' }))
      .refuses('wrong_client')
  })

  test('may be redeemed without a redirect URI, as OAuth 2.1 has it', () => {
    const { redirectUri: _, ...without } = redeem(1)
    given(grantDecider, approved).when(without).records(redeemed)
  })

  test('is refused with another redirect URI than it was asked with', () => {
    given(grantDecider, approved)
      .when(redeem(1, { redirectUri: `${terms.redirectUri}/` }))
      .refuses('redirect_uri_mismatch')
  })

  test('is refused with an empty redirect URI, which is not an absent one', () => {
    given(grantDecider, approved)
      .when(redeem(1, { redirectUri: '' }))
      .refuses('redirect_uri_mismatch')
  })

  test('is refused with the verifier of somebody else (RFC 7636 §4.6)', () => {
    given(grantDecider, approved)
      .when(redeem(1, { codeChallenge: sha256('another verifier') }))
      .refuses('verifier_mismatch')
  })

  test('may give fewer scopes than were approved', () => {
    const fewer = { ...pair(1), scopes: ['mcp:read'] }
    given(grantDecider, approved)
      .when(redeem(1, { tokens: fewer }))
      .records(CodeRedeemed({ grantId, presentedHash: codeHash, ...fewer, at: 2000 }))
  })

  test('never gives a scope that was not approved', () => {
    given(grantDecider, approved)
      .when(redeem(1, { tokens: { ...pair(1), scopes: ['mcp:read', 'mcp:admin'] } }))
      .refuses('scope_exceeded')
  })
})

describe('a code that was redeemed and comes again (RFC 6749 §4.1.2)', () => {
  test('ends the grant: thief and owner cannot be told apart', () => {
    given(grantDecider, approved, redeemed)
      .when(redeem(1, { now: 2001 }))
      .refuses('code_replayed', ended('code_replayed', 2001))
  })

  test('ends the grant within the same millisecond too', () => {
    given(grantDecider, approved, redeemed)
      .when(redeem(1))
      .refuses('code_replayed', ended('code_replayed', 2000))
  })

  test('ends the grant even when the code has expired since', () => {
    given(grantDecider, approved, redeemed)
      .when(redeem(1, { now: terms.codeExpiresAt }))
      .refuses('code_replayed', ended('code_replayed', terms.codeExpiresAt))
  })

  test('does not end the grant when another client brings it', () => {
    given(grantDecider, approved, redeemed)
      .when(redeem(1, { clientId: 'cli_2' }))
      .refuses('wrong_client')
  })

  test('finds a grant that has ended already, and changes nothing', () => {
    given(grantDecider, approved, redeemed, ended('code_replayed', 2001))
      .when(redeem(1, { now: 2002 }))
      .refuses('grant_ended')
  })
})

describe('an active grant', () => {
  test('cannot be approved again', () => {
    given(grantDecider, approved, redeemed).when(approve).refuses('grant_exists')
  })

  test('can have an access token revoked, and goes on (RFC 7009 §2.1)', () => {
    given(grantDecider, approved, redeemed)
      .when(revokeAccess)
      .records(AccessTokenRevoked({ grantId, tokenHash: sha256('access 1'), at: 3000 }))
  })

  test('can have an older access token revoked than its newest', () => {
    given(grantDecider, approved, redeemed)
      .when({ ...revokeAccess, tokenHash: sha256('access 0') })
      .records(AccessTokenRevoked({ grantId, tokenHash: sha256('access 0'), at: 3000 }))
  })

  test('can end', () => {
    given(grantDecider, approved, redeemed).when(end).records(ended('revoked_by_user', 4000))
  })
})

describe('an ended grant', () => {
  const histories = {
    'before its code was used': [approved, ended('revoked_by_user', 1500)],
    'after its code was used': [approved, redeemed, ended('refresh_replayed', 2500)],
  }
  for (const [when, history] of Object.entries(histories)) {
    test(`${when} is not approved again: ids are never used twice`, () => {
      given(grantDecider, ...history)
        .when(approve)
        .refuses('grant_exists')
    })

    for (const command of [redeem(1), rotate(2, 'refresh 1'), rotate(2, 'anything'), end]) {
      test(`${when} refuses to ${command.kind}`, () => {
        given(grantDecider, ...history)
          .when(command)
          .refuses('grant_ended')
      })
    }

    test(`${when} tells every client that it ended, whoever asks`, () => {
      given(grantDecider, ...history)
        .when(redeem(1, { clientId: 'cli_2' }))
        .refuses('grant_ended')
    })

    test(`${when} has no access token to revoke: all went with it`, () => {
      given(grantDecider, ...history)
        .when(revokeAccess)
        .refuses('token_unknown')
    })
  }

  test('ignores whatever a log may hold after its end', () => {
    given(grantDecider, approved, ended('revoked_by_user', 1500), redeemed)
      .when(rotate(2, 'refresh 1'))
      .refuses('grant_ended')
  })
})

test('an event about a grant that was never approved makes none', () => {
  given(grantDecider, GrantEnded({ grantId, reason: 'expired', at: 1 }))
    .when(end)
    .refuses('grant_unknown')
})

test('what was approved stays known for as long as the grant does, and after', () => {
  const withNonce = { ...terms, nonce: 'n-0S6_WzA2Mj' }
  const history = [GrantApproved(withNonce), redeemed, ended('revoked_by_user', 4000)]
  for (const [count, status] of [
    [1, 'approved'],
    [2, 'active'],
    [3, 'ended'],
  ] as const) {
    expect(fold(grantDecider, history.slice(0, count))).toMatchObject({ ...withNonce, status })
  }
})
