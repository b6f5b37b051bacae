/**
 * Which key or certificate the tokens of a request will be bound to, and whether they must be.
 *
 * @see [RFC 9449 §5 - DPoP Access Token Request](https://www.rfc-editor.org/rfc/rfc9449.html#section-5)
 * @see [RFC 8705 §3 - Mutual-TLS Client Certificate-Bound Access Tokens](https://www.rfc-editor.org/rfc/rfc8705.html#section-3)
 * @see [RFC 7800 §3.1 - Confirmation Claim](https://www.rfc-editor.org/rfc/rfc7800.html#section-3.1)
 */
import type { Resource } from '../../config/resource-settings.ts'
import type { Confirmation } from '../../domain/access.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Presented } from '../presented.ts'
import type { Services } from '../services.ts'
import { readProof, useProof } from './dpop.ts'

/**
 * What this client proves to hold with its request; undefined where it proves nothing.
 * @throws {OAuthError} invalid_dpop_proof, use_dpop_nonce; invalid_request where a proof is missing
 */
export async function readConfirmation(
  services: Services,
  { metadata }: Pick<KnownClient, 'metadata'>,
  presented: Presented,
): Promise<Confirmation | undefined> {
  const jkt = await provedKey(services, presented)
  if (metadata.dpopBoundAccessTokens && jkt === undefined) throw missing('a DPoP proof')
  const isBoundByTls = metadata.tlsClientCertificateBoundAccessTokens === true
  const thumbprint = isBoundByTls ? presented.certificate?.thumbprint : undefined
  if (isBoundByTls && thumbprint === undefined) throw missing('its certificate')
  if (jkt === undefined && thumbprint === undefined) {
    const must = services.settings.requireSenderConstrainedTokens
    if (must) throw missing('a DPoP proof or its certificate')
    return undefined
  }
  return {
    ...(jkt === undefined ? {} : { jkt }),
    ...(thumbprint === undefined ? {} : { 'x5t#S256': thumbprint }),
  }
}

/** The thumbprint of the key that a request proves by DPoP; the proof is then used up. */
export async function provedKey(
  services: Services,
  presented: Presented,
): Promise<string | undefined> {
  if (presented.proof === undefined) return undefined
  const proof = await readProof(services, presented.proof, presented)
  await useProof(services, proof)
  return proof.jkt
}

/** @throws {OAuthError} invalid_request where tokens for this resource must be bound, and would not be */
export function requireBound(resource: Resource, confirmation: Confirmation | undefined): void {
  if (resource.dpopRequired && confirmation?.jkt === undefined) throw missing('a DPoP proof')
}

function missing(what: string): OAuthError {
  return new OAuthError('invalid_request', `The client must send ${what} with this request`)
}
