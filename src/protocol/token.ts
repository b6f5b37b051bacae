/**
 * The token endpoint: reads the form, authenticates the client, and hands over to the grant type.
 *
 * @see [RFC 6749 §3.2 - Token Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)
 */
import { authenticateClient } from './clients/client-authentication.ts'
import { recordDocumentChange } from './clients/document-change.ts'
import { redeemAuthorizationCode } from './grants/authorization-code.ts'
import type { GrantType, TokenResponse } from './grants/grant-type.ts'
import { redeemRefreshToken } from './grants/refresh-token.ts'
import { OAuthError } from './oauth-error.ts'
import { Parameters } from './parameters.ts'
import type { Services } from './services.ts'

const grantTypes: Readonly<Record<string, GrantType>> = {
  authorization_code: redeemAuthorizationCode,
  refresh_token: redeemRefreshToken,
}

export interface FormRequest {
  readonly form: URLSearchParams
  readonly authorization: string | undefined
  readonly correlationId: string
}

/** @throws {OAuthError} as RFC 6749 §5.2 names them */
export async function token(services: Services, request: FormRequest): Promise<TokenResponse> {
  const parameters = new Parameters(request.form)
  const name = parameters.require('grant_type')
  const grantType = Object.hasOwn(grantTypes, name) ? grantTypes[name] : undefined
  if (!grantType) {
    throw new OAuthError('unsupported_grant_type', 'The grant type is not supported')
  }
  const { authorization, correlationId } = request
  const client = await authenticateClient(services, { parameters, authorization })
  await recordDocumentChange(services, client, correlationId)
  return grantType(services, { parameters, client, correlationId })
}
