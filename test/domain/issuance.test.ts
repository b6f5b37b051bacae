/** One access token without a code: issued once, revoked once, and never after its own end. */
import {
  AccessTokenIssued,
  IssuanceRevoked,
  type IssuedTerms,
  issuanceDecider,
} from '../../src/domain/issuance.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { ReasonGiven } from '../../src/domain/reason.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const accessTokenHash = sha256('token')

const terms: IssuedTerms = {
  issuanceId: 'iss_1',
  via: 'client_credentials',
  clientId: 'cli_1',
  sub: 'cli_1',
  resource: 'https://api.example.com/mcp',
  scopes: ['mcp:read'],
  accessTokenHash,
  expiresAt: 5_000,
  actors: [],
  clientIds: ['cli_1'],
  at: 1_000,
}

const exchanged: IssuedTerms = {
  ...terms,
  issuanceId: 'iss_2',
  via: 'token_exchange',
  sub: 'usr_1',
  userId: 'usr_1',
  authorizationDetails: [{ type: 'payment', amount: 3 }],
  actors: [{ sub: 'cli_1', clientId: 'cli_1' }],
  parentHash: sha256('parent'),
  parentId: 'iss_1',
  grantId: 'grt_1',
}

const revoked = IssuanceRevoked({
  issuanceId: 'iss_1',
  accessTokenHash,
  reason: 'revoked_by_client',
  at: 2_000,
})
const revoke = { kind: 'revoke', reason: 'revoked_by_client', now: 2_000 } as const

describe('an issuance', () => {
  test('is recorded with what it rests on', () => {
    given(issuanceDecider).when({ kind: 'issue', terms }).records(AccessTokenIssued(terms))
    given(issuanceDecider)
      .when({ kind: 'issue', terms: exchanged })
      .records(AccessTokenIssued(exchanged))
  })

  test('happens once', () => {
    given(issuanceDecider, AccessTokenIssued(terms))
      .when({ kind: 'issue', terms })
      .refuses('issuance_exists')
  })

  test('gives no token that has expired already', () => {
    given(issuanceDecider)
      .when({ kind: 'issue', terms: { ...terms, expiresAt: terms.at } })
      .refuses('already_expired')
  })

  test('is revoked once', () => {
    given(issuanceDecider, AccessTokenIssued(terms)).when(revoke).records(revoked)
    given(issuanceDecider, AccessTokenIssued(terms), revoked)
      .when(revoke)
      .refuses('issuance_revoked')
    given(issuanceDecider).when(revoke).refuses('issuance_unknown')
  })

  test('is ended by an administrator who says why, in words that are sealed for whom it is about', () => {
    const byAdmin = { ...revoke, reason: 'revoked_by_admin', why: 'Lost laptop' } as const
    given(issuanceDecider, AccessTokenIssued(terms))
      .when(byAdmin)
      .records(
        IssuanceRevoked({ ...revoked.payload, reason: 'revoked_by_admin' }),
        ReasonGiven({ about: terms.sub, reason: 'Lost laptop', at: revoke.now }),
      )
  })

  test('keeps in its state what leads to its parent, whom it is about, and nothing that is sealed', () => {
    expect(fold(issuanceDecider, [AccessTokenIssued(exchanged)])).toEqual({
      status: 'active',
      issuanceId: 'iss_2',
      accessTokenHash,
      sub: exchanged.sub,
      parentId: 'iss_1',
    })
  })
})
