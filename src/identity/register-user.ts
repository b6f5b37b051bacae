/** Makes an account with a password. Whether somebody may is for the caller to decide. */
import { AlreadyConsumed, KeyTaken } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { userDecider } from '../domain/user.ts'
import type { Services } from '../protocol/services.ts'
import { emailKey, findUserByEmail, normalizeEmail } from './email-address.ts'
import { type PasswordProblem, passwordProblem } from './password-rules.ts'

export interface NewUser {
  readonly email: string
  readonly name: string
  readonly password: string
  readonly admin: boolean
  /** `cli`, `system:setup`, `user:<id>` */
  readonly actor: string
  /** A one-use invitation that making the account uses up. */
  readonly consumes?: { readonly kind: string; readonly id: string }
}

export type UserProblem = PasswordProblem | 'email_invalid' | 'email_taken' | 'link_used'

export type UserRegistrationResult =
  | { readonly outcome: 'accepted'; readonly userId: string }
  | { readonly outcome: 'refused'; readonly reason: UserProblem }

const nameCharactersMax = 200

export async function registerUser(
  services: Services,
  user: NewUser,
): Promise<UserRegistrationResult> {
  const email = normalizeEmail(user.email)
  if (!email) return { outcome: 'refused', reason: 'email_invalid' }
  const problem = passwordProblem(user.password)
  if (problem) return { outcome: 'refused', reason: problem }
  if (await findUserByEmail(services, email)) return { outcome: 'refused', reason: 'email_taken' }
  const userId = newId('usr')
  const passwordSecretId = newId('pwd')
  const registration = {
    userId,
    passwordSecretId,
    emailKey: emailKey(services.keyring, email),
    email: user.email.trim(),
    name: user.name.trim().slice(0, nameCharactersMax),
    admin: user.admin,
    now: services.now(),
  }
  const hash = Buffer.from(await services.passwords.hash(user.password))
  try {
    await execute<string>(
      services.log,
      { actor: user.actor, correlationId: newId('cor') },
      async (work) => {
        work.keepSecret(passwordSecretId, hash)
        if (user.consumes) work.consume(user.consumes.kind, user.consumes.id)
        return work.decide(userDecider, userId, { kind: 'register', registration })
      },
    )
  } catch (error) {
    if (error instanceof KeyTaken) return { outcome: 'refused', reason: 'email_taken' }
    if (error instanceof AlreadyConsumed) return { outcome: 'refused', reason: 'link_used' }
    throw error
  }
  return { outcome: 'accepted', userId }
}
