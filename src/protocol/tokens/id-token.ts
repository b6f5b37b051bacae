/**
 * The ID token: who signed in, when, for which client.
 *
 * @see [OpenID Connect Core 1.0 §2 - ID Token](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)
 * @see [RFC 7518 §3.1 - Algorithms](https://www.rfc-editor.org/rfc/rfc7518.html#section-3.1)
 */
import { createHash } from 'node:crypto'
import type { SigningAlgorithm } from '../../domain/signing-key.ts'
import { findClient } from '../../projections/clients.ts'
import { findUser } from '../../projections/users.ts'
import type { IssuedTokens } from '../grants/grant-type.ts'
import type { Services } from '../services.ts'

export const idTokenTtlSeconds = 3600

export async function idTokenOf(
  services: Services,
  { terms, pair, issuedAt }: IssuedTokens,
  accessToken: string,
): Promise<string | undefined> {
  if (!pair.scopes.includes('openid')) return undefined
  const client = await findClient(services.reader, terms.clientId)
  const alg = client?.metadata.idTokenSignedResponseAlg ?? 'RS256'
  const iat = Math.floor(issuedAt / 1000)
  const claims = {
    iss: services.settings.issuer,
    sub: terms.userId,
    aud: terms.clientId,
    iat,
    exp: iat + idTokenTtlSeconds,
    auth_time: Math.floor(terms.authTime / 1000),
    at_hash: leftHalfHash(accessToken, alg),
    ...(terms.nonce === undefined ? {} : { nonce: terms.nonce }),
    ...(await personClaims(services, terms.userId, pair.scopes)),
  }
  return services.signer.sign(claims, { alg, typ: 'JWT' })
}

/** §3.1.3.6: the left half of the hash that goes with the signature's algorithm. */
function leftHalfHash(accessToken: string, alg: SigningAlgorithm): string {
  const hash = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(accessToken)
    .digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}

/** §5.4: which claims a scope asks for. */
export async function personClaims(
  { reader }: Services,
  userId: string,
  scopes: readonly string[],
): Promise<Record<string, unknown>> {
  const user = await findUser(reader, userId)
  return {
    ...(scopes.includes('profile') && user?.name ? { name: user.name } : {}),
    ...(scopes.includes('email') && user?.email ? { email: user.email } : {}),
  }
}
