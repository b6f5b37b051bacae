/** Jobs and where they stand; what they are about is in the log alone, sealed. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { isOver, type JobStatus } from '../domain/job.ts'
import {
  JobApproved,
  JobCancelled,
  JobClaimed,
  JobFailed,
  JobFinished,
  JobPaused,
  JobProgressed,
  JobQueued,
  JobResumed,
  JobReturned,
} from '../domain/job-events.ts'
import { type Condition, find, type Raw, text as textKey } from './listing.ts'
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, rowOf, update } from './statement.ts'

export const jobs = sqliteTable(
  'jobs_v1',
  {
    jobId: text('job_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    /** The agent of the person's that started it. */
    agentId: text('agent_id'),
    grantId: text('grant_id'),
    resource: text('resource').notNull(),
    tool: text('tool').notNull(),
    status: text('status').$type<JobStatus>().notNull(),
    /** What the person has to give before it goes on. */
    approvalId: text('approval_id'),
    /** Of the worker that has it. */
    leaseHash: text('lease_hash'),
    queuedAt: integer('queued_at').notNull(),
    changedAt: integer('changed_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [
    index('jobs_v1_user').on(table.userId, table.queuedAt, table.jobId),
    index('jobs_v1_agent')
      .on(table.userId, table.agentId, table.queuedAt, table.jobId)
      .where(sql`"agent_id" IS NOT NULL`),
    index('jobs_v1_open').on(table.userId).where(sql`"ended_at" IS NULL`),
    index('jobs_v1_open_of_client').on(table.clientId).where(sql`"ended_at" IS NULL`),
    index('jobs_v1_waiting')
      .on(table.status, table.queuedAt, table.jobId)
      .where(sql`"ended_at" IS NULL`),
    index('jobs_v1_expiry').on(table.expiresAt).where(sql`"ended_at" IS NULL`),
  ],
)

export type Job = typeof jobs.$inferSelect

interface Fact {
  readonly jobId: string
  readonly at: number
}

const ends =
  (status: JobStatus) =>
  ({ jobId, at }: Fact) => [
    update(jobs, { status, changedAt: at, endedAt: at, leaseHash: null }, { jobId }),
  ]

export const jobsProjection = defineProjection(
  'jobs_v1',
  [jobs],
  [
    on(JobQueued, ({ grantId = null, agentId = null, approvalId = null, at, ...job }) => {
      const { jobId, userId, clientId, resource, tool, expiresAt } = job
      const times = { queuedAt: at, changedAt: at, expiresAt, endedAt: null }
      const about = { jobId, userId, clientId, agentId, grantId, resource, tool, approvalId }
      return [insert(jobs, { ...about, status: 'queued', leaseHash: null, ...times })]
    }),
    on(JobApproved, ({ jobId, at }) => [
      update(jobs, { approvalId: null, changedAt: at }, { jobId }),
    ]),
    on(JobClaimed, ({ jobId, leaseHash, at }) => [
      update(jobs, { status: 'running', leaseHash, changedAt: at }, { jobId }),
    ]),
    on(JobProgressed, ({ jobId, at }) => [update(jobs, { changedAt: at }, { jobId })]),
    on(JobPaused, ({ jobId, pause, approvalId = null, expiresAt, at }) => [
      update(jobs, { status: pause, approvalId, expiresAt, changedAt: at }, { jobId }),
    ]),
    on(JobResumed, ({ jobId, at }) => [
      update(jobs, { status: 'running', approvalId: null, changedAt: at }, { jobId }),
    ]),
    on(JobReturned, ({ jobId, expiresAt, at }) => [
      update(jobs, { status: 'queued', leaseHash: null, expiresAt, changedAt: at }, { jobId }),
    ]),
    on(JobFinished, ends('done')),
    on(JobFailed, ends('error')),
    on(JobCancelled, ends('cancelled')),
  ],
)

export function findJob(reader: Reader, jobId: string): Promise<Job | undefined> {
  return findOne(reader, jobs, { jobId })
}

/** How many jobs of this person, and by this client, are not over. */
export async function countOpenJobs(
  reader: Reader,
  { userId, clientId }: { userId: string; clientId: string },
): Promise<{ ofPerson: number; ofClient: number }> {
  const open = 'SELECT count(*) FROM "jobs_v1" WHERE "ended_at" IS NULL AND'
  const row = await reader.get({
    sql: `SELECT (${open} "user_id" = ?) AS "of_person", (${open} "client_id" = ?) AS "of_client"`,
    args: [userId, clientId],
  })
  return { ofPerson: Number(row?.of_person), ofClient: Number(row?.of_client) }
}

/** Ids of the jobs that have waited longest: of these tools, and of those that fit a pattern. */
export async function findQueuedJobs(
  reader: Reader,
  asked: {
    readonly tools?: readonly string[] | undefined
    /** Names, or how they begin with `*` after it. */
    readonly patterns?: readonly string[] | undefined
    readonly rowsMax: number
  },
): Promise<string[]> {
  const { tools, patterns, rowsMax } = asked
  const ofTools = tools ? 'AND "tool" IN (SELECT "value" FROM json_each(?))' : ''
  const fitting = patterns
    ? 'AND EXISTS (SELECT 1 FROM json_each(?) p WHERE "tool" GLOB p."value")'
    : ''
  const lists = [tools, patterns].filter((list) => list !== undefined)
  const rows = await reader.all({
    sql: `SELECT "job_id" FROM "jobs_v1" WHERE "ended_at" IS NULL AND "status" = 'queued'
      AND "approval_id" IS NULL ${ofTools} ${fitting} ORDER BY "queued_at", "job_id" LIMIT ?`,
    args: [...lists.map((list) => JSON.stringify(list)), rowsMax],
  })
  return rows.map(({ job_id }) => String(job_id))
}

/** Jobs that run, and whose worker has not been heard of for as long as it said. */
export async function findLostJobs(
  reader: Reader,
  { now, rowsMax }: { now: number; rowsMax: number },
): Promise<{ jobId: string; leaseHash: string }[]> {
  const rows = await reader.all({
    sql: `SELECT "job_id", "lease_hash" FROM "jobs_v1" j
      WHERE "ended_at" IS NULL AND "status" = 'running' AND NOT EXISTS (
        SELECT 1 FROM "expiring" e
        WHERE e."kind" = 'job_lease' AND e."id" = j."lease_hash" AND e."expires_at" > ?)
      ORDER BY "queued_at", "job_id" LIMIT ?`,
    args: [now, rowsMax],
  })
  return rows.map((row) => ({ jobId: String(row.job_id), leaseHash: String(row.lease_hash) }))
}

/** Ids of jobs that have waited too long, for a worker or for a person. */
export async function findExpiredJobs(
  reader: Reader,
  { now, rowsMax }: { now: number; rowsMax: number },
): Promise<string[]> {
  const rows = await reader.all({
    sql: `SELECT "job_id" FROM "jobs_v1"
      WHERE "ended_at" IS NULL AND "expires_at" <= ? AND "status" <> 'running'
      ORDER BY "expires_at" LIMIT ?`,
    args: [now, rowsMax],
  })
  return rows.map(({ job_id }) => String(job_id))
}

export interface JobsAsked {
  readonly userId: string
  /** Only what this agent of theirs started. */
  readonly agentId?: string | undefined
  readonly resource?: string | undefined
  readonly statuses?: readonly JobStatus[] | undefined
  /** Of the last job of the page before. */
  readonly after?: { readonly queuedAt: number; readonly jobId: string } | undefined
  readonly rowsMax: number
}

/** A person's jobs, newest first. */
export function listJobs(reader: Reader, asked: JobsAsked): Promise<Job[]> {
  const { userId, agentId, resource, statuses, after, rowsMax } = asked
  const ofPerson: Condition = ['j."user_id" = ?', userId]
  const isOpen = statuses?.every((status) => !isOver(status)) === true
  const conditions: Condition[] = []
  if (resource !== undefined) conditions.push(['j."resource" = ?', resource])
  if (statuses !== undefined) {
    const among = 'j."status" IN (SELECT "value" FROM json_each(?))'
    conditions.push([among, JSON.stringify(statuses)])
  }
  const listing = {
    ...{ columns: 'j.*', from: '"jobs_v1" j', joins: '', conditions },
    indexed: [
      ofPerson,
      ...(agentId === undefined ? [] : [['j."agent_id" = ?', agentId] as const]),
      // Of those a person has few, and an index knows them, in no order.
      ...(isOpen ? [['j."ended_at" IS NULL'] as const] : []),
    ],
    along: [
      { column: isOpen ? '+j."queued_at"' : 'j."queued_at"', lowest: -1 },
      textKey('j."job_id"'),
    ],
    read: (raw: Raw) => rowOf(jobs, raw),
  }
  const from = after && { after: [after.queuedAt, after.jobId] }
  return find(reader, listing, { ...from, rowsMax })
}
