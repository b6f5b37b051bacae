/** A call of a tool that is carried out elsewhere, by its own events, and in a sentence. */

import { GrantApproved } from '../domain/grant-events.ts'
import {
  type MadeCall,
  type RefusedCall,
  type ToolCallEvent,
  ToolCallMade,
  type ToolCallOutcome,
  type ToolCallRefusalReason,
} from '../domain/tool-call.ts'
import type { Services } from '../protocol/services.ts'
import { type EventView, viewEvent } from './event-view.ts'

export interface CallHistory {
  readonly call_id: string
  /** What happened, in English. */
  readonly said: string
  readonly tool: string
  readonly resource: string
  readonly user_id: string | null
  /** Of an agent's call: who has confirmed the agent. */
  readonly owner_id: string | null
  readonly client_id: string
  readonly grant_id: string | null
  readonly outcome: ToolCallOutcome | 'made' | 'refused'
  /** The consent that the grant began with; none where nobody was asked here. */
  readonly consent: EventView | null
  readonly events: readonly EventView[]
}

const outcomes: Readonly<Record<CallHistory['outcome'], string>> = {
  made: 'and there is no answer on record',
  ok: 'and it was done',
  tool_error: 'and the tool said that it failed',
  upstream_error: 'and what stands behind it answered with an error, or not at all',
  interrupted: 'and the connection ended before the answer',
  refused: 'and was refused',
}

const reasons: Readonly<Record<ToolCallRefusalReason, string>> = {
  tool_unmapped: 'no scope opens the tool',
  scope_missing: 'the token lacked the scope',
  tool_unknown: 'the server has no such tool',
  tool_changed: 'the tool had changed since it was approved',
  tool_unapproved: 'the tool was not approved yet',
  approval_needed: 'the person had not approved the call',
  too_many_calls: 'too many calls were under way',
}

/** Undefined when there is no such call. */
export async function callHistory(
  { log }: Pick<Services, 'log'>,
  callId: string,
): Promise<CallHistory | undefined> {
  const events = await log.read({ streamId: `tool-call/${callId}`, order: 'oldest first' })
  const [first, last] = events as unknown as ToolCallEvent[]
  if (!first || first.type === 'ToolCallEnded') return undefined
  const { tool, resource, userId, ownerId, clientId, grantId } = first.payload
  const outcome = last?.type === 'ToolCallEnded' ? last.payload.outcome : 'made'
  const isMade = first.type === ToolCallMade.name
  const [consent] =
    grantId === undefined
      ? []
      : await log.read({ streamId: `grant/${grantId}`, types: [GrantApproved.name], limit: 1 })
  const whose = whoseCall(first.payload)
  const what = outcomes[isMade ? outcome : 'refused']
  const why = first.type === 'ToolCallRefused' ? `: ${reasons[first.payload.reason]}` : ''
  return {
    call_id: callId,
    said: `${clientId} called ${tool} at ${resource} ${whose}, ${what}${why}`,
    tool,
    resource,
    user_id: userId ?? null,
    owner_id: ownerId ?? null,
    client_id: clientId,
    grant_id: grantId ?? null,
    outcome: isMade ? outcome : 'refused',
    consent: consent ? viewEvent(consent) : null,
    events: events.map(viewEvent),
  }
}

function whoseCall({ sub, userId, ownerId, clientId }: MadeCall | RefusedCall): string {
  if (ownerId !== undefined) return `for ${sub}, an agent of ${ownerId}`
  return userId === undefined && sub === clientId ? 'for itself' : `for ${sub}`
}
