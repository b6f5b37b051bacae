/**
 * The keys in a client's metadata: its public keys themselves, or the URL where it publishes them.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import type { ClientMetadata, PublicJwk } from '../../domain/client-events.ts'
import { OAuthError } from '../oauth-error.ts'
import { clientAlgorithms, isClientAlgorithm, keyCountMax, readPublicKey } from './public-keys.ts'

const uriCharactersMax = 2048

export type RegisteredKeys = Pick<
  ClientMetadata,
  | 'jwks'
  | 'jwksUri'
  | 'tokenEndpointAuthSigningAlg'
  | 'requestObjectSigningAlg'
  | 'requireSignedRequestObject'
>

/** @throws {OAuthError} invalid_client_metadata, naming the field */
export function readRegisteredKeys(
  fields: Readonly<Record<string, unknown>>,
  method: ClientMetadata['tokenEndpointAuthMethod'],
): RegisteredKeys {
  const jwks = said(fields.jwks)
  const jwksUri = said(fields.jwks_uri)
  if (jwks !== undefined && jwksUri !== undefined) {
    throw invalid('jwks and jwks_uri must not both be there')
  }
  const signs = method === 'private_key_jwt'
  const needsKeys = signs || method === 'self_signed_tls_client_auth'
  if (needsKeys && jwks === undefined && jwksUri === undefined) {
    throw invalid(`${method} needs jwks or jwks_uri`)
  }
  const algorithm = signs ? said(fields.token_endpoint_auth_signing_alg) : undefined
  return {
    ...(jwks === undefined ? {} : { jwks: { keys: readKeys(jwks) } }),
    ...(jwksUri === undefined ? {} : { jwksUri: readUri(jwksUri) }),
    ...(algorithm === undefined
      ? {}
      : {
          tokenEndpointAuthSigningAlg: readAlgorithm('token_endpoint_auth_signing_alg', algorithm),
        }),
    ...readRequestSigning(fields, { hasKeys: jwks !== undefined || jwksUri !== undefined }),
  }
}

/** @see [RFC 9101 §10.5 - require_signed_request_object](https://www.rfc-editor.org/rfc/rfc9101.html#section-10.5) */
function readRequestSigning(
  fields: Readonly<Record<string, unknown>>,
  { hasKeys }: { hasKeys: boolean },
): RegisteredKeys {
  const algorithm = said(fields.request_object_signing_alg)
  const isRequired = said(fields.require_signed_request_object) ?? false
  if (typeof isRequired !== 'boolean') {
    throw invalid('require_signed_request_object must be true or false')
  }
  if ((isRequired || algorithm !== undefined) && !hasKeys) {
    throw invalid('signed requests need jwks or jwks_uri')
  }
  return {
    ...(algorithm === undefined
      ? {}
      : { requestObjectSigningAlg: readAlgorithm('request_object_signing_alg', algorithm) }),
    ...(isRequired ? { requireSignedRequestObject: true } : {}),
  }
}

function readKeys(jwks: unknown): PublicJwk[] {
  const { keys } = (typeof jwks === 'object' ? jwks : {}) as { keys?: unknown }
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > keyCountMax) {
    throw invalid(`jwks must hold from one to ${keyCountMax} keys`)
  }
  return keys.map((value, index) => {
    const key = readPublicKey(value)
    if (typeof key === 'string') throw invalid(`jwks.keys[${index}] ${key}`)
    return key
  })
}

function readUri(value: unknown): string {
  const isShort = typeof value === 'string' && value.length <= uriCharactersMax
  const url = isShort ? URL.parse(value) : null
  if (url?.protocol !== 'https:' || url.username || url.password || url.hash) {
    throw invalid('jwks_uri must be an https URL without credentials or fragment')
  }
  return value as string
}

function readAlgorithm(name: string, value: unknown): string {
  if (isClientAlgorithm(value)) return value
  throw invalid(`${name} must be ${clientAlgorithms.join(' or ')}`)
}

/** `null` and the empty string are as good as nothing. */
function said(value: unknown): unknown {
  return value === null || value === '' ? undefined : value
}

function invalid(words: string): OAuthError {
  return new OAuthError('invalid_client_metadata', words)
}
