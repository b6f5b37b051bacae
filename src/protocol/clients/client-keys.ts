/**
 * What a client has signed, checked with the keys that it registered. Everything that a client
 * signs passes here: the proof of who it is, and the requests that it makes as JWTs.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 * @see [OpenID Connect Core 1.0 §10 - Signatures and Encryption](https://openid.net/specs/openid-connect-core-1_0.html#SigEnc)
 */
import type { JWTPayload } from 'jose'
import type { PublicJwk } from '../../domain/client-events.ts'
import { remoteKeys } from '../remote-keys.ts'
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
  const keysFor = (signature: Signature) => keysOf(services, client, signature)
  const { clientId: issuer } = client
  return verifyJwt(jwt, keysFor, { ...expected, issuer, now: services.now() })
}

async function keysOf(
  services: Services,
  { metadata, provisional }: SigningClient,
  signature: Signature,
): Promise<readonly PublicJwk[]> {
  if (metadata.jwks) return metadata.jwks.keys
  if (metadata.jwksUri === undefined) return []
  const known = provisional === undefined
  return remoteKeys(services, metadata.jwksUri, { ...signature, known })
}
