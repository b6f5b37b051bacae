/**
 * A call of a tool on an MCP server elsewhere: who asked, by which token, and what became of it. A
 * call that acts is on record before it is sent.
 *
 *   made ──▶ ended (ok | tool_error | upstream_error | interrupted)          refused
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

export const gatewayRefusals = [
  'tool_unmapped',
  'scope_missing',
  'tool_unknown',
  'tool_changed',
  'tool_unapproved',
  'approval_needed',
] as const
export type GatewayRefusalReason = (typeof gatewayRefusals)[number]

export const gatewayOutcomes = ['ok', 'tool_error', 'upstream_error', 'interrupted'] as const
export type GatewayOutcome = (typeof gatewayOutcomes)[number]

// Events

const asked = {
  callId: open(Type.String()),
  resource: open(Type.String()),
  tool: open(Type.String()),
  /** Whom the token is about: a person, or the client itself. */
  sub: open(Type.String()),
  /** The person, where it is about one; then the same as `sub`. */
  userId: Type.Optional(open(Type.String())),
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

export const GatewayCallMade = defineEvent('GatewayCallMade', {
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

export const GatewayCallEnded = defineEvent('GatewayCallEnded', {
  version: 1,
  payload: {
    callId: open(Type.String()),
    outcome: open(Type.Union(gatewayOutcomes.map((each) => Type.Literal(each)))),
    /** From sending the call to its answer. */
    durationMs: open(Type.Integer({ minimum: 0 })),
    at: open(Type.Integer()),
  },
})

export const GatewayCallRefused = defineEvent('GatewayCallRefused', {
  version: 1,
  payload: {
    ...asked,
    reason: open(Type.Union(gatewayRefusals.map((each) => Type.Literal(each)))),
  },
})

export const gatewayCallEventTypes = [GatewayCallMade, GatewayCallEnded, GatewayCallRefused]

export type GatewayCallEvent = EventOf<
  typeof GatewayCallMade | typeof GatewayCallEnded | typeof GatewayCallRefused
>
export type MadeCall = EventOf<typeof GatewayCallMade>['payload']
export type RefusedCall = EventOf<typeof GatewayCallRefused>['payload']

// State

export type GatewayCallState =
  | { readonly status: 'unknown' }
  | { readonly status: 'made' | 'ended' | 'refused'; readonly callId: string }

const statusAfter = {
  GatewayCallMade: 'made',
  GatewayCallEnded: 'ended',
  GatewayCallRefused: 'refused',
} as const

function evolve(_: GatewayCallState, { type, payload }: GatewayCallEvent): GatewayCallState {
  return { status: statusAfter[type], callId: payload.callId }
}

// Commands

export type GatewayCallCommand =
  | { readonly kind: 'make'; readonly call: MadeCall }
  | { readonly kind: 'refuse'; readonly call: RefusedCall }
  | {
      readonly kind: 'end'
      readonly outcome: GatewayOutcome
      readonly durationMs: number
      readonly now: number
    }

export type GatewayCallRefusal = 'call_exists' | 'call_not_open'

function decide(command: GatewayCallCommand, state: GatewayCallState) {
  switch (command.kind) {
    case 'make':
      return state.status === 'unknown'
        ? accept<GatewayCallEvent>(GatewayCallMade(command.call))
        : refuse<GatewayCallRefusal>('call_exists')
    case 'refuse':
      return state.status === 'unknown'
        ? accept<GatewayCallEvent>(GatewayCallRefused(command.call))
        : refuse<GatewayCallRefusal>('call_exists')
    case 'end': {
      if (state.status !== 'made') return refuse<GatewayCallRefusal>('call_not_open')
      const { outcome, durationMs, now: at } = command
      return accept<GatewayCallEvent>(
        GatewayCallEnded({ callId: state.callId, outcome, durationMs, at }),
      )
    }
    default:
      return command satisfies never
  }
}

export const gatewayCallDecider: Decider<
  GatewayCallCommand,
  GatewayCallState,
  GatewayCallEvent,
  GatewayCallRefusal
> = {
  noun: 'gateway-call',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
