/** What `/api/mcp` offers where nobody declared tools: a job to try the server with. */
import type { GivenTool } from './tool-settings.ts'

export const jobTools: readonly GivenTool[] = [
  { name: 'get_job_status', scope: 'read', builtin: 'get_job_status' },
  { name: 'get_job_audit', scope: 'read', builtin: 'get_job_audit' },
]

/** Hours and minutes as a clock on the wall has them. */
export const clockTime = {
  type: 'string',
  pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
  description: 'Local time there, as HH:MM',
}

export const defaultTools: readonly GivenTool[] = [
  {
    name: 'book_restaurant',
    title: 'Book a restaurant',
    description:
      'Starts a job that books a table. The answer comes at once with the id of the job; ' +
      'get_job_status tells what became of it.',
    scope: 'book',
    job: true,
    annotations: { readOnlyHint: false, destructiveHint: false },
    inputSchema: {
      type: 'object',
      properties: {
        restaurant: {
          type: 'string',
          minLength: 1,
          maxLength: 200,
          description: 'Name of the restaurant, with its place where the name alone is ambiguous',
        },
        date: { type: 'string', format: 'date', description: 'Day of the visit, as YYYY-MM-DD' },
        time: clockTime,
        party_size: {
          type: 'integer',
          minimum: 1,
          maximum: 50,
          description: 'How many people come',
        },
        notes: {
          type: 'string',
          maxLength: 1000,
          description: 'What the restaurant should know',
        },
      },
      required: ['restaurant', 'date', 'time', 'party_size'],
      additionalProperties: false,
    },
  },
  ...jobTools,
]
