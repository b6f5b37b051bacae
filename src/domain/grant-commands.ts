/** What may be asked of a grant, and why it is refused. */
import type { Access } from './access.ts'
import type { ApprovedTerms, GrantEndReason, GrantVia, TokenPair } from './grant-events.ts'
import type { Explained } from './reason.ts'

export type GrantCommand =
  | { readonly kind: 'approve'; readonly terms: ApprovedTerms }
  | ({ readonly kind: 'redeem code' } & CodeRedemption)
  | ({ readonly kind: 'rotate' } & Rotation)
  | {
      readonly kind: 'refuse'
      readonly clientId: string
      readonly reason: 'user_not_active' | 'client_not_active' | 'person_not_allowed'
      readonly now: number
    }
  | ({ readonly kind: 'revoke access token'; readonly tokenHash: string } & Explained)
  | { readonly kind: 'revoke refresh token'; readonly now: number }
  | { readonly kind: 'narrow'; readonly access: readonly Access[]; readonly now: number }
  | ({ readonly kind: 'end'; readonly reason: GrantEndReason } & Explained)

export interface CodeRedemption {
  readonly clientId: string
  readonly via: GrantVia
  readonly codeHash: string
  /** As the token request sent it, or absent. */
  readonly redirectUri?: string
  /** S256 of the verifier; a device has none. */
  readonly codeChallenge?: string
  readonly tokens: TokenPair
  /** True for a public client: from now on only the holder of the tokens' key may refresh. */
  readonly bindsRefreshToken: boolean
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
  | 'user_not_active'
  | 'client_not_active'
  | 'person_not_allowed'
  | 'wrong_client'
  | 'redirect_uri_mismatch'
  | 'code_unknown'
  | 'code_expired'
  | 'code_replayed'
  | 'verifier_mismatch'
  | 'key_mismatch'
  | 'refresh_expired'
  | 'refresh_replayed'
  | 'refresh_revoked'
  | 'refresh_unknown'
  | 'resource_not_granted'
  | 'scope_exceeded'
  | 'repeat_differs'
  | 'nothing_left'
  | 'nothing_taken_back'
  | 'token_unknown'
