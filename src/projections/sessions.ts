/** Browsers that are signed in now. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { SessionEnded, SessionStarted } from '../domain/session.ts'
import { UserDisabled } from '../domain/user-events.ts'
import type { Count } from './counts.ts'
import { defineProjection, on } from './projection.ts'
import { findAll, insert, type Reader, remove, rowOf } from './statement.ts'
import { type User, users } from './users.ts'

export const sessions = sqliteTable(
  'sessions_v1',
  {
    sessionId: text('session_id').primaryKey(),
    tokenHash: text('token_hash').notNull().unique(),
    userId: text('user_id').notNull(),
    amr: text('amr', { mode: 'json' }).$type<string[]>().notNull(),
    userAgent: text('user_agent'),
    address: text('address'),
    startedAt: integer('started_at').notNull(),
    authenticatedAt: integer('authenticated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('sessions_v1_user').on(table.userId)],
)

export type Session = typeof sessions.$inferSelect

export const sessionsProjection = defineProjection(
  'sessions_v1',
  [sessions],
  [
    on(SessionStarted, ({ at, authenticatedAt = at, ...session }) => [
      insert(sessions, { ...session, authenticatedAt, startedAt: at }),
    ]),
    on(SessionEnded, ({ sessionId }) => [remove(sessions, { sessionId })]),
    // For good: nobody is signed in again because the account is enabled again.
    on(UserDisabled, ({ userId }) => [remove(sessions, { userId })]),
  ],
)

const liveSession = `SELECT s.*, u."email_key", u."email", u."email_verified_at", u."name", u."admin",
    u."status", u."password_secret_id", u."groups", u."permissions", u."registered_at", u."updated_at",
    (SELECT count(*) FROM "approvals_v1" a
      WHERE a."user_id" = u."user_id" AND a."ended_at" IS NULL AND a."status" = 'open') +
    (SELECT count(*) FROM "jobs_v1" j WHERE j."user_id" = u."user_id"
      AND j."ended_at" IS NULL AND j."status" IN ('captcha', 'needs_login')) AS "waiting"
  FROM "sessions_v1" s JOIN "users_v1" u ON u."user_id" = s."user_id"
  WHERE s."token_hash" = ? AND u."status" = 'active'`

export function findSessionsOf(reader: Reader, userId: string): Promise<Session[]> {
  return findAll(reader, sessions, { userId })
}

/** Of somebody who signs in all day, the newest. */
const sessionsLookedAtMax = 1_000

/** How many rows there are, of which some may be over. */
export async function countSessions(reader: Reader, userId: string): Promise<Count> {
  const sql = `SELECT count(*) AS "sessions" FROM (SELECT 1 FROM "sessions_v1"
    WHERE "user_id" = ? LIMIT ${sessionsLookedAtMax + 1})`
  const found = Number((await reader.get({ sql, args: [userId] }))?.sessions)
  return { count: Math.min(found, sessionsLookedAtMax), isMore: found > sessionsLookedAtMax }
}

export interface UsedSession extends Session {
  readonly usedAt: number
}

export interface UsedSessionsAsked {
  readonly userId: string
  readonly now: number
  /** Under which kind of expiring entry its use is noted. */
  readonly useKind: string
  /** The one that stands first. */
  readonly first: string
  readonly rowsMax: number
}

/**
 * Those that somebody uses: left alone for too long, one is over, and takes nobody's place here. Each
 * is asked for its use, and not each use for whose it is: there are those of everybody.
 */
export async function findUsedSessionsOf(
  reader: Reader,
  { userId, now, useKind, first, rowsMax }: UsedSessionsAsked,
): Promise<{ readonly sessions: UsedSession[]; readonly total: Count }> {
  const own = 'SELECT * FROM "sessions_v1" WHERE "user_id" = ?'
  const sql = `SELECT s.*, e."body" ->> '$.at' AS "used_at", count(*) OVER () AS "total"
    FROM (SELECT * FROM (${own} ORDER BY "rowid" DESC LIMIT ${sessionsLookedAtMax})
      UNION ${own} AND "session_id" = ?) s
    CROSS JOIN "expiring" e ON e."kind" = ? AND e."id" = s."session_id" AND e."expires_at" > ?
    WHERE s."expires_at" > ?
    ORDER BY s."session_id" = ? DESC, "used_at" DESC, s."session_id" DESC LIMIT ?`
  const args = [userId, userId, first, useKind, now, now, first, rowsMax]
  const rows = await reader.all({ sql, args })
  const count = Number(rows[0]?.total ?? 0)
  return {
    sessions: rows.map((raw) => ({ ...rowOf(sessions, raw), usedAt: Number(raw.used_at) })),
    total: { count, isMore: count >= sessionsLookedAtMax },
  }
}

/** The session that this cookie belongs to, with its person, while both are good. */
export async function findLiveSession(
  reader: Reader,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<{ session: Session; user: User; waiting: number } | undefined> {
  const raw = await reader.get({ sql: liveSession, args: [tokenHash] })
  if (!raw) return undefined
  const session = rowOf(sessions, raw)
  if (session.expiresAt <= now) return undefined
  return { session, user: rowOf(users, raw), waiting: Number(raw.waiting) }
}
