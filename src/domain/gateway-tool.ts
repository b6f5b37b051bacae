/**
 * A tool of an MCP server elsewhere, as that server describes it. What people and models read of a
 * tool is what they trust, so a description that has changed counts for nothing until an operator
 * has looked at it.
 *
 *   seen ──▶ trusted | waiting ──approve──▶ trusted ──changed──▶ waiting
 *
 * One that changes back to what was approved is trusted again.
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import { sha256 } from './keyring.ts'

export const definitionCharactersMax = 65_536
/** A server that changes its mind at each question fills no log with it. */
const changeQuietMs = 10 * 60 * 1000

// Events

const common = {
  /** Of the resource and the tool's name: see `gatewayToolId`. */
  toolId: open(Type.String()),
  resource: open(Type.String()),
  tool: open(Type.String()),
  definitionHash: hashed(),
  at: open(Type.Integer()),
}

/** Canonical JSON of the whole definition: what an operator compares. */
const definition = open(Type.String({ maxLength: definitionCharactersMax }))

export const GatewayToolSeen = defineEvent('GatewayToolSeen', {
  version: 1,
  payload: {
    ...common,
    definition,
    /** Whether the first look was enough. */
    trusted: open(Type.Boolean()),
  },
})

export const GatewayToolChanged = defineEvent('GatewayToolChanged', {
  version: 1,
  payload: { ...common, definition },
})

export const GatewayToolApproved = defineEvent('GatewayToolApproved', {
  version: 1,
  subject: 'toolId',
  payload: {
    ...common,
    /** In the words of who approved it. */
    reason: Type.String({ maxLength: 1000 }),
  },
})

export const gatewayToolEventTypes = [GatewayToolSeen, GatewayToolChanged, GatewayToolApproved]

export type GatewayToolEvent = EventOf<
  typeof GatewayToolSeen | typeof GatewayToolChanged | typeof GatewayToolApproved
>

export function gatewayToolId(resource: string, tool: string): string {
  return sha256(JSON.stringify([resource, tool]))
}

// State

export type GatewayToolState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'known'
      readonly toolId: string
      readonly resource: string
      readonly tool: string
      readonly seenHash: string
      readonly seenAt: number
      readonly approvedHash?: string
    }

function evolve(state: GatewayToolState, { type, payload }: GatewayToolEvent): GatewayToolState {
  const { toolId, resource, tool, definitionHash, at } = payload
  switch (type) {
    case 'GatewayToolSeen': {
      const approved = payload.trusted ? { approvedHash: definitionHash } : {}
      const seen = { seenHash: definitionHash, seenAt: at }
      return { status: 'known', toolId, resource, tool, ...seen, ...approved }
    }
    case 'GatewayToolChanged':
      return state.status === 'unknown' ? state : { ...state, seenHash: definitionHash, seenAt: at }
    case 'GatewayToolApproved':
      return state.status === 'unknown' ? state : { ...state, approvedHash: definitionHash }
    default:
      return type satisfies never
  }
}

// Commands

type Seen = EventOf<typeof GatewayToolSeen>['payload']

export type GatewayToolCommand =
  | { readonly kind: 'see'; readonly seen: Seen }
  | {
      readonly kind: 'approve'
      /** The one that was looked at: another than the newest is not what would be approved. */
      readonly definitionHash: string
      readonly reason: string
      readonly now: number
    }

export type GatewayToolRefusal = 'tool_unknown' | 'tool_changed' | 'already_approved'

function decide(command: GatewayToolCommand, state: GatewayToolState) {
  switch (command.kind) {
    case 'see':
      return accept(...sightOf(command.seen, state))
    case 'approve': {
      if (state.status === 'unknown') return refuse<GatewayToolRefusal>('tool_unknown')
      const { toolId, resource, tool, seenHash, approvedHash } = state
      const { definitionHash, reason, now: at } = command
      if (definitionHash !== seenHash) return refuse<GatewayToolRefusal>('tool_changed')
      if (approvedHash === seenHash) return refuse<GatewayToolRefusal>('already_approved')
      return accept<GatewayToolEvent>(
        GatewayToolApproved({ toolId, resource, tool, definitionHash, reason, at }),
      )
    }
    default:
      return command satisfies never
  }
}

function sightOf(seen: Seen, state: GatewayToolState): GatewayToolEvent[] {
  if (state.status === 'unknown') return [GatewayToolSeen(seen)]
  const { trusted: _, ...changed } = seen
  const { seenHash, seenAt, approvedHash } = state
  if (seen.definitionHash === seenHash) return []
  const isOpenAnyway = approvedHash !== seenHash && seen.definitionHash !== approvedHash
  if (isOpenAnyway && seen.at - seenAt < changeQuietMs) return []
  return [GatewayToolChanged(changed)]
}

export const gatewayToolDecider: Decider<
  GatewayToolCommand,
  GatewayToolState,
  GatewayToolEvent,
  GatewayToolRefusal
> = {
  noun: 'gateway-tool',
  stateSchema: 1,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
