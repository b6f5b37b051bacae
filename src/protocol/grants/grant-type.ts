/**
 * What every grant type is given and gives back, and how an issue of tokens becomes a response.
 *
 * @see [RFC 6749 §5.1 - Successful Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.1)
 */

import type { Resource } from '../../config/resource-settings.ts'
import type { Confirmation } from '../../domain/access.ts'
import { isAgentId } from '../../domain/agent.ts'
import type { GrantTerms, LastingTerms, TokenPair } from '../../domain/grant-events.ts'
import type { Ahead } from '../ahead.ts'
import { type AuthorizationDetail, detailsAt } from '../authorization/authorization-details.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import { accessTokenOf, detailsClaim, tokenType } from '../tokens/access-token.ts'
import { requireBound } from '../tokens/confirmation.ts'
import {
  type DerivedTokens,
  deriveTokens,
  newNonce,
  type PairTerms,
  tokenPair,
} from '../tokens/token-text.ts'
import type { TokenOwner } from './token-owners.ts'

export interface GrantRequest {
  readonly parameters: Parameters
  readonly client: KnownClient
  /** The key that the client has proved to hold with this request. */
  readonly confirmation?: Confirmation | undefined
  readonly correlationId: string
  readonly ahead?: Ahead | undefined
}

export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  readonly expires_in: number
  readonly refresh_token?: string
  readonly scope: string
  readonly id_token?: string
  /** RFC 8693 §2.2.1. */
  readonly issued_token_type?: string
  readonly authorization_details?: readonly AuthorizationDetail[]
}

export type GrantType = (services: Services, request: GrantRequest) => Promise<TokenResponse>

export interface IssuePlan extends PairTerms {
  readonly presented: string
  readonly grantId: string
  readonly generation: number
}

/**
 * New tokens for a grant, under the newest key and a fresh nonce.
 * @throws {OAuthError} invalid_request where the resource takes bound tokens only
 */
export function planIssue(
  { keyring, settings }: Services,
  { presented, grantId, generation, ...rest }: IssuePlan,
): { pair: TokenPair; tokens: DerivedTokens } {
  requireBound(rest.resource, rest.confirmation)
  const from = { presented, grantId, generation, keyVersion: keyring.current, nonce: newNonce() }
  const tokens = deriveTokens(keyring, from, settings.tokenPrefix)
  return { tokens, pair: tokenPair(from, tokens, rest) }
}

export interface IssuedTokens {
  /** With what an ID token says, where a code is redeemed. */
  readonly terms: LastingTerms & Pick<GrantTerms, 'sessionId' | 'nonce' | 'claims'>
  readonly pair: TokenPair
  readonly tokens: DerivedTokens
  readonly resource: Resource
  /** When the pair was issued; a repeat repeats it. */
  readonly issuedAt: number
  /** Of the grant: sealed in the log, and so not among its terms. */
  readonly authorizationDetails: readonly AuthorizationDetail[] | null | undefined
}

export async function tokenResponse(
  services: Services,
  issued: IssuedTokens,
): Promise<TokenResponse> {
  const { terms, pair, tokens, resource, issuedAt } = issued
  const granted = issued.authorizationDetails?.filter((_, at) => pair.details?.includes(at) ?? true)
  const details = detailsAt(services.settings, granted, resource.resource)
  const access = {
    sub: terms.userId,
    userId: isAgentId(terms.userId) ? undefined : terms.userId,
    clientId: terms.clientId,
    resource,
    scopes: pair.scopes,
    accessToken: tokens.accessToken,
    proof: { authTime: terms.authTime, amr: terms.amr, acr: terms.acr },
    confirmation: pair.confirmation,
    details,
    issuedAt,
    expiresAt: pair.accessExpiresAt,
  }
  return {
    access_token: await accessTokenOf(services, access),
    token_type: tokenType(pair),
    expires_in: Math.max(1, Math.floor((pair.accessExpiresAt - services.now()) / 1000)),
    refresh_token: tokens.refreshToken,
    scope: pair.scopes.join(' '),
    ...detailsClaim(details),
  }
}

/** Why a use was refused, with the event that says so, for whoever asks the audit. */
export interface Refused {
  readonly reason: string
  /** Absent where the code or token is not known, and so nothing happened to anybody's grant. */
  readonly eventId?: string
}

/** The event that the refusal recorded, or where a grant has had many the newest of its stream. */
export async function explain(
  { log }: Services,
  { grantId }: TokenOwner,
  { reason, recorded }: { reason: string; recorded: readonly { eventId: string }[] },
): Promise<Refused> {
  const newest = { streamId: `grant/${grantId}`, order: 'newest first', limit: 1 } as const
  const [event] = recorded.length > 0 ? recorded : await log.read(newest)
  return event ? { reason, eventId: event.eventId } : { reason }
}

/**
 * One answer for every reason: a thief learns nothing about what was stolen. The reason goes to
 * our log, and the event that explains it is named.
 */
export function invalidGrant(what: string, { reason, eventId }: Refused): OAuthError {
  const reference = eventId === undefined ? '' : ` (event ${eventId})`
  const words = `The ${what} is not valid, has expired, or was used before${reference}`
  return new OAuthError('invalid_grant', words, {
    cause: reason,
    ...(eventId === undefined ? {} : { eventId }),
  })
}
