/**
 * What a request asks for: resources, and at each of them those of the scopes that it offers.
 *
 * @see [RFC 8707 §2.1 - Authorization Request](https://www.rfc-editor.org/rfc/rfc8707.html#section-2.1)
 */
import type { Settings } from '../../config/settings.ts'
import type { Access } from '../../domain/access.ts'
import { type Parameters, parseScope } from '../parameters.ts'
import { requireKnownScopes, resourcesOf, scopesFor } from '../resources.ts'

/** @throws {OAuthError} invalid_scope or invalid_target */
export function askedAccess(settings: Settings, parameters: Parameters): Access[] {
  const asked = parseScope(parameters.get('scope'))
  const resources = resourcesOf(settings, { resources: parameters.all('resource'), scopes: asked })
  requireKnownScopes(settings, { resources, scopes: asked })
  return resources.map((resource) => ({
    resource: resource.resource,
    scopes: scopesFor({ settings, resource }, asked),
  }))
}
