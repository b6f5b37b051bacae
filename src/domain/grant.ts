/**
 * A grant: what one person allowed one client to do at one resource, from the consent to the end.
 * It is also one family of refresh tokens.
 *
 *   approved ──redeem code──▶ active ──rotate──▶ active …
 *      └──────────── revoke, or a replay of the code or of a refresh token ──────────▶ ended
 *
 * Two tokens decide who may go on: the current refresh token, and for a short grace the one
 * before it, whose holder may not have heard the answer. Everything older is a replay.
 *
 * @see [RFC 9700 §4.14.2 - Refresh Token Protection](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import { accept, type Decider, refuse } from './decider.ts'
import {
  AccessTokenRevoked,
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  type GrantEndReason,
  type GrantEvent,
  type GrantTerms,
  RefreshTokenRotated,
  type TokenPair,
} from './grant-events.ts'

// State

/** What the last issue of tokens was made from; enough to make the same tokens again. */
export interface Issue extends TokenPair {
  /** Hash of the code or refresh token that was presented for it. */
  readonly presentedHash: string
  readonly at: number
}

export type GrantState =
  | { readonly status: 'unknown' }
  | ({ readonly status: 'approved' } & GrantTerms)
  | ({ readonly status: 'active'; readonly issue: Issue } & GrantTerms)
  | ({ readonly status: 'ended'; readonly reason: GrantEndReason } & GrantTerms)

function evolve(state: GrantState, event: GrantEvent): GrantState {
  if (event.type === 'GrantApproved') return { status: 'approved', ...event.payload }
  if (state.status === 'unknown' || state.status === 'ended') return state
  switch (event.type) {
    case 'CodeRedeemed':
    case 'RefreshTokenRotated': {
      const { grantId: _, ...issue } = event.payload
      return { ...termsOf(state), status: 'active', issue }
    }
    case 'AccessTokenRevoked':
      return state
    case 'GrantEnded':
      return { ...termsOf(state), status: 'ended', reason: event.payload.reason }
    default:
      return event satisfies never
  }
}

function termsOf(state: Exclude<GrantState, { status: 'unknown' }>): GrantTerms {
  const { grantId, userId, clientId, resource, scopes, redirectUri } = state
  const { codeHash, codeChallenge, codeExpiresAt, sessionId, authTime, at } = state
  const terms = {
    grantId,
    userId,
    clientId,
    resource,
    scopes,
    redirectUri,
    sessionId,
    authTime,
    at,
  }
  const nonce = state.nonce === undefined ? {} : { nonce: state.nonce }
  return { ...terms, ...nonce, codeHash, codeChallenge, codeExpiresAt }
}

// Commands

export type GrantCommand =
  | { readonly kind: 'approve'; readonly terms: GrantTerms }
  | ({ readonly kind: 'redeem code' } & CodeRedemption)
  | ({ readonly kind: 'rotate' } & Rotation)
  | { readonly kind: 'revoke access token'; readonly tokenHash: string; readonly now: number }
  | { readonly kind: 'end'; readonly reason: GrantEndReason; readonly now: number }

export interface CodeRedemption {
  readonly clientId: string
  readonly codeHash: string
  /** As the token request sent it, or absent. */
  readonly redirectUri?: string
  /** S256 of the verifier. */
  readonly codeChallenge: string
  readonly tokens: TokenPair
  readonly now: number
}

export interface Rotation {
  readonly clientId: string
  readonly presentedHash: string
  /** What the new tokens would be; ignored for a repeat inside the grace. */
  readonly tokens: TokenPair
  readonly graceSeconds: number
  readonly now: number
}

export type GrantRefusal =
  | 'grant_exists'
  | 'grant_unknown'
  | 'grant_ended'
  | 'wrong_client'
  | 'redirect_uri_mismatch'
  | 'code_unknown'
  | 'code_expired'
  | 'code_replayed'
  | 'verifier_mismatch'
  | 'refresh_expired'
  | 'refresh_replayed'
  | 'refresh_unknown'
  | 'scope_exceeded'
  | 'repeat_differs'
  | 'token_unknown'

type Known = Exclude<GrantState, { status: 'unknown' }>

function redeemCode(command: CodeRedemption, state: Known) {
  const { grantId } = state
  if (state.status === 'ended') return refuse<GrantRefusal>('grant_ended')
  if (command.clientId !== state.clientId) return refuse<GrantRefusal>('wrong_client')
  if (command.codeHash !== state.codeHash) return refuse<GrantRefusal>('code_unknown')
  // Whoever comes second, thief or owner, cannot be told apart: both lose what the code gave.
  // @see [RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2)
  if (state.status === 'active') {
    const ended = GrantEnded({ grantId, reason: 'code_replayed', at: command.now })
    return refuse<GrantRefusal, GrantEvent>('code_replayed', ended)
  }
  if (command.now >= state.codeExpiresAt) return refuse<GrantRefusal>('code_expired')
  if (command.redirectUri !== undefined && command.redirectUri !== state.redirectUri) {
    return refuse<GrantRefusal>('redirect_uri_mismatch')
  }
  if (command.codeChallenge !== state.codeChallenge) {
    return refuse<GrantRefusal>('verifier_mismatch')
  }
  if (exceeds(command.tokens.scopes, state.scopes)) return refuse<GrantRefusal>('scope_exceeded')
  const { codeHash: presentedHash, tokens, now: at } = command
  return accept(CodeRedeemed({ ...tokens, grantId, presentedHash, at }))
}

function rotate(command: Rotation, state: Known) {
  if (state.status === 'ended') return refuse<GrantRefusal>('grant_ended')
  if (command.clientId !== state.clientId) return refuse<GrantRefusal>('wrong_client')
  if (state.status === 'approved') return refuse<GrantRefusal>('refresh_unknown')
  const { issue, grantId } = state
  if (command.presentedHash === issue.refreshTokenHash) {
    if (command.now >= issue.refreshExpiresAt) return refuse<GrantRefusal>('refresh_expired')
    if (exceeds(command.tokens.scopes, state.scopes)) return refuse<GrantRefusal>('scope_exceeded')
    const { presentedHash, tokens, now: at } = command
    return accept(RefreshTokenRotated({ ...tokens, grantId, presentedHash, at }))
  }
  if (isRepeat(state, command)) {
    const same = sameScopes(command.tokens.scopes, issue.scopes)
    return same ? accept<GrantEvent>() : refuse<GrantRefusal>('repeat_differs')
  }
  const ended = GrantEnded({ grantId, reason: 'refresh_replayed', at: command.now })
  return refuse<GrantRefusal, GrantEvent>('refresh_replayed', ended)
}

/**
 * True for the refresh token before the current one, soon after it was rotated. The current one
 * has not been used to refresh by then: if it had, it would no longer be the current one.
 */
export function isRepeat(
  state: Extract<GrantState, { status: 'active' }>,
  command: Pick<Rotation, 'presentedHash' | 'graceSeconds' | 'now'>,
): boolean {
  return (
    // With grace 0 there is none, not even where this machine's clock is behind the one that rotated.
    command.graceSeconds > 0 &&
    state.issue.generation > 1 &&
    command.presentedHash === state.issue.presentedHash &&
    command.now < state.issue.at + command.graceSeconds * 1000
  )
}

function exceeds(asked: readonly string[], allowed: readonly string[]): boolean {
  return asked.some((scope) => !allowed.includes(scope))
}

function sameScopes(a: readonly string[], b: readonly string[]): boolean {
  return !exceeds(a, b) && !exceeds(b, a)
}

function decide(command: GrantCommand, state: GrantState) {
  if (command.kind === 'approve') {
    if (state.status !== 'unknown') return refuse<GrantRefusal>('grant_exists')
    return accept(GrantApproved(command.terms))
  }
  if (state.status === 'unknown') return refuse<GrantRefusal>('grant_unknown')
  const { grantId } = state
  switch (command.kind) {
    case 'redeem code':
      return redeemCode(command, state)
    case 'rotate':
      return rotate(command, state)
    case 'revoke access token': {
      if (state.status !== 'active') return refuse<GrantRefusal>('token_unknown')
      const { tokenHash, now: at } = command
      return accept(AccessTokenRevoked({ grantId, tokenHash, at }))
    }
    case 'end':
      if (state.status === 'ended') return refuse<GrantRefusal>('grant_ended')
      return accept(GrantEnded({ grantId, reason: command.reason, at: command.now }))
    default:
      return command satisfies never
  }
}

export const grantDecider: Decider<GrantCommand, GrantState, GrantEvent, GrantRefusal> = {
  noun: 'grant',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
