/**
 * What a client is told that may not go on: where to ask, and for which scopes. The one place that
 * makes the challenge of a protected resource.
 *
 * @see [RFC 6750 §3 - The WWW-Authenticate Response Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-3)
 * @see [RFC 9728 §5.1 - WWW-Authenticate Response](https://www.rfc-editor.org/rfc/rfc9728.html#section-5.1)
 */
import type { Resource } from '../../config/resource-settings.ts'
import type { Settings } from '../../config/settings.ts'
import { resourceMetadataUrl } from '../resources.ts'

export interface Challenge {
  readonly error?: 'invalid_token' | 'insufficient_scope'
  /** Every one that is needed; those that the resource gives by default unless told. */
  readonly scopes?: readonly string[]
}

export function challenge(
  { realm }: Pick<Settings, 'realm'>,
  resource: Resource,
  { error, scopes = resource.defaultScopes }: Challenge = {},
): { 'WWW-Authenticate': string } {
  // It asks for a refresh token, and so is nothing that a resource could need.
  const needed = scopes.filter((scope) => scope !== 'offline_access')
  const parts = [
    ...(realm === undefined ? [] : [`realm="${realm}"`]),
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(needed.length === 0 ? [] : [`scope="${needed.join(' ')}"`]),
    `resource_metadata="${resourceMetadataUrl(resource)}"`,
  ]
  return { 'WWW-Authenticate': `Bearer ${parts.join(', ')}` }
}
