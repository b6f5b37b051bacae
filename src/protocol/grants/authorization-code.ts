/**
 * Redeems an authorization code: once. A second redemption ends the grant and all that the first
 * one gave.
 *
 * @see [RFC 6749 §4.1.3 - Access Token Request](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3)
 * @see [RFC 7636 §4.6 - Server Verifies code_verifier](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.6)
 */
import { execute } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import { sha256 } from '../../domain/keyring.ts'
import { findOwnerOfCode } from '../../projections/grants.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import { idTokenOf } from '../tokens/id-token.ts'
import { hasTokenShape } from '../tokens/token-text.ts'
import {
  accessOfGrant,
  explain,
  type GrantRequest,
  type IssuedTokens,
  invalidGrant,
  planIssue,
  readGrant,
  type TokenResponse,
  tokenResponse,
} from './grant-type.ts'

export async function redeemAuthorizationCode(
  services: Services,
  { parameters, client, confirmation, correlationId }: GrantRequest,
): Promise<TokenResponse> {
  const code = parameters.require('code')
  const codeChallenge = sha256(readVerifier(parameters))
  const redirectUri = services.settings.requireRedirectUriAtToken
    ? parameters.require('redirect_uri')
    : parameters.get('redirect_uri')
  const codeHash = sha256(code)
  const found = hasTokenShape(code, 'code')
    ? await findOwnerOfCode(services.reader, codeHash)
    : undefined
  if (!found) throw invalidGrant('code', { reason: 'code unknown' })
  let issued: IssuedTokens | undefined
  const cause = { actor: `client:${client.clientId}`, correlationId }
  const outcome = await execute<string>(services.log, cause, async (work) => {
    const now = services.now()
    const use = { clientId: client.clientId, now }
    const read = await readGrant(work, found, use)
    if ('verdict' in read) return read.verdict
    const { grant } = read
    const { grantId, endsAt } = grant
    const { lost: _, ...access } = await accessOfGrant(services, grant, parameters.all('resource'))
    if (access.scopes.length === 0) {
      const refusal = { kind: 'refuse', reason: 'person_not_allowed', ...use } as const
      return work.decide(grantDecider, grantId, refusal)
    }
    const plan = { presented: code, grantId, generation: 1, ...access, confirmation, endsAt, now }
    const { pair, tokens } = planIssue(services, plan)
    issued = { terms: grant, pair, tokens, resource: access.resource, issuedAt: now }
    return work.decide(grantDecider, grantId, {
      kind: 'redeem code',
      via: 'authorization_code',
      ...use,
      codeHash,
      codeChallenge,
      ...(redirectUri === undefined ? {} : { redirectUri }),
      tokens: pair,
      bindsRefreshToken: client.metadata.tokenEndpointAuthMethod === 'none',
    })
  })
  if (outcome.outcome === 'refused') {
    throw invalidGrant('code', await explain(services, found, outcome))
  }
  const answer = issued as unknown as IssuedTokens
  const response = await tokenResponse(services, answer)
  const idToken = await idTokenOf(services, answer, response.access_token)
  return idToken === undefined ? response : { ...response, id_token: idToken }
}

/** 43 to 128 unreserved characters (RFC 7636 §4.1). */
function readVerifier(parameters: Parameters): string {
  const verifier = parameters.require('code_verifier')
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) {
    throw new OAuthError('invalid_request', 'code_verifier must be 43 to 128 characters')
  }
  return verifier
}
