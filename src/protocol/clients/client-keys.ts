/**
 * The keys that a client registered, and what it has signed with them. Everything that a client
 * signs passes here: the proof of who it is, and the requests that it makes as JWTs.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 * @see [OpenID Connect Core 1.0 §10 - Signatures and Encryption](https://openid.net/specs/openid-connect-core-1_0.html#SigEnc)
 */
import type { JWTPayload } from 'jose'
import type { PublicJwk } from '../../domain/client-events.ts'
import { namedBy, remoteKeys } from '../remote-keys.ts'
import type { Services } from '../services.ts'
import { type ExpectedJwt, type Signature, verifyJwt } from '../signed-jwt.ts'
import type { KnownClient } from './known-client.ts'

export type ExpectedOfClient = Omit<ExpectedJwt, 'issuer' | 'now'>

export type SigningClient = Pick<KnownClient, 'clientId' | 'metadata' | 'provisional'>

/**
 * The claims of a JWT that this client signed, and issued itself.
 * @throws {JwtRefused}
 */
export function verifyClientJwt(
  services: Services,
  { client, jwt }: { client: SigningClient; jwt: string },
  expected: ExpectedOfClient,
): Promise<JWTPayload> {
  const keysFor = (signature: Signature) => registeredKeys(services, client, namedBy(signature))
  const { clientId: issuer } = client
  return verifyJwt(jwt, keysFor, { ...expected, issuer, now: services.now() })
}

/**
 * All of them; where they are published, the site is asked anew when none is the wanted one.
 * @throws {JwtRefused} when there are none to be had
 */
export async function registeredKeys(
  services: Services,
  { metadata, provisional }: SigningClient,
  isWanted: (key: PublicJwk) => boolean,
): Promise<readonly PublicJwk[]> {
  if (metadata.jwks) return metadata.jwks.keys
  if (metadata.jwksUri === undefined) return []
  const known = provisional === undefined
  return remoteKeys(services, metadata.jwksUri, { isWanted, known })
}
