/** Whether a person can still sign in: asked before one of their ways is taken away. */
import type { LivingUser } from './user.ts'

/** What the server offers at this time. */
export interface WaysOffered {
  readonly byPassword: boolean
  /** By a link to a proved address. */
  readonly byMail: boolean
  readonly byPasskey: boolean
  /** Ids of the services elsewhere. */
  readonly upstreams: readonly string[]
}

/** @param passkeys how many there would be */
export function hasWayIn(
  person: Pick<LivingUser, 'passwordSecretId' | 'emailKey' | 'emailVerified' | 'identities'>,
  passkeys: number,
  offered: WaysOffered,
): boolean {
  const { passwordSecretId, emailKey, emailVerified, identities } = person
  // A password is typed beside an address.
  const byPassword = passwordSecretId !== undefined && emailKey !== undefined && offered.byPassword
  const byMail = emailVerified && offered.byMail
  const byPasskey = passkeys > 0 && offered.byPasskey
  return (
    byPassword ||
    byMail ||
    byPasskey ||
    identities.some(({ upstream }) => offered.upstreams.includes(upstream))
  )
}
