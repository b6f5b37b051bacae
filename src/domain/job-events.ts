/**
 * What may happen to a job. What a person is asked, answers and gets is sealed; what the server
 * decides by is open.
 */
import { type Static, Type } from '@sinclair/typebox'
import { amountPattern } from './amount.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import type { ReasonGivenEvent } from './reason.ts'

export const jobPauses = ['paused_payment', 'captcha', 'needs_login'] as const
export type JobPause = (typeof jobPauses)[number]

const common = {
  jobId: open(Type.String()),
  userId: open(Type.String()),
  at: open(Type.Integer()),
}
const attempt = open(Type.Integer({ minimum: 1 }))
/** When it ends by itself, if it still waits then. */
const expiresAt = open(Type.Integer())

export const JobQueued = defineEvent('JobQueued', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    /** Or the API token that was presented. */
    clientId: open(Type.String()),
    /** Every client that the token came through; none for an API token. */
    clientIds: open(Type.Array(Type.String())),
    /** Under which consent; absent where the token goes back to none given here. */
    grantId: Type.Optional(open(Type.String())),
    /** The agent of the person's that started it; absent where they or their client did. */
    agentId: Type.Optional(open(Type.String())),
    /** The issuance of the token, where it came from no code. */
    issuanceId: Type.Optional(open(Type.String())),
    apiTokenId: Type.Optional(open(Type.String())),
    /** Of the token that was presented. */
    tokenHash: Type.Optional(hashed()),
    /** What the token had to be for, and to allow. */
    resource: open(Type.String()),
    scope: open(Type.String()),
    tool: open(Type.String()),
    /** JSON text of what the tool was called with. */
    arguments: Type.String(),
    argumentsHash: hashed(),
    /** What the person has to give before anybody may begin. */
    approvalId: Type.Optional(open(Type.String())),
    expiresAt,
  },
})

/** The person lets it begin. */
export const JobApproved = defineEvent('JobApproved', {
  version: 1,
  payload: { ...common, approvalId: open(Type.String()) },
})

export const JobClaimed = defineEvent('JobClaimed', {
  version: 1,
  payload: {
    ...common,
    /** The client that carries it out. */
    workerId: open(Type.String()),
    attempt,
    /** Of what the worker shows with each step; nobody else's step counts. */
    leaseHash: hashed(),
  },
})

export const JobProgressed = defineEvent('JobProgressed', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    attempt,
    note: Type.String(),
    percent: Type.Optional(open(Type.Number({ minimum: 0, maximum: 100 }))),
  },
})

/** What is to be paid, as the person is shown it. */
export const Payment = Type.Object(
  {
    /** Decimal, with a point: nobody's arithmetic comes in between. */
    amount: Type.String({ pattern: amountPattern }),
    /** ISO 4217. */
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    payee: Type.String({ minLength: 1, maxLength: 200 }),
    description: Type.String({ minLength: 1, maxLength: 1000 }),
    parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { additionalProperties: false },
)
export type Payment = Static<typeof Payment>

export const JobPaused = defineEvent('JobPaused', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    attempt,
    pause: open(Type.Union(jobPauses.map((p) => Type.Literal(p)))),
    note: Type.String(),
    /** Where the person goes on. */
    url: Type.Optional(Type.String()),
    payment: Type.Optional(Payment),
    /** Of exactly what the person is shown; whoever answers names it. */
    shownHash: hashed(),
    /** What the person has to give before it is paid. */
    approvalId: Type.Optional(open(Type.String())),
    expiresAt,
  },
})

export const JobResumed = defineEvent('JobResumed', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    shownHash: hashed(),
    approvalId: Type.Optional(open(Type.String())),
    /** What the person wrote, for a captcha. */
    answer: Type.Optional(Type.String()),
  },
})

const returned = Type.Union([Type.Literal('lease_ended'), Type.Literal('let_go')])

/** Whoever had it carries it out no more; it waits for the next. */
export const JobReturned = defineEvent('JobReturned', {
  version: 1,
  payload: { ...common, attempt, reason: open(returned), expiresAt },
})

export const JobFinished = defineEvent('JobFinished', {
  version: 1,
  subject: 'userId',
  payload: { ...common, attempt, result: Type.Unknown() },
})

export const JobFailed = defineEvent('JobFailed', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    /** The worker's own, or `expired` or `attempts_exhausted`. */
    code: open(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' })),
    message: Type.String(),
  },
})

const cancellation = Type.Union([
  Type.Literal('cancelled_by_user'),
  Type.Literal('cancelled_by_client'),
  Type.Literal('cancelled_by_admin'),
  /** The person was asked while it was paused, and said no. */
  Type.Literal('denied_by_user'),
  /** The consent, the client or the account that it was started under is there no more. */
  Type.Literal('access_ended'),
])
export type JobCancellation = Static<typeof cancellation>

export const JobCancelled = defineEvent('JobCancelled', {
  version: 1,
  payload: { ...common, reason: open(cancellation) },
})

export const jobEventTypes = [
  JobQueued,
  JobApproved,
  JobClaimed,
  JobProgressed,
  JobPaused,
  JobResumed,
  JobReturned,
  JobFinished,
  JobFailed,
  JobCancelled,
]

export type JobEvent = ReasonGivenEvent | EventOf<(typeof jobEventTypes)[number]>
export type QueuedJob = EventOf<typeof JobQueued>['payload']
