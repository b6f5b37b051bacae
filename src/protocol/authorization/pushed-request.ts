/**
 * Pushed authorization requests: the client hands its request to the server itself, and the
 * browser carries only a reference to it. Nobody on the way can read or change what is asked for,
 * and the client has proved who it is before any person is asked.
 *
 *   POST /oauth/par ─ authenticate, check ─▶ kept for a minute, under the hash of its reference
 *   GET /oauth/authorize?client_id&request_uri ─ taken, once ─▶ as any other request from here
 *
 * What is kept are the checked terms, not the form: no credential of the client is among them.
 *
 * @see [RFC 9126 §2 - Pushed Authorization Request Endpoint](https://www.rfc-editor.org/rfc/rfc9126.html#section-2)
 * @see [RFC 9126 §4 - Authorization Request](https://www.rfc-editor.org/rfc/rfc9126.html#section-4)
 */
import { randomBytes } from 'node:crypto'
import { sha256 } from '../../domain/keyring.ts'
import { authenticateClient, requireNamedClient } from '../clients/client-authentication.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import type { FormRequest } from '../token.ts'
import { provedKey } from '../tokens/confirmation.ts'
import {
  type AuthorizationRequest,
  type AuthorizationTerms,
  newAuthorizationRequest,
  readClient,
  readOnce,
  readTerms,
  redirectUriOf,
} from './authorization-request.ts'
import { requestedParameters, requireSigned } from './request-object.ts'

const pushedRequestKind = 'pushed-request'
const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'
const referenceBytes = 32

export interface PushedResponse {
  readonly request_uri: string
  readonly expires_in: number
}

/** @throws {OAuthError} whatever the authorization endpoint would refuse, before a person sees it */
export async function pushAuthorizationRequest(
  services: Services,
  request: FormRequest,
): Promise<PushedResponse> {
  services.observations.count('pushed-requests')
  const { form, authorization, certificate } = request
  const parameters = new Parameters(form)
  requireNamedClient({ parameters, authorization })
  const client = await authenticateClient(services, { parameters, authorization, certificate })
  // Asked for even where the header has named the client: it is part of the request (§2.1).
  parameters.require('client_id')
  if (parameters.has('request_uri')) {
    throw new OAuthError('invalid_request', 'A pushed request cannot refer to another')
  }
  requireSigned(services.settings, client, form)
  const said = new Parameters(await requestedParameters(services, client, form))
  const redirectUri = readRedirectUri(services, client, said)
  const asked = await readTerms(services, said, { client, redirectUri })
  const terms = withProvedKey(asked, await provedKey(services, request))
  const reference = randomBytes(referenceBytes).toString('base64url')
  const { pushedRequestTtlSeconds } = services.settings
  await services.expiring.put({
    kind: pushedRequestKind,
    id: sha256(reference),
    body: terms,
    expiresAt: services.now() + pushedRequestTtlSeconds * 1000,
  })
  return { request_uri: requestUriPrefix + reference, expires_in: pushedRequestTtlSeconds }
}

/** @see [RFC 9449 §10.1 - DPoP with Pushed Authorization Requests](https://www.rfc-editor.org/rfc/rfc9449.html#section-10.1) */
function withProvedKey(terms: AuthorizationTerms, jkt: string | undefined): AuthorizationTerms {
  if (jkt === undefined) return terms
  if (terms.codeKey !== undefined && terms.codeKey !== jkt) {
    throw new OAuthError('invalid_request', 'dpop_jkt is not the key of the DPoP proof')
  }
  return { ...terms, codeKey: jkt }
}

/** `invalid_redirect_uri` belongs to registration; here RFC 9126 §2.3 says `invalid_request`. */
function readRedirectUri(
  { settings }: Services,
  client: KnownClient,
  parameters: Parameters,
): string {
  try {
    return redirectUriOf(client, parameters.get('redirect_uri'), settings)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    throw new OAuthError('invalid_request', error.message)
  }
}

/** Whether an authorization request refers to one that was pushed. */
export function refersToPushed(query: URLSearchParams): boolean {
  return query.getAll('request_uri').some((uri) => uri.startsWith(requestUriPrefix))
}

/**
 * Uses a pushed request up. Of the query `client_id` and
 * `request_uri` count and nothing else, so that nobody can add to what was pushed.
 * @throws {OAuthError} to be shown to the person: there is nowhere that it may be sent
 */
export async function startPushedRequest(
  services: Services,
  query: URLSearchParams,
  browser: string,
): Promise<AuthorizationRequest> {
  services.observations.count('authorization-requests')
  const requestUri = readOnce(query, 'request_uri') ?? ''
  const client = await readClient(services, query)
  const id = sha256(requestUri.slice(requestUriPrefix.length))
  const terms = await takeTerms(services, { id, clientId: client.clientId })
  // The registration may have changed since the push.
  redirectUriOf(client, terms.redirectUri, services.settings)
  return newAuthorizationRequest(services, terms, browser)
}

/** Looks before it takes: another client's attempt does not use the request up. */
async function takeTerms(
  { expiring }: Services,
  { id, clientId }: { id: string; clientId: string },
): Promise<AuthorizationTerms> {
  const found = (await expiring.get(pushedRequestKind, id)) as AuthorizationTerms | undefined
  const isOwn = found?.clientId === clientId
  const taken = isOwn ? await expiring.take(pushedRequestKind, id) : undefined
  if (taken === undefined) {
    throw new OAuthError('invalid_request_uri', 'The request_uri was used, expired or never given')
  }
  return taken as AuthorizationTerms
}
