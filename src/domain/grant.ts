/**
 * A grant: what one person allowed one client to do, from the consent to the end. It is also one
 * family of refresh tokens.
 *
 *   approved ──redeem code──▶ active ──rotate──▶ active …
 *      └──────────── revoke, or a replay of the code or of a refresh token ──────────▶ ended
 *
 * Two tokens decide who may go on: the current refresh token, and for a short grace the one
 * before it, whose holder may not have heard the answer. Everything older is a replay. Whoever is
 * refused with a real one leaves a fact, so that "why was I signed out?" has an answer.
 *
 * @see [RFC 9700 §4.14.2 - Refresh Token Protection](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import { type Access, breadth, common, confirms, exceeds, isSameConfirmation } from './access.ts'
import { accept, type Decider, refuse } from './decider.ts'
import type { CodeRedemption, GrantCommand, GrantRefusal, Rotation } from './grant-commands.ts'
import {
  AccessTokenRevoked,
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  type GrantEndReason,
  type GrantEvent,
  GrantNarrowed,
  type GrantTerms,
  GrantUseRefused,
  type LastingTerms,
  RefreshTokenRevoked,
  RefreshTokenRotated,
  type TokenPair,
} from './grant-events.ts'
import { explainedBy } from './reason.ts'

/** How many refusals one grant records: nobody can fill the log with one. */
export const refusalsRecordedMax = 20

// State

/** What the last issue of tokens was made from; enough to make the same tokens again. */
export interface Issue extends TokenPair {
  /** Hash of the code or refresh token that was presented for it. */
  readonly presentedHash: string
  readonly at: number
}

/** What changes while the terms stay. */
interface SoFar {
  readonly refusals: number
  /** What the person gave and has taken back since; the terms say what is left. */
  readonly takenBack: readonly Access[]
  /** There are authorization details, which are personal and not kept here. */
  readonly hasDetails?: true
}

export type GrantState =
  | { readonly status: 'unknown' }
  | ({ readonly status: 'approved' } & GrantTerms & SoFar)
  | ({
      readonly status: 'active'
      readonly issue: Issue
      /** Thumbprint of the key without which a public client cannot refresh. */
      readonly refreshKey?: string
      readonly refreshRevoked: boolean
    } & LastingTerms &
      SoFar)
  | ({ readonly status: 'ended'; readonly reason: GrantEndReason } & LastingTerms & SoFar)

/** One that there is, or was. */
export type KnownGrant = Exclude<GrantState, { status: 'unknown' }>
type Active = Extract<GrantState, { status: 'active' }>

function evolve(state: GrantState, event: GrantEvent): GrantState {
  if (event.type === 'GrantApproved') {
    const { authorizationDetails: details, ...terms } = event.payload
    const more = details === undefined ? {} : ({ hasDetails: true } as const)
    return { status: 'approved', ...terms, ...more, refusals: 0, takenBack: [] }
  }
  if (state.status === 'unknown') return state
  if (event.type === 'GrantUseRefused') return { ...state, refusals: state.refusals + 1 }
  if (state.status === 'ended') return state
  switch (event.type) {
    case 'CodeRedeemed':
    case 'RefreshTokenRotated': {
      const { grantId: _, refreshKey, ...issue } = event.payload
      const bound = refreshKey === undefined ? {} : { refreshKey }
      return { ...lastingOf(state), status: 'active', issue, ...bound, refreshRevoked: false }
    }
    case 'AccessTokenRevoked':
    case 'ReasonGiven':
      return state
    case 'RefreshTokenRevoked':
      return state.status === 'active' ? { ...state, refreshRevoked: true } : state
    case 'GrantNarrowed':
      return narrowed(state, event.payload.access)
    case 'GrantEnded':
      return { ...lastingOf(state), status: 'ended', reason: event.payload.reason }
    default:
      return event satisfies never
  }
}

/** The tokens of the last issue stand for less too, so that a repeat of it gives no more. */
function narrowed<S extends KnownGrant>(state: S, access: Access[]): S {
  const takenBack = state.access.flatMap(({ resource, scopes }) => {
    const left = access.find((a) => a.resource === resource)?.scopes ?? []
    const gone = scopes.filter((scope) => !left.includes(scope))
    return gone.length > 0 ? [{ resource, scopes: gone }] : []
  })
  const less = { ...state, access, takenBack: [...state.takenBack, ...takenBack] }
  if (less.status !== 'active') return less
  const { resource, scopes } = less.issue
  const [kept] = common([{ resource, scopes }], access)
  return { ...less, issue: { ...less.issue, scopes: kept?.scopes ?? [] } }
}

/** What stays the same from the redemption to the end. */
function lastingOf(state: KnownGrant): LastingTerms & SoFar {
  const { grantId, userId, ownerId, clientId, via, access, codeHash } = state
  const { authTime, amr, acr, endsAt, at, refusals, takenBack, hasDetails } = state
  return {
    ...{ grantId, userId, clientId, via, access, codeHash, amr, at, refusals, takenBack },
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(authTime === undefined ? {} : { authTime }),
    ...(acr === undefined ? {} : { acr }),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(hasDetails === undefined ? {} : { hasDetails }),
  }
}

// Deciding

type Use = Pick<CodeRedemption, 'clientId' | 'now'>

/** Refuses, and leaves the fact that it did. */
function refuseUse(reason: GrantRefusal, { clientId, now: at }: Use, state: KnownGrant) {
  if (state.refusals >= refusalsRecordedMax) return refuse<GrantRefusal, GrantEvent>(reason)
  const fact = GrantUseRefused({ grantId: state.grantId, clientId, reason, at })
  return refuse<GrantRefusal, GrantEvent>(reason, fact)
}

function redeemCode(command: CodeRedemption, state: KnownGrant) {
  const { grantId } = state
  const refused = (reason: GrantRefusal) => refuseUse(reason, command, state)
  if (state.status === 'ended') return refused('grant_ended')
  if (command.clientId !== state.clientId) return refused('wrong_client')
  if (command.codeHash !== state.codeHash || command.via !== state.via) {
    return refused('code_unknown')
  }
  // Whoever comes second, thief or owner, cannot be told apart: both lose what the code gave.
  // @see [RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2)
  if (state.status === 'active') {
    const ended = GrantEnded({ grantId, reason: 'code_replayed', at: command.now })
    return refuse<GrantRefusal, GrantEvent>('code_replayed', ended)
  }
  if (command.now >= state.codeExpiresAt) return refused('code_expired')
  if (command.redirectUri !== undefined && command.redirectUri !== state.redirectUri) {
    return refused('redirect_uri_mismatch')
  }
  if (command.codeChallenge !== state.codeChallenge) return refused('verifier_mismatch')
  const { confirmation: proved } = command.tokens
  if (state.codeKey !== undefined && !confirms(state.codeKey, proved)) {
    return refused('key_mismatch')
  }
  const excess = excessOf(command.tokens, state)
  if (excess) return refuse<GrantRefusal>(excess)
  const { codeHash: presentedHash, tokens, now: at } = command
  const key = proved?.jkt ?? proved?.['x5t#S256']
  const bound = command.bindsRefreshToken && key !== undefined ? { refreshKey: key } : {}
  return accept(CodeRedeemed({ ...tokens, ...bound, grantId, presentedHash, at }))
}

function rotate(command: Rotation, state: KnownGrant) {
  const refused = (reason: GrantRefusal) => refuseUse(reason, command, state)
  if (state.status === 'ended') return refused('grant_ended')
  if (command.clientId !== state.clientId) return refused('wrong_client')
  if (state.status === 'approved') return refused('refresh_unknown')
  const { issue, grantId, refreshKey } = state
  if (state.refreshRevoked) return refused('refresh_revoked')
  const isKeyHolder = refreshKey === undefined || confirms(refreshKey, command.tokens.confirmation)
  if (!isKeyHolder) return refused('key_mismatch')
  const { presentedHash, tokens, now: at } = command
  if (presentedHash === issue.refreshTokenHash) {
    if (at >= issue.refreshExpiresAt) return refused('refresh_expired')
    const excess = excessOf(tokens, state)
    if (excess) return refuse<GrantRefusal>(excess)
    const bound = refreshKey === undefined ? {} : { refreshKey }
    return accept(RefreshTokenRotated({ ...tokens, ...bound, grantId, presentedHash, at }))
  }
  if (isRepeat(state, command)) {
    return isSameRequest(tokens, issue)
      ? accept<GrantEvent>()
      : refuse<GrantRefusal>('repeat_differs')
  }
  const ended = GrantEnded({ grantId, reason: 'refresh_replayed', at })
  return refuse<GrantRefusal, GrantEvent>('refresh_replayed', ended)
}

/**
 * True for the refresh token before the current one, soon after it was rotated. The current one
 * has not been used to refresh by then: if it had, it would no longer be the current one.
 */
export function isRepeat(
  state: Active,
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

function excessOf(
  { resource, scopes }: TokenPair,
  { access }: KnownGrant,
): GrantRefusal | undefined {
  const granted = access.find((a) => a.resource === resource)
  if (!granted) return 'resource_not_granted'
  return exceeds(scopes, granted.scopes) ? 'scope_exceeded' : undefined
}

function narrow(
  { access, now: at }: { access: readonly Access[]; now: number },
  state: KnownGrant,
) {
  if (state.status === 'ended') return refuse<GrantRefusal>('grant_ended')
  const left = common(state.access, access)
  if (breadth(left) < breadth(access)) return refuse<GrantRefusal>('scope_exceeded')
  if (left.length === 0) return refuse<GrantRefusal>('nothing_left')
  if (breadth(left) === breadth(state.access)) return refuse<GrantRefusal>('nothing_taken_back')
  return accept(GrantNarrowed({ grantId: state.grantId, access: left, at }))
}

function isSameRequest(a: TokenPair, b: TokenPair): boolean {
  return (
    a.resource === b.resource &&
    !exceeds(a.scopes, b.scopes) &&
    !exceeds(b.scopes, a.scopes) &&
    a.details?.join() === b.details?.join() &&
    isSameConfirmation(a.confirmation, b.confirmation)
  )
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
    case 'refuse':
      return refuseUse(command.reason, command, state)
    case 'revoke access token': {
      if (state.status !== 'active') return refuse<GrantRefusal>('token_unknown')
      const { tokenHash, now: at } = command
      return accept<GrantEvent>(
        AccessTokenRevoked({ grantId, tokenHash, at }),
        ...explainedBy(command, state.userId),
      )
    }
    case 'revoke refresh token':
      if (state.status !== 'active' || state.refreshRevoked) {
        return refuse<GrantRefusal>('token_unknown')
      }
      return accept(RefreshTokenRevoked({ grantId, at: command.now }))
    case 'narrow':
      return narrow(command, state)
    case 'end':
      if (state.status === 'ended') return refuse<GrantRefusal>('grant_ended')
      return accept<GrantEvent>(
        GrantEnded({ grantId, reason: command.reason, at: command.now }),
        ...explainedBy(command, state.userId),
      )
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
