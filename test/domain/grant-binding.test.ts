/**
 * Codes and refresh tokens that are bound to a key or to a certificate.
 *
 * @see [RFC 9449 §10 - Authorization Code Binding to a DPoP Key](https://www.rfc-editor.org/rfc/rfc9449.html#section-10)
 * @see [RFC 8705 §4 - Public Clients and Certificate-Bound Tokens](https://www.rfc-editor.org/rfc/rfc8705.html#section-4)
 */
import type { Confirmation } from '../../src/domain/access.ts'
import { CodeRedeemed, GrantApproved } from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { describe, test } from '../support/test.ts'
import {
  approved,
  codeHash,
  givenGrant,
  grantId,
  pair,
  redeem,
  redeemedWith,
  rotate,
  rotated,
  terms,
} from './grant-cases.ts'

const jkt = sha256('the key of the client')
const thumbprint = sha256('the certificate of the client')
const key: Confirmation = { jkt }
const certificate: Confirmation = { 'x5t#S256': thumbprint }
const thief: Confirmation = { jkt: sha256('the key of a thief') }

function held(generation: number, confirmation: Confirmation) {
  return { ...pair(generation), confirmation }
}

function redeemedFor(confirmation: Confirmation, refreshKey: string) {
  const tokens = { ...held(1, confirmation), refreshKey }
  return CodeRedeemed({ grantId, presentedHash: codeHash, ...tokens, at: 2000 })
}

describe('a code that is bound to a key', () => {
  const boundApproval = GrantApproved({ ...terms, codeKey: jkt })

  test('is redeemed by its holder', () => {
    givenGrant(boundApproval)
      .when(redeem(1, { tokens: held(1, key) }))
      .records(redeemedFor(key, jkt))
  })

  test('is refused to everybody else, and not used up by that', () => {
    for (const tokens of [pair(1), held(1, thief), held(1, certificate)]) {
      givenGrant(boundApproval).when(redeem(1, { tokens })).refusesUse('key_mismatch')
    }
  })
})

describe('a public client', () => {
  test('binds its refresh token to its certificate where it has no key', () => {
    givenGrant(approved)
      .when(redeem(1, { tokens: held(1, certificate) }))
      .records(redeemedFor(certificate, thumbprint))
  })

  test('binds it to its key where it has both', () => {
    const both = { ...key, ...certificate }
    givenGrant(approved)
      .when(redeem(1, { tokens: held(1, both) }))
      .records(redeemedFor(both, jkt))
  })

  const bound = redeemedWith({ confirmation: certificate, refreshKey: thumbprint })

  test('rotates with the certificate, alone or beside a key', () => {
    for (const confirmation of [certificate, { ...key, ...certificate }]) {
      const tokens = held(2, confirmation)
      givenGrant(approved, bound)
        .when(rotate(2, 'refresh 1', { tokens }))
        .records(rotated(2, 10_000, { ...tokens, refreshKey: thumbprint }))
    }
  })

  test('does not rotate without it', () => {
    for (const tokens of [pair(2), held(2, key)]) {
      givenGrant(approved, bound)
        .when(rotate(2, 'refresh 1', { tokens }))
        .refusesUse('key_mismatch')
    }
  })
})
