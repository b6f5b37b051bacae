/**
 * A client that acts for itself: a machine that nobody has to be asked for. There is no person in
 * its token, no ID token and no refresh token. Its scopes are what an operator gave to machines:
 * for a resource, or to a client that they added themselves.
 *
 * @see [RFC 6749 §4.4 - Client Credentials Grant](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.4)
 * @see [RFC 9700 §4.15 - Client Impersonating Resource Owner](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.15)
 */
import type { Resource } from '../../config/resource-settings.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import { parseScope } from '../parameters.ts'
import { auditScope, isIdentityScope, oneResourceOf } from '../resources.ts'
import type { Services } from '../services.ts'
import type { GrantRequest, TokenResponse } from './grant-type.ts'
import { issueAccessToken } from './issue-access-token.ts'

export async function issueForClient(
  services: Services,
  request: GrantRequest,
): Promise<TokenResponse> {
  const { client, parameters } = request
  const { clientId, metadata } = client
  if (metadata.tokenEndpointAuthMethod === 'none') {
    throw new OAuthError('unauthorized_client', 'This needs a client that can authenticate')
  }
  // RFC 9700 §4.15: whoever reads `sub` must never take a client for a person.
  if (clientId.startsWith('usr_')) {
    throw new OAuthError('unauthorized_client', 'The client is called like a person')
  }
  const asked = parseScope(parameters.get('scope'))
  const resource = oneResourceOf(services.settings, {
    resources: parameters.all('resource'),
    scopes: asked,
  })
  const scopes = machineScopes(resource, client, asked)
  const terms = { sub: clientId, resource, scopes, actors: [] }
  return issueAccessToken(services, request, { via: 'client_credentials', ...terms })
}

/**
 * What this client may get for itself here. Unknown scopes are dropped, as elsewhere.
 * @throws {OAuthError} invalid_scope when nothing is left
 */
export function machineScopes(
  resource: Resource,
  { registeredVia, metadata }: Pick<KnownClient, 'registeredVia' | 'metadata'>,
  asked: readonly string[],
): string[] {
  const registered = parseScope(metadata.scope)
  const isTrusted = registeredVia === 'preregistered' && registered.length > 0
  const given = isTrusted ? Object.keys(resource.scopes) : resource.clientCredentialsScopes
  const mayHave = (scope: string) =>
    given.includes(scope) &&
    !isIdentityScope(scope) &&
    scope !== auditScope &&
    (registered.length === 0 || registered.includes(scope))
  const scopes = (asked.length > 0 ? asked : given).filter(mayHave)
  if (scopes.length > 0) return scopes
  throw new OAuthError('invalid_scope', 'None of the scopes is given to this client for itself')
}
