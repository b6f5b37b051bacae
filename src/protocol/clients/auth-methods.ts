/**
 * Which ways of proving itself a client may register: those that the operator lists, as far as this
 * server can check them. Certificates it sees by way of a proxy alone.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 * @see [RFC 8705 §2.1.1 - PKI Method Metadata Value](https://www.rfc-editor.org/rfc/rfc8705.html#section-2.1.1)
 */
import { clientAuthMethods, registrableAuthMethods } from '../../config/registration-settings.ts'
import type { Settings } from '../../config/settings.ts'
import type { ClientMetadata } from '../../domain/client-events.ts'
import { OAuthError } from '../oauth-error.ts'

export type AuthMethod = ClientMetadata['tokenEndpointAuthMethod']

/** Those that the metadata names. */
export function offeredAuthMethods(settings: Settings): AuthMethod[] {
  const listed: readonly AuthMethod[] = settings.registration.tokenEndpointAuthMethods
  // Nobody registers it, but an operator's client uses it.
  return [...listed, 'tls_client_auth' as const].filter((method) => canBeChecked(settings, method))
}

/**
 * RFC 7591 §2 lets the server put another method in its place; the reply says which. An operator
 * is told instead.
 * @throws {OAuthError} invalid_client_metadata
 */
export function readAuthMethod(
  settings: Settings,
  asked: string | undefined,
  { byOperator }: { byOperator: boolean },
): AuthMethod {
  const { tokenEndpointAuthMethods, defaultTokenEndpointAuthMethod } = settings.registration
  const known = byOperator ? clientAuthMethods : registrableAuthMethods
  const method: AuthMethod | undefined = known.find((name) => name === asked)
  if (asked !== undefined && method === undefined) {
    const words = `token_endpoint_auth_method must be ${known.join(' or ')}`
    throw new OAuthError('invalid_client_metadata', words)
  }
  const isChecked = method !== undefined && canBeChecked(settings, method)
  if (byOperator && method !== undefined && !isChecked) {
    const needed = method === 'tls_client_auth' ? 'mtls.verified_header' : 'mtls.certificate_header'
    throw new OAuthError('invalid_client_metadata', `${method} needs the setting ${needed}`)
  }
  const isListed = byOperator || tokenEndpointAuthMethods.some((name) => name === method)
  return isChecked && isListed ? method : defaultTokenEndpointAuthMethod
}

function canBeChecked({ mtls }: Settings, method: AuthMethod): boolean {
  if (method === 'tls_client_auth') return mtls.verifiedHeader !== undefined
  return method !== 'self_signed_tls_client_auth' || mtls.certificateHeader !== undefined
}
