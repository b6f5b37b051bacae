/**
 * A call of a tool that is carried out elsewhere, by an MCP server or an endpoint of the operator's:
 * who asked, by which token, and what became of it. A call that acts is on record before it is sent.
 *
 *   made ──▶ ended (ok | tool_error | upstream_error | interrupted)          refused
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

export const toolCallRefusals = [
  'tool_unmapped',
  'scope_missing',
  'tool_unknown',
  'tool_changed',
  'tool_unapproved',
  'approval_needed',
  'too_many_calls',
] as const
export type ToolCallRefusalReason = (typeof toolCallRefusals)[number]

export const toolCallOutcomes = ['ok', 'tool_error', 'upstream_error', 'interrupted'] as const
export type ToolCallOutcome = (typeof toolCallOutcomes)[number]

// Events

const asked = {
  callId: open(Type.String()),
  resource: open(Type.String()),
  tool: open(Type.String()),
  /** Whom the token is about: a person, or the client itself. */
  sub: open(Type.String()),
  /** The person, where it is about one; then the same as `sub`. */
  userId: Type.Optional(open(Type.String())),
  /** Of an agent: who has confirmed it. */
  ownerId: Type.Optional(open(Type.String())),
  /** Or the API token that was presented. */
  clientId: open(Type.String()),
  /** Under which consent; absent where the token goes back to none given here. */
  grantId: Type.Optional(open(Type.String())),
  /** The issuance of the token, where it came from no code. */
  issuanceId: Type.Optional(open(Type.String())),
  /** The token as the log knows it. */
  accessTokenHash: hashed(),
  /** Keyed, over canonical JSON: equal arguments have equal hashes. */
  argumentsHash: hashed(),
  at: open(Type.Integer()),
}

export const ToolCallMade = defineEvent('ToolCallMade', {
  version: 1,
  subject: 'sub',
  payload: {
    ...asked,
    /** The definition of the tool that was in force. */
    definitionHash: hashed(),
    /** JSON text, where the settings want it kept. */
    arguments: Type.Optional(Type.String()),
  },
})

export const ToolCallEnded = defineEvent('ToolCallEnded', {
  version: 1,
  payload: {
    callId: open(Type.String()),
    outcome: open(Type.Union(toolCallOutcomes.map((each) => Type.Literal(each)))),
    /** From sending the call to its answer. */
    durationMs: open(Type.Integer({ minimum: 0 })),
    at: open(Type.Integer()),
  },
})

export const ToolCallRefused = defineEvent('ToolCallRefused', {
  version: 1,
  payload: {
    ...asked,
    reason: open(Type.Union(toolCallRefusals.map((each) => Type.Literal(each)))),
  },
})

export const toolCallEventTypes = [ToolCallMade, ToolCallEnded, ToolCallRefused]

export type ToolCallEvent = EventOf<
  typeof ToolCallMade | typeof ToolCallEnded | typeof ToolCallRefused
>
export type MadeCall = EventOf<typeof ToolCallMade>['payload']
export type RefusedCall = EventOf<typeof ToolCallRefused>['payload']

// State

export type ToolCallState =
  | { readonly status: 'unknown' }
  | { readonly status: 'made' | 'ended' | 'refused'; readonly callId: string }

const statusAfter = {
  ToolCallMade: 'made',
  ToolCallEnded: 'ended',
  ToolCallRefused: 'refused',
} as const

function evolve(_: ToolCallState, { type, payload }: ToolCallEvent): ToolCallState {
  return { status: statusAfter[type], callId: payload.callId }
}

// Commands

export type ToolCallCommand =
  | { readonly kind: 'make'; readonly call: MadeCall }
  | { readonly kind: 'refuse'; readonly call: RefusedCall }
  | {
      readonly kind: 'end'
      readonly outcome: ToolCallOutcome
      readonly durationMs: number
      readonly now: number
    }

export type ToolCallRefusal = 'call_exists' | 'call_not_open'

function decide(command: ToolCallCommand, state: ToolCallState) {
  switch (command.kind) {
    case 'make':
      return state.status === 'unknown'
        ? accept<ToolCallEvent>(ToolCallMade(command.call))
        : refuse<ToolCallRefusal>('call_exists')
    case 'refuse':
      return state.status === 'unknown'
        ? accept<ToolCallEvent>(ToolCallRefused(command.call))
        : refuse<ToolCallRefusal>('call_exists')
    case 'end': {
      if (state.status !== 'made') return refuse<ToolCallRefusal>('call_not_open')
      const { outcome, durationMs, now: at } = command
      return accept<ToolCallEvent>(ToolCallEnded({ callId: state.callId, outcome, durationMs, at }))
    }
    default:
      return command satisfies never
  }
}

export const toolCallDecider: Decider<
  ToolCallCommand,
  ToolCallState,
  ToolCallEvent,
  ToolCallRefusal
> = {
  noun: 'tool-call',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
