/**
 * Tells a confidential client whether a token is good now, and what it stands for. Whatever is
 * not good, not known, or another client's is `{ "active": false }` and nothing else.
 *
 * @see [RFC 7662 §2 - Introspection Endpoint](https://www.rfc-editor.org/rfc/rfc7662.html#section-2)
 */
import { sha256 } from '../../domain/keyring.ts'
import { findLiveRefreshToken, type LiveToken } from '../../projections/live-tokens.ts'
import { authenticateClient } from '../clients/client-authentication.ts'
import { OAuthError } from '../oauth-error.ts'
import { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import type { FormRequest } from '../token.ts'
import { findAccessToken } from './access-token.ts'
import { hasTokenShape } from './token-text.ts'

export async function introspect(
  services: Services,
  { form, authorization }: FormRequest,
): Promise<Record<string, unknown>> {
  const parameters = new Parameters(form)
  const client = await authenticateClient(services, { parameters, authorization })
  if (client.metadata.tokenEndpointAuthMethod === 'none') {
    throw new OAuthError('invalid_client', 'Introspection needs a client that can authenticate')
  }
  const value = parameters.require('token')
  const isRefresh = hasTokenShape(value, 'refresh')
  const token = isRefresh
    ? await findLiveRefreshToken(services.reader, {
        tokenHash: sha256(value),
        now: services.now(),
      })
    : await findAccessToken(services, value)
  if (!token || token.clientId !== client.clientId) return { active: false }
  return {
    active: true,
    ...describe(services, token),
    ...(isRefresh ? {} : { token_type: 'Bearer' }),
  }
}

function describe({ settings }: Services, token: LiveToken): Record<string, unknown> {
  return {
    iss: settings.issuer,
    sub: token.userId,
    aud: token.resource,
    client_id: token.clientId,
    scope: token.scopes.join(' '),
    iat: Math.floor(token.issuedAt / 1000),
    exp: Math.floor(token.expiresAt / 1000),
  }
}
