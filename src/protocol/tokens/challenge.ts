/**
 * What a client is told that may not go on: where to ask, and for which scopes. The one place that
 * makes the challenge of a protected resource.
 *
 * @see [RFC 6750 §3 - The WWW-Authenticate Response Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-3)
 * @see [RFC 9449 §7.1 - The DPoP Authentication Scheme](https://www.rfc-editor.org/rfc/rfc9449.html#section-7.1)
 * @see [RFC 9728 §5.1 - WWW-Authenticate Response](https://www.rfc-editor.org/rfc/rfc9728.html#section-5.1)
 */
import type { Resource } from '../../config/resource-settings.ts'
import type { Settings } from '../../config/settings.ts'
import type { OAuthErrorCode } from '../oauth-error.ts'
import { resourceMetadataUrl } from '../resources.ts'
import { dpopAlgorithms } from './dpop.ts'

export type Scheme = 'Bearer' | 'DPoP'

export interface Challenge {
  /** The one that was used: it comes first, and carries all that is said. */
  readonly scheme?: Scheme
  readonly error?: OAuthErrorCode
  /** Every one that is needed; those that the resource gives by default unless told. */
  readonly scopes?: readonly string[]
  /** How the person must have proved who they are, where that was not enough (RFC 9470 §3). */
  readonly proof?: Pick<Resource, 'acrValues' | 'maxAgeSeconds'>
}

/** Who has presented no good token is told every scheme for one; the others know how. */
export function challenge(
  { realm }: Pick<Settings, 'realm'>,
  resource: Resource,
  { scheme = 'Bearer', error, scopes = resource.defaultScopes, proof }: Challenge = {},
): { 'WWW-Authenticate': string } {
  // It asks for a refresh token, and so is nothing that a resource could need.
  const needed = scopes.filter((scope) => scope !== 'offline_access')
  const parts = [
    ...(realm === undefined ? [] : [`realm="${realm}"`]),
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(needed.length === 0 ? [] : [`scope="${needed.join(' ')}"`]),
    ...(proof && proof.acrValues.length > 0 ? [`acr_values="${proof.acrValues.join(' ')}"`] : []),
    ...(proof && proof.maxAgeSeconds > 0 ? [`max_age="${proof.maxAgeSeconds}"`] : []),
    `resource_metadata="${resourceMetadataUrl(resource)}"`,
  ]
  const other = scheme === 'DPoP' ? 'Bearer' : 'DPoP'
  const all: Scheme[] = error?.startsWith('insufficient_') ? [scheme] : [scheme, other]
  const [first = 'DPoP', ...more] = all.filter((each) => each === 'DPoP' || !resource.dpopRequired)
  const challenges = [
    `${first} ${[...parts, ...algorithmsOf(first)].join(', ')}`,
    ...more.map((each) => [each, ...algorithmsOf(each)].join(' ')),
  ]
  return { 'WWW-Authenticate': challenges.join(', ') }
}

function algorithmsOf(scheme: Scheme): string[] {
  return scheme === 'DPoP' ? [`algs="${dpopAlgorithms.join(' ')}"`] : []
}
