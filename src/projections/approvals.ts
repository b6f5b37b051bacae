/**
 * What people were asked to approve, and what they approved ahead; what it is about is in the log
 * alone, sealed. A call that still may come of it has its key here: of two at once one asks.
 */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ApprovalStatus } from '../domain/approval.ts'
import {
  ApprovalAsked,
  type ApprovalChannel,
  ApprovalDenied,
  ApprovalExpired,
  ApprovalGiven,
  type ApprovalKind,
  ApprovalUsed,
  ApprovalVoided,
} from '../domain/approval-events.ts'
import {
  StandingApprovalEnded,
  StandingApprovalGiven,
  StandingApprovalSpent,
} from '../domain/standing-approval.ts'
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, remove, rowOf, type SqlValue, update } from './statement.ts'

export const approvals = sqliteTable(
  'approvals_v1',
  {
    approvalId: text('approval_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    /** The agent of the person's on whose word it is asked. */
    agentId: text('agent_id'),
    grantId: text('grant_id'),
    resource: text('resource').notNull(),
    kind: text('kind').$type<ApprovalKind>().notNull(),
    tool: text('tool').notNull(),
    jobId: text('job_id'),
    /** Null once the same call has to ask anew. */
    callKey: text('call_key').unique(),
    status: text('status').$type<ApprovalStatus>().notNull(),
    channel: text('channel').$type<ApprovalChannel>(),
    askedAt: integer('asked_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    decidedAt: integer('decided_at'),
    /** When nothing can come of it any more. */
    endedAt: integer('ended_at'),
  },
  (table) => [
    index('approvals_v1_user').on(table.userId, table.askedAt, table.approvalId),
    index('approvals_v1_unended').on(table.userId, table.status).where(sql`"ended_at" IS NULL`),
    index('approvals_v1_waiting').on(table.expiresAt).where(sql`"ended_at" IS NULL`),
    index('approvals_v1_job').on(table.jobId),
  ],
)

export type Approval = typeof approvals.$inferSelect

/** Those that are good now; one that ran out stays until the next of its person. */
export const standingApprovals = sqliteTable(
  'standing_approvals_v1',
  {
    standingId: text('standing_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    grantId: text('grant_id').notNull(),
    tool: text('tool').notNull(),
    currency: text('currency').notNull(),
    limit: text('limit').notNull(),
    spent: text('spent').notNull(),
    givenAt: integer('given_at').notNull(),
    endsAt: integer('ends_at').notNull(),
  },
  (table) => [index('standing_approvals_v1_user').on(table.userId, table.endsAt)],
)

export type StandingApproval = typeof standingApprovals.$inferSelect

interface Fact {
  readonly approvalId: string
  readonly at: number
}

const ends =
  (status: ApprovalStatus) =>
  ({ approvalId, at }: Fact) => [
    update(approvals, { status, endedAt: at, callKey: null }, { approvalId }),
  ]

export const approvalsProjection = defineProjection(
  'approvals_v1',
  [approvals, standingApprovals],
  [
    on(ApprovalAsked, (asked) => {
      const { approvalId, userId, clientId, resource, kind, tool, expiresAt, at } = asked
      const { agentId = null, grantId = null, jobId = null, callKey = null } = asked
      const who = { userId, clientId, agentId, grantId }
      const about = { approvalId, ...who, resource, kind, tool, jobId, callKey }
      const open = { status: 'open', askedAt: at, expiresAt } as const
      // What was denied is asked again when that question would have been over.
      const release = {
        sql: `UPDATE "approvals_v1" SET "call_key" = NULL
          WHERE "call_key" = ? AND "status" = 'denied' AND "expires_at" <= ?`,
        args: [callKey, at],
      }
      return [...(callKey === null ? [] : [release]), insert(approvals, { ...about, ...open })]
    }),
    on(ApprovalGiven, ({ approvalId, channel, usableUntil, at }) => [
      update(
        approvals,
        usableUntil === undefined
          ? { status: 'given', channel, decidedAt: at, endedAt: at }
          : { status: 'given', channel, decidedAt: at, expiresAt: usableUntil },
        { approvalId },
      ),
    ]),
    on(ApprovalDenied, ({ approvalId, channel, at }) => [
      update(approvals, { status: 'denied', channel, decidedAt: at, endedAt: at }, { approvalId }),
    ]),
    on(ApprovalVoided, ends('voided')),
    on(ApprovalExpired, ends('expired')),
    on(ApprovalUsed, ends('used')),
    on(StandingApprovalGiven, ({ approvalId: _, at: givenAt, ...standing }) => [
      {
        sql: `DELETE FROM "standing_approvals_v1" WHERE "user_id" = ? AND "ends_at" <= ?`,
        args: [standing.userId, givenAt],
      },
      insert(standingApprovals, { ...standing, spent: '0', givenAt }),
    ]),
    on(StandingApprovalSpent, ({ standingId, spent }) => [
      update(standingApprovals, { spent }, { standingId }),
    ]),
    on(StandingApprovalEnded, ({ standingId }) => [remove(standingApprovals, { standingId })]),
  ],
)

export function findApproval(reader: Reader, approvalId: string): Promise<Approval | undefined> {
  return findOne(reader, approvals, { approvalId })
}

/** The approval that this call has, or waits for. */
export function findApprovalOfCall(reader: Reader, callKey: string): Promise<Approval | undefined> {
  return findOne(reader, approvals, { callKey })
}

export interface ApprovalsAsked {
  readonly userId: string
  readonly clientId?: string | undefined
  readonly grantId?: string | undefined
  readonly agentId?: string | undefined
  readonly isOpen?: boolean | undefined
  readonly offset?: number
  readonly rowsMax: number
}

/** Of what one person was ever asked: what is open, and the newest. */
const newestLookedAtMax = 2_000
const lookedAt = `"rowid" IN (SELECT "rowid" FROM (SELECT "rowid" FROM "approvals_v1"
    WHERE "user_id" = ?1 ORDER BY "asked_at" DESC, "approval_id" DESC LIMIT ${newestLookedAtMax})
  UNION SELECT "rowid" FROM "approvals_v1"
    WHERE "user_id" = ?1 AND "ended_at" IS NULL AND "status" = 'open')`

/** A person's approvals: what is open first, then the newest. */
export async function listApprovals(reader: Reader, asked: ApprovalsAsked): Promise<Approval[]> {
  const { userId, clientId = null, grantId = null, agentId = null, isOpen = null } = asked
  const { offset = 0, rowsMax } = asked
  const open = isOpen === null ? null : Number(isOpen)
  const rows = await reader.all({
    sql: `SELECT * FROM "approvals_v1" WHERE ${lookedAt} AND (?2 IS NULL OR "client_id" = ?2)
      AND (?3 IS NULL OR ("status" = 'open') = ?3) AND (?6 IS NULL OR "grant_id" = ?6)
      AND (?7 IS NULL OR "agent_id" = ?7)
      ORDER BY "status" = 'open' DESC, "asked_at" DESC, "approval_id" DESC LIMIT ?4 OFFSET ?5`,
    args: [userId, clientId, open, rowsMax, offset, grantId, agentId],
  })
  return rows.map((raw) => rowOf(approvals, raw))
}

/** Of those that are looked at. */
export async function countApprovals(reader: Reader, userId: string): Promise<number> {
  const sql = `SELECT count(*) AS "n" FROM "approvals_v1" WHERE ${lookedAt}`
  return Number((await reader.get({ sql, args: [userId] }))?.n)
}

/** How many wait for this person: asked by this client, and by all. */
export async function countOpenApprovals(
  reader: Reader,
  { userId, clientId = null }: { userId: string; clientId?: string | null },
): Promise<{ ofPerson: number; ofClient: number }> {
  const row = await reader.get({
    sql: `SELECT count(*) AS "of_person", coalesce(sum("client_id" = ?2), 0) AS "of_client"
      FROM "approvals_v1" WHERE "user_id" = ?1 AND "ended_at" IS NULL AND "status" = 'open'`,
    args: [userId, clientId],
  })
  return { ofPerson: Number(row?.of_person), ofClient: Number(row?.of_client) }
}

/** Ids of those that wait although their time, their job or what allowed them is over. */
export async function findApprovalsToEnd(
  reader: Reader,
  { now, userId, rowsMax }: { now: number; userId?: string | undefined; rowsMax: number },
): Promise<string[]> {
  const gone: [string, SqlValue[]][] = [
    ['a."expires_at" <= ?', [now]],
    [`EXISTS (SELECT 1 FROM "jobs_v1" j WHERE j."job_id" = a."job_id" AND j."ended_at" > 0)`, []],
    [`a."grant_id" NOT IN (SELECT "grant_id" FROM "grants_v1")`, []],
    [
      `a."agent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agents_v1" b, json_each(b."consents") c
        WHERE b."agent_id" = a."agent_id" AND b."status" = 'confirmed'
        AND c."value" ->> '$.clientId' = a."client_id" AND c."value" ->> '$.resource' = a."resource")`,
      [],
    ],
    [
      `NOT EXISTS (SELECT 1 FROM "users_v1" u WHERE u."user_id" = a."user_id" AND u."status" = 'active')`,
      [],
    ],
  ]
  const rows = await reader.all({
    sql: `SELECT "approval_id" FROM "approvals_v1" a
      WHERE "ended_at" IS NULL ${userId === undefined ? '' : 'AND a."user_id" = ?'}
      AND (${gone.map(([text]) => text).join(' OR ')}) ORDER BY "expires_at" LIMIT ?`,
    args: [...(userId === undefined ? [] : [userId]), ...gone.flatMap(([, args]) => args), rowsMax],
  })
  return rows.map(({ approval_id }) => String(approval_id))
}

/** What a person approved ahead and is good now, the first to end first. */
export async function findStandingApprovals(
  reader: Reader,
  { userId, now }: { userId: string; now: number },
): Promise<StandingApproval[]> {
  const sql = `SELECT * FROM "standing_approvals_v1" WHERE "user_id" = ? AND "ends_at" > ?
    ORDER BY "ends_at", "standing_id"`
  return (await reader.all({ sql, args: [userId, now] })).map((raw) =>
    rowOf(standingApprovals, raw),
  )
}
