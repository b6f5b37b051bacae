/**
 * The keys of an issuer that the operator trusts: those in the settings, or those that it publishes.
 *
 * @see [RFC 7517 §5 - JWK Set Format](https://www.rfc-editor.org/rfc/rfc7517.html#section-5)
 */
import type { TrustedIssuer } from '../config/trusted-issuer-settings.ts'
import type { PublicJwk } from '../domain/client-events.ts'
import { namedBy, readKeySet, remoteKeys } from './remote-keys.ts'
import type { Services } from './services.ts'
import type { Signature } from './signed-jwt.ts'

export async function keysOfIssuer(
  services: Services,
  { jwks, jwksUri }: TrustedIssuer,
  signature: Signature,
): Promise<readonly PublicJwk[]> {
  if (jwks !== undefined) return readKeySet(jwks)
  if (jwksUri === undefined) return []
  return remoteKeys(services, jwksUri, { isWanted: namedBy(signature), known: true })
}
