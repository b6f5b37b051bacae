/**
 * Makes an account, with or without an address and a password: whoever signs in by another service
 * may have neither. Whether somebody may have one is for the caller to decide.
 */
import { AlreadyConsumed, KeyTaken } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { type NewIdentity, userDecider } from '../domain/user.ts'
import { emailKey, findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'
import { type PasswordProblem, passwordProblem } from './password-rules.ts'

export interface NewUser {
  readonly email?: string
  /** Present where neither the person has proved that the address is theirs nor an operator says so. */
  readonly emailUnproved?: true
  /** Made before, where asking twice must not make two. */
  readonly userId?: string
  readonly name: string
  readonly password?: string
  /** By which the person signs in who comes from another service. */
  readonly identity?: NewIdentity
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

export const nameCharactersMax = 200

export async function registerUser(
  services: Services,
  user: NewUser,
): Promise<UserRegistrationResult> {
  const { email, password } = user
  const address = email === undefined ? undefined : normalizeEmail(email)
  if (email !== undefined && !address) return { outcome: 'refused', reason: 'email_invalid' }
  const problem = password === undefined ? undefined : passwordProblem(password)
  if (problem) return { outcome: 'refused', reason: problem }
  if (address && (await findUserByEmail(services, address))) {
    return { outcome: 'refused', reason: 'email_taken' }
  }
  const { userId = newId('usr') } = user
  const secret = password === undefined ? undefined : await passwordSecret(services, password)
  const registration = {
    userId,
    ...(email && address
      ? { email: email.trim(), emailKey: emailKey(services.keyring, address) }
      : {}),
    emailVerified: address !== undefined && !user.emailUnproved,
    name: user.name.trim().slice(0, nameCharactersMax),
    admin: user.admin,
    ...(secret ? { passwordSecretId: secret.id } : {}),
    now: services.now(),
  }
  try {
    await execute<string>(
      services.log,
      { actor: user.actor, correlationId: newId('cor') },
      async (work) => {
        if (secret) work.keepSecret(secret.id, secret.value)
        if (user.consumes) work.consume(user.consumes.kind, user.consumes.id)
        const registered = await work.decide(userDecider, userId, {
          kind: 'register',
          registration,
        })
        if (!user.identity || registered.outcome === 'refused') return registered
        const { now } = registration
        return work.decide(userDecider, userId, { kind: 'link identity', ...user.identity, now })
      },
    )
  } catch (error) {
    if (error instanceof KeyTaken) return { outcome: 'refused', reason: 'email_taken' }
    if (error instanceof AlreadyConsumed) return { outcome: 'refused', reason: 'link_used' }
    throw error
  }
  return { outcome: 'accepted', userId }
}

/** A password as it is kept: its hash, under a new id. */
export async function passwordSecret(
  { passwords }: Pick<Services, 'passwords'>,
  password: string,
): Promise<{ id: string; value: Uint8Array }> {
  return { id: newId('pwd'), value: Buffer.from(await passwords.hash(password)) }
}
