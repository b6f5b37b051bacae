/**
 * A grant from the consent to the end. What its refresh tokens do is in `grant-rotation.test.ts`;
 * what no sequence of requests can bring about is in `grant-properties.test.ts`.
 *
 * @see [RFC 6749 §4.1 - Authorization Code Grant](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1)
 */
import type { Access } from '../../src/domain/access.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import {
  AccessTokenRevoked,
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  GrantNarrowed,
} from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { ReasonGiven } from '../../src/domain/reason.ts'
import { fold } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'
import {
  approved,
  codeHash,
  ended,
  givenGrant,
  grantId,
  pair,
  redeem,
  redeemed,
  redirectUri,
  rotate,
  rotated,
  terms,
} from './grant-cases.ts'

const approve = { kind: 'approve', terms } as const
const revokeAccess = {
  kind: 'revoke access token',
  tokenHash: sha256('access 1'),
  now: 3000,
} as const
const end = { kind: 'end', reason: 'revoked_by_user', now: 4000 } as const

test('an administrator who ends a grant, or a token of it, says why in words that are sealed', () => {
  const why = 'Lost laptop'
  const reason = ReasonGiven({ about: terms.userId, reason: why, at: 4000 })
  givenGrant(approved)
    .when({ kind: 'end', reason: 'revoked_by_admin', why, now: 4000 })
    .records(ended('revoked_by_admin', 4000), reason)
  givenGrant(approved, redeemed)
    .when({ ...revokeAccess, why, now: 4000 })
    .records(AccessTokenRevoked({ grantId, tokenHash: revokeAccess.tokenHash, at: 4000 }), reason)
})

describe('a grant nobody has heard of', () => {
  test('is approved on the terms that the person saw', () => {
    givenGrant().when(approve).records(approved)
  })

  test('keeps the nonce of OpenID Connect (Core 1.0 §3.1.2.1)', () => {
    const withNonce = { ...terms, nonce: 'n-0S6_WzA2Mj' }
    givenGrant().when({ kind: 'approve', terms: withNonce }).records(GrantApproved(withNonce))
  })

  for (const command of [redeem(1), rotate(2, 'refresh 1'), revokeAccess, end]) {
    test(`cannot be the subject of ${command.kind}`, () => {
      givenGrant().when(command).refuses('grant_unknown')
    })
  }
})

describe('a person takes some of it back', () => {
  const [first, second] = terms.access as [Access, Access]
  const less = [{ ...first, scopes: ['mcp:read'] }, second]
  const narrow = (access: Access[]) => ({ kind: 'narrow', access, now: 3000 }) as const
  const narrowed = (access: Access[]) => GrantNarrowed({ grantId, access, at: 3000 })

  test('a scope, before the code is redeemed and after', () => {
    givenGrant(approved).when(narrow(less)).records(narrowed(less))
    givenGrant(approved, redeemed).when(narrow(less)).records(narrowed(less))
  })

  test('a whole resource, whether it is left out or left empty', () => {
    givenGrant(approved)
      .when(narrow([first]))
      .records(narrowed([first]))
    givenGrant(approved)
      .when(narrow([first, { ...second, scopes: [] }]))
      .records(narrowed([first]))
  })

  test('in the order that was granted, whatever the order asked in', () => {
    const turned = [second, { ...first, scopes: ['mcp:write'] }]
    const left = [{ ...first, scopes: ['mcp:write'] }, second]
    givenGrant(approved).when(narrow(turned)).records(narrowed(left))
  })

  test('and can never give more by it', () => {
    const more = [{ ...first, scopes: ['mcp:read', 'admin'] }]
    const elsewhere = [first, { resource: 'https://other.example', scopes: ['mcp:read'] }]
    for (const access of [more, elsewhere, [first, first]]) {
      givenGrant(approved, redeemed).when(narrow(access)).refuses('scope_exceeded')
    }
    const back = narrow(terms.access)
    givenGrant(approved, narrowed(less)).when(back).refuses('scope_exceeded')
  })

  test('but not all of it: that is to end it', () => {
    givenGrant(approved).when(narrow([])).refuses('nothing_left')
    givenGrant(approved).when(narrow(terms.access)).refuses('nothing_taken_back')
    givenGrant(approved, ended('expired', 2500)).when(narrow(less)).refuses('grant_ended')
  })

  test('and what was taken back is in no token from then on', () => {
    const history = givenGrant(approved, redeemed, narrowed(less))
    history.when(rotate(2, 'refresh 1')).refuses('scope_exceeded')
    const tokens = { ...pair(2), scopes: ['mcp:read'] }
    history.when(rotate(2, 'refresh 1', { tokens })).records(rotated(2, 10_000, tokens))
  })

  test('nor in a repeat of what was issued before', () => {
    const history = givenGrant(approved, redeemed, rotated(2, 2500), narrowed(less))
    const now = 3500
    history.when(rotate(2, 'refresh 1', { now })).refuses('repeat_differs')
    const tokens = { ...pair(2), scopes: ['mcp:read'] }
    history.when(rotate(2, 'refresh 1', { tokens, now })).records()
  })
})

describe('an approved grant', () => {
  test('cannot be approved again', () => {
    givenGrant(approved).when(approve).refuses('grant_exists')
  })

  test('gives tokens for its code', () => {
    givenGrant(approved).when(redeem(1)).records(redeemed)
  })

  test('has no refresh token yet, so none is known', () => {
    givenGrant(approved).when(rotate(1, 'refresh 1')).refusesUse('refresh_unknown')
  })

  test('does not take its code for a refresh token', () => {
    givenGrant(approved).when(rotate(1, 'code')).refusesUse('refresh_unknown')
  })

  test('tells a stranger that the client is wrong before anything else', () => {
    givenGrant(approved)
      .when(rotate(1, 'refresh 1', { clientId: 'cli_2' }))
      .refusesUse('wrong_client')
  })

  test('has no access token to revoke', () => {
    givenGrant(approved).when(revokeAccess).refuses('token_unknown')
  })

  test('can end before its code was used', () => {
    givenGrant(approved).when(end).records(ended('revoked_by_user', 4000))
  })

  test('ends for each reason there is', () => {
    const reasons = ['revoked_by_client', 'revoked_by_user', 'revoked_by_admin', 'expired'] as const
    for (const reason of [...reasons, 'code_replayed', 'refresh_replayed'] as const) {
      givenGrant(approved).when({ kind: 'end', reason, now: 4000 }).records(ended(reason, 4000))
    }
  })
})

describe('a code (RFC 6749 §4.1.3)', () => {
  test('is good until the last millisecond before it expires', () => {
    const now = terms.codeExpiresAt - 1
    givenGrant(approved)
      .when(redeem(1, { now }))
      .records(CodeRedeemed({ grantId, presentedHash: codeHash, ...pair(1), at: now }))
  })

  test('has expired exactly at its expiry', () => {
    givenGrant(approved)
      .when(redeem(1, { now: terms.codeExpiresAt }))
      .refusesUse('code_expired')
  })

  test('not for another code of the same client, which then ends nothing either', () => {
    const other = redeem(1, { codeHash: sha256('another code') })
    givenGrant(approved).when(other).refusesUse('code_unknown')
    givenGrant(approved, redeemed).when(other).refusesUse('code_unknown')
  })

  test('belongs to one client; another one’s attempt does not end the grant', () => {
    givenGrant(approved)
      .when(redeem(1, { clientId: 'cli_2' }))
      .refusesUse('wrong_client')
  })

  test('may be redeemed without a redirect URI, as OAuth 2.1 has it', () => {
    const { redirectUri: _, ...without } = redeem(1)
    givenGrant(approved).when(without).records(redeemed)
  })

  test('is refused with another redirect URI than it was asked with', () => {
    givenGrant(approved)
      .when(redeem(1, { redirectUri: `${redirectUri}/` }))
      .refusesUse('redirect_uri_mismatch')
  })

  test('is refused with an empty redirect URI, which is not an absent one', () => {
    givenGrant(approved)
      .when(redeem(1, { redirectUri: '' }))
      .refusesUse('redirect_uri_mismatch')
  })

  test('is refused with the verifier of somebody else (RFC 7636 §4.6)', () => {
    givenGrant(approved)
      .when(redeem(1, { codeChallenge: sha256('another verifier') }))
      .refusesUse('verifier_mismatch')
  })

  test('may give fewer scopes than were approved', () => {
    const fewer = { ...pair(1), scopes: ['mcp:read'] }
    givenGrant(approved)
      .when(redeem(1, { tokens: fewer }))
      .records(CodeRedeemed({ grantId, presentedHash: codeHash, ...fewer, at: 2000 }))
  })

  test('never gives a scope that was not approved', () => {
    givenGrant(approved)
      .when(redeem(1, { tokens: { ...pair(1), scopes: ['mcp:read', 'mcp:admin'] } }))
      .refuses('scope_exceeded')
  })
})

describe('a code that was redeemed and comes again (RFC 6749 §4.1.2)', () => {
  test('ends the grant: thief and owner cannot be told apart', () => {
    givenGrant(approved, redeemed)
      .when(redeem(1, { now: 2001 }))
      .refuses('code_replayed', ended('code_replayed', 2001))
  })

  test('ends the grant within the same millisecond too', () => {
    givenGrant(approved, redeemed)
      .when(redeem(1))
      .refuses('code_replayed', ended('code_replayed', 2000))
  })

  test('ends the grant even when the code has expired since', () => {
    givenGrant(approved, redeemed)
      .when(redeem(1, { now: terms.codeExpiresAt }))
      .refuses('code_replayed', ended('code_replayed', terms.codeExpiresAt))
  })

  test('does not end the grant when another client brings it', () => {
    givenGrant(approved, redeemed)
      .when(redeem(1, { clientId: 'cli_2' }))
      .refusesUse('wrong_client')
  })

  test('finds a grant that has ended already, and changes nothing', () => {
    givenGrant(approved, redeemed, ended('code_replayed', 2001))
      .when(redeem(1, { now: 2002 }))
      .refusesUse('grant_ended')
  })
})

describe('an active grant', () => {
  test('cannot be approved again', () => {
    givenGrant(approved, redeemed).when(approve).refuses('grant_exists')
  })

  test('can have an access token revoked, and goes on (RFC 7009 §2.1)', () => {
    givenGrant(approved, redeemed)
      .when(revokeAccess)
      .records(AccessTokenRevoked({ grantId, tokenHash: sha256('access 1'), at: 3000 }))
  })

  test('can have an older access token revoked than its newest', () => {
    givenGrant(approved, redeemed)
      .when({ ...revokeAccess, tokenHash: sha256('access 0') })
      .records(AccessTokenRevoked({ grantId, tokenHash: sha256('access 0'), at: 3000 }))
  })

  test('can end', () => {
    givenGrant(approved, redeemed).when(end).records(ended('revoked_by_user', 4000))
  })
})

describe('an ended grant', () => {
  const histories = {
    'before its code was used': [approved, ended('revoked_by_user', 1500)],
    'after its code was used': [approved, redeemed, ended('refresh_replayed', 2500)],
  }
  for (const [when, history] of Object.entries(histories)) {
    test(`${when} is not approved again: ids are never used twice`, () => {
      givenGrant(...history)
        .when(approve)
        .refuses('grant_exists')
    })

    for (const command of [redeem(1), rotate(2, 'refresh 1'), rotate(2, 'anything'), end]) {
      test(`${when} refuses to ${command.kind}`, () => {
        givenGrant(...history)
          .when(command)
          .refusesUse('grant_ended')
      })
    }

    test(`${when} tells every client that it ended, whoever asks`, () => {
      givenGrant(...history)
        .when(redeem(1, { clientId: 'cli_2' }))
        .refusesUse('grant_ended')
    })

    test(`${when} has no access token to revoke: all went with it`, () => {
      givenGrant(...history)
        .when(revokeAccess)
        .refuses('token_unknown')
    })
  }

  test('ignores whatever a log may hold after its end', () => {
    givenGrant(approved, ended('revoked_by_user', 1500), redeemed)
      .when(rotate(2, 'refresh 1'))
      .refusesUse('grant_ended')
  })
})

test('an event about a grant that was never approved makes none', () => {
  givenGrant(GrantEnded({ grantId, reason: 'expired', at: 1 }))
    .when(end)
    .refuses('grant_unknown')
})

test('what was approved stays known for as long as the grant does, and after', () => {
  const { redirectUri, codeChallenge, codeExpiresAt, sessionId, ...lasting } = terms
  const history = [GrantApproved(terms), redeemed, ended('revoked_by_user', 4000)]
  for (const [count, status] of [
    [1, 'approved'],
    [2, 'active'],
    [3, 'ended'],
  ] as const) {
    expect(fold(grantDecider, history.slice(0, count))).toMatchObject({ ...lasting, status })
  }
})

test('what the code and its answer take is known until it is redeemed', () => {
  const spent = { nonce: 'n-0S6_WzA2Mj', claims: { idToken: ['email'], userinfo: [] } }
  const approved = fold(grantDecider, [GrantApproved({ ...terms, ...spent })])
  expect(approved).toMatchObject(spent)
  const active = fold(grantDecider, [GrantApproved({ ...terms, ...spent }), redeemed])
  for (const name of [...Object.keys(spent), 'redirectUri', 'codeChallenge', 'codeExpiresAt']) {
    expect(name in approved).toBe(true)
    expect(name in active).toBe(false)
  }
})
