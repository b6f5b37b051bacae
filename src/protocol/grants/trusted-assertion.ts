/**
 * A statement of an issuer that the operator trusts, checked with that issuer's keys, and taken
 * once.
 *
 * @see [RFC 7523 §3 - JWT Format and Processing Requirements](https://www.rfc-editor.org/rfc/rfc7523.html#section-3)
 */
import type { JWTPayload } from 'jose'
import type { TrustedIssuer } from '../../config/trusted-issuer-settings.ts'
import { sha256 } from '../../domain/keyring.ts'
import type { Services } from '../services.ts'
import { clockSkewSeconds, JwtRefused, unverifiedClaims, verifyJwt } from '../signed-jwt.ts'
import { keysOfIssuer } from '../trusted-issuer-keys.ts'

const lifetimeSecondsMax = 60 * 60
const idCharactersMax = 256
/** @see [Identity Assertion Authorization Grant](https://datatracker.ietf.org/doc/draft-ietf-oauth-identity-assertion-authz-grant/) */
const idJagType = 'oauth-id-jag+jwt'

export interface TrustedAssertion {
  readonly issuer: TrustedIssuer
  readonly claims: JWTPayload
}

/** @throws {JwtRefused} */
export async function verifyAssertion(services: Services, jwt: string): Promise<TrustedAssertion> {
  const said = unverifiedClaims(jwt)?.iss
  const issuer = services.settings.trustedIssuers.find(
    (trusted) => trusted.issuer === said && trusted.kinds.includes('id_jag'),
  )
  if (!issuer) throw new JwtRefused('the issuer is not trusted here')
  const claims = await verifyJwt(jwt, (signature) => keysOfIssuer(services, issuer, signature), {
    types: [idJagType],
    issuer: issuer.issuer,
    audiences: [services.settings.issuer],
    lifetimeSecondsMax,
    now: services.now(),
  })
  if (typeof claims.iat !== 'number') throw new JwtRefused('iat is missing')
  if (typeof claims.sub !== 'string' || claims.sub === '') throw new JwtRefused('sub is missing')
  return { issuer, claims }
}

/** @throws {JwtRefused} the second time, and where there is no id to know it by */
export async function useUp(
  { expiring, now }: Pick<Services, 'expiring' | 'now'>,
  { issuer, claims: { jti, exp = 0 } }: TrustedAssertion,
): Promise<void> {
  if (typeof jti !== 'string' || jti === '' || jti.length > idCharactersMax) {
    throw new JwtRefused('jti is missing')
  }
  const livesSeconds = Math.max(1, Math.ceil(exp - now() / 1000)) + clockSkewSeconds
  const id = sha256(JSON.stringify([issuer.issuer, jti]))
  if ((await expiring.count('trusted-assertion', id, livesSeconds)) > 1) {
    throw new JwtRefused('jti was used before')
  }
}
