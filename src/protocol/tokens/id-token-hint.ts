/**
 * An ID token that comes back: whom a client believes to be signed in. It may have expired long
 * ago; what counts is that we signed it, with a key that is still published.
 *
 * @see [OpenID Connect Core 1.0 §3.1.2.1 - id_token_hint](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)
 * @see [OpenID Connect RP-Initiated Logout 1.0 §4 - Validation](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#ValidationAndErrorHandling)
 */
import type { Services } from '../services.ts'

export interface IdTokenHint {
  readonly subject: string
  readonly clientId: string
}

const hintCharactersMax = 8192

/** Undefined when there is none, or none that we stand by. */
export async function readIdTokenHint(
  { signer, settings }: Services,
  hint: string | undefined,
): Promise<IdTokenHint | undefined> {
  if (hint === undefined || hint.length > hintCharactersMax) return undefined
  const { issuer } = settings
  const claims = await signer.verify(hint, { typ: 'JWT', issuer, acceptExpired: true })
  if (typeof claims?.sub !== 'string' || typeof claims.aud !== 'string') return undefined
  return { subject: claims.sub, clientId: claims.aud }
}
