/**
 * For somebody who has lost what they prove with beside a password: an operator takes it all away,
 * with a reason that stands in the log. Their sessions end with it, they are told, and sign in by
 * what is left; where the server wants a second factor they set one up then.
 */
import { authenticatorsDecider } from '../domain/authenticators.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { sessionDecider } from '../domain/session.ts'
import { userDecider } from '../domain/user.ts'
import { hasWayIn } from '../domain/way-in.ts'
import { findPasskeysOf } from '../projections/authenticators.ts'
import { findSessionsOf } from '../projections/sessions.ts'
import { findUser } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { tellOfChange } from './account-letters.ts'
import { passkeyUseKind } from './passkeys.ts'
import { waysOffered } from './ways-in.ts'

export type ResetProblem = 'user_unknown' | 'second_factor_none' | 'last_way_in'

export type ResetResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: ResetProblem }

export async function resetSecondFactor(
  services: Services,
  { userId, reason }: { userId: string; reason: string },
  cause: Cause,
): Promise<ResetResult> {
  const { log, reader, expiring } = services
  const now = services.now()
  const passkeys = await findPasskeysOf(reader, userId)
  const outcome = await execute<string>(log, cause, async (work) => {
    const person = await work.read(userDecider, userId)
    if (person.status === 'unknown' || person.status === 'deleted') {
      return work.reject('user_unknown')
    }
    const { totpSecretId } = await work.read(authenticatorsDecider, userId)
    if (totpSecretId !== undefined) work.forgetSecret(totpSecretId)
    for (const { sessionId } of await findSessionsOf(reader, userId)) {
      const end = { kind: 'end', reason: 'ended_by_admin', now } as const
      await work.decide(sessionDecider, sessionId, end)
    }
    const otherWayIn = hasWayIn(person, 0, waysOffered(services))
    const reset = { kind: 'reset', userId, reason, otherWayIn, now } as const
    return work.decide(authenticatorsDecider, userId, reset)
  })
  if (outcome.outcome === 'refused') {
    return { outcome: 'refused', reason: outcome.reason as ResetProblem }
  }
  for (const { credentialId } of passkeys) await expiring.remove(passkeyUseKind, credentialId)
  const person = await findUser(reader, userId)
  if (person) await tellOfChange(services, { person, change: 'secondFactorReset' })
  return { outcome: 'accepted' }
}
