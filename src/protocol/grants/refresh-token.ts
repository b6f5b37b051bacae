/**
 * Rotates a refresh token, without the race that logs people out. The rotation is one append that
 * expects a version: of many requests with the same token one rotates, and those inside the grace
 * are given the very tokens that it made. Outside the grace the token is a replay.
 *
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 * @see [RFC 9700 §4.14 - Refresh Token Protection](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14)
 */
import { execute } from '../../domain/execute.ts'
import { type GrantState, grantDecider, isRepeat } from '../../domain/grant.ts'
import { sha256 } from '../../domain/keyring.ts'
import { findGrant, findRefreshToken } from '../../projections/grants.ts'
import { OAuthError } from '../oauth-error.ts'
import { parseScope } from '../parameters.ts'
import type { Services } from '../services.ts'
import { deriveTokens, hasTokenShape } from '../tokens/token-text.ts'
import {
  type GrantRequest,
  type IssuedTokens,
  invalidGrant,
  type LiveGrant,
  planIssue,
  readGrant,
  resourceOfGrant,
  type TokenResponse,
  tokenResponse,
} from './grant-type.ts'

type ActiveGrant = Extract<GrantState, { status: 'active' }>

interface Presented {
  readonly refreshToken: string
  readonly presentedHash: string
  readonly askedScopes: string[]
  readonly askedResources: string[]
  readonly now: number
}

export async function redeemRefreshToken(
  services: Services,
  { parameters, client, correlationId }: GrantRequest,
): Promise<TokenResponse> {
  const refreshToken = parameters.require('refresh_token')
  const presentedHash = sha256(refreshToken)
  const askedScopes = parseScope(parameters.get('scope'))
  const askedResources = parameters.all('resource')
  const ids = await findIds(services, refreshToken, presentedHash)
  if (!ids) throw invalidGrant('refresh token', { reason: 'refresh token unknown' })
  let issued: IssuedTokens | undefined
  const cause = { actor: `client:${client.clientId}`, correlationId }
  const outcome = await execute<string>(services.log, cause, async (work) => {
    const read = await readGrant(work, ids)
    if ('verdict' in read) return read.verdict
    const { grant } = read
    if (grant.status !== 'active') return work.reject('grant_ended')
    const now = services.now()
    const presented = { refreshToken, presentedHash, askedScopes, askedResources, now }
    issued = tokensFor(services, grant, presented)
    return work.decide(grantDecider, grant.grantId, {
      kind: 'rotate',
      clientId: client.clientId,
      presentedHash,
      tokens: issued.pair,
      graceSeconds: services.settings.refreshGraceSeconds,
      now,
    })
  })
  if (outcome.outcome === 'refused') throw refusalOf(outcome)
  return tokenResponse(services, issued as unknown as IssuedTokens)
}

async function findIds({ reader }: Services, refreshToken: string, tokenHash: string) {
  if (!hasTokenShape(refreshToken, 'refresh')) return undefined
  const row = await findRefreshToken(reader, tokenHash)
  return row && findGrant(reader, row.grantId)
}

/** The same tokens again for a repeat inside the grace, else those of the next generation. */
function tokensFor(services: Services, grant: ActiveGrant, presented: Presented): IssuedTokens {
  const { refreshToken, presentedHash, now } = presented
  const resource = resourceOfGrant(services, grant, presented.askedResources)
  const scopes = presented.askedScopes.length > 0 ? presented.askedScopes : grant.scopes
  const graceSeconds = services.settings.refreshGraceSeconds
  const { keyring, settings } = services
  const { issue, grantId } = grant
  if (isRepeat(grant, { presentedHash, graceSeconds, now })) {
    const { generation, keyVersion, nonce } = issue
    const from = { presented: refreshToken, grantId, generation, keyVersion, nonce }
    const tokens = deriveTokens(keyring, from, settings.tokenPrefix)
    return { terms: grant, pair: { ...issue, scopes }, tokens, resource, issuedAt: issue.at }
  }
  const generation = issue.generation + 1
  const plan = { presented: refreshToken, grantId, generation, scopes, resource, now }
  return { terms: grant as LiveGrant, ...planIssue(services, plan), resource, issuedAt: now }
}

function refusalOf(refused: { reason: string; recorded: readonly { eventId: string }[] }) {
  if (refused.reason === 'scope_exceeded' || refused.reason === 'repeat_differs') {
    return new OAuthError('invalid_scope', 'The scope is not what was granted', {
      cause: refused.reason,
    })
  }
  return invalidGrant('refresh token', refused)
}
