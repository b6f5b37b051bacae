/**
 * How and when the person behind a token proved who they are: what resources are told of it, and
 * what a resource may demand. A token that nobody signed in for shows no proof at all.
 *
 *   too old, or not well enough ─▶ 401 insufficient_user_authentication, acr_values, max_age
 *        ─▶ the client sends the person through authorization once more
 *
 * @see [RFC 9470 §3 - Authentication Requirements Challenge](https://www.rfc-editor.org/rfc/rfc9470.html#section-3)
 * @see [RFC 9470 §6 - Authorization Server Metadata and Token Claims](https://www.rfc-editor.org/rfc/rfc9470.html#section-6)
 */
import type { Resource } from '../../config/resource-settings.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { meetsOneOf } from '../authorization/authentication-context.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { tokenType } from './access-token.ts'
import { challenge } from './challenge.ts'

/** @throws {OAuthError} insufficient_user_authentication (401) */
export function requireUserAuthentication(
  { settings, now }: Pick<Services, 'settings' | 'now'>,
  token: LiveToken,
  resource: Resource,
): void {
  const { acrValues, maxAgeSeconds } = resource
  const { authTime = Number.NEGATIVE_INFINITY, amr = [] } = token
  const isGoodEnough = acrValues.length === 0 || meetsOneOf(acrValues, amr)
  const isNewEnough = maxAgeSeconds === 0 || now() - authTime <= maxAgeSeconds * 1000
  if (isGoodEnough && isNewEnough) return
  const scheme = tokenType(token)
  const words = 'The person has to prove anew, or better, who they are'
  throw new OAuthError('insufficient_user_authentication', words, {
    cause: isGoodEnough ? 'the sign-in is too old' : 'the sign-in is of no class that is wanted',
    headers: challenge(settings, resource, {
      scheme,
      error: 'insufficient_user_authentication',
      scopes: token.scopes,
      proof: resource,
    }),
  })
}
