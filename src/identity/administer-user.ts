/**
 * What an administrator does to somebody's account. There is always one who can: the last active
 * administrator is neither disabled nor made an ordinary person. Whoever stands in for the other
 * is read in the same work, so of two who take each other out at once one is refused.
 */
import type { Cause } from '../domain/event-log.ts'
import { execute, type Verdict, type Work } from '../domain/execute.ts'
import { sessionDecider } from '../domain/session.ts'
import { type UserCommand, type UserRefusal, userDecider } from '../domain/user.ts'
import { findSessionsOf } from '../projections/sessions.ts'
import { findOtherAdmin } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'

type Parts = Pick<Services, 'log' | 'reader' | 'now'>

export type AdministrationProblem = UserRefusal | 'last_admin'

export type AdministrationResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: AdministrationProblem }

/** Their sessions are over, and their tokens wait for them to be enabled again. */
export function disableUser(
  parts: Parts,
  { userId, why }: { userId: string; why: string },
  cause: Cause,
): Promise<AdministrationResult> {
  const command = { kind: 'disable', reason: why, now: parts.now() } as const
  return administer(parts, { userId, cause }, (work) => work.decide(userDecider, userId, command))
}

export function enableUser(
  parts: Parts,
  { userId }: { userId: string },
  cause: Cause,
): Promise<AdministrationResult> {
  return decided(parts, { userId, cause }, { kind: 'enable', now: parts.now() })
}

export function setAdmin(
  parts: Parts,
  { userId, admin }: { userId: string; admin: boolean },
  cause: Cause,
): Promise<AdministrationResult> {
  const command = { kind: 'set admin', admin, now: parts.now() } as const
  if (admin) return decided(parts, { userId, cause }, command)
  return administer(parts, { userId, cause }, (work) => work.decide(userDecider, userId, command))
}

/** Every browser has to sign in again. */
export async function endSessions(parts: Parts, userId: string, cause: Cause): Promise<void> {
  await execute<string>(parts.log, cause, async (work) => {
    const command = { kind: 'end', reason: 'ended_by_admin', now: parts.now() } as const
    for (const { sessionId } of await findSessionsOf(parts.reader, userId)) {
      await work.decide(sessionDecider, sessionId, command)
    }
    return { outcome: 'accepted' }
  })
}

export async function endOneSession(
  { log, now }: Parts,
  sessionId: string,
  cause: Cause,
): Promise<void> {
  const command = { kind: 'end', reason: 'ended_by_admin', now: now() } as const
  await execute<string>(log, cause, (work) => work.decide(sessionDecider, sessionId, command))
}

interface Target {
  readonly userId: string
  readonly cause: Cause
}

async function decided(
  parts: Parts,
  { userId, cause }: Target,
  command: UserCommand,
): Promise<AdministrationResult> {
  return resultOf(
    await execute<AdministrationProblem>(parts.log, cause, (work) =>
      work.decide(userDecider, userId, command),
    ),
  )
}

/** Where the person is an administrator, another one must remain. */
async function administer(
  { log, reader }: Parts,
  { userId, cause }: Target,
  run: (work: Work) => Promise<Verdict<UserRefusal>>,
): Promise<AdministrationResult> {
  return resultOf(
    await execute<AdministrationProblem>(log, cause, async (work) => {
      const person = await work.read(userDecider, userId)
      if (person.status === 'active' && person.admin && !(await hasOther(work, reader, userId))) {
        return work.reject('last_admin')
      }
      return run(work)
    }),
  )
}

async function hasOther(work: Work, reader: Services['reader'], userId: string): Promise<boolean> {
  const otherId = await findOtherAdmin(reader, userId)
  if (otherId === undefined) return false
  const other = await work.read(userDecider, otherId)
  return other.status === 'active' && other.admin
}

function resultOf(result: {
  outcome: 'accepted' | 'refused'
  reason?: AdministrationProblem
}): AdministrationResult {
  return result.reason === undefined
    ? { outcome: 'accepted' }
    : { outcome: 'refused', reason: result.reason }
}
