/**
 * Sessions of people in browsers: a random token in a cookie, its hash in the tables. Each
 * sign-in starts a new one and ends the one that the browser had.
 */
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { sha256 } from '../domain/keyring.ts'
import { sessionDecider } from '../domain/session.ts'
import { userDecider } from '../domain/user.ts'
import {
  findLiveSession,
  findSessionsOf,
  findUsedSessionsOf,
  type Session,
} from '../projections/sessions.ts'
import type { User } from '../projections/users.ts'
import { openQuestions } from '../protocol/authorization/back-channel-question.ts'
import type { Services } from '../protocol/services.ts'
import { hasTokenShape, newToken } from '../protocol/tokens/token-text.ts'
import { entryOf, type MailLink } from './mail-link.ts'
import { noteLanguage } from './person-language.ts'
import { isStrongEnough } from './proof.ts'

export interface SignedIn {
  readonly user: User
  readonly session: Session
  /** How much waits for them to decide or to do. */
  readonly waiting?: number
}

export interface Browser {
  readonly userAgent: string
  readonly address: string
  /** Of the page on which they signed in. */
  readonly language: string
  readonly correlationId: string
  /** How the person proved who they are (RFC 8176). */
  readonly amr: readonly string[]
  /** When, where that was earlier than now: another service saw it. */
  readonly authenticatedAt?: number
  /** The session that this browser had. */
  readonly previous?: SignedIn | undefined
  /** A link from a mail in the place of a password. */
  readonly by?: { readonly token: string; readonly link: MailLink }
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
  const { authenticatedAt } = browser
  const start = {
    sessionId: newId('ses'),
    userId: user.userId,
    tokenHash: sha256(token),
    amr: [...browser.amr],
    ...(authenticatedAt === undefined ? {} : { authenticatedAt: Math.min(authenticatedAt, now) }),
    userAgent: browser.userAgent.slice(0, userAgentCharactersMax),
    address: browser.address,
    now,
    expiresAt: now + services.settings.sessionTtlSeconds * 1000,
  }
  const cause = { actor: `user:${user.userId}`, correlationId: browser.correlationId }
  await noteUse(services, start)
  const outcome = await execute<string>(services.log, cause, async (work) => {
    const person = await work.read(userDecider, user.userId)
    if (person.status !== 'active') return work.reject('user_not_active')
    if (browser.by) {
      const { token: used, link } = browser.by
      if (person.emailKey !== link.emailKey) return work.reject('email_changed')
      const entry = entryOf(used)
      work.consume(entry.kind, entry.id)
      const { emailKey } = link
      await work.decide(userDecider, user.userId, { kind: 'verify e-mail', emailKey, now })
    }
    const previous = browser.previous?.session.sessionId
    if (previous) {
      await work.decide(sessionDecider, previous, { kind: 'end', reason: 'replaced', now })
    }
    return work.decide(sessionDecider, start.sessionId, { kind: 'start', start })
  })
  if (outcome.outcome === 'refused') return undefined
  await noteLanguage(services, user.userId, browser.language)
  return token
}

export async function findSession(
  services: Services,
  token: string | undefined,
): Promise<SignedIn | undefined> {
  if (token === undefined || !hasTokenShape(token, 'session')) return undefined
  const now = services.now()
  const found = await findLiveSession(services.reader, { tokenHash: sha256(token), now })
  if (!found || !isStrongEnough(services.settings, found.user, found.session.amr)) return undefined
  const usedAt = await lastUse(services, found.session.sessionId)
  if (usedAt === undefined) return undefined
  if (now - usedAt > useStepMs) await noteUse(services, found.session)
  return { ...found, waiting: found.waiting + (await questionsFor(services, found.user.userId)) }
}

/** How many clients ask them from elsewhere. */
async function questionsFor(services: Services, userId: string): Promise<number> {
  return services.settings.ciba.enabled ? (await openQuestions(services, userId)).length : 0
}

const useKind = 'session-use'
/** Uses are noted this far apart: a page is no reason to write to the disk. */
const useStepMs = 5 * 60_000

/** Until nobody has used it for too long; the entry's end is the session's. */
async function noteUse(
  { expiring, settings, now }: Services,
  { sessionId, expiresAt }: Pick<Session, 'sessionId' | 'expiresAt'>,
): Promise<void> {
  const at = now()
  const idleMs = settings.sessionIdleSeconds * 1000
  const end = idleMs === 0 ? expiresAt : Math.min(at + idleMs + useStepMs, expiresAt)
  await expiring.put({ kind: useKind, id: sessionId, body: { at }, expiresAt: end })
}

/** Where this person is signed in: this browser, then the others as they were last used. */
export function listSessions(
  { reader, now }: Pick<Services, 'reader' | 'now'>,
  { user: { userId }, session }: SignedIn,
  rowsMax: number,
) {
  const first = session.sessionId
  return findUsedSessionsOf(reader, { userId, now: now(), useKind, first, rowsMax })
}

/** Within minutes; undefined for a session that was left alone for too long. */
export async function lastUse(
  { expiring }: Pick<Services, 'expiring'>,
  sessionId: string,
): Promise<number | undefined> {
  const use = (await expiring.get(useKind, sessionId)) as { at: number } | undefined
  return use?.at
}

/** Ends sessions of this person: one of them, or all but one. */
export async function endSessionsOf(
  services: Services,
  { user, session }: SignedIn,
  { which, correlationId }: { which: string | 'others'; correlationId: string },
): Promise<void> {
  const cause = { actor: `user:${user.userId}`, correlationId }
  const now = services.now()
  const reason = 'signed_out_elsewhere'
  await execute<string>(services.log, cause, async (work) => {
    const all = await findSessionsOf(services.reader, user.userId)
    const chosen = all.filter(({ sessionId }) =>
      which === 'others' ? sessionId !== session.sessionId : sessionId === which,
    )
    for (const { sessionId } of chosen) {
      await work.decide(sessionDecider, sessionId, { kind: 'end', reason, now })
    }
    return { outcome: 'accepted' }
  })
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
