/** A person's own token: made, renewed, ended; and what its owner is told when it had leaked. */
import {
  ApiTokenCreated,
  ApiTokenLeakAcknowledged,
  ApiTokenRegenerated,
  ApiTokenRevoked,
  ApiTokenShown,
  type ApiTokenText,
  apiTokenDecider,
  type NewApiToken,
} from '../../src/domain/api-token.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const first: ApiTokenText = {
  generation: 1,
  tokenHash: sha256('first'),
  prefix: 'glt_live',
  lastFour: 'abcd',
  keyVersion: 1,
  expiresAt: 10_000,
}
const second: ApiTokenText = { ...first, generation: 2, tokenHash: sha256('second'), nonce: 'n' }
const ids = { apiTokenId: 'tok_1', userId: 'usr_1' }
const token: NewApiToken = {
  ...ids,
  place: 1,
  name: 'Backups',
  description: '',
  resource: 'https://api.example.com',
  scopes: ['read'],
  ...first,
  at: 1_000,
}
const created = ApiTokenCreated(token)
const leaked = ApiTokenRevoked({ ...ids, reason: 'leaked', at: 2_000 })
const revoke = { kind: 'revoke', reason: 'revoked_by_user', now: 2_000 } as const
const acknowledge = { kind: 'acknowledge leak', now: 3_000 } as const

function regenerate(overlapSeconds: number, text = second) {
  return { kind: 'regenerate', text, overlapSeconds, now: 2_000 } as const
}

describe('an API token', () => {
  test('is made once, with or without an end, and never over already', () => {
    given(apiTokenDecider).when({ kind: 'create', token }).records(created)
    const { expiresAt: _, ...endless } = token
    given(apiTokenDecider)
      .when({ kind: 'create', token: endless })
      .records(ApiTokenCreated(endless))
    given(apiTokenDecider, created).when({ kind: 'create', token }).refuses('token_exists')
    given(apiTokenDecider)
      .when({ kind: 'create', token: { ...token, expiresAt: token.at } })
      .refuses('already_expired')
  })

  test('gets a new text, and the old one is good until the overlap ends, or its own end', () => {
    const regenerated = (previousEndsAt: number) =>
      ApiTokenRegenerated({ ...ids, ...second, previousEndsAt, at: 2_000 })
    given(apiTokenDecider, created).when(regenerate(0)).records(regenerated(2_000))
    given(apiTokenDecider, created).when(regenerate(3)).records(regenerated(5_000))
    given(apiTokenDecider, created).when(regenerate(60)).records(regenerated(10_000))
  })

  test('gets one new text for each that was seen: the same wish twice is refused', () => {
    const regenerated = ApiTokenRegenerated({ ...ids, ...second, previousEndsAt: 2_000, at: 2_000 })
    given(apiTokenDecider, created, regenerated).when(regenerate(0)).refuses('token_regenerated')
    given(apiTokenDecider, created)
      .when(regenerate(0, { ...second, expiresAt: 2_000 }))
      .refuses('already_expired')
  })

  test('is revoked once, and can then neither be renewed nor revoked', () => {
    const revoked = ApiTokenRevoked({ ...ids, reason: 'revoked_by_user', at: 2_000 })
    given(apiTokenDecider, created).when(revoke).records(revoked)
    given(apiTokenDecider, created, revoked).when(revoke).refuses('token_revoked')
    given(apiTokenDecider, created, revoked).when(regenerate(0)).refuses('token_revoked')
    given(apiTokenDecider).when(revoke).refuses('token_unknown')
    given(apiTokenDecider).when(acknowledge).refuses('token_unknown')
  })

  test('that leaked waits for its owner to read so, once', () => {
    const acknowledged = ApiTokenLeakAcknowledged({ ...ids, at: 3_000 })
    given(apiTokenDecider, created)
      .when({ ...revoke, reason: 'leaked' })
      .records(leaked)
    given(apiTokenDecider, created, leaked).when(acknowledge).records(acknowledged)
    given(apiTokenDecider, created, leaked, acknowledged)
      .when(acknowledge)
      .refuses('nothing_to_acknowledge')
    given(apiTokenDecider, created).when(acknowledge).refuses('nothing_to_acknowledge')
  })

  test('is shown as the text that it has now, and not once it was revoked', () => {
    const show = { kind: 'show', generation: 1, now: 2_000 } as const
    const shown = ApiTokenShown({ ...ids, generation: 1, at: 2_000 })
    const revoked = ApiTokenRevoked({ ...ids, reason: 'revoked_by_user', at: 1_500 })
    given(apiTokenDecider, created).when(show).records(shown)
    given(apiTokenDecider, created, shown).when(show).records(shown)
    given(apiTokenDecider, created)
      .when({ ...show, generation: 2 })
      .refuses('token_regenerated')
    given(apiTokenDecider, created, revoked).when(show).refuses('token_revoked')
    given(apiTokenDecider).when(show).refuses('token_unknown')
  })

  test('has nothing of its text in its state', () => {
    expect(fold(apiTokenDecider, [created])).toEqual({
      status: 'active',
      ...ids,
      generation: 1,
      expiresAt: 10_000,
    })
  })
})
