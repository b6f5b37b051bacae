/** The address of an account: proved by a link that was sent there, or changed to one that is. */
import { AlreadyConsumed, KeyTaken } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { userDecider } from '../domain/user.ts'
import { findUser, type User } from '../projections/users.ts'
import { emailKey, findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'
import { type ChangedBy, tellOfChange } from './account-letters.ts'
import { type LinkAnswer, sendLink, slowDown } from './ask-for-link.ts'
import { entryOf, type MailLink } from './mail-link.ts'

interface Asking {
  readonly user: User
  readonly address: string
  readonly language: string
  /** Where to go on afterwards. */
  readonly next?: string
}

/** Sends a link to the address that the account has. */
export async function askToConfirm(services: Services, asking: Asking): Promise<LinkAnswer> {
  const { user } = asking
  if (!user.email || !user.emailKey) return { outcome: 'refused', reason: 'email_invalid' }
  return sendTo(services, asking, {
    purpose: 'confirm',
    email: user.email,
    emailKey: user.emailKey,
    isFree: true,
  })
}

/** Sends a link to the new address. Whether somebody has it already is not said. */
export async function askToChange(
  services: Services,
  { newEmail, ...asking }: Asking & { newEmail: string },
): Promise<LinkAnswer> {
  const normalized = normalizeEmail(newEmail)
  if (!normalized) return { outcome: 'refused', reason: 'email_invalid' }
  return sendTo(services, asking, {
    purpose: 'change',
    email: newEmail.trim(),
    emailKey: emailKey(services.keyring, normalized),
    isFree: (await findUserByEmail(services, normalized)) === undefined,
  })
}

async function sendTo(
  services: Services,
  { user, address, language, next }: Asking,
  { isFree, ...to }: Omit<MailLink, 'userId'> & { isFree: boolean },
): Promise<LinkAnswer> {
  const retryAfterSeconds = await slowDown(services, to.emailKey, address)
  if (retryAfterSeconds > 0) {
    return { outcome: 'refused', reason: 'too_many_attempts', retryAfterSeconds }
  }
  const letter = to.purpose === 'change' ? 'change' : 'confirm'
  const link = { ...to, userId: user.userId, ...(next === undefined ? {} : { next }) }
  await sendLink(services, { letter, language, link, isSent: isFree })
  return { outcome: 'accepted' }
}

export type Confirmation =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: 'link_used' | 'email_taken' }

/** What the link says is so from now on; the address before is told of the change. */
export async function confirmEmail(
  services: Services,
  {
    token,
    link,
    ...request
  }: { token: string; link: MailLink; changedBy: ChangedBy; correlationId: string },
): Promise<Confirmation> {
  const userId = link.userId ?? ''
  const before = await findUser(services.reader, userId)
  const now = services.now()
  const cause = { actor: `user:${userId}`, correlationId: request.correlationId }
  const { email, emailKey: key } = link
  try {
    const { outcome } = await execute<string>(services.log, cause, (work) => {
      const entry = entryOf(token)
      work.consume(entry.kind, entry.id)
      return work.decide(
        userDecider,
        userId,
        link.purpose === 'change'
          ? { kind: 'change e-mail', email, emailKey: key, emailVerified: true, now }
          : { kind: 'verify e-mail', emailKey: key, now },
      )
    })
    if (outcome === 'refused') return { outcome, reason: 'link_used' }
  } catch (error) {
    if (error instanceof AlreadyConsumed) return { outcome: 'refused', reason: 'link_used' }
    if (error instanceof KeyTaken) return { outcome: 'refused', reason: 'email_taken' }
    throw error
  }
  if (link.purpose === 'change' && before?.email) {
    const { changedBy: by } = request
    await tellOfChange(services, { person: before, change: 'emailChanged', by })
    await tellOfChange(services, { person: { userId, email }, change: 'emailNew', by })
  }
  return { outcome: 'accepted' }
}
