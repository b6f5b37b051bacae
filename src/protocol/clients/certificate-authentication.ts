/**
 * A client proves who it is by the certificate of its connection. TLS has proved that it holds the
 * key; what is left is whether that key, or a name that a trusted authority put beside it, is the
 * client's own.
 *
 *   self_signed_tls_client_auth   the key is one that the client registered; the rest is its own words
 *   tls_client_auth               the proxy verified the chain, and the name is the registered one
 *
 * @see [RFC 8705 §2.1 - PKI Mutual-TLS Method](https://www.rfc-editor.org/rfc/rfc8705.html#section-2.1)
 * @see [RFC 8705 §2.2 - Self-Signed Certificate Mutual-TLS Method](https://www.rfc-editor.org/rfc/rfc8705.html#section-2.2)
 */
import type { PublicJwk } from '../../domain/client-events.ts'
import type { Services } from '../services.ts'
import type { ClientCertificate } from '../tokens/client-certificate.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { bears } from './certificate-name.ts'
import { registeredKeys } from './client-keys.ts'
import type { KnownClient } from './known-client.ts'

/**
 * Undefined when the certificate is the client's.
 * @throws {JwtRefused} when the keys of a client cannot be had
 */
export async function whatIsWrongWithCertificate(
  services: Services,
  client: KnownClient,
  presented: ClientCertificate | undefined,
): Promise<string | undefined> {
  if (!presented) return 'no certificate'
  const certificate = readCertificate(presented.der)
  if (!certificate) return 'a certificate that cannot be read'
  if (client.metadata.tokenEndpointAuthMethod === 'self_signed_tls_client_auth') {
    const isOwnKey = await holdsRegisteredKey(services, client, certificate)
    return isOwnKey ? undefined : 'the key of the certificate is not registered'
  }
  if (!presented.isVerified) return 'the proxy did not verify the certificate'
  const { certificateName } = client.metadata
  const isNamed = certificateName !== undefined && bears(certificate, certificateName)
  return isNamed ? undefined : 'the certificate is for another name'
}

async function holdsRegisteredKey(services: Services, client: KnownClient, { key }: Certificate) {
  if (!key) return false
  const isHeld = (registered: PublicJwk) => isSameKey(registered, key)
  return (await registeredKeys(services, client, isHeld)).some(isHeld)
}

function isSameKey(a: PublicJwk, b: JsonWebKey): boolean {
  return (['kty', 'crv', 'x', 'y', 'n', 'e'] as const).every((member) => a[member] === b[member])
}
