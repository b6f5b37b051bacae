/** A job's status as clients are told it: their documents may know fewer than there are. */
import type { Settings } from '../config/settings.ts'
import type { JobStatus } from '../domain/job.ts'

export function shownStatus({ jobs }: Pick<Settings, 'jobs'>, status: JobStatus): JobStatus {
  return status === 'cancelled' ? jobs.cancelledAs : status
}
