/**
 * A bearer token at a resource that this server protects itself: is it good, for this resource,
 * with the scopes that are needed? The challenges say what a client must do to get on.
 *
 * @see [RFC 6750 §3 - The WWW-Authenticate Response Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-3)
 * @see [RFC 9728 §5.1 - WWW-Authenticate Response](https://www.rfc-editor.org/rfc/rfc9728.html#section-5.1)
 */

import type { Resource } from '../../config/resource-settings.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { OAuthError } from '../oauth-error.ts'
import { resourceMetadataUrl } from '../resources.ts'
import type { Services } from '../services.ts'
import { findAccessToken } from './access-token.ts'

/** The token of an `Authorization` header, whatever it is worth. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization?.trim() ?? '')?.[1]
}

/**
 * The token of the request, checked for its audience.
 * @param resources the ones it may be for; the challenge names the first
 * @throws {OAuthError} missing_authorization or invalid_token (401)
 */
export async function requireToken(
  services: Services,
  authorization: string | undefined,
  resources: readonly [Resource, ...Resource[]],
): Promise<LiveToken> {
  const [resource] = resources
  const bearer = bearerOf(authorization)
  if (bearer === undefined) {
    throw new OAuthError('missing_authorization', 'An access token is needed', {
      headers: challenge(resource),
    })
  }
  const token = await findAccessToken(services, bearer)
  if (!token || !resources.some((r) => r.resource === token.resource)) {
    throw new OAuthError('invalid_token', 'The access token is not valid here, or has expired', {
      cause: token ? 'audience is another resource' : 'token unknown, revoked or expired',
      headers: challenge(resource, { error: 'invalid_token' }),
    })
  }
  return token
}

/** @throws {OAuthError} insufficient_scope (403), with every scope that is needed */
export function requireScopes(token: LiveToken, needed: readonly string[], resource: Resource) {
  if (needed.every((scope) => token.scopes.includes(scope))) return
  throw new OAuthError(
    'insufficient_scope',
    `This needs the scope ${needed.join(' ')}; the token has ${token.scopes.join(' ')}`,
    { headers: challenge(resource, { error: 'insufficient_scope', scope: needed.join(' ') }) },
  )
}

function challenge(resource: Resource, extra: { error?: string; scope?: string } = {}) {
  const parts = [
    ...(extra.error ? [`error="${extra.error}"`] : []),
    `scope="${extra.scope ?? resource.defaultScopes.join(' ')}"`,
    `resource_metadata="${resourceMetadataUrl(resource)}"`,
  ]
  return { 'WWW-Authenticate': `Bearer ${parts.join(', ')}` }
}
