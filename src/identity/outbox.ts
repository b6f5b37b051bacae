/**
 * Letters that are to be sent: entries that expire, so that a restart loses none and a server that
 * cannot send keeps none. Each is made from the catalogue of words where it is sent, and a link in
 * it is derived there, so that no link that works stands in the database.
 *
 *   put ──▶ outbox ──▶ sent, or put back with a later time, until it ends
 */
import { newId } from '../domain/ids.ts'
import type { Services } from '../protocol/services.ts'
import type { LinkSeed } from '../protocol/tokens/token-text.ts'

export const letterKind = 'letter'

export type LetterKind =
  | 'signIn'
  | 'reset'
  | 'confirm'
  | 'change'
  | 'signUp'
  | 'invitation'
  | 'haveAccount'
  | 'emailChanged'
  | 'passwordChanged'
  | 'accountDeleted'
  | 'apiTokenLeaked'
  | 'apiTokenExpires'
  | 'approvalAsked'
  | 'agentRegistered'
  | 'passkeyAdded'
  | 'passkeyRemoved'
  | 'codesOn'
  | 'codesOff'
  | 'recoveryCodesMade'
  | 'identityLinked'
  | 'identityUnlinked'
  | 'secondFactorReset'
  | 'emailNew'

export interface Letter {
  /** Absent where nobody is written to: whoever asked must not learn that from the time it takes. */
  readonly to: string | undefined
  readonly kind: LetterKind
  /** BCP 47: of the page that it was asked from. */
  readonly language: string
  /** The page that its link opens, and what the link's secret is made from. */
  readonly link?: { readonly path: string; readonly seed: LinkSeed; readonly endsAt: number }
  /** A page of ours that it names, which asks for a sign-in: no secret is in its address. */
  readonly page?: string
  /** What it tells of: when that was, and in which browser where the person is told. */
  readonly happened?: { readonly at: number; readonly userAgent?: string }
}

export interface LetterInOutbox extends Letter {
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly endsAt: number
}

/** How long a letter without a link is worth sending. */
const noticeMs = 24 * 3600 * 1000

export async function putLetter(
  { expiring, mail, now }: Pick<Services, 'expiring' | 'mail' | 'now'>,
  letter: Letter,
): Promise<void> {
  const endsAt = letter.link?.endsAt ?? now() + noticeMs
  const body: LetterInOutbox = { ...letter, attempts: 0, notBefore: 0, endsAt }
  await expiring.put({ kind: letterKind, id: newId('ltr'), body, expiresAt: endsAt })
  mail.wake()
}
