/**
 * The answer to an introspection as a JWT: proof for a resource server of what it was told, and
 * when. What was said stands in one claim of its own, so that nobody can take the answer for an
 * access token or an ID token.
 *
 * @see [RFC 9701 §5 - JWT Response](https://www.rfc-editor.org/rfc/rfc9701.html#section-5)
 * @see [RFC 9701 §8.1 - Cross-JWT Confusion](https://www.rfc-editor.org/rfc/rfc9701.html#section-8.1)
 */
import type { Services } from '../services.ts'
import type { Introspection } from './introspect.ts'

export const signedIntrospectionType = 'application/token-introspection+jwt'

/** What RFC 9701 §6 wants for a client that has registered no other. */
export const introspectionAlgorithm = 'RS256'

/** Whether an `Accept` header names the signed form; a range such as `*` is not enough. */
export function wantsSignedIntrospection(accept: string): boolean {
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
    return type === signedIntrospectionType && !isRefused
  })
}

export function signIntrospection(
  { settings, signer, now }: Pick<Services, 'settings' | 'signer' | 'now'>,
  { clientId, answer }: Introspection,
): Promise<string> {
  const claims = {
    iss: settings.issuer,
    aud: clientId,
    iat: Math.floor(now() / 1000),
    token_introspection: answer,
  }
  return signer.sign(claims, { alg: introspectionAlgorithm, typ: 'token-introspection+jwt' })
}
