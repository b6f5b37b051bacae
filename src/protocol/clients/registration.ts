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
  type Description,
  readDescription,
  readFields,
  requireFitting,
} from './client-metadata.ts'
import { lookUpClient, provisionalClientKind } from './known-client.ts'
import { refuseProtectedBrand } from './protected-brand.ts'
import { findSharedClientId } from './shared-registration.ts'

/** @throws {OAuthError} invalid_redirect_uri or invalid_client_metadata, naming the field */
export async function registerClient(
  services: Services,
  body: unknown,
): Promise<Record<string, unknown>> {
  const { settings, observations } = services
  if (!settings.registration.open) {
    throw new OAuthError('access_denied', 'Registration is closed on this server')
  }
  const description = readDescription(settings, readFields(body))
  refuseProtectedBrand(settings, description.metadata)
  const proof = proofOf(description.metadata.tokenEndpointAuthMethod)
  const registered = await (proof === 'none'
    ? registerShared(services, description)
    : registerOwn(services, description, { withSecret: proof === 'secret' }))
  observations.count('registrations')
  return registered
}

/** One id and one registration for everybody who sends the same. */
async function registerShared(services: Services, description: Description) {
  const clientId = await findSharedClientId(services, description)
  const known = await lookUpClient(services, clientId)
  const registration = known?.provisional ?? {
    clientId,
    registeredVia: 'dynamic',
    ...description,
    shared: true,
    now: services.now(),
  }
  // In the log it does not expire; before that each registration prolongs it.
  if (!known || known.provisional) await keep(services, registration)
  const registeredAt = known?.registeredAt ?? registration.now
  return clientInformation(services.settings, { clientId, registeredAt, ...description })
}

/** An id, a management token and, unless it has keys, a secret of its own. */
async function registerOwn(
  services: Services,
  description: Description,
  { withSecret }: { withSecret: boolean },
) {
  const { settings, now } = services
  const secret = withSecret ? newToken(settings.tokenPrefix, 'client secret') : undefined
  const managementToken = newToken(settings.tokenPrefix, 'client management')
  const clientId = newId(settings.clientIdPrefix)
  const registeredAt = now()
  await keep(services, {
    clientId,
    registeredVia: 'dynamic',
    ...description,
    ...(secret === undefined ? {} : { secretHash: sha256(secret) }),
    managementHash: sha256(managementToken),
    now: registeredAt,
  })
  const issued = { clientId, registeredAt, managementToken, ...description }
  return clientInformation(settings, secret === undefined ? issued : { ...issued, secret })
}

async function keep(services: Services, registration: ClientRegistration): Promise<void> {
  requireFitting(registration)
  await services.expiring.put({
    kind: provisionalClientKind,
    id: registration.clientId,
    body: registration,
    expiresAt: services.now() + services.settings.registration.provisionalSeconds * 1000,
  })
}
