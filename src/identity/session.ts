/**
 * Sessions of people in browsers: a random token in a cookie, its hash in the tables. Each
 * sign-in starts a new one and ends the one that the browser had.
 */
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { sha256 } from '../domain/keyring.ts'
import { sessionDecider } from '../domain/session.ts'
import { userDecider } from '../domain/user.ts'
import { findLiveSession, type Session } from '../projections/sessions.ts'
import type { User } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { hasTokenShape, newToken } from '../protocol/tokens/token-text.ts'

export interface SignedIn {
  readonly user: User
  readonly session: Session
}

export interface Browser {
  readonly userAgent: string
  readonly address: string
  readonly correlationId: string
  /** The session that this browser had. */
  readonly previous?: SignedIn | undefined
}

const userAgentCharactersMax = 512

/** @returns the token for the cookie, or undefined when the account was disabled meanwhile */
export async function startSession(
  services: Services,
  user: User,
  browser: Browser,
): Promise<string | undefined> {
  const token = newToken(services.settings.tokenPrefix, 'session')
  const now = services.now()
  const start = {
    sessionId: newId('ses'),
    userId: user.userId,
    tokenHash: sha256(token),
    amr: ['pwd'],
    userAgent: browser.userAgent.slice(0, userAgentCharactersMax),
    address: browser.address,
    now,
    expiresAt: now + services.settings.sessionTtlSeconds * 1000,
  }
  const cause = { actor: `user:${user.userId}`, correlationId: browser.correlationId }
  const outcome = await execute<string>(services.log, cause, async (work) => {
    const person = await work.read(userDecider, user.userId)
    if (person.status !== 'active') return work.reject('user_not_active')
    const previous = browser.previous?.session.sessionId
    if (previous) {
      await work.decide(sessionDecider, previous, { kind: 'end', reason: 'replaced', now })
    }
    return work.decide(sessionDecider, start.sessionId, { kind: 'start', start })
  })
  return outcome.outcome === 'accepted' ? token : undefined
}

export async function findSession(
  services: Services,
  token: string | undefined,
): Promise<SignedIn | undefined> {
  if (token === undefined || !hasTokenShape(token, 'session')) return undefined
  return findLiveSession(services.reader, { tokenHash: sha256(token), now: services.now() })
}

export async function endSession(
  services: Services,
  { session, user }: SignedIn,
  correlationId: string,
): Promise<void> {
  const cause = { actor: `user:${user.userId}`, correlationId }
  await execute<string>(services.log, cause, (work) =>
    work.decide(sessionDecider, session.sessionId, {
      kind: 'end',
      reason: 'signed_out',
      now: services.now(),
    }),
  )
}
