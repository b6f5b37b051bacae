/**
 * An issuance: one access token that comes from no code and is never refreshed. A client got it
 * for itself, or in exchange for another token, or for the word of an issuer that is trusted here.
 *
 *   issued ──revoke──▶ revoked
 *
 * One that was exchanged descends: from the token that it was given for, and through it from a
 * grant or another issuance. Whatever ends one of those ends all that descends from it.
 *
 * @see [RFC 6749 §4.4 - Client Credentials Grant](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.4)
 * @see [RFC 8693 §4.1 - "act" (Actor) Claim](https://www.rfc-editor.org/rfc/rfc8693.html#section-4.1)
 */
import { type Static, Type } from '@sinclair/typebox'
import { Confirmation } from './access.ts'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import { type Explained, explainedBy, type ReasonGivenEvent } from './reason.ts'

/** Whoever acts with a token that is about somebody else. */
export const Actor = Type.Object({
  /** A client, or the person that it acts for. */
  sub: Type.String(),
  clientId: Type.String(),
})
export type Actor = Static<typeof Actor>

const via = Type.Union([
  Type.Literal('client_credentials'),
  Type.Literal('token_exchange'),
  Type.Literal('jwt_bearer'),
])

// Events

export const AccessTokenIssued = defineEvent('AccessTokenIssued', {
  version: 1,
  subject: 'sub',
  payload: {
    issuanceId: open(Type.String()),
    via: open(via),
    clientId: open(Type.String()),
    /** Whom the token is about: a person, or the client itself. */
    sub: open(Type.String()),
    /** The person, where it is about one; then the same as `sub`. */
    userId: Type.Optional(open(Type.String())),
    resource: open(Type.String()),
    scopes: open(Type.Array(Type.String())),
    /** Of the opaque token; a JWT carries this hash as its `jti`. */
    accessTokenHash: hashed(),
    expiresAt: open(Type.Integer()),
    /** Absent for bearer tokens. */
    confirmation: Type.Optional(open(Confirmation)),
    /** RFC 9396; of the person, and so sealed. */
    authorizationDetails: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
    /** Who acts, newest first; empty where nobody acts for another. */
    actors: open(Type.Array(Actor)),
    /** Every client whose end ends this token: its own, and those that it came through. */
    clientIds: open(Type.Array(Type.String(), { minItems: 1 })),
    /** The token that it was given for. */
    parentHash: Type.Optional(hashed()),
    /** The issuance of that token, if it was one itself. */
    parentId: Type.Optional(open(Type.String())),
    /** The grant that all of it goes back to, where a person consented here. */
    grantId: Type.Optional(open(Type.String())),
    /** The issuer whose word it was given for. */
    assertedBy: Type.Optional(open(Type.String())),
    at: open(Type.Integer()),
  },
})

const revocationReason = Type.Union([
  Type.Literal('revoked_by_client'),
  Type.Literal('revoked_by_user'),
  Type.Literal('revoked_by_admin'),
])
export type IssuanceRevocationReason = Static<typeof revocationReason>

export const IssuanceRevoked = defineEvent('IssuanceRevoked', {
  version: 1,
  payload: {
    issuanceId: open(Type.String()),
    /** Of the token, and with it of all that was exchanged for it. */
    accessTokenHash: hashed(),
    reason: open(revocationReason),
    at: open(Type.Integer()),
  },
})

export const issuanceEventTypes = [AccessTokenIssued, IssuanceRevoked]

export type IssuanceEvent =
  | ReasonGivenEvent
  | EventOf<typeof AccessTokenIssued | typeof IssuanceRevoked>
export type IssuedTerms = EventOf<typeof AccessTokenIssued>['payload']

// State

export type IssuanceState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'revoked'
      readonly issuanceId: string
      readonly accessTokenHash: string
      readonly sub: string
      readonly parentId?: string
    }

function evolve(state: IssuanceState, event: IssuanceEvent): IssuanceState {
  switch (event.type) {
    case 'AccessTokenIssued': {
      const { issuanceId, accessTokenHash, sub, parentId } = event.payload
      const parent = parentId === undefined ? {} : { parentId }
      return { status: 'active', issuanceId, accessTokenHash, sub, ...parent }
    }
    case 'IssuanceRevoked':
      return state.status === 'unknown' ? state : { ...state, status: 'revoked' }
    case 'ReasonGiven':
      return state
    default:
      return event satisfies never
  }
}

// Commands

export type IssuanceCommand =
  | { readonly kind: 'issue'; readonly terms: IssuedTerms }
  | ({ readonly kind: 'revoke'; readonly reason: IssuanceRevocationReason } & Explained)

export type IssuanceRefusal =
  | 'issuance_exists'
  | 'issuance_unknown'
  | 'issuance_revoked'
  | 'already_expired'

function decide(command: IssuanceCommand, state: IssuanceState) {
  switch (command.kind) {
    case 'issue': {
      if (state.status !== 'unknown') return refuse<IssuanceRefusal>('issuance_exists')
      const { terms } = command
      if (terms.expiresAt <= terms.at) return refuse<IssuanceRefusal>('already_expired')
      return accept(AccessTokenIssued(terms))
    }
    case 'revoke': {
      if (state.status === 'unknown') return refuse<IssuanceRefusal>('issuance_unknown')
      if (state.status === 'revoked') return refuse<IssuanceRefusal>('issuance_revoked')
      const { issuanceId, accessTokenHash } = state
      const { reason, now: at } = command
      return accept<IssuanceEvent>(
        IssuanceRevoked({ issuanceId, accessTokenHash, reason, at }),
        ...explainedBy(command, state.sub),
      )
    }
    default:
      return command satisfies never
  }
}

export const issuanceDecider: Decider<
  IssuanceCommand,
  IssuanceState,
  IssuanceEvent,
  IssuanceRefusal
> = {
  noun: 'issuance',
  stateSchema: 2,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
