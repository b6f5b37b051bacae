/**
 * Asking for a link by mail. Whoever asks learns nothing about the address: known or not, the
 * answer is the same, the same is written to the database, and mail goes out later. Asking often
 * is slowed down, by address of mail and by address of the browser.
 */
import { createHash } from 'node:crypto'
import { Brake } from '../protocol/brake.ts'
import { emailKey, findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'
import { type LinkPurpose, type MailLink, makeLink } from './mail-link.ts'
import { type LetterKind, putLetter } from './outbox.ts'

export interface LinkRequest {
  readonly purpose: 'sign-in' | 'reset' | 'sign-up'
  readonly email: string
  /** Of the person's browser on the network. */
  readonly address: string
  readonly language: string
  /** The browser's mark: a link that signs in works in this browser alone. */
  readonly browser: string
  readonly next?: string
}

export type LinkAnswer =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: 'email_invalid' }
  | {
      readonly outcome: 'refused'
      readonly reason: 'too_many_attempts'
      readonly retryAfterSeconds: number
    }

const asksMax = 3
const asksMaxOfAddress = 30

export const linkPaths: Readonly<Record<LinkPurpose, string>> = {
  'sign-in': '/sign-in/confirm',
  reset: '/password/new',
  confirm: '/email/confirm',
  change: '/email/confirm',
  'sign-up': '/sign-up/confirm',
}

const letterOf = { 'sign-in': 'signIn', reset: 'reset', 'sign-up': 'signUp' } as const

export async function askForLink(services: Services, asked: LinkRequest): Promise<LinkAnswer> {
  const email = normalizeEmail(asked.email)
  if (!email) return { outcome: 'refused', reason: 'email_invalid' }
  const key = emailKey(services.keyring, email)
  const retryAfterSeconds = await slowDown(services, key, asked.address)
  if (retryAfterSeconds > 0) {
    return { outcome: 'refused', reason: 'too_many_attempts', retryAfterSeconds }
  }
  const user = await findUserByEmail(services, email)
  const active = user?.status === 'active' ? user : undefined
  const isExpected = asked.purpose === 'sign-up' ? user === undefined : active !== undefined
  const hasAccount = asked.purpose === 'sign-up' && active !== undefined
  await sendLink(services, {
    letter: hasAccount ? 'haveAccount' : letterOf[asked.purpose],
    language: asked.language,
    isSent: isExpected || hasAccount,
    link: {
      purpose: asked.purpose,
      // As it is on file: an address that merely folds to the same must not get the mail.
      email: active?.email ?? email,
      emailKey: key,
      ...(active ? { userId: active.userId, emailKey: active.emailKey ?? key } : {}),
      ...(asked.purpose === 'sign-in' ? { browser: asked.browser } : {}),
      ...(asked.next === undefined ? {} : { next: asked.next }),
    },
  })
  return { outcome: 'accepted' }
}

export type InvitationProblem = 'email_invalid' | 'email_taken' | 'sign_up_off' | 'mail_off'

export type InvitationResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: InvitationProblem }

/** Writes to somebody who may make an account. Whether they may is for the caller to decide. */
export async function invite(
  services: Services,
  invited: { email: string; language: string },
): Promise<InvitationResult> {
  const { settings, keyring } = services
  if (settings.signUp === 'off') return { outcome: 'refused', reason: 'sign_up_off' }
  if (!services.mail.isReady) return { outcome: 'refused', reason: 'mail_off' }
  const email = normalizeEmail(invited.email)
  if (!email) return { outcome: 'refused', reason: 'email_invalid' }
  if (await findUserByEmail(services, email)) return { outcome: 'refused', reason: 'email_taken' }
  await sendLink(services, {
    letter: 'invitation',
    language: invited.language,
    isSent: true,
    link: { purpose: 'sign-up', email: invited.email.trim(), emailKey: emailKey(keyring, email) },
    ttlSeconds: settings.mail.invitationTtlSeconds,
  })
  return { outcome: 'accepted' }
}

export interface LinkToSend {
  readonly letter: LetterKind
  readonly language: string
  readonly link: MailLink
  /** False where only the time that it takes is wanted. */
  readonly isSent: boolean
  readonly ttlSeconds?: number
}

export async function sendLink(services: Services, sent: LinkToSend): Promise<void> {
  const { link, letter: kind, language, isSent } = sent
  const { mail } = services.settings
  const { seed, endsAt } = await makeLink(services, link, sent.ttlSeconds ?? mail.linkTtlSeconds)
  const path = linkPaths[link.purpose]
  await putLetter(services, {
    to: isSent ? link.email : undefined,
    kind,
    language,
    ...(kind === 'haveAccount' ? {} : { link: { path, seed, endsAt } }),
  })
}

/** @returns how long to wait; 0 where the request counts */
export async function slowDown(
  services: Services,
  account: string,
  address: string,
): Promise<number> {
  const { signInWindowSeconds: windowSeconds } = services.settings.limits
  const brake = new Brake(services, { kind: 'mail', windowSeconds })
  const place = createHash('sha256').update(`mail ${address}`).digest('base64url')
  const left = await brake.secondsLeft([account, place])
  if (left > 0) return left
  await brake.fail(place, { allowed: asksMaxOfAddress })
  await brake.fail(account, { allowed: asksMax })
  return 0
}
