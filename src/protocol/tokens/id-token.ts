/**
 * The ID token: who signed in, when, for which client.
 *
 * @see [OpenID Connect Core 1.0 §2 - ID Token](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
 * @see [RFC 7518 §3.1 - Algorithms](https://www.rfc-editor.org/rfc/rfc7518.html#section-3.1)
 */
import { createHash } from 'node:crypto'
import { isAgentId } from '../../domain/agent.ts'
import type { SigningAlgorithm } from '../../domain/signing-key.ts'
import { lookUpClient } from '../clients/known-client.ts'
import type { IssuedTokens } from '../grants/grant-type.ts'
import { findAgentOfId } from '../known-agent.ts'
import type { Services } from '../services.ts'
import { agentClaims } from './agent-claims.ts'
import { personClaims } from './person-claims.ts'
import { subjectForClient } from './subject.ts'

export const idTokenTtlSeconds = 3600

export async function idTokenOf(
  services: Services,
  { terms, pair, issuedAt }: IssuedTokens,
  accessToken: string,
): Promise<string | undefined> {
  if (!pair.scopes.includes('openid')) return undefined
  const client = await lookUpClient(services, terms.clientId)
  const alg = client?.metadata.idTokenSignedResponseAlg ?? 'RS256'
  const iat = Math.floor(issuedAt / 1000)
  const asked = { scopes: pair.scopes, names: terms.claims?.idToken ?? [] }
  const isAgent = isAgentId(terms.userId)
  const claims = {
    iss: services.settings.issuer,
    sub: isAgent ? terms.userId : await subjectForClient(services, terms),
    aud: terms.clientId,
    iat,
    exp: iat + idTokenTtlSeconds,
    ...(terms.authTime === undefined ? {} : { auth_time: Math.floor(terms.authTime / 1000) }),
    at_hash: leftHalfHash(accessToken, alg),
    amr: terms.amr,
    ...(terms.acr === undefined ? {} : { acr: terms.acr }),
    ...(terms.sessionId === undefined ? {} : { sid: terms.sessionId }),
    ...(terms.nonce === undefined ? {} : { nonce: terms.nonce }),
    ...(await claimsAbout(services, terms.userId, asked)),
  }
  return services.signer.sign(claims, { alg, typ: 'JWT' })
}

async function claimsAbout(
  services: Services,
  userId: string,
  asked: Parameters<typeof personClaims>[2],
): Promise<Record<string, unknown>> {
  if (!isAgentId(userId)) return personClaims(services, userId, asked)
  const agent = await findAgentOfId(services, userId)
  return agent ? agentClaims(agent, asked) : {}
}

/** §3.1.3.6: the left half of the hash that goes with the signature's algorithm. */
function leftHalfHash(accessToken: string, alg: SigningAlgorithm): string {
  const hash = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(accessToken)
    .digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}
