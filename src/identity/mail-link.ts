/**
 * A link in a mail: it works once, for a while, for one purpose. What it stands for is an entry
 * that expires, under the hash of the link's secret; the secret itself is derived where the mail
 * is written, and stands nowhere else.
 */
import { sha256 } from '../domain/keyring.ts'
import type { Services } from '../protocol/services.ts'
import {
  hasTokenShape,
  type LinkSeed,
  mailLinkToken,
  newNonce,
} from '../protocol/tokens/token-text.ts'

export type LinkPurpose = 'sign-in' | 'reset' | 'confirm' | 'change' | 'sign-up'

export interface MailLink {
  readonly purpose: LinkPurpose
  /** The address that it was sent to: whoever opens it reads what comes there. */
  readonly email: string
  readonly emailKey: string
  /** Absent where there is no account yet. */
  readonly userId?: string
  /** The one browser in which it works, where it must not work in another. */
  readonly browser?: string
  /** Where to go on afterwards, below this server. */
  readonly next?: string
}

const linkKind = 'mail-link'

export async function makeLink(
  { expiring, keyring, settings, now }: Services,
  link: MailLink,
  ttlSeconds: number,
): Promise<{ seed: LinkSeed; endsAt: number }> {
  const seed = { keyVersion: keyring.current, nonce: newNonce() }
  const id = sha256(mailLinkToken(keyring, seed, settings.tokenPrefix))
  const endsAt = now() + ttlSeconds * 1000
  await expiring.put({ kind: linkKind, id, body: link, expiresAt: endsAt })
  return { seed, endsAt }
}

/** What the link stands for, while it can be used for one of these purposes. */
export async function findLink(
  { expiring }: Pick<Services, 'expiring'>,
  token: string,
  purposes: readonly LinkPurpose[],
): Promise<MailLink | undefined> {
  if (!hasTokenShape(token, 'mail link')) return undefined
  const link = (await expiring.get(linkKind, sha256(token))) as MailLink | undefined
  return link && purposes.includes(link.purpose) ? link : undefined
}

/** For the append that uses the link up. */
export function entryOf(token: string): { kind: string; id: string } {
  return { kind: linkKind, id: sha256(token) }
}
