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

import { contextClasses } from '../config/context-classes.ts'
import { ciba, deviceCode } from '../config/grant-type-settings.ts'
import { prefixOf } from '../config/metadata-settings.ts'
import type { Resource } from '../config/resource-settings.ts'
import type { Settings } from '../config/settings.ts'
import { offeredAuthMethods } from './clients/auth-methods.ts'
import { clientAlgorithms } from './clients/public-keys.ts'
import { offeredGrantTypes } from './offered-grant-types.ts'
import { allResources, appsScope, scopesOffered, tokensScope, workScope } from './resources.ts'
import { dpopAlgorithms } from './tokens/dpop.ts'
import { personClaimNames } from './tokens/person-claims.ts'
import { introspectionAlgorithm } from './tokens/signed-introspection.ts'

type Document = Record<string, unknown>

/** @see [RFC 9396 §10 - Metadata](https://www.rfc-editor.org/rfc/rfc9396.html#section-10) */
function detailTypes({ authorizationDetailTypes }: Settings) {
  const types = authorizationDetailTypes.map(({ type }) => type)
  return types.length === 0 ? {} : { authorization_details_types_supported: types }
}

export function authorizationServerMetadata(settings: Settings): Document {
  const { endpoints, members } = settings.metadata
  return only(members, serverMetadata(settings, prefixOf(endpoints)))
}

/** Undefined where the operator offers no `openid`: then this is no OpenID provider. */
export function openidConfiguration(settings: Settings): Document | undefined {
  if (!scopesOffered(settings).includes('openid')) return undefined
  const prefix = prefixOf(settings.metadata.openidEndpoints)
  return {
    ...serverMetadata(settings, prefix),
    userinfo_endpoint: `${settings.apiUrl}${prefix}/userinfo`,
    end_session_endpoint: `${settings.issuer}${prefix}/logout`,
    subject_types_supported: [settings.subjectType],
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'EdDSA'],
    claims_supported: [
      ...['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'at_hash', 'amr', 'acr', 'sid'],
      ...personClaimNames,
    ],
    acr_values_supported: contextClasses,
    claim_types_supported: ['normal'],
    claims_parameter_supported: true,
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
  }
}

/** Every endpoint stands below the prefix that this document names; the others answer as well. */
/** Many clients ask for all that stands there; few look after what people have, or work for all. */
const quietScopes: readonly string[] = [tokensScope, appsScope, workScope]

function serverMetadata(settings: Settings, prefix: string): Document {
  const { issuer, apiUrl, registration } = settings
  const authMethods = offeredAuthMethods(settings)
  return {
    issuer,
    authorization_endpoint: `${issuer}${prefix}/authorize`,
    token_endpoint: `${apiUrl}${prefix}/token`,
    ...(registration.open ? { registration_endpoint: `${apiUrl}${prefix}/register` } : {}),
    revocation_endpoint: `${apiUrl}${prefix}/revoke`,
    introspection_endpoint: `${apiUrl}${prefix}/introspect`,
    ...(settings.grantTypes.includes(deviceCode)
      ? { device_authorization_endpoint: `${apiUrl}${prefix}/device_authorization` }
      : {}),
    ...backChannel(settings, prefix),
    pushed_authorization_request_endpoint: `${apiUrl}${prefix}/par`,
    require_pushed_authorization_requests: settings.requirePushedAuthorizationRequests,
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    request_object_signing_alg_values_supported: clientAlgorithms,
    require_signed_request_object: settings.requireSignedRequestObject,
    jwks_uri: `${apiUrl}/.well-known/jwks.json`,
    scopes_supported: scopesOffered(settings).filter((scope) => !quietScopes.includes(scope)),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: offeredGrantTypes(settings),
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: authMethods,
    ...signingAlgorithms('token', authMethods),
    revocation_endpoint_auth_methods_supported: authMethods,
    ...signingAlgorithms('revocation', authMethods),
    introspection_endpoint_auth_methods_supported: authMethods.filter((m) => m !== 'none'),
    ...signingAlgorithms('introspection', authMethods),
    introspection_signing_alg_values_supported: [introspectionAlgorithm],
    authorization_response_iss_parameter_supported: true,
    ...detailTypes(settings),
    client_id_metadata_document_supported: settings.clientIdDocuments.enabled,
    dpop_signing_alg_values_supported: dpopAlgorithms,
    ...mutualTls(settings, prefix),
    // RFC 9728 §4: which resources this server gives tokens for.
    protected_resources: settings.resources.map((r) => r.resource),
  }
}

/** @see [OpenID Connect CIBA Core 1.0 §4](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#registration) */
function backChannel(settings: Settings, prefix: string): Document {
  if (!offeredGrantTypes(settings).includes(ciba)) return {}
  return {
    backchannel_authentication_endpoint: `${settings.apiUrl}${prefix}/bc-authorize`,
    backchannel_token_delivery_modes_supported: ['poll', 'ping'],
    backchannel_authentication_request_signing_alg_values_supported: clientAlgorithms,
    backchannel_user_code_parameter_supported: false,
  }
}

/** RFC 8414 §2: beside private_key_jwt this must be there. */
function signingAlgorithms(endpoint: string, authMethods: readonly string[]): Document {
  if (!authMethods.includes('private_key_jwt')) return {}
  return { [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: clientAlgorithms }
}

/** @see [RFC 8705 §5 - Metadata for Mutual-TLS Endpoint Aliases](https://www.rfc-editor.org/rfc/rfc8705.html#section-5) */
function mutualTls(settings: Settings, prefix: string): Document {
  const { mtls, grantTypes } = settings
  if (mtls.certificateHeader === undefined) return {}
  const bound = { tls_client_certificate_bound_access_tokens: true }
  if (mtls.apiUrl === undefined) return bound
  const at = (endpoint: string) => `${mtls.apiUrl}${prefix}/${endpoint}`
  const aliases = {
    token_endpoint: at('token'),
    revocation_endpoint: at('revoke'),
    introspection_endpoint: at('introspect'),
    pushed_authorization_request_endpoint: at('par'),
    userinfo_endpoint: at('userinfo'),
    ...(grantTypes.includes(deviceCode)
      ? { device_authorization_endpoint: at('device_authorization') }
      : {}),
    ...(offeredGrantTypes(settings).includes(ciba)
      ? { backchannel_authentication_endpoint: at('bc-authorize') }
      : {}),
  }
  return { ...bound, mtls_endpoint_aliases: aliases }
}

/** What the operator shows of a document: all of it unless the settings name members. */
function only(members: readonly string[], document: Document): Document {
  if (members.length === 0) return document
  return Object.fromEntries(Object.entries(document).filter(([name]) => members.includes(name)))
}

export function protectedResourceMetadata(settings: Settings, resource: Resource): Document {
  return only(settings.metadata.resourceMembers, {
    resource: resource.resource,
    resource_name: resource.name,
    authorization_servers: [settings.issuer],
    scopes_supported: Object.keys(resource.scopes),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: dpopAlgorithms,
    dpop_bound_access_tokens_required: resource.dpopRequired,
    tls_client_certificate_bound_access_tokens: settings.mtls.certificateHeader !== undefined,
  })
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
