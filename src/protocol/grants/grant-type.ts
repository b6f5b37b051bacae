/**
 * What every grant type is given and gives back, and how an issue of tokens becomes a response.
 *
 * @see [RFC 6749 §5.1 - Successful Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.1)
 */

import type { Resource } from '../../config/resource-settings.ts'
import { clientDecider } from '../../domain/client.ts'
import type { Verdict, Work } from '../../domain/execute.ts'
import { type GrantState, grantDecider } from '../../domain/grant.ts'
import type { GrantTerms, TokenPair } from '../../domain/grant-events.ts'
import { userDecider } from '../../domain/user.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Parameters } from '../parameters.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { accessTokenOf } from '../tokens/access-token.ts'
import { type DerivedTokens, deriveTokens, newNonce, tokenPair } from '../tokens/token-text.ts'

export interface GrantRequest {
  readonly parameters: Parameters
  readonly client: KnownClient
  readonly correlationId: string
}

export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token?: string
  readonly scope: string
  readonly id_token?: string
}

export type GrantType = (services: Services, request: GrantRequest) => Promise<TokenResponse>

export type LiveGrant = Exclude<GrantState, { status: 'unknown' }>

/**
 * Reads a grant with everything that must be good for it to be used: its person and its client.
 * All three are guarded from here on, so none can be ended unnoticed before tokens are written.
 */
export async function readGrant(
  work: Work,
  ids: { grantId: string; userId: string; clientId: string },
): Promise<{ grant: LiveGrant } | { verdict: Verdict<string> }> {
  await work.prefetch([
    [grantDecider, ids.grantId],
    [userDecider, ids.userId],
    [clientDecider, ids.clientId],
  ])
  const grant = await work.read(grantDecider, ids.grantId)
  const user = await work.read(userDecider, ids.userId)
  const client = await work.read(clientDecider, ids.clientId)
  if (grant.status === 'unknown') return { verdict: work.reject('grant_unknown') }
  if (user.status !== 'active') return { verdict: work.reject('user_not_active') }
  if (client.status !== 'active') return { verdict: work.reject('client_not_active') }
  return { grant }
}

/** The configured resource of a grant; the operator may have taken it away since. */
export function resourceOfGrant(
  { settings }: Services,
  grant: Pick<GrantTerms, 'resource'>,
  asked: readonly string[],
): Resource {
  const resource = findResource(settings, grant.resource)
  if (!resource) throw new OAuthError('invalid_target', 'The resource is no longer served')
  const others = asked.filter((r) => findResource(settings, r)?.resource !== resource.resource)
  if (others.length > 0) {
    throw new OAuthError('invalid_target', 'The grant is for another resource')
  }
  return resource
}

export interface IssuePlan {
  readonly presented: string
  readonly grantId: string
  readonly generation: number
  readonly scopes: string[]
  readonly resource: Resource
  readonly now: number
}

/** New tokens for a grant, under the newest key and a fresh nonce. */
export function planIssue(
  { keyring, settings }: Services,
  { presented, grantId, generation, ...rest }: IssuePlan,
): { pair: TokenPair; tokens: DerivedTokens } {
  const from = { presented, grantId, generation, keyVersion: keyring.current, nonce: newNonce() }
  const tokens = deriveTokens(keyring, from, settings.tokenPrefix)
  return { tokens, pair: tokenPair(from, tokens, rest) }
}

export interface IssuedTokens {
  readonly terms: GrantTerms
  readonly pair: TokenPair
  readonly tokens: DerivedTokens
  readonly resource: Resource
  /** When the pair was issued; a repeat repeats it. */
  readonly issuedAt: number
}

export async function tokenResponse(
  services: Services,
  issued: IssuedTokens,
): Promise<TokenResponse> {
  const { pair, tokens } = issued
  return {
    access_token: await accessTokenOf(services, issued),
    token_type: 'Bearer',
    expires_in: Math.max(1, Math.floor((pair.accessExpiresAt - services.now()) / 1000)),
    refresh_token: tokens.refreshToken,
    scope: pair.scopes.join(' '),
  }
}

/**
 * One answer for every reason: a thief learns nothing about what was stolen. The reason goes to
 * our log, and an event that the refusal recorded is named, for whoever asks the audit.
 */
export function invalidGrant(
  what: string,
  refused: { reason: string; recorded?: readonly { eventId: string }[] },
): OAuthError {
  const eventId = refused.recorded?.[0]?.eventId
  const reference = eventId === undefined ? '' : ` (event ${eventId})`
  const words = `The ${what} is not valid, has expired, or was used before${reference}`
  return new OAuthError('invalid_grant', words, {
    cause: refused.reason,
    ...(eventId === undefined ? {} : { eventId }),
  })
}
