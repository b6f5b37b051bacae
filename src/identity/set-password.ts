/**
 * A first or another password. Whoever else was signed in is signed out, and the person is told by
 * mail: a password that somebody else changed is noticed.
 */
import { AlreadyConsumed } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { sessionDecider } from '../domain/session.ts'
import { userDecider } from '../domain/user.ts'
import { findSessionsOf } from '../projections/sessions.ts'
import { findUser } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { type ChangedBy, tellOfChange } from './account-letters.ts'
import { entryOf, type MailLink } from './mail-link.ts'
import { type PasswordProblem, passwordProblem } from './password-rules.ts'
import { passwordSecret } from './register-user.ts'

export interface NewPassword {
  readonly userId: string
  readonly password: string
  readonly changedBy: ChangedBy
  readonly correlationId: string
  /** The session that goes on. */
  readonly keptSessionId?: string
  /** The link that allows it, which is used up and proves the address that it was sent to. */
  readonly by?: { readonly token: string; readonly link: MailLink }
}

export type NewPasswordResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: PasswordProblem | 'link_used' }

export async function setPassword(
  services: Services,
  { userId, password, by, ...asked }: NewPassword,
): Promise<NewPasswordResult> {
  const problem = passwordProblem(password)
  if (problem) return { outcome: 'refused', reason: problem }
  const { id, value } = await passwordSecret(services, password)
  const now = services.now()
  const cause = { actor: `user:${userId}`, correlationId: asked.correlationId }
  try {
    const { outcome } = await execute<string>(services.log, cause, async (work) => {
      const person = await work.read(userDecider, userId)
      if (person.status !== 'active') return work.reject('user_not_active')
      // A link that was sent to an address which the account has no more opens nothing.
      if (by && person.emailKey !== by.link.emailKey) return work.reject('email_changed')
      if (by) {
        const { kind, id: entry } = entryOf(by.token)
        work.consume(kind, entry)
        const { emailKey } = by.link
        await work.decide(userDecider, userId, { kind: 'verify e-mail', emailKey, now })
      }
      for (const { sessionId } of await findSessionsOf(services.reader, userId)) {
        if (sessionId === asked.keptSessionId) continue
        const reason = 'password_changed'
        await work.decide(sessionDecider, sessionId, { kind: 'end', reason, now })
      }
      work.keepSecret(id, value)
      if (person.passwordSecretId !== undefined) work.forgetSecret(person.passwordSecretId)
      return work.decide(userDecider, userId, { kind: 'set password', passwordSecretId: id, now })
    })
    if (outcome === 'refused') return { outcome, reason: 'link_used' }
  } catch (error) {
    if (error instanceof AlreadyConsumed) return { outcome: 'refused', reason: 'link_used' }
    throw error
  }
  const person = await findUser(services.reader, userId)
  const change = { change: 'passwordChanged', by: asked.changedBy } as const
  if (person) await tellOfChange(services, { person, ...change })
  return { outcome: 'accepted' }
}
