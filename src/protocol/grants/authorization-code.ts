/**
 * Redeems an authorization code, for the client that sent the person off to get it: it knows what
 * the code's challenge was made from.
 *
 * @see [RFC 6749 §4.1.3 - Access Token Request](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3)
 * @see [RFC 7636 §4.6 - Server Verifies code_verifier](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.6)
 */
import { sha256 } from '../../domain/keyring.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import { refOfToken } from '../tokens/token-handle.ts'
import { hasTokenShape } from '../tokens/token-text.ts'
import { type GrantRequest, invalidGrant, type TokenResponse } from './grant-type.ts'
import { redeemCode } from './redeem-code.ts'
import { ownerOfCode } from './token-owners.ts'

export async function redeemAuthorizationCode(
  services: Services,
  request: GrantRequest,
): Promise<TokenResponse> {
  const { parameters } = request
  const code = parameters.require('code')
  const codeChallenge = sha256(readVerifier(parameters))
  const redirectUri = services.settings.requireRedirectUriAtToken
    ? parameters.require('redirect_uri')
    : parameters.get('redirect_uri')
  const found = hasTokenShape(code, 'code')
    ? await ownerOfCode(services, refOfToken(code), await request.ahead?.streams)
    : undefined
  if (!found) throw invalidGrant('code', { reason: 'code unknown' })
  const given = {
    code,
    found,
    codeChallenge,
    ...(redirectUri === undefined ? {} : { redirectUri }),
  }
  return redeemCode(services, request, { via: 'authorization_code', ...given })
}

/** 43 to 128 unreserved characters (RFC 7636 §4.1). */
function readVerifier(parameters: Parameters): string {
  const verifier = parameters.require('code_verifier')
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) {
    throw new OAuthError('invalid_request', 'code_verifier must be 43 to 128 characters')
  }
  return verifier
}
