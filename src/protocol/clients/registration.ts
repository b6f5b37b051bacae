/**
 * Dynamic client registration. Nobody has proved anything by registering, so a registration is
 * provisional: it lives in an expiring table, and enters the log with the first consent.
 *
 * @see [RFC 7591 §3 - Client Registration Endpoint](https://www.rfc-editor.org/rfc/rfc7591.html#section-3)
 */
import { type ClientRegistration, proofOf } from '../../domain/client.ts'
import { newId } from '../../domain/ids.ts'
import { sha256 } from '../../domain/keyring.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { newToken } from '../tokens/token-text.ts'
import {
  clientInformation,
  readDescription,
  readFields,
  requireFitting,
} from './client-metadata.ts'
import { provisionalClientKind } from './known-client.ts'
import { refuseProtectedBrand } from './protected-brand.ts'

/** @throws {OAuthError} invalid_redirect_uri or invalid_client_metadata, naming the field */
export async function registerClient(
  services: Services,
  body: unknown,
): Promise<Record<string, unknown>> {
  const { settings } = services
  if (!settings.registration.open) {
    throw new OAuthError('access_denied', 'Registration is closed on this server')
  }
  const description = readDescription(settings, readFields(body))
  refuseProtectedBrand(settings, description.metadata)
  const proof = proofOf(description.metadata.tokenEndpointAuthMethod)
  const secret = proof === 'secret' ? newToken(settings.tokenPrefix, 'client secret') : undefined
  const managementToken = newToken(settings.tokenPrefix, 'client management')
  const now = services.now()
  const registration: ClientRegistration = {
    clientId: newId(settings.clientIdPrefix),
    registeredVia: 'dynamic',
    ...description,
    ...(secret === undefined ? {} : { secretHash: sha256(secret) }),
    managementHash: sha256(managementToken),
    now,
  }
  requireFitting(registration)
  await services.expiring.put({
    kind: provisionalClientKind,
    id: registration.clientId,
    body: registration,
    expiresAt: now + settings.registration.provisionalSeconds * 1000,
  })
  services.observations.count('registrations')
  const { clientId } = registration
  const issued = { clientId, registeredAt: now, managementToken, ...description }
  return clientInformation(settings, secret === undefined ? issued : { ...issued, secret })
}
