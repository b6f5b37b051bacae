/** Tells a person's agent what happened to a job of that person, by replaying its events. */
import { Type } from '@sinclair/typebox'
import { replayJob } from '../audit/jobs.ts'
import type { RecordedEvent } from '../domain/event-log.ts'
import { jobEventTypes } from '../domain/job-events.ts'
import { defineTool } from './tool.ts'

const output = Type.Object(
  {
    jobId: Type.String(),
    tool: Type.String(),
    status: Type.String(),
    events: Type.Array(
      Type.Object({
        position: Type.Integer({ description: 'Place in the log' }),
        eventId: Type.String(),
        type: Type.String(),
        at: Type.String({ description: 'ISO 8601' }),
        actor: Type.String({ description: 'Who caused it, as `client:<id>` or `user:<id>`' }),
        payload: Type.Record(Type.String(), Type.Unknown()),
      }),
      { description: 'Oldest first' },
    ),
  },
  { additionalProperties: false },
)

export const getJobAudit = defineTool({
  name: 'get_job_audit',
  title: 'Audit a job',
  description: 'Tells everything that happened to a job, in order, as the event log has it.',
  scope: 'read',
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: Type.Object(
    { jobId: Type.String({ minLength: 1, maxLength: 100, description: 'The id of the job' }) },
    { additionalProperties: false },
  ),
  output,
  async run({ services, token }, { jobId }) {
    const job = await replayJob(services.log, jobId)
    // Somebody else's job looks like none, or ids could be tried out.
    if (!job || job.userId !== token.userId) {
      return { outcome: 'refused', text: `Cannot audit "${jobId}": there is no such job` }
    }
    const events = job.events.map(asTold)
    const lines = events.map(
      ({ position, at, type, actor }) => `${position} ${at} ${type} ${actor}`,
    )
    return {
      outcome: 'done',
      output: { jobId, tool: job.tool, status: job.status, events },
      text: [`Job ${jobId} is ${job.status}`, ...lines].join('\n'),
    }
  },
})

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
