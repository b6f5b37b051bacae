/**
 * Redeems a code that stands for a person's approval, whether a redirect carried it or a device
 * asks with it: once. A second redemption ends the grant and all that the first one gave.
 *
 * @see [RFC 6749 §4.1.2 - Authorization Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2)
 */
import { execute } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import type { CodeRedemption } from '../../domain/grant-commands.ts'
import { sha256 } from '../../domain/keyring.ts'
import { narrowed } from '../authorization/authorization-details.ts'
import type { Services } from '../services.ts'
import { idTokenOf } from '../tokens/id-token.ts'
import {
  explain,
  type GrantRequest,
  type IssuedTokens,
  invalidGrant,
  planIssue,
  type TokenResponse,
  tokenResponse,
} from './grant-type.ts'
import type { TokenOwner } from './token-owners.ts'
import { useGrant } from './use-grant.ts'

interface RedeemedCode extends Pick<CodeRedemption, 'via' | 'redirectUri' | 'codeChallenge'> {
  readonly code: string
  readonly found: TokenOwner
}

export async function redeemCode(
  services: Services,
  { parameters, client, confirmation, correlationId, ahead }: GrantRequest,
  { code, found, ...proof }: RedeemedCode,
): Promise<TokenResponse> {
  const { authorizationDetails } = found
  let issued: IssuedTokens | undefined
  const cause = { actor: `client:${client.clientId}`, correlationId }
  const outcome = await execute<string>(
    services.log,
    cause,
    async (work) => {
      const now = services.now()
      const use = { clientId: client.clientId, now }
      const used = await useGrant(services, work, {
        ...{ owner: found, by: use, resources: parameters.all('resource') },
        scopesOf: ({ scopes }) => scopes,
      })
      if ('verdict' in used) return used.verdict
      const { grant, resource, scopes } = used
      const { grantId, endsAt } = grant
      const details = narrowed(authorizationDetails, parameters.get('authorization_details'))
      const from = { presented: code, grantId, generation: 1 }
      const plan = { ...from, resource, scopes, details, confirmation, endsAt, now }
      const { pair, tokens } = planIssue(services, plan)
      issued = { terms: grant, pair, tokens, resource, issuedAt: now, authorizationDetails }
      return work.decide(grantDecider, grantId, {
        kind: 'redeem code',
        ...use,
        ...proof,
        codeHash: sha256(code),
        tokens: pair,
        bindsRefreshToken: client.metadata.tokenEndpointAuthMethod === 'none',
      })
    },
    { ahead: ahead?.streams },
  )
  if (outcome.outcome === 'refused') {
    throw invalidGrant('code', await explain(services, found, outcome))
  }
  const answer = issued as unknown as IssuedTokens
  const response = await tokenResponse(services, answer)
  const idToken = await idTokenOf(services, answer, response.access_token)
  return idToken === undefined ? response : { ...response, id_token: idToken }
}
