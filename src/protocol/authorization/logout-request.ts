/**
 * A client asks that its person be signed out here.
 *
 *   GET/POST /oauth/logout ─ readLogoutRequest ─▶ kept for a while ─▶ /sign-out
 *        the ID token is this very person's ─▶ signed out, 303 to the client
 *        anything else                       ─▶ a page asks the person first
 *
 * Who has an ID token of somebody else, or none, can send a browser nowhere by itself: clients
 * register freely, so a registered address alone is no reason to redirect.
 *
 * @see [OpenID Connect RP-Initiated Logout 1.0 §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout)
 * @see [OpenID Connect RP-Initiated Logout 1.0 §3](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RedirectionAfterLogout)
 */
import { newId } from '../../domain/ids.ts'
import { lookUpClient } from '../clients/known-client.ts'
import { withParameters } from '../clients/redirect-uri.ts'
import { OAuthError } from '../oauth-error.ts'
import { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import { readIdTokenHint } from '../tokens/id-token-hint.ts'
import { stateCharactersMax } from './authorization-request.ts'

const logoutRequestKind = 'logout-request'
const logoutRequestTtlSeconds = 10 * 60

export interface LogoutRequest {
  /** Whom the client's ID token is about; absent without one that we signed. */
  readonly subject?: string
  readonly clientId?: string
  /** Where the browser goes afterwards: a registered address with the client's state. */
  readonly location?: string
}

/**
 * Checks the request and keeps it for the page that follows.
 * @returns its id
 * @throws {OAuthError} to be shown to the person
 */
export async function readLogoutRequest(
  services: Services,
  query: URLSearchParams,
): Promise<string> {
  services.observations.count('logout-requests')
  const parameters = new Parameters(query)
  const hint = await readIdTokenHint(services, parameters.get('id_token_hint'))
  const named = parameters.get('client_id')
  if (hint && named !== undefined && hint.clientId !== named) {
    throw new OAuthError('invalid_request', 'The ID token is of another client')
  }
  const clientId = named ?? hint?.clientId
  const location = await readLocation(services, parameters, clientId)
  const body: LogoutRequest = {
    ...(hint ? { subject: hint.subject } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    ...(location === undefined ? {} : { location }),
  }
  const id = newId('lgo')
  const expiresAt = services.now() + logoutRequestTtlSeconds * 1000
  await services.expiring.put({ kind: logoutRequestKind, id, body, expiresAt })
  return id
}

/** The address must be registered to the letter; without a client there is none. */
async function readLocation(
  services: Services,
  parameters: Parameters,
  clientId: string | undefined,
): Promise<string | undefined> {
  const uri = parameters.get('post_logout_redirect_uri')
  const state = parameters.get('state')
  if ((state?.length ?? 0) > stateCharactersMax) {
    throw new OAuthError('invalid_request', `state has over ${stateCharactersMax} characters`)
  }
  const client = clientId === undefined ? undefined : await lookUpClient(services, clientId)
  if (clientId !== undefined && !client) {
    throw new OAuthError('invalid_client', 'The application is not known here')
  }
  if (uri === undefined) return undefined
  if (!client?.metadata.postLogoutRedirectUris?.includes(uri)) {
    throw new OAuthError('invalid_redirect_uri', 'The address is not a registered one')
  }
  return state === undefined ? uri : withParameters(uri, { state })
}

export async function findLogoutRequest(
  { expiring }: Pick<Services, 'expiring'>,
  id: string | null,
): Promise<LogoutRequest | undefined> {
  return id ? ((await expiring.get(logoutRequestKind, id)) as LogoutRequest | undefined) : undefined
}

/** The same, once. */
export async function takeLogoutRequest(
  { expiring }: Pick<Services, 'expiring'>,
  id: string | null,
): Promise<LogoutRequest | undefined> {
  return id
    ? ((await expiring.take(logoutRequestKind, id)) as LogoutRequest | undefined)
    : undefined
}
