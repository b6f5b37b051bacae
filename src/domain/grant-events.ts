/**
 * What can happen to a grant. Tokens appear as their SHA-256 alone: they are 256 random bits, or
 * an HMAC under a key that is not in the database, so a hash gives nothing away.
 */
import { Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

const grantId = open(Type.String())
const at = open(Type.Integer())

const tokenPair = {
  /** 1 for what the code gave, one more with every rotation. */
  generation: open(Type.Integer({ minimum: 1 })),
  scopes: open(Type.Array(Type.String())),
  /** Of the opaque token; a JWT carries this hash as its `jti`. */
  accessTokenHash: hashed(),
  accessExpiresAt: open(Type.Integer()),
  refreshTokenHash: hashed(),
  refreshExpiresAt: open(Type.Integer()),
  /** Version of the master secret and nonce that the tokens were derived with. */
  keyVersion: open(Type.Integer()),
  nonce: open(Type.String()),
}

export interface TokenPair {
  readonly generation: number
  readonly scopes: string[]
  readonly accessTokenHash: string
  readonly accessExpiresAt: number
  readonly refreshTokenHash: string
  readonly refreshExpiresAt: number
  readonly keyVersion: number
  readonly nonce: string
}

export const GrantApproved = defineEvent('GrantApproved', {
  version: 1,
  payload: {
    grantId,
    userId: open(Type.String()),
    clientId: open(Type.String()),
    /** The RFC 8707 identifier, byte for byte as configured. */
    resource: open(Type.String()),
    scopes: open(Type.Array(Type.String())),
    redirectUri: open(Type.String()),
    codeHash: hashed(),
    codeChallenge: hashed(),
    codeExpiresAt: open(Type.Integer()),
    sessionId: open(Type.String()),
    /** When the person last proved who they are, in milliseconds. */
    authTime: open(Type.Integer()),
    /** OpenID Connect's `nonce`, to be repeated in the ID token. */
    nonce: Type.Optional(open(Type.String())),
    at,
  },
})

export const CodeRedeemed = defineEvent('CodeRedeemed', {
  version: 1,
  payload: { grantId, presentedHash: hashed(), ...tokenPair, at },
})

export const RefreshTokenRotated = defineEvent('RefreshTokenRotated', {
  version: 1,
  payload: { grantId, presentedHash: hashed(), ...tokenPair, at },
})

export const AccessTokenRevoked = defineEvent('AccessTokenRevoked', {
  version: 1,
  payload: { grantId, tokenHash: hashed(), at },
})

const endReason = Type.Union([
  Type.Literal('revoked_by_client'),
  Type.Literal('revoked_by_user'),
  Type.Literal('revoked_by_admin'),
  Type.Literal('code_replayed'),
  Type.Literal('refresh_replayed'),
  Type.Literal('expired'),
])
export type GrantEndReason = (typeof endReason)['static']

export const GrantEnded = defineEvent('GrantEnded', {
  version: 1,
  payload: { grantId, reason: open(endReason), at },
})

export const grantEventTypes = [
  GrantApproved,
  CodeRedeemed,
  RefreshTokenRotated,
  AccessTokenRevoked,
  GrantEnded,
]

export type GrantTerms = EventOf<typeof GrantApproved>['payload']

export type GrantEvent = EventOf<
  | typeof GrantApproved
  | typeof CodeRedeemed
  | typeof RefreshTokenRotated
  | typeof AccessTokenRevoked
  | typeof GrantEnded
>
