/**
 * A client asks a person who is not at its browser. It proves who it is, says whom it means, and
 * gets an id to ask for the answer with; the person finds the question on a page of ours, or never
 * hears of it. Nobody has answered yet, so all of it expires, and nothing enters the log.
 *
 *   POST /oauth/bc-authorize ─ authenticate ─ read ─ whom? ─ may they be asked? ─▶ kept
 *
 * @see [OpenID Connect CIBA Core 1.0 §7.1 - Authentication Request](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request)
 * @see [OpenID Connect CIBA Core 1.0 §7.3 - Successful Authentication Request Acknowledgement](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#successful_authentication_request_acknowdlegment)
 */
import { ciba } from '../../config/grant-type-settings.ts'
import { newId } from '../../domain/ids.ts'
import { sha256 } from '../../domain/keyring.ts'
import { authenticateClient, requireNamedClient } from '../clients/client-authentication.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import { offeredGrantTypes } from '../offered-grant-types.ts'
import { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import type { FormRequest } from '../token.ts'
import { newTokenOf } from '../tokens/token-text.ts'
import { personAsked } from './back-channel-person.ts'
import { type BackChannelRequest, keepQuestion, type Question } from './back-channel-question.ts'
import { readBackChannelTerms } from './back-channel-terms.ts'
import { requestedByBackChannel } from './request-object.ts'

export interface Acknowledgement {
  readonly auth_req_id: string
  readonly expires_in: number
  readonly interval: number
}

/**
 * @returns what the client is told, and the question where there is somebody to answer it
 * @throws {OAuthError} as §13 of the specification names them
 */
export async function requestBackChannel(
  services: Services,
  { form, authorization, certificate }: FormRequest,
): Promise<{ acknowledgement: Acknowledgement; question: Question | undefined }> {
  const { settings, observations, now } = services
  observations.count('back-channel-requests')
  const sent = new Parameters(form)
  requireNamedClient({ parameters: sent, authorization })
  const client = await authenticateClient(services, {
    parameters: sent,
    authorization,
    certificate,
  })
  requireAllowed(services, client)
  const parameters = new Parameters(await requestedByBackChannel(services, client, form))
  const terms = readBackChannelTerms(services, { client, parameters })
  const { userId } = await personAsked(services, { client, parameters })
  const grantId = newId('grt')
  const id = newTokenOf(settings.tokenPrefix, 'back channel', grantId)
  const at = now()
  const request: BackChannelRequest = {
    ...terms,
    grantId,
    requestHash: sha256(id),
    questionId: newId('ask'),
    clientId: client.clientId,
    ...(userId === undefined ? {} : { userId }),
    receivedAt: at,
    expiresAt: at + terms.ttlSeconds * 1000,
  }
  const question = await keepQuestion(services, request, {
    authReqId: id,
    ...notificationOf(client, parameters),
  })
  const { intervalSeconds: interval } = settings.ciba
  const acknowledgement = { auth_req_id: id, expires_in: terms.ttlSeconds, interval }
  return { acknowledgement, question }
}

function requireAllowed({ settings }: Services, { metadata }: KnownClient): void {
  const { grantTypes, tokenEndpointAuthMethod: method } = metadata
  const isOn = offeredGrantTypes(settings).includes(ciba)
  if (isOn && grantTypes.includes(ciba) && metadata.backChannel && method !== 'none') return
  throw new OAuthError('unauthorized_client', 'The client may not ask people without a browser')
}

/**
 * The secret that proves to the client that it is we who tell it something.
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1) for its characters
 */
function notificationOf({ metadata }: KnownClient, parameters: Parameters) {
  if (metadata.backChannel?.deliveryMode !== 'ping') return {}
  const notificationToken = parameters.require('client_notification_token')
  const isBearer = /^[A-Za-z0-9\-._~+/]+=*$/.test(notificationToken)
  const { length } = notificationToken
  if (!isBearer || length < tokenCharactersMin || length > tokenCharactersMax) {
    const words = `must be a bearer token of ${tokenCharactersMin} to ${tokenCharactersMax} characters`
    throw new OAuthError('invalid_request', `client_notification_token ${words}`)
  }
  return { notificationToken }
}

/** 128 bits, as dense as a token can hold them. */
const tokenCharactersMin = 22
const tokenCharactersMax = 1024
