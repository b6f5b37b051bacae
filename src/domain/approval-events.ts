/**
 * What may happen to a question that a person decides. What they are shown, and why they said no,
 * is sealed; what the server decides by is open.
 */
import { Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

/** A job that pauses for payment, a job that may not begin unasked, a call of a gateway's tool. */
export const approvalKinds = ['payment', 'job', 'call'] as const
export type ApprovalKind = (typeof approvalKinds)[number]

export const approvalChannels = ['web', 'telegram', 'standing'] as const
export type ApprovalChannel = (typeof approvalChannels)[number]

const common = {
  approvalId: open(Type.String()),
  userId: open(Type.String()),
  at: open(Type.Integer()),
}

export const ApprovalAsked = defineEvent('ApprovalAsked', {
  version: 1,
  subject: 'userId',
  payload: {
    ...common,
    kind: open(Type.Union(approvalKinds.map((kind) => Type.Literal(kind)))),
    /** Who asks, or the API token that was presented. */
    clientId: open(Type.String()),
    /** Every client that the token came through; none for an API token. */
    clientIds: open(Type.Array(Type.String())),
    grantId: Type.Optional(open(Type.String())),
    /** The agent of the person's on whose word it is asked. */
    agentId: Type.Optional(open(Type.String())),
    issuanceId: Type.Optional(open(Type.String())),
    apiTokenId: Type.Optional(open(Type.String())),
    resource: open(Type.String()),
    scope: open(Type.String()),
    tool: open(Type.String()),
    /** The job that waits for the answer. */
    jobId: Type.Optional(open(Type.String())),
    /** Keyed, of consent, tool and arguments: the same call finds its approval by it. */
    callKey: Type.Optional(hashed()),
    /** Canonical JSON of everything that the person is shown. */
    shown: Type.String(),
    /** Keyed, since what is shown can be guessed; whoever decides names it. */
    shownHash: hashed(),
    expiresAt: open(Type.Integer()),
  },
})

/** How whoever decided was known: a session and its proof, or a standing approval of before. */
const decision = {
  ...common,
  shownHash: hashed(),
  channel: open(Type.Union(approvalChannels.map((channel) => Type.Literal(channel)))),
  sessionId: Type.Optional(open(Type.String())),
  amr: Type.Optional(open(Type.Array(Type.String()))),
  authTime: Type.Optional(open(Type.Integer())),
  standingId: Type.Optional(open(Type.String())),
}

export const ApprovalGiven = defineEvent('ApprovalGiven', {
  version: 1,
  payload: {
    ...decision,
    /** Until when the call may be made. */
    usableUntil: Type.Optional(open(Type.Integer())),
  },
})

export const ApprovalDenied = defineEvent('ApprovalDenied', {
  version: 1,
  subject: 'userId',
  payload: { ...decision, reason: Type.Optional(Type.String()) },
})

const voided = Type.Union([
  /** Something else is asked now. */
  Type.Literal('changed'),
  Type.Literal('job_over'),
  /** The consent, the client or the account that it was asked under is there no more. */
  Type.Literal('access_ended'),
])

export const ApprovalVoided = defineEvent('ApprovalVoided', {
  version: 1,
  payload: { ...common, reason: open(voided) },
})

export const ApprovalExpired = defineEvent('ApprovalExpired', {
  version: 1,
  payload: common,
})

/** The one call that it was given for was let through. */
export const ApprovalUsed = defineEvent('ApprovalUsed', {
  version: 1,
  payload: { ...common, callKey: hashed() },
})

export const approvalEventTypes = [
  ApprovalAsked,
  ApprovalGiven,
  ApprovalDenied,
  ApprovalVoided,
  ApprovalExpired,
  ApprovalUsed,
]

export type ApprovalEvent = EventOf<(typeof approvalEventTypes)[number]>
export type AskedApproval = EventOf<typeof ApprovalAsked>['payload']
export type ApprovalVoidReason = EventOf<typeof ApprovalVoided>['payload']['reason']
