/**
 * What can happen to a grant. Tokens appear as their SHA-256 alone: they are 256 random bits, or
 * an HMAC under a key that is not in the database, so a hash gives nothing away.
 */
import { type Static, Type } from '@sinclair/typebox'
import { Access, Confirmation } from './access.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import type { ReasonGivenEvent } from './reason.ts'

const grantId = open(Type.String())
const at = open(Type.Integer())

const tokenPair = {
  /** 1 for what the code gave, one more with every rotation. */
  generation: open(Type.Integer({ minimum: 1 })),
  /** The one resource that the access token is for; the refresh token is for all of the grant. */
  resource: open(Type.String()),
  scopes: open(Type.Array(Type.String())),
  /** Which of the grant's authorization details it carries, by their place; absent for all. */
  details: Type.Optional(open(Type.Array(Type.Integer({ minimum: 0 })))),
  /** Of the opaque token; a JWT carries this hash as its `jti`. */
  accessTokenHash: hashed(),
  accessExpiresAt: open(Type.Integer()),
  refreshTokenHash: hashed(),
  refreshExpiresAt: open(Type.Integer()),
  /** Version of the master secret and nonce that the tokens were derived with. */
  keyVersion: open(Type.Integer()),
  nonce: open(Type.String()),
  /** Absent for bearer tokens. */
  confirmation: Type.Optional(open(Confirmation)),
}

/** The key or certificate that a public client's refresh token is bound to (RFC 9449 §5, RFC 8705 §4). */
const refreshKey = Type.Optional(hashed())

export interface TokenPair {
  readonly generation: number
  readonly resource: string
  readonly scopes: string[]
  readonly details?: number[]
  readonly accessTokenHash: string
  readonly accessExpiresAt: number
  readonly refreshTokenHash: string
  readonly refreshExpiresAt: number
  readonly keyVersion: number
  readonly nonce: string
  readonly confirmation?: Confirmation
}

export const RequestedClaims = Type.Object({
  idToken: Type.Array(Type.String()),
  userinfo: Type.Array(Type.String()),
})
export type RequestedClaims = Static<typeof RequestedClaims>

export const RememberedConsent = Type.Object({
  grantId: Type.String(),
  consentedAt: Type.Integer(),
})
export type RememberedConsent = Static<typeof RememberedConsent>

const via = Type.Union([
  Type.Literal('authorization_code'),
  Type.Literal('device_code'),
  Type.Literal('ciba'),
])
export type GrantVia = Static<typeof via>

export const GrantApproved = defineEvent('GrantApproved', {
  version: 1,
  subject: 'userId',
  payload: {
    grantId,
    /** Whose it is: a person, or an agent that signed in by itself. */
    userId: open(Type.String()),
    /** The owner of that agent, where somebody had confirmed it. */
    ownerId: Type.Optional(open(Type.String())),
    clientId: open(Type.String()),
    /** What the code is: one that a redirect carries, or that a device or a client polls with. */
    via: open(via),
    /** At least one; the first is meant where a token request names none. */
    access: open(Type.Array(Access, { minItems: 1 })),
    /** RFC 9396: amounts, accounts, tools; of the person, and so sealed. */
    authorizationDetails: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
    redirectUri: Type.Optional(open(Type.String())),
    codeHash: hashed(),
    codeChallenge: Type.Optional(hashed()),
    /** Thumbprint of the DPoP key that alone may redeem the code (RFC 9449 §10). */
    codeKey: Type.Optional(hashed()),
    codeExpiresAt: open(Type.Integer()),
    /** Absent where a front said who the person is, and keeps the session. */
    sessionId: Type.Optional(open(Type.String())),
    /** Where the person said yes; absent for a page. */
    channel: Type.Optional(open(Type.Literal('telegram'))),
    /** When the person last proved who they are, in milliseconds; absent where no sign-in tells. */
    authTime: Type.Optional(open(Type.Integer())),
    /** How they did (RFC 8176). */
    amr: open(Type.Array(Type.String())),
    acr: Type.Optional(open(Type.String())),
    /** OpenID Connect's `nonce`, to be repeated in the ID token. */
    nonce: Type.Optional(open(Type.String())),
    /** Names of claims that were asked for one by one (OpenID Connect Core §5.5). */
    claims: Type.Optional(open(RequestedClaims)),
    /** The grant whose access this one takes over and adds to. */
    addsTo: Type.Optional(open(Type.String())),
    /** Where nobody was asked: the grant that it rests on, and when the person last said yes. */
    remembered: Type.Optional(open(RememberedConsent)),
    /** When it ends however often it is refreshed; absent where only disuse ends it. */
    endsAt: Type.Optional(open(Type.Integer())),
    at,
  },
})

export const CodeRedeemed = defineEvent('CodeRedeemed', {
  version: 1,
  payload: { grantId, presentedHash: hashed(), ...tokenPair, refreshKey, at },
})

export const RefreshTokenRotated = defineEvent('RefreshTokenRotated', {
  version: 1,
  payload: { grantId, presentedHash: hashed(), ...tokenPair, refreshKey, at },
})

export const AccessTokenRevoked = defineEvent('AccessTokenRevoked', {
  version: 1,
  payload: { grantId, tokenHash: hashed(), at },
})

/** The refresh token alone: access tokens go on, where the operator wants it so. */
export const RefreshTokenRevoked = defineEvent('RefreshTokenRevoked', {
  version: 1,
  payload: { grantId, at },
})

/** Somebody presented a real code or token of this grant, and got nothing for it. */
export const GrantUseRefused = defineEvent('GrantUseRefused', {
  version: 1,
  payload: {
    grantId,
    clientId: open(Type.String()),
    reason: open(Type.String({ pattern: '^[a-z_]+$' })),
    at,
  },
})

/** A person leaves a client less than they gave it; what it holds already is worth less at once. */
export const GrantNarrowed = defineEvent('GrantNarrowed', {
  version: 1,
  payload: {
    grantId,
    /** What is left: fewer resources or scopes, in the order that they had, and never none. */
    access: open(Type.Array(Access, { minItems: 1 })),
    at,
  },
})

const endReason = Type.Union([
  Type.Literal('revoked_by_client'),
  Type.Literal('revoked_by_user'),
  Type.Literal('revoked_by_admin'),
  Type.Literal('code_replayed'),
  Type.Literal('refresh_replayed'),
  Type.Literal('expired'),
  Type.Literal('account_deleted'),
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
  RefreshTokenRevoked,
  GrantUseRefused,
  GrantNarrowed,
  GrantEnded,
]

export type ApprovedTerms = EventOf<typeof GrantApproved>['payload']

/** What a decision may look at: all but what is sealed. */
export type GrantTerms = Omit<ApprovedTerms, 'authorizationDetails'>

/** What a grant is remembered by once its code is redeemed; the rest was for that. */
export type LastingTerms = Pick<
  GrantTerms,
  | 'grantId'
  | 'userId'
  | 'ownerId'
  | 'clientId'
  | 'via'
  | 'access'
  | 'codeHash'
  | 'authTime'
  | 'amr'
  | 'acr'
  | 'endsAt'
  | 'at'
>

export type GrantEvent =
  | ReasonGivenEvent
  | EventOf<
      | typeof GrantApproved
      | typeof CodeRedeemed
      | typeof RefreshTokenRotated
      | typeof AccessTokenRevoked
      | typeof RefreshTokenRevoked
      | typeof GrantUseRefused
      | typeof GrantNarrowed
      | typeof GrantEnded
    >
