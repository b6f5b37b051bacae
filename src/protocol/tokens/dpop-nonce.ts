/**
 * Nonces for DPoP proofs: with one in it a proof cannot have been made long ago, whatever the
 * client's clock says. They are a MAC over the time, so that nothing is kept, and every process
 * knows those of the others.
 *
 * @see [RFC 9449 §8 - Authorization Server-Provided Nonce](https://www.rfc-editor.org/rfc/rfc9449.html#section-8)
 */
import { equalSecrets } from '../../domain/keyring.ts'
import type { Services } from '../services.ts'

/** A nonce is good for one to two of these. */
const stepSeconds = 60

type Parts = Pick<Services, 'keyring' | 'now'>

export function dpopNonce({ keyring, now }: Parts): string {
  return keyring.mac('dpop-nonce', [String(stepAt(now()))])
}

export function isDpopNonce({ keyring, now }: Parts, nonce: string): boolean {
  const step = stepAt(now())
  // A process that has been given a newer secret already may have made it.
  return keyring.versions.some((version) =>
    [step, step - 1].some((at) =>
      equalSecrets(nonce, keyring.mac('dpop-nonce', [String(at)], version)),
    ),
  )
}

function stepAt(time: number): number {
  return Math.floor(time / (stepSeconds * 1000))
}
