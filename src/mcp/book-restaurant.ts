/** Asks for a table: queues a job, which waits for whoever carries jobs out. */
import { Type } from '@sinclair/typebox'
import { queueJob, queueRefusals } from '../jobs/queue-job.ts'
import { defineTool } from './tool.ts'

const input = Type.Object(
  {
    restaurant: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name of the restaurant, with its place where the name alone is ambiguous',
    }),
    date: Type.String({
      pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
      description: 'Day of the visit, as YYYY-MM-DD',
    }),
    time: Type.String({
      pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
      description: 'Local time at the restaurant, as HH:MM',
    }),
    party_size: Type.Integer({ minimum: 1, maximum: 50, description: 'How many people come' }),
    notes: Type.Optional(
      Type.String({ maxLength: 1000, description: 'What the restaurant should know' }),
    ),
  },
  { additionalProperties: false },
)

const output = Type.Object(
  {
    jobId: Type.String({ description: 'What `get_job_audit` asks for' }),
    status: Type.Literal('queued'),
  },
  { additionalProperties: false },
)

export const bookRestaurant = defineTool({
  name: 'book_restaurant',
  title: 'Book a restaurant',
  description:
    'Starts a job that books a table. The answer comes at once with the id of the job; ' +
    'get_job_audit tells what became of it.',
  scope: 'book',
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  input,
  output,
  async run(call, booking) {
    if (!isOnTheCalendar(booking.date)) {
      const text = `Cannot book for "${booking.date}": the calendar has no such day`
      return { outcome: 'refused', text }
    }
    const { services, token, correlationId } = call
    const wish = { tool: 'book_restaurant', scope: 'book', arguments: booking, correlationId }
    const queued = await queueJob(services, token, wish)
    if (queued.outcome === 'refused') {
      return { outcome: 'refused', text: `Cannot start the job: ${queueRefusals[queued.reason]}` }
    }
    const { jobId } = queued
    return {
      outcome: 'done',
      output: { jobId, status: 'queued' as const },
      text: `The booking is queued as job ${jobId}`,
    }
  },
})

/** A day such as February 30th is carried over into March. */
function isOnTheCalendar(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)
}
