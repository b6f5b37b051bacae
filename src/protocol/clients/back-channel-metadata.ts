/**
 * How a client that asks people without a browser learns their answer: it polls, or it is told
 * when to. Tokens are never pushed to it: they would go to an address, and not to who proved who
 * they are.
 *
 * @see [OpenID Connect CIBA Core 1.0 §4 - Registration and Discovery Metadata](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#registration)
 */
import { ciba } from '../../config/grant-type-settings.ts'
import type { BackChannel, ClientMetadata } from '../../domain/client-events.ts'
import { OAuthError } from '../oauth-error.ts'
import { clientAlgorithms, isClientAlgorithm } from './public-keys.ts'

const endpointCharactersMax = 2048

type Fields = Readonly<Record<string, unknown>>

/**
 * Read for clients of that grant type alone; of others it means nothing.
 * @throws {OAuthError} invalid_client_metadata, naming the field
 */
export function readBackChannel(
  fields: Fields,
  { grantTypes, jwks, jwksUri }: Pick<ClientMetadata, 'grantTypes' | 'jwks' | 'jwksUri'>,
): { backChannel?: BackChannel } {
  if (!grantTypes.includes(ciba)) return {}
  const deliveryMode = said(fields.backchannel_token_delivery_mode)
  if (deliveryMode !== 'poll' && deliveryMode !== 'ping') {
    throw invalid('backchannel_token_delivery_mode must be poll or ping')
  }
  if (said(fields.backchannel_user_code_parameter) === true) {
    throw invalid('backchannel_user_code_parameter must be false: people have no such code here')
  }
  const algorithm = said(fields.backchannel_authentication_request_signing_alg)
  if (algorithm !== undefined && !isClientAlgorithm(algorithm)) {
    const known = clientAlgorithms.join(' or ')
    throw invalid(`backchannel_authentication_request_signing_alg must be ${known}`)
  }
  if (algorithm !== undefined && jwks === undefined && jwksUri === undefined) {
    throw invalid('signed requests need jwks or jwks_uri')
  }
  const endpoint = fields.backchannel_client_notification_endpoint
  return {
    backChannel: {
      deliveryMode,
      ...(deliveryMode === 'ping' ? { notificationEndpoint: readEndpoint(endpoint) } : {}),
      ...(algorithm === undefined ? {} : { requestSigningAlg: algorithm as string }),
    },
  }
}

/** The same as the wire has it. */
export function backChannelFields(backChannel: BackChannel | undefined): Record<string, unknown> {
  if (!backChannel) return {}
  const { deliveryMode, notificationEndpoint, requestSigningAlg } = backChannel
  return {
    backchannel_token_delivery_mode: deliveryMode,
    backchannel_client_notification_endpoint: notificationEndpoint,
    backchannel_authentication_request_signing_alg: requestSigningAlg,
    backchannel_user_code_parameter: false,
  }
}

function readEndpoint(value: unknown): string {
  const isShort = typeof value === 'string' && value.length <= endpointCharactersMax
  const url = isShort ? URL.parse(value) : null
  if (url?.protocol !== 'https:' || url.username || url.password || url.hash) {
    const words = 'must be an https URL without credentials or fragment'
    throw invalid(`backchannel_client_notification_endpoint ${words}`)
  }
  return value as string
}

/** `null` and the empty string are as good as nothing. */
function said(value: unknown): unknown {
  return value === null || value === '' ? undefined : value
}

function invalid(words: string): OAuthError {
  return new OAuthError('invalid_client_metadata', words)
}
