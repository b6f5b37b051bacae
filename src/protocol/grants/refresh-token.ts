/**
 * Rotates a refresh token, without the race that logs people out. The rotation is one append that
 * expects a version: of many requests with the same token one rotates, and those inside the grace
 * are given the very tokens that it made. Outside the grace the token is a replay.
 *
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 * @see [RFC 9700 §4.14 - Refresh Token Protection](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14)
 */
import type { Resource } from '../../config/resource-settings.ts'
import type { Confirmation } from '../../domain/access.ts'
import { execute } from '../../domain/execute.ts'
import { grantDecider, isRepeat, type KnownGrant } from '../../domain/grant.ts'
import { sha256 } from '../../domain/keyring.ts'
import { narrowed } from '../authorization/authorization-details.ts'
import { OAuthError } from '../oauth-error.ts'
import { parseScope } from '../parameters.ts'
import type { Services } from '../services.ts'
import { refOfToken } from '../tokens/token-handle.ts'
import { deriveTokens, hasTokenShape } from '../tokens/token-text.ts'
import {
  explain,
  type GrantRequest,
  type IssuedTokens,
  invalidGrant,
  planIssue,
  type Refused,
  type TokenResponse,
  tokenResponse,
} from './grant-type.ts'
import { ownerOfRefreshToken } from './token-owners.ts'
import { type GrantedAccess, useGrant } from './use-grant.ts'

interface Presented {
  readonly refreshToken: string
  readonly presentedHash: string
  readonly resource: Resource
  readonly scopes: string[]
  readonly details: number[] | undefined
  readonly authorizationDetails: IssuedTokens['authorizationDetails']
  readonly confirmation: Confirmation | undefined
  readonly now: number
}

export async function redeemRefreshToken(
  services: Services,
  { parameters, client, confirmation, correlationId, ahead }: GrantRequest,
): Promise<TokenResponse> {
  const refreshToken = parameters.require('refresh_token')
  const presentedHash = sha256(refreshToken)
  const askedScopes = parseScope(parameters.get('scope'))
  const askedResources = parameters.all('resource')
  const ids = hasTokenShape(refreshToken, 'refresh')
    ? await ownerOfRefreshToken(services, refOfToken(refreshToken), await ahead?.streams)
    : undefined
  if (!ids) throw invalidGrant('refresh token', { reason: 'refresh token unknown' })
  const { authorizationDetails } = ids
  let issued: IssuedTokens | undefined
  const cause = { actor: `client:${client.clientId}`, correlationId }
  const outcome = await execute<string>(
    services.log,
    cause,
    async (work) => {
      const now = services.now()
      const use = { clientId: client.clientId, now }
      const used = await useGrant(services, work, {
        ...{ owner: ids, by: use, resources: askedResources },
        scopesOf: (access) => scopesFor(access, askedScopes),
      })
      if ('verdict' in used) return used.verdict
      const { grant, resource, scopes } = used
      issued = tokensFor(services, grant, {
        ...{ refreshToken, presentedHash, confirmation, now },
        ...{ resource, scopes, authorizationDetails },
        details: narrowed(authorizationDetails, parameters.get('authorization_details')),
      })
      return work.decide(grantDecider, grant.grantId, {
        kind: 'rotate',
        clientId: client.clientId,
        presentedHash,
        tokens: issued.pair,
        graceSeconds: services.settings.refreshGraceSeconds,
        now,
      })
    },
    { ahead: ahead?.streams, guess: ahead?.guess },
  )
  if (outcome.outcome === 'refused') throw refusalOf(await explain(services, ids, outcome))
  const answer = issued as unknown as IssuedTokens
  return tokenResponse(services, answer)
}

/** What is asked, or else all; without what the person may give no more. */
function scopesFor({ scopes, lost }: GrantedAccess, asked: readonly string[]): string[] {
  return asked.length > 0 ? asked.filter((scope) => !lost.includes(scope)) : scopes
}

/** The same tokens again for a repeat inside the grace, else those of the next generation. */
function tokensFor(services: Services, grant: KnownGrant, presented: Presented): IssuedTokens {
  const { refreshToken, presentedHash, confirmation, resource, scopes, details, now } = presented
  const { authorizationDetails } = presented
  const { refreshGraceSeconds: graceSeconds, tokenPrefix } = services.settings
  const { grantId, endsAt } = grant
  // Of a grant that has ended, or was never redeemed, the decider says so; these tokens are for nobody.
  const issue = grant.status === 'active' ? grant.issue : undefined
  if (grant.status === 'active' && isRepeat(grant, { presentedHash, graceSeconds, now })) {
    const { confirmation: _, details: __, ...same } = grant.issue
    const { generation, keyVersion, nonce, at: issuedAt } = same
    const from = { presented: refreshToken, grantId, generation, keyVersion, nonce }
    const tokens = deriveTokens(services.keyring, from, tokenPrefix)
    const held = confirmation === undefined ? {} : { confirmation }
    const narrower = details === undefined ? {} : { details }
    const pair = { ...same, resource: resource.resource, scopes, ...narrower, ...held }
    return { terms: grant, pair, tokens, resource, issuedAt, authorizationDetails }
  }
  const generation = (issue?.generation ?? 0) + 1
  const terms = { presented: refreshToken, grantId, generation, confirmation, endsAt, now }
  const planned = planIssue(services, { ...terms, scopes, details, resource })
  return { terms: grant, ...planned, resource, issuedAt: now, authorizationDetails }
}

function refusalOf(refused: Refused) {
  if (refused.reason === 'scope_exceeded' || refused.reason === 'repeat_differs') {
    return new OAuthError('invalid_scope', 'The scope is not what was granted', {
      cause: refused.reason,
    })
  }
  return invalidGrant('refresh token', refused)
}
