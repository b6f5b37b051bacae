/**
 * An API token: what a person makes for a script or a command line of their own. It has no client
 * and no code behind it, and lives until its end, its owner or a leak ends it.
 *
 *   active ──regenerate──▶ active (the text before it is good until `previousEndsAt`)
 *      └────revoke──▶ revoked ──acknowledge──▶ (the owner has read that it had leaked)
 *
 * The log keeps the hash of its text. Where the operator lets people see it again, the log keeps a
 * nonce too, and the text is an HMAC over that under the server's secret.
 *
 * @see [RFC 6750 §5.2 - Threat Mitigation](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.2)
 */
import { type Static, Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import { type Explained, explainedBy, type ReasonGivenEvent } from './reason.ts'

// Events

/** One text of a token; each regeneration makes the next. */
const text = {
  generation: open(Type.Integer({ minimum: 1 })),
  tokenHash: hashed(),
  prefix: open(Type.String()),
  /** So that its owner can tell it from others: four characters of the checksum, not of the secret. */
  lastFour: open(Type.String()),
  /** The version of the server's secret that it was derived under. */
  keyVersion: open(Type.Integer()),
  /** Only where it may be shown again. */
  nonce: Type.Optional(open(Type.String())),
  /** Absent for one that never ends by time. */
  expiresAt: Type.Optional(open(Type.Integer())),
}
const textSchema = Type.Object(text)
export type ApiTokenText = Static<typeof textSchema>

export const ApiTokenCreated = defineEvent('ApiTokenCreated', {
  version: 1,
  subject: 'userId',
  payload: {
    apiTokenId: open(Type.String()),
    userId: open(Type.String()),
    /** Which of the account's places it takes: two tokens of an account never have the same. */
    place: open(Type.Integer({ minimum: 1 })),
    name: Type.String(),
    description: Type.String(),
    resource: open(Type.String()),
    scopes: open(Type.Array(Type.String(), { minItems: 1 })),
    ...text,
    at: open(Type.Integer()),
  },
})

export const ApiTokenRegenerated = defineEvent('ApiTokenRegenerated', {
  version: 1,
  payload: {
    apiTokenId: open(Type.String()),
    userId: open(Type.String()),
    ...text,
    /** Until when the text before this one is good; the time of the event when it ended at once. */
    previousEndsAt: open(Type.Integer()),
    at: open(Type.Integer()),
  },
})

const reason = Type.Union([
  Type.Literal('revoked_by_user'),
  Type.Literal('revoked_by_admin'),
  Type.Literal('account_deleted'),
  /** Somebody who found it in public told us. */
  Type.Literal('leaked'),
])
export type ApiTokenRevocationReason = Static<typeof reason>

export const ApiTokenRevoked = defineEvent('ApiTokenRevoked', {
  version: 1,
  payload: {
    apiTokenId: open(Type.String()),
    userId: open(Type.String()),
    reason: open(reason),
    at: open(Type.Integer()),
  },
})

/** Its text left the server once more, for its owner: only where the operator lets people see it again. */
export const ApiTokenShown = defineEvent('ApiTokenShown', {
  version: 1,
  payload: {
    apiTokenId: open(Type.String()),
    userId: open(Type.String()),
    generation: open(Type.Integer({ minimum: 1 })),
    at: open(Type.Integer()),
  },
})

/** The owner has read that it was revoked because it had leaked. */
export const ApiTokenLeakAcknowledged = defineEvent('ApiTokenLeakAcknowledged', {
  version: 1,
  payload: {
    apiTokenId: open(Type.String()),
    userId: open(Type.String()),
    at: open(Type.Integer()),
  },
})

export const apiTokenEventTypes = [
  ApiTokenCreated,
  ApiTokenRegenerated,
  ApiTokenRevoked,
  ApiTokenShown,
  ApiTokenLeakAcknowledged,
]

export type ApiTokenEvent =
  | ReasonGivenEvent
  | EventOf<
      | typeof ApiTokenCreated
      | typeof ApiTokenRegenerated
      | typeof ApiTokenRevoked
      | typeof ApiTokenShown
      | typeof ApiTokenLeakAcknowledged
    >
export type NewApiToken = EventOf<typeof ApiTokenCreated>['payload']

// State

interface Known {
  readonly apiTokenId: string
  readonly userId: string
  readonly generation: number
  /** Null for never. */
  readonly expiresAt: number | null
}

export type ApiTokenState =
  | { readonly status: 'unknown' }
  | (Known & { readonly status: 'active' })
  | (Known & { readonly status: 'revoked'; readonly isLeakUnread: boolean })

function evolve(state: ApiTokenState, event: ApiTokenEvent): ApiTokenState {
  switch (event.type) {
    case 'ApiTokenCreated': {
      const { apiTokenId, userId, generation, expiresAt = null } = event.payload
      return { status: 'active', apiTokenId, userId, generation, expiresAt }
    }
    case 'ApiTokenRegenerated': {
      if (state.status === 'unknown') return state
      const { generation, expiresAt = null } = event.payload
      return { ...state, generation, expiresAt }
    }
    case 'ApiTokenRevoked':
      if (state.status === 'unknown') return state
      return { ...state, status: 'revoked', isLeakUnread: event.payload.reason === 'leaked' }
    case 'ApiTokenShown':
    case 'ReasonGiven':
      return state
    case 'ApiTokenLeakAcknowledged':
      return state.status === 'revoked' ? { ...state, isLeakUnread: false } : state
    default:
      return event satisfies never
  }
}

// Commands

export type ApiTokenCommand =
  | { readonly kind: 'create'; readonly token: NewApiToken }
  | {
      readonly kind: 'regenerate'
      /** The next of the generation that whoever asks has seen. */
      readonly text: ApiTokenText
      readonly overlapSeconds: number
      readonly now: number
    }
  | ({
      readonly kind: 'revoke'
      readonly reason: ApiTokenRevocationReason
    } & Explained)
  | { readonly kind: 'show'; readonly generation: number; readonly now: number }
  | { readonly kind: 'acknowledge leak'; readonly now: number }

export type ApiTokenRefusal =
  | 'token_exists'
  | 'token_unknown'
  | 'token_revoked'
  | 'token_regenerated'
  | 'already_expired'
  | 'nothing_to_acknowledge'

function decide(command: ApiTokenCommand, state: ApiTokenState) {
  if (command.kind === 'create') {
    if (state.status !== 'unknown') return refuse<ApiTokenRefusal>('token_exists')
    const { token } = command
    if (isOver(token.expiresAt, token.at)) return refuse<ApiTokenRefusal>('already_expired')
    return accept(ApiTokenCreated(token))
  }
  if (state.status === 'unknown') return refuse<ApiTokenRefusal>('token_unknown')
  const { apiTokenId, userId } = state
  const at = command.now
  if (command.kind === 'acknowledge leak') {
    if (state.status === 'active' || !state.isLeakUnread) {
      return refuse<ApiTokenRefusal>('nothing_to_acknowledge')
    }
    return accept(ApiTokenLeakAcknowledged({ apiTokenId, userId, at }))
  }
  if (state.status === 'revoked') return refuse<ApiTokenRefusal>('token_revoked')
  switch (command.kind) {
    case 'regenerate': {
      const { text: next, overlapSeconds } = command
      if (next.generation !== state.generation + 1) {
        return refuse<ApiTokenRefusal>('token_regenerated')
      }
      if (isOver(next.expiresAt, at)) return refuse<ApiTokenRefusal>('already_expired')
      const ownEnd = state.expiresAt ?? Number.POSITIVE_INFINITY
      const previousEndsAt = Math.max(at, Math.min(at + overlapSeconds * 1000, ownEnd))
      return accept(ApiTokenRegenerated({ apiTokenId, userId, ...next, previousEndsAt, at }))
    }
    case 'show': {
      const { generation } = command
      if (generation !== state.generation) return refuse<ApiTokenRefusal>('token_regenerated')
      return accept(ApiTokenShown({ apiTokenId, userId, generation, at }))
    }
    case 'revoke':
      return accept<ApiTokenEvent>(
        ApiTokenRevoked({ apiTokenId, userId, reason: command.reason, at }),
        ...explainedBy(command, userId),
      )
    default:
      return command satisfies never
  }
}

function isOver(expiresAt: number | undefined, at: number): boolean {
  return expiresAt !== undefined && expiresAt <= at
}

export const apiTokenDecider: Decider<
  ApiTokenCommand,
  ApiTokenState,
  ApiTokenEvent,
  ApiTokenRefusal
> = {
  noun: 'api-token',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
