/** Jobs and where they stand. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  JobCancelled,
  JobFailed,
  JobFinished,
  JobPaused,
  JobProgressed,
  JobQueued,
  JobResumed,
  JobStarted,
  type JobStatus,
} from '../domain/job.ts'
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, update } from './statement.ts'

export const jobs = sqliteTable(
  'jobs_v1',
  {
    jobId: text('job_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    grantId: text('grant_id'),
    tool: text('tool').notNull(),
    status: text('status').$type<JobStatus>().notNull(),
    queuedAt: integer('queued_at').notNull(),
    changedAt: integer('changed_at').notNull(),
  },
  (table) => [index('jobs_v1_user').on(table.userId, table.queuedAt)],
)

export type Job = typeof jobs.$inferSelect

const becomes =
  (status: JobStatus) =>
  ({ jobId, at }: { jobId: string; at: number }) => [
    update(jobs, { status, changedAt: at }, { jobId }),
  ]

export const jobsProjection = defineProjection(
  'jobs_v1',
  [jobs],
  [
    on(JobQueued, ({ jobId, userId, clientId, grantId, tool, at }) => [
      insert(jobs, {
        jobId,
        userId,
        clientId,
        grantId: grantId ?? null,
        tool,
        status: 'queued',
        queuedAt: at,
        changedAt: at,
      }),
    ]),
    on(JobStarted, becomes('running')),
    on(JobProgressed, becomes('running')),
    on(JobResumed, becomes('running')),
    on(JobPaused, ({ pause, ...at }) => becomes(pause)(at)),
    on(JobFinished, becomes('done')),
    on(JobFailed, becomes('error')),
    on(JobCancelled, becomes('cancelled')),
  ],
)

export function findJob(reader: Reader, jobId: string): Promise<Job | undefined> {
  return findOne(reader, jobs, { jobId })
}
