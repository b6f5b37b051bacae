/**
 * What a client says of itself: read and checked the same way when it registers and when it changes
 * its registration, and told back in one form.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 * @see [RFC 7591 §3.2.1 - Client Information Response](https://www.rfc-editor.org/rfc/rfc7591.html#section-3.2.1)
 */
import { authorizationCode } from '../../config/grant-type-settings.ts'
import { prefixOf } from '../../config/metadata-settings.ts'
import type { Settings } from '../../config/settings.ts'
import type { ClientMetadata } from '../../domain/client-events.ts'
import { type SigningAlgorithm, signingAlgorithms } from '../../domain/signing-key.ts'
import { OAuthError } from '../oauth-error.ts'
import { scopesOffered } from '../resources.ts'
import { type AuthMethod, readAuthMethod } from './auth-methods.ts'
import { backChannelFields, readBackChannel } from './back-channel-metadata.ts'
import { certificateNameField, readCertificateName } from './certificate-name.ts'
import { httpsHosts, mayBeRegistered } from './redirect-uri.ts'
import { readGrantTypes } from './registered-grant-types.ts'
import { readRegisteredKeys } from './registered-keys.ts'

export const redirectUriCountMax = 32
export const metadataCharactersMax = 2048
export const contactCountMax = 10
/** It must fit into one event, where the contacts are sealed and so a third longer. */
export const registrationBytesMax = 32_768

export type Fields = Readonly<Record<string, unknown>>

export interface Description {
  readonly metadata: ClientMetadata
  /** Addresses of people: kept apart, because they are sealed. */
  readonly contacts: string[]
}

/** @throws {OAuthError} invalid_client_metadata */
export function readFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new OAuthError('invalid_client_metadata', 'The body must be a JSON object')
  }
  return body as Fields
}

/** @throws {OAuthError} invalid_redirect_uri or invalid_client_metadata, naming the field */
export function readDescription(
  settings: Settings,
  fields: Fields,
  { byOperator = false }: { byOperator?: boolean } = {},
): Description {
  const said = new Said(fields)
  const asked = said.text('token_endpoint_auth_method')
  const method = readAuthMethod(settings, asked, { byOperator })
  const described = readMetadata(said, settings, { method, byOperator })
  const keys = readRegisteredKeys(fields, method)
  const name = method === 'tls_client_auth' ? { certificateName: readCertificateName(fields) } : {}
  const backChannel = readBackChannel(fields, { ...described, ...keys })
  const metadata = { ...described, ...keys, ...name, ...backChannel }
  return { metadata, contacts: said.texts('contacts', contactCountMax) ?? [] }
}

/** @throws {OAuthError} invalid_client_metadata when no event could hold this registration */
export function requireFitting(registration: Description): void {
  if (Buffer.byteLength(JSON.stringify(registration)) <= registrationBytesMax) return
  const words = `The metadata has over ${registrationBytesMax} bytes`
  throw new OAuthError('invalid_client_metadata', words)
}

/** A registration as it stands, with what only its owner may see. */
export interface Registration extends Description {
  readonly clientId: string
  /** Milliseconds since 1970. */
  readonly registeredAt: number
  /** In clear, and so only in the answer to the request that it was made by. */
  readonly secret?: string
  /** A shared registration has none: nobody manages it. */
  readonly managementToken?: string
}

/** No member is ever `null`: a client of many fails on one. */
export function clientInformation(
  settings: Settings,
  registration: Registration,
): Record<string, unknown> {
  const { clientId, secret, managementToken, metadata, contacts } = registration
  const prefix = prefixOf(settings.metadata.endpoints)
  const registrationUri = `${settings.apiUrl}${prefix}/register/${clientId}`
  return withoutAbsent({
    client_id: clientId,
    client_id_issued_at: Math.floor(registration.registeredAt / 1000),
    client_secret: secret,
    // Beside a secret this member is required; 0 means that it does not expire.
    client_secret_expires_at: secret === undefined ? undefined : 0,
    registration_client_uri: managementToken === undefined ? undefined : registrationUri,
    registration_access_token: managementToken,
    client_name: metadata.clientName,
    redirect_uris: metadata.redirectUris,
    grant_types: metadata.grantTypes,
    response_types: metadata.responseTypes,
    token_endpoint_auth_method: metadata.tokenEndpointAuthMethod,
    token_endpoint_auth_signing_alg: metadata.tokenEndpointAuthSigningAlg,
    request_object_signing_alg: metadata.requestObjectSigningAlg,
    require_signed_request_object: metadata.requireSignedRequestObject,
    jwks: metadata.jwks,
    jwks_uri: metadata.jwksUri,
    ...certificateNameField(metadata.certificateName),
    application_type: metadata.applicationType,
    scope: metadata.scope,
    authorization_details_types: metadata.authorizationDetailsTypes,
    client_uri: metadata.clientUri,
    logo_uri: metadata.logoUri,
    tos_uri: metadata.tosUri,
    policy_uri: metadata.policyUri,
    post_logout_redirect_uris: metadata.postLogoutRedirectUris,
    id_token_signed_response_alg: metadata.idTokenSignedResponseAlg,
    software_id: metadata.softwareId,
    software_version: metadata.softwareVersion,
    dpop_bound_access_tokens: metadata.dpopBoundAccessTokens,
    tls_client_certificate_bound_access_tokens: metadata.tlsClientCertificateBoundAccessTokens,
    ...backChannelFields(metadata.backChannel),
    contacts: contacts.length > 0 ? contacts : undefined,
  })
}

/** Reads one field at a time. `null` and the empty string are as good as nothing (MCP clients send both). */
class Said {
  readonly #fields: Fields
  constructor(fields: Fields) {
    this.#fields = fields
  }

  text(name: string): string | undefined {
    const value = this.#fields[name]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string' || value.length > metadataCharactersMax) {
      throw new OAuthError('invalid_client_metadata', `${name} must be a string of at most 2048`)
    }
    return value
  }

  texts(name: string, countMax: number): string[] | undefined {
    const value = this.#fields[name]
    if (value === undefined || value === null) return undefined
    const good = (v: unknown) => typeof v === 'string' && v.length <= metadataCharactersMax
    if (!Array.isArray(value) || value.length > countMax || !value.every(good)) {
      throw new OAuthError(
        'invalid_client_metadata',
        `${name} must be a list of at most ${countMax} strings`,
      )
    }
    return value.length > 0 ? value : undefined
  }

  flag(name: string): boolean | undefined {
    const value = this.#fields[name]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'boolean') return value
    throw new OAuthError('invalid_client_metadata', `${name} must be true or false`)
  }

  url(name: string): string | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    const scheme = URL.canParse(value) ? new URL(value).protocol : ''
    if (scheme !== 'https:' && scheme !== 'http:') {
      throw new OAuthError('invalid_client_metadata', `${name} must be a web address`)
    }
    return value
  }
}

function readMetadata(
  said: Said,
  settings: Settings,
  { method: tokenEndpointAuthMethod, byOperator }: { method: AuthMethod; byOperator: boolean },
): ClientMetadata {
  const isPublic = tokenEndpointAuthMethod === 'none'
  const asked = said.texts('grant_types', 20)
  const grantTypes = readGrantTypes(settings, asked, { isPublic, byOperator })
  const hasCodes = grantTypes.includes(authorizationCode)
  const redirectUris = readRedirectUris(said, settings, { areNeeded: hasCodes })
  const responseTypes = said.texts('response_types', 10)
  if (hasCodes && responseTypes && !responseTypes.includes('code')) {
    throw new OAuthError('invalid_client_metadata', 'response_types must include code')
  }
  const optional = {
    scope: readScope(said, settings),
    authorizationDetailsTypes: readDetailTypes(said, settings),
    clientUri: said.url('client_uri'),
    logoUri: said.url('logo_uri'),
    tosUri: said.url('tos_uri'),
    policyUri: said.url('policy_uri'),
    postLogoutRedirectUris: readPostLogoutRedirectUris(said, settings),
    idTokenSignedResponseAlg: readIdTokenAlgorithm(said),
    softwareId: said.text('software_id'),
    softwareVersion: said.text('software_version'),
    dpopBoundAccessTokens: said.flag('dpop_bound_access_tokens'),
    // Unknown to a server that sees no certificates, which RFC 7591 §2 has it ignore.
    tlsClientCertificateBoundAccessTokens:
      settings.mtls.certificateHeader === undefined
        ? undefined
        : said.flag('tls_client_certificate_bound_access_tokens'),
  }
  return {
    clientName: said.text('client_name') ?? 'Unnamed client',
    redirectUris,
    grantTypes,
    responseTypes: hasCodes ? ['code'] : [],
    tokenEndpointAuthMethod,
    applicationType: said.text('application_type') === 'native' ? 'native' : 'web',
    ...(withoutAbsent(optional) as Partial<ClientMetadata>),
  }
}

function readRedirectUris(
  said: Said,
  { registration, subjectType }: Settings,
  { areNeeded }: { areNeeded: boolean },
): string[] {
  let uris: string[] | undefined
  try {
    uris = said.texts('redirect_uris', redirectUriCountMax)
  } catch {
    throw new OAuthError(
      'invalid_redirect_uri',
      `redirect_uris must be a list of at most ${redirectUriCountMax} URIs`,
    )
  }
  if (!uris && !areNeeded) return []
  if (!uris) throw new OAuthError('invalid_redirect_uri', 'redirect_uris must name at least one')
  const bad = uris.findIndex((uri) => !mayBeRegistered(uri, registration))
  if (bad >= 0) {
    throw new OAuthError(
      'invalid_redirect_uri',
      `redirect_uris[${bad}] must be ${registrable(registration)}, without a fragment`,
    )
  }
  if (subjectType === 'pairwise' && httpsHosts(uris).length > 1) {
    throw new OAuthError('invalid_redirect_uri', 'redirect_uris must share one host here')
  }
  return [...new Set(uris)]
}

/** @see [OpenID Connect RP-Initiated Logout 1.0 §3.1](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#ClientMetadata) */
function readPostLogoutRedirectUris(said: Said, { registration }: Settings) {
  const uris = said.texts('post_logout_redirect_uris', redirectUriCountMax)
  const bad = uris?.findIndex((uri) => !mayBeRegistered(uri, registration)) ?? -1
  if (bad >= 0) {
    const words = `post_logout_redirect_uris[${bad}] must be ${registrable(registration)}, without a fragment`
    throw new OAuthError('invalid_client_metadata', words)
  }
  return uris && [...new Set(uris)]
}

/** @see [OpenID Connect Dynamic Client Registration 1.0 §2](https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata) */
function readIdTokenAlgorithm(said: Said): SigningAlgorithm | undefined {
  const asked = said.text('id_token_signed_response_alg')
  const known = signingAlgorithms.find((name) => name === asked)
  if (asked !== undefined && known === undefined) {
    const words = `id_token_signed_response_alg must be ${signingAlgorithms.join(' or ')}`
    throw new OAuthError('invalid_client_metadata', words)
  }
  return known
}

function registrable({ privateSchemes }: Settings['registration']): string {
  return privateSchemes
    ? 'https, http on loopback, or a private scheme'
    : 'https or http on loopback'
}

/** Types that are not offered are left out, like scopes (RFC 9396 §10). */
function readDetailTypes(said: Said, settings: Settings): string[] | undefined {
  const offered = settings.authorizationDetailTypes.map(({ type }) => type)
  const asked = said.texts('authorization_details_types', offered.length + 50)
  return asked && offered.filter((type) => asked.includes(type))
}

/** What of the asked scope is offered here; a client may later ask for more, the person decides. */
function readScope(said: Said, settings: Settings): string | undefined {
  const asked = said.text('scope')?.split(' ').filter(Boolean) ?? []
  const offered = new Set(scopesOffered(settings))
  const kept = asked.filter((scope) => offered.has(scope))
  if (kept.length < asked.length && settings.registration.unknownScope === 'refuse') {
    throw new OAuthError('invalid_client_metadata', 'scope names one that is not offered here')
  }
  return kept.length > 0 ? [...new Set(kept)].join(' ') : undefined
}

function withoutAbsent(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
