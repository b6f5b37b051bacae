/** Jobs and where they stand; what they are about is in the log alone, sealed. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { JobStatus } from '../domain/job.ts'
import {
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
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, update } from './statement.ts'

export const jobs = sqliteTable(
  'jobs_v1',
  {
    jobId: text('job_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    grantId: text('grant_id'),
    resource: text('resource').notNull(),
    tool: text('tool').notNull(),
    status: text('status').$type<JobStatus>().notNull(),
    /** Of the worker that has it. */
    leaseHash: text('lease_hash'),
    queuedAt: integer('queued_at').notNull(),
    changedAt: integer('changed_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [
    index('jobs_v1_user').on(table.userId, table.queuedAt, table.jobId),
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

const becomes =
  (status: JobStatus) =>
  ({ jobId, at }: Fact) => [update(jobs, { status, changedAt: at }, { jobId })]

const ends =
  (status: JobStatus) =>
  ({ jobId, at }: Fact) => [
    update(jobs, { status, changedAt: at, endedAt: at, leaseHash: null }, { jobId }),
  ]

export const jobsProjection = defineProjection(
  'jobs_v1',
  [jobs],
  [
    on(JobQueued, ({ grantId, at, ...job }) => {
      const { jobId, userId, clientId, resource, tool, expiresAt } = job
      const times = { queuedAt: at, changedAt: at, expiresAt, endedAt: null }
      const about = { jobId, userId, clientId, grantId: grantId ?? null, resource, tool }
      return [insert(jobs, { ...about, status: 'queued', leaseHash: null, ...times })]
    }),
    on(JobClaimed, ({ jobId, leaseHash, at }) => [
      update(jobs, { status: 'running', leaseHash, changedAt: at }, { jobId }),
    ]),
    on(JobProgressed, ({ jobId, at }) => [update(jobs, { changedAt: at }, { jobId })]),
    on(JobPaused, ({ jobId, pause, expiresAt, at }) => [
      update(jobs, { status: pause, expiresAt, changedAt: at }, { jobId }),
    ]),
    on(JobResumed, becomes('running')),
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
