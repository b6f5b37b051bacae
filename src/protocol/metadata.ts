/**
 * What the server says of itself, and of the resources it protects.
 *
 * @see [RFC 8414 §2 - Authorization Server Metadata](https://www.rfc-editor.org/rfc/rfc8414.html#section-2)
 * @see [OpenID Connect Discovery 1.0 §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata)
 * @see [OpenID Connect RP-Initiated Logout 1.0 §2.1](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#OPMetadata)
 * @see [RFC 9126 §5 - Authorization Server Metadata](https://www.rfc-editor.org/rfc/rfc9126.html#section-5)
 * @see [RFC 9701 §7 - Authorization Server Metadata](https://www.rfc-editor.org/rfc/rfc9701.html#section-7)
 * @see [RFC 9728 §2 - Protected Resource Metadata](https://www.rfc-editor.org/rfc/rfc9728.html#section-2)
 */

import type { Resource } from '../config/resource-settings.ts'
import type { Settings } from '../config/settings.ts'
import { clientAlgorithms } from './clients/public-keys.ts'
import { allResources, auditScope, identityScopes } from './resources.ts'
import { introspectionAlgorithm } from './tokens/signed-introspection.ts'

function scopesOffered(settings: Settings): string[] {
  const scopes = new Set<string>()
  for (const resource of settings.resources) {
    for (const scope of Object.keys(resource.scopes)) scopes.add(scope)
  }
  return [...scopes, ...Object.keys(identityScopes), auditScope]
}

export function authorizationServerMetadata(settings: Settings): Record<string, unknown> {
  const { issuer, apiUrl, registration } = settings
  const authMethods = registration.tokenEndpointAuthMethods
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${apiUrl}/oauth/token`,
    ...(registration.open ? { registration_endpoint: `${apiUrl}/oauth/register` } : {}),
    revocation_endpoint: `${apiUrl}/oauth/revoke`,
    introspection_endpoint: `${apiUrl}/oauth/introspect`,
    pushed_authorization_request_endpoint: `${apiUrl}/oauth/par`,
    require_pushed_authorization_requests: settings.requirePushedAuthorizationRequests,
    jwks_uri: `${apiUrl}/.well-known/jwks.json`,
    scopes_supported: scopesOffered(settings),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: settings.grantTypes,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: authMethods,
    ...signingAlgorithms('token'),
    revocation_endpoint_auth_methods_supported: authMethods,
    ...signingAlgorithms('revocation'),
    introspection_endpoint_auth_methods_supported: authMethods.filter((m) => m !== 'none'),
    ...signingAlgorithms('introspection'),
    introspection_signing_alg_values_supported: [introspectionAlgorithm],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: settings.clientIdDocuments.enabled,
    // RFC 9728 §4: which resources this server gives tokens for.
    protected_resources: settings.resources.map((r) => r.resource),
  }
}

/** RFC 8414 §2: beside private_key_jwt this must be there. */
function signingAlgorithms(endpoint: string): Record<string, unknown> {
  return { [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: clientAlgorithms }
}

export function openidConfiguration(settings: Settings): Record<string, unknown> {
  return {
    ...authorizationServerMetadata(settings),
    userinfo_endpoint: `${settings.apiUrl}/oauth/userinfo`,
    end_session_endpoint: `${settings.issuer}/oauth/logout`,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'EdDSA'],
    claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'name', 'email'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  }
}

export function protectedResourceMetadata(
  settings: Settings,
  resource: Resource,
): Record<string, unknown> {
  return {
    resource: resource.resource,
    resource_name: resource.name,
    authorization_servers: [settings.issuer],
    scopes_supported: Object.keys(resource.scopes),
    bearer_methods_supported: ['header'],
  }
}

/**
 * The resource whose metadata stands at this well-known path: `suffix` is what follows
 * `/.well-known/oauth-protected-resource`. Without a suffix the first configured one is meant.
 */
export function resourceAtWellKnown(settings: Settings, suffix: string): Resource | undefined {
  if (suffix === '' || suffix === '/') return settings.resources[0]
  const host = new URL(settings.apiUrl).host
  return allResources(settings).find(({ resource }) => {
    const url = new URL(resource)
    return url.host === host && url.pathname === suffix
  })
}
