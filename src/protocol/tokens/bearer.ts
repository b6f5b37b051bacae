/**
 * A bearer token at a resource that this server protects itself: is it good, for this resource,
 * with the scopes that are needed? It travels in the `Authorization` header and nowhere else.
 *
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 */

import type { Resource } from '../../config/resource-settings.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { findAccessToken } from './access-token.ts'
import { challenge } from './challenge.ts'

export interface Needed {
  /** The resources that the token may be for; a challenge names the first. */
  readonly resources: readonly [Resource, ...Resource[]]
  /** Every scope that is needed; where that is not known yet, what a challenge names by default. */
  readonly scopes?: readonly string[]
}

/** The token of an `Authorization` header, whatever it is worth. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization?.trim() ?? '')?.[1]
}

/**
 * The token of the request, checked for its audience, and for the scopes if they are known.
 * @throws {OAuthError} missing_authorization or invalid_token (401), insufficient_scope (403)
 */
export async function requireToken(
  services: Services,
  authorization: string | undefined,
  needed: Needed,
): Promise<LiveToken> {
  const { settings } = services
  const [resource] = needed.resources
  const scopes = needed.scopes === undefined ? {} : { scopes: needed.scopes }
  const bearer = bearerOf(authorization)
  if (bearer === undefined) {
    throw new OAuthError('missing_authorization', 'An access token is needed', {
      headers: challenge(settings, resource, scopes),
    })
  }
  const token = await findAccessToken(services, bearer)
  if (!token || !needed.resources.some((r) => r.resource === token.resource)) {
    throw new OAuthError('invalid_token', 'The access token is not valid here, or has expired', {
      cause: token ? 'audience is another resource' : 'token unknown, revoked or expired',
      headers: challenge(settings, resource, { error: 'invalid_token', ...scopes }),
    })
  }
  requireScopes(services, token, needed)
  return token
}

/** @throws {OAuthError} insufficient_scope (403), with every scope that is needed */
export function requireScopes(
  { settings }: Pick<Services, 'settings'>,
  token: LiveToken,
  { resources: [resource], scopes = [] }: Needed,
): void {
  if (scopes.every((scope) => token.scopes.includes(scope))) return
  throw new OAuthError(
    'insufficient_scope',
    `This needs the scope ${scopes.join(' ')}; the token has ${token.scopes.join(' ')}`,
    { headers: challenge(settings, resource, { error: 'insufficient_scope', scopes }) },
  )
}

export type PersonToken = LiveToken & { readonly userId: string }

/** @throws {OAuthError} access_denied (403) when a client got the token for itself */
export function requirePerson(token: LiveToken): PersonToken {
  const { userId } = token
  if (userId !== undefined) return { ...token, userId }
  throw new OAuthError('access_denied', 'This needs a token that speaks for a person')
}
