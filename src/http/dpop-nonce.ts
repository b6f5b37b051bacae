/**
 * The nonce that the next DPoP proof must carry, on every answer to a request that had a proof.
 *
 * @see [RFC 9449 §8.2 - Providing a New Nonce Value](https://www.rfc-editor.org/rfc/rfc9449.html#section-8.2)
 */
import type { Services } from '../protocol/services.ts'
import { dpopNonce } from '../protocol/tokens/dpop-nonce.ts'

export function dpopNonces(services: Services): (request: Request, response: Response) => void {
  if (!services.settings.dpop.requireNonce) return () => undefined
  return (request, { headers }) => {
    if (request.headers.has('dpop')) headers.set('DPoP-Nonce', dpopNonce(services))
  }
}
