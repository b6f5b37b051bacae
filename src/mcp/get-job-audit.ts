/** Tells a person's agent what happened to a job of that person, by replaying its events. */
import { replayJob } from '../audit/jobs.ts'
import type { RecordedEvent } from '../domain/event-log.ts'
import { jobEventTypes } from '../domain/job-events.ts'
import { shownStatus } from '../jobs/shown-status.ts'
import { maySee } from './job-tool.ts'
import type { ToolAnswer, ToolRun } from './tool.ts'

export async function getJobAudit({ services, token, given }: ToolRun): Promise<ToolAnswer> {
  const jobId = String(given.jobId)
  const job = await replayJob(services.log, jobId)
  // Somebody else's job looks like none, or ids could be tried out; another resource's does too.
  if (!job || !maySee(token, job.state)) {
    return { outcome: 'refused', text: `Cannot audit "${jobId}": there is no such job` }
  }
  const status = shownStatus(services.settings, job.status)
  const events = job.events.map(asTold)
  const lines = events.map(({ position, at, type, actor }) => `${position} ${at} ${type} ${actor}`)
  return {
    outcome: 'done',
    output: { jobId, tool: job.tool, status, events },
    text: [`Job ${jobId} is ${status}`, ...lines].join('\n'),
  }
}

/** Hashes tell nothing to those who have what they are of. */
function asTold(event: RecordedEvent) {
  const fields = jobEventTypes.find(({ name }) => name === event.type)?.fields ?? {}
  const told = Object.entries(event.payload).filter(([field]) => fields[field] !== 'hash')
  return {
    position: event.position,
    eventId: event.eventId,
    type: event.type,
    at: new Date(event.recordedAt).toISOString(),
    actor: event.actor,
    payload: Object.fromEntries(told),
  }
}
