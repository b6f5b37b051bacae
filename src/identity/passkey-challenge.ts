/**
 * What an authenticator signs: a challenge for one browser, one purpose, once, for a quarter of an
 * hour. It says by itself whose it is, so that showing a page writes nothing; only one that was
 * answered is remembered, for as long as it could be answered again.
 *
 * @see [WebAuthn Level 3 §13.4.3 - Cryptographic Challenges](https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges)
 */
import { randomBytes } from 'node:crypto'
import { equalSecrets, sha256 } from '../domain/keyring.ts'
import type { Services } from '../protocol/services.ts'

export const challengeSeconds = 15 * 60

export interface ChallengeUse {
  /** The hash of the browser's mark. */
  readonly browser: string
  /** `sign-in`, or `add <user>` */
  readonly purpose: string
}

/** Unpadded base64url, as WebAuthn's JSON has it. */
export function newChallenge(
  { keyring, now }: Pick<Services, 'keyring' | 'now'>,
  use: ChallengeUse,
): string {
  const seed = `${now()}.${randomBytes(16).toString('base64url')}`
  return encoded(`${seed}.${keyring.mac('passkey', [seed, use.browser, use.purpose])}`)
}

/** Whether it was made here for this use and can still be answered. */
export function isOpenChallenge(
  { keyring, now }: Pick<Services, 'keyring' | 'now'>,
  challenge: string,
  use: ChallengeUse,
): boolean {
  const [madeAt = '', random = '', mac = ''] = Buffer.from(challenge, 'base64url')
    .toString('utf8')
    .split('.')
  const seed = `${madeAt}.${random}`
  if (!equalSecrets(mac, keyring.mac('passkey', [seed, use.browser, use.purpose]))) return false
  return now() < Number(madeAt) + challengeSeconds * 1000
}

/** True for the first who answers it. */
export async function useChallenge(
  { expiring }: Pick<Services, 'expiring'>,
  challenge: string,
): Promise<boolean> {
  const uses = await expiring.count('passkey-challenge', sha256(challenge), challengeSeconds)
  return uses === 1
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
