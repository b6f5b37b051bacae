/**
 * The token endpoint: reads the form, authenticates the client, and hands over to the grant type.
 *
 * @see [RFC 6749 §3.2 - Token Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)
 */

import {
  ciba,
  deviceCode,
  type GrantTypeName,
  jwtBearer,
  tokenExchange,
} from '../config/grant-type-settings.ts'
import type { Ahead } from './ahead.ts'
import { authenticateClient, requireNamedClient } from './clients/client-authentication.ts'
import { recordDocumentChange } from './clients/document-change.ts'
import { redeemAuthorizationCode } from './grants/authorization-code.ts'
import { issueForClient } from './grants/client-credentials.ts'
import type { GrantType, TokenResponse } from './grants/grant-type.ts'
import { issueForAssertion } from './grants/jwt-bearer.ts'
import { redeemRefreshToken } from './grants/refresh-token.ts'
import { exchangeToken } from './grants/token-exchange.ts'
import { redeemBackChannel, redeemDeviceCode } from './grants/waiting-code.ts'
import { OAuthError } from './oauth-error.ts'
import { allGrantTypes, offeredGrantTypes } from './offered-grant-types.ts'
import { Parameters } from './parameters.ts'
import type { Presented } from './presented.ts'
import type { Services } from './services.ts'
import { readConfirmation } from './tokens/confirmation.ts'

const grantTypes: Readonly<Record<GrantTypeName, GrantType>> = {
  authorization_code: redeemAuthorizationCode,
  refresh_token: redeemRefreshToken,
  client_credentials: issueForClient,
  [deviceCode]: redeemDeviceCode,
  [ciba]: redeemBackChannel,
  [tokenExchange]: exchangeToken,
  [jwtBearer]: issueForAssertion,
}

export interface FormRequest extends Presented {
  readonly form: URLSearchParams
  readonly ahead?: Ahead | undefined
  readonly correlationId: string
}

/** @throws {OAuthError} as RFC 6749 §5.2 names them */
export async function token(services: Services, request: FormRequest): Promise<TokenResponse> {
  const parameters = new Parameters(request.form)
  const name = parameters.require('grant_type')
  const { settings } = services
  const known = allGrantTypes(settings).find((type) => type === name)
  if (!known) throw notSupported()
  const { authorization, correlationId, ahead } = request
  requireNamedClient({ parameters, authorization })
  const client = await authenticateClient(services, { ...request, parameters })
  if (!client.metadata.grantTypes.includes(known)) {
    // What is for the operator's own clients is nothing to others.
    if (!offeredGrantTypes(settings).includes(known)) throw notSupported()
    throw new OAuthError('unauthorized_client', 'The client did not register for this grant type')
  }
  const confirmation = await readConfirmation(services, client, request)
  await recordDocumentChange(services, client, correlationId)
  return grantTypes[known](services, { parameters, client, confirmation, correlationId, ahead })
}

function notSupported(): OAuthError {
  return new OAuthError('unsupported_grant_type', 'The grant type is not supported')
}
