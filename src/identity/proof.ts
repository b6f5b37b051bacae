/**
 * How well somebody has proved who they are, and whether that is enough. `mfa` in a session's
 * `amr` says that two factors were shown: a password and a code, or a passkey, which is both.
 *
 * @see [RFC 8176 §2 - Authentication Method Reference Values](https://www.rfc-editor.org/rfc/rfc8176.html#section-2)
 */
import type { Settings } from '../config/settings.ts'
import { findPasskeysOf, findTotp } from '../projections/authenticators.ts'
import type { User } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'

export function mustHaveSecondFactor(
  { signIn }: Settings,
  { admin }: Pick<User, 'admin'>,
): boolean {
  const whose = signIn.requireSecondFactor
  return whose === 'everybody' || (whose === 'admins' && admin)
}

/** Whether a session that began like this counts for this person. */
export function isStrongEnough(settings: Settings, user: User, amr: readonly string[]): boolean {
  return amr.includes('mfa') || !mustHaveSecondFactor(settings, user)
}

/**
 * What is asked after the first proof: `code` of who has an app, `enrolment` of who must have a
 * second factor and has none. Who must and has a passkey has to use it: setting up another factor
 * by password alone would make the password the only one.
 */
export async function nextProof(
  { settings, reader }: Pick<Services, 'settings' | 'reader'>,
  user: User,
  amr: readonly string[],
): Promise<'none' | 'code' | 'enrolment' | 'passkey'> {
  if (amr.includes('mfa')) return 'none'
  if (await findTotp(reader, user.userId)) return 'code'
  if (!mustHaveSecondFactor(settings, user)) return 'none'
  return (await findPasskeysOf(reader, user.userId)).length > 0 ? 'passkey' : 'enrolment'
}

/** Whether the person showed who they are a short while ago, with all that they have to show. */
export async function isFresh(
  services: Pick<Services, 'settings' | 'reader' | 'now'>,
  user: User,
  {
    authenticatedAt,
    amr,
    withinSeconds = services.settings.signIn.freshSeconds,
  }: {
    readonly authenticatedAt: number
    readonly amr: readonly string[]
    /** How long ago it may be, where that is less than usual. */
    readonly withinSeconds?: number
  },
): Promise<boolean> {
  if (services.now() - authenticatedAt > withinSeconds * 1000) return false
  return (await nextProof(services, user, amr)) === 'none'
}
