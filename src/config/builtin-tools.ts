/** Tools that the server carries out itself: a setting names one, and what it is stands here. */
import type { JsonSchema } from './json-schema.ts'

export const builtinNames = ['get_job_status', 'get_job_audit'] as const
export type BuiltinName = (typeof builtinNames)[number]

interface Builtin {
  readonly title: string
  readonly description: string
  readonly inputSchema: JsonSchema
  readonly outputSchema: JsonSchema
}

/** Nothing of the job changes by being asked about. */
export const builtinAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const

const oneJob: JsonSchema = {
  type: 'object',
  properties: {
    jobId: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      description: 'The id that the tool answered which started the job',
    },
  },
  required: ['jobId'],
  additionalProperties: false,
}

const text = { type: 'string' }
const moment = { type: 'string', format: 'date-time' }

export const builtins: Readonly<Record<BuiltinName, Builtin>> = {
  get_job_status: {
    title: 'See how a job stands',
    description:
      'Tells at once how a job stands, what was last noted about it, and its result or error. ' +
      'Where it waits for the person, it tells for what and where: show the person that address. ' +
      'Ask again in about 30 seconds until the status is done or error.',
    inputSchema: oneJob,
    outputSchema: {
      type: 'object',
      properties: {
        jobId: { type: 'string' },
        tool: { type: 'string', description: 'The tool that started it' },
        status: {
          type: 'string',
          description:
            'queued and running go on by themselves; paused_payment, captcha and needs_login ' +
            'wait for the person; done, error and cancelled are its end',
        },
        queuedAt: moment,
        changedAt: { ...moment, description: 'When anything last happened to it' },
        note: { type: 'string', description: 'What was last noted about it' },
        percent: { type: 'number', description: 'How far it is, from 0 to 100' },
        action: {
          type: 'object',
          description: 'What only the person can do',
          properties: {
            what: { type: 'string' },
            url: { type: 'string', description: 'Where the person does it' },
            payment: {
              type: 'object',
              description: 'What is to be paid',
              properties: { amount: text, currency: text, payee: text, description: text },
              required: ['amount', 'currency', 'payee', 'description'],
            },
          },
          required: ['what', 'url'],
        },
        result: { description: 'What it came to, as the worker has it' },
        error: {
          type: 'object',
          description: 'Why it came to nothing',
          properties: { code: text, message: text },
          required: ['code', 'message'],
        },
      },
      required: ['jobId', 'tool', 'status', 'queuedAt', 'changedAt'],
      additionalProperties: false,
    },
  },
  get_job_audit: {
    title: 'Audit a job',
    description: 'Tells everything that happened to a job, in order, as the event log has it.',
    inputSchema: oneJob,
    outputSchema: {
      type: 'object',
      properties: {
        jobId: { type: 'string' },
        tool: { type: 'string' },
        status: { type: 'string' },
        events: {
          type: 'array',
          description: 'Oldest first',
          items: {
            type: 'object',
            properties: {
              position: { type: 'integer', description: 'Place in the log' },
              eventId: { type: 'string' },
              type: { type: 'string' },
              at: moment,
              actor: { type: 'string', description: 'Who caused it, as client:<id> or user:<id>' },
              payload: { type: 'object' },
            },
            required: ['position', 'eventId', 'type', 'at', 'actor', 'payload'],
          },
        },
      },
      required: ['jobId', 'tool', 'status', 'events'],
      additionalProperties: false,
    },
  },
}

/** What every tool answers that starts a job. */
export const jobAnswerSchema: JsonSchema = {
  type: 'object',
  properties: {
    jobId: { type: 'string', description: 'What get_job_status asks for' },
    status: { type: 'string' },
  },
  required: ['jobId', 'status'],
  additionalProperties: false,
}
