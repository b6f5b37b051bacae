/** Tells how a job stands and what the person must do, at once, for a client that asks again later. */
import { type ReplayedJob, replayJob } from '../audit/jobs.ts'
import type { JobStatus } from '../domain/job.ts'
import { JobCancelled, JobFailed, JobFinished } from '../domain/job-events.ts'
import { shownStatus } from '../jobs/shown-status.ts'
import type { ToolAnswer, ToolRun } from './tool.ts'

/** What only the person can do, by the status that waits for it. */
const actions: Partial<Record<JobStatus, string>> = {
  paused_payment: 'Look at what is to be paid, and approve or refuse it',
  captcha: 'Solve the check that the site asks of a person',
  needs_login: 'Sign in at the site',
}

export async function getJobStatus({ services, token, given }: ToolRun): Promise<ToolAnswer> {
  const jobId = String(given.jobId)
  const job = await replayJob(services.log, jobId)
  // Somebody else's job looks like none, or ids could be tried out.
  if (!job || job.userId !== token.userId) {
    return { outcome: 'refused', text: `Cannot find "${jobId}": there is no such job` }
  }
  const status = shownStatus(services.settings, job.status)
  const what = actions[job.status]
  const action = what && { what, url: `${services.settings.issuer}/approvals` }
  const told = toldOf(job)
  const output = {
    ...{ jobId, tool: job.tool, status },
    ...timesOf(job),
    ...told,
    ...(action ? { action } : {}),
  }
  const words = [
    `Job ${jobId} is ${status}`,
    ...(told.note === undefined ? [] : [told.note]),
    ...(action ? [`${action.what}: ${action.url}`] : []),
    ...(told.error === undefined ? [] : [told.error]),
  ]
  return { outcome: 'done', output, text: words.join('\n') }
}

function timesOf({ events }: ReplayedJob) {
  const [queued, last] = [events[0], events.at(-1)]
  const moment = (at = 0) => new Date(at).toISOString()
  return { queuedAt: moment(queued?.recordedAt), changedAt: moment(last?.recordedAt) }
}

interface Told {
  note?: string
  percent?: number
  result?: unknown
  error?: string
}

/** The last that was said of each. */
function toldOf({ events }: ReplayedJob): Told {
  const told: Told = {}
  for (const { type, payload } of events) {
    if (typeof payload.note === 'string') told.note = payload.note
    if (typeof payload.percent === 'number') told.percent = payload.percent
    if (type === JobFinished.name) told.result = payload.result
    if (type === JobFailed.name) told.error = `${payload.code}: ${payload.message}`
    if (type === JobCancelled.name) told.error = String(payload.reason)
  }
  return told
}
