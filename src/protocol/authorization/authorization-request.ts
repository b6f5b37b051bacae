/**
 * The authorization endpoint: from the client's request to the redirect that carries a code.
 *
 *   GET/POST /oauth/authorize ─ readAuthorizationRequest ─▶ kept for a while, bound to the browser
 *        ─▶ sign-in ─▶ consent ─ approve | deny ─▶ 303 to the client
 *
 * An error is shown to the person until client and redirect URI are known to belong together;
 * from then on it travels to the client.
 *
 * @see [RFC 6749 §4.1.1 - Authorization Request](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.1)
 * @see [RFC 7636 §4.3 - Code Challenge](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.3)
 * @see [RFC 9207 §2 - Response Parameter iss](https://www.rfc-editor.org/rfc/rfc9207.html#section-2)
 */
import type { Settings } from '../../config/settings.ts'
import type { Access } from '../../domain/access.ts'
import { newId } from '../../domain/ids.ts'
import { type KnownClient, lookUpClient } from '../clients/known-client.ts'
import { matchesPattern, matchesRegistered, withParameters } from '../clients/redirect-uri.ts'
import { OAuthError } from '../oauth-error.ts'
import { Parameters } from '../parameters.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { askedAccess } from './asked-access.ts'
import { withDemands } from './authentication-context.ts'
import { type AuthenticationTerms, readAuthentication } from './authentication-request.ts'
import { type AuthorizationDetail, readAuthorizationDetails } from './authorization-details.ts'
import { requestedParameters, requireSigned } from './request-object.ts'

export const authorizationRequestKind = 'authorization-request'
export const authorizationRequestTtlSeconds = 30 * 60
export const stateCharactersMax = 4096

/** What a client asks for, once all of it has been checked. */
export interface AuthorizationTerms extends AuthenticationTerms {
  readonly clientId: string
  readonly redirectUri: string
  readonly state?: string
  /** At least one resource, each with what is asked for there. */
  readonly access: Access[]
  /** What is asked for in particular; the person's choices are not in it yet. */
  readonly authorizationDetails?: AuthorizationDetail[]
  readonly codeChallenge: string
  /** Thumbprint of the DPoP key that alone may redeem the code. */
  readonly codeKey?: string
}

export interface AuthorizationRequest extends AuthorizationTerms {
  readonly requestId: string
  /** Hash of the browser's own cookie: no other browser can answer this request. */
  readonly browser: string
  readonly receivedAt: number
}

/** An error that may be told to the client: by redirect to `redirectUri`. */
export class RedirectError extends Error {
  override name = 'RedirectError'
  readonly location: string
  readonly refusal: OAuthError

  constructor(refusal: OAuthError, location: string) {
    super(refusal.message)
    this.refusal = refusal
    this.location = location
  }
}

/**
 * Checks the request; it is kept only where pages follow.
 * @throws {OAuthError} to be shown to the person
 * @throws {RedirectError} to be sent to the client
 */
export async function readAuthorizationRequest(
  services: Services,
  query: URLSearchParams,
  browser: string,
): Promise<AuthorizationRequest> {
  services.observations.count('authorization-requests')
  const client = await readClient(services, query)
  const asked = await requestedParameters(services, client, query)
  const redirectUri = redirectUriOf(client, readOnce(asked, 'redirect_uri'), services.settings)
  let terms: AuthorizationTerms
  try {
    if (services.settings.requirePushedAuthorizationRequests) {
      throw new OAuthError('invalid_request', 'Authorization requests must be pushed here')
    }
    requireSigned(services.settings, client, query)
    terms = await readTerms(services, new Parameters(asked), { client, redirectUri })
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const state = asked.get('state') || undefined
    const to = { redirectUri, ...(state === undefined ? {} : { state }) }
    throw new RedirectError(error, errorRedirect(services, to, error))
  }
  return newAuthorizationRequest(services, terms, browser)
}

export function newAuthorizationRequest(
  { now }: Pick<Services, 'now'>,
  terms: AuthorizationTerms,
  browser: string,
): AuthorizationRequest {
  return { ...terms, requestId: newId('req'), browser, receivedAt: now() }
}

/** From here on its browser, and no other, can answer. */
export async function keepAuthorizationRequest(
  { expiring }: Pick<Services, 'expiring'>,
  request: AuthorizationRequest,
): Promise<void> {
  await expiring.put({
    kind: authorizationRequestKind,
    id: request.requestId,
    body: request,
    expiresAt: request.receivedAt + authorizationRequestTtlSeconds * 1000,
  })
}

/** A parameter that must be sure before anything is redirected, and so may not come twice. */
export function readOnce(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name)
  if (others.length > 0) throw new OAuthError('invalid_request', `Repeated parameter: ${name}`)
  return value || undefined
}

export async function readClient(services: Services, query: URLSearchParams): Promise<KnownClient> {
  const clientId = readOnce(query, 'client_id')
  if (!clientId) throw new OAuthError('invalid_request', 'Missing required parameter: client_id')
  const client = await lookUpClient(services, clientId, 'fresh')
  if (!client) throw new OAuthError('invalid_client', 'The application is not known here')
  if (!client.metadata.grantTypes.includes('authorization_code')) {
    throw new OAuthError('unauthorized_client', 'The application does not ask people for access')
  }
  return client
}

/** The redirect URI that the client asks for, or its only one, if it may use that. */
export function redirectUriOf(
  client: KnownClient,
  asked: string | undefined,
  { redirectPatterns }: Pick<Settings, 'redirectPatterns'>,
): string {
  const registered = client.metadata.redirectUris
  if (asked !== undefined) {
    if (!matchesRegistered(asked, registered) && !matchesPattern(asked, redirectPatterns)) {
      throw new OAuthError('invalid_redirect_uri', 'The redirect URI is not a registered one')
    }
    return asked
  }
  const [only, ...more] = registered
  if (only === undefined || more.length > 0) {
    throw new OAuthError('invalid_request', 'Missing required parameter: redirect_uri')
  }
  return only
}

/** Everything else that a request asks for, wherever it came in. */
export async function readTerms(
  services: Services,
  parameters: Parameters,
  { client, redirectUri }: { client: KnownClient; redirectUri: string },
): Promise<AuthorizationTerms> {
  refuseRequestUri(parameters)
  const state = parameters.get('state')
  if ((state?.length ?? 0) > stateCharactersMax) {
    throw new OAuthError('invalid_request', `state has over ${stateCharactersMax} characters`)
  }
  if (parameters.require('response_type') !== 'code') {
    throw new OAuthError('unsupported_response_type', 'Only response_type=code is supported')
  }
  const mode = parameters.get('response_mode') ?? 'query'
  if (mode !== 'query') {
    throw new OAuthError('invalid_request', 'Only response_mode=query is supported')
  }
  const codeChallenge = readCodeChallenge(parameters)
  const codeKey = readCodeKey(parameters)
  const { settings } = services
  const access = askedAccess(settings, { parameters, client })
  const resources = access.flatMap(({ resource }) => findResource(settings, resource) ?? [])
  const { authorizationDetailsTypes: typesOfClient } = client.metadata
  const text = parameters.get('authorization_details')
  const details = readAuthorizationDetails(settings, text, { access, typesOfClient })
  return {
    clientId: client.clientId,
    redirectUri,
    ...(state === undefined ? {} : { state }),
    ...withDemands(await readAuthentication(services, parameters, client.clientId), resources),
    access,
    ...(details.length === 0 ? {} : { authorizationDetails: details }),
    codeChallenge,
    ...(codeKey === undefined ? {} : { codeKey }),
  }
}

function refuseRequestUri(parameters: Parameters): void {
  if (parameters.has('request_uri')) {
    throw new OAuthError('request_uri_not_supported', 'request_uri is not supported')
  }
}

function readCodeChallenge(parameters: Parameters): string {
  const challenge = parameters.require('code_challenge')
  if (parameters.get('code_challenge_method') !== 'S256') {
    throw new OAuthError('invalid_request', 'code_challenge_method must be S256')
  }
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw new OAuthError('invalid_request', 'code_challenge must be 43 base64url characters')
  }
  return challenge
}

/** @see [RFC 9449 §10 - Authorization Code Binding to a DPoP Key](https://www.rfc-editor.org/rfc/rfc9449.html#section-10) */
function readCodeKey(parameters: Parameters): string | undefined {
  const thumbprint = parameters.get('dpop_jkt')
  if (thumbprint !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(thumbprint)) {
    throw new OAuthError('invalid_request', 'dpop_jkt must be 43 base64url characters')
  }
  return thumbprint
}

/** The request of this id, if this very browser started it and it has not expired. */
export async function findAuthorizationRequest(
  { expiring }: Pick<Services, 'expiring'>,
  requestId: string,
  browser: string,
): Promise<AuthorizationRequest | undefined> {
  const request = (await expiring.get(authorizationRequestKind, requestId)) as
    | AuthorizationRequest
    | undefined
  return request?.browser === browser ? request : undefined
}

type Answer = Pick<AuthorizationRequest, 'redirectUri'> & { readonly state?: string }

export function errorRedirect(
  { settings }: Pick<Services, 'settings'>,
  request: Answer,
  error: OAuthError,
): string {
  return withParameters(request.redirectUri, {
    error: error.code,
    error_description: error.message,
    state: request.state,
    iss: settings.issuer,
  })
}

export function codeRedirect(
  { settings }: Pick<Services, 'settings'>,
  request: Answer,
  code: string,
): string {
  return withParameters(request.redirectUri, { code, state: request.state, iss: settings.issuer })
}
