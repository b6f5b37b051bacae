/**
 * What a request asks for: resources, and at each of them those of the scopes that it offers.
 *
 * @see [RFC 8707 §2.1 - Authorization Request](https://www.rfc-editor.org/rfc/rfc8707.html#section-2.1)
 */
import type { Settings } from '../../config/settings.ts'
import type { Access } from '../../domain/access.ts'
import { scopesOfClient } from '../clients/client-scopes.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { type Parameters, parseScope } from '../parameters.ts'
import { requireKnownScopes, resourcesOf, scopesFor } from '../resources.ts'

/**
 * A client that asks for no scope, and may not have all that is given by default, gets the rest.
 * @throws {OAuthError} invalid_scope or invalid_target
 */
export function askedAccess(
  settings: Settings,
  { parameters, client }: { parameters: Parameters; client: KnownClient },
): Access[] {
  const asked = parseScope(parameters.get('scope'))
  const resources = resourcesOf(settings, { resources: parameters.all('resource'), scopes: asked })
  requireKnownScopes(settings, { resources, scopes: asked })
  return resources.map((resource) => ({
    resource: resource.resource,
    scopes: scopesOfClient({ settings, client }, scopesFor({ settings, resource }, asked)),
  }))
}
