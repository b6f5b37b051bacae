/** Which tools a grant called that are carried out elsewhere, and what became of each call. */
import type { ToolCallOutcome, ToolCallRefusalReason } from '../domain/tool-call.ts'
import type { Reader } from '../projections/statement.ts'
import { findCallsOfGrant } from '../projections/tool-calls.ts'

export const callRows = 20
const callIdPattern = /^call_[0-9a-z]{1,40}$/

export interface GrantCall {
  readonly callId: string
  readonly tool: string
  readonly resource: string
  /** `made`: it was sent, and nobody here knows what became of it. */
  readonly outcome: ToolCallOutcome | 'made' | 'refused'
  /** Of a refusal. */
  readonly reason?: ToolCallRefusalReason
  /** Milliseconds since 1970. */
  readonly at: number
  readonly durationMs?: number
}

export interface GrantCalls {
  /** Newest first. */
  readonly calls: readonly GrantCall[]
  /** Where to go on; absent when there is no more. */
  readonly before?: string
}

/** Whoever asks has made sure whose grant it is. */
export async function readCalls(
  reader: Reader,
  { grantId, before }: { grantId: string; before?: string | undefined },
): Promise<GrantCalls> {
  const from = before !== undefined && callIdPattern.test(before) ? before : undefined
  const rows = await findCallsOfGrant(reader, { grantId, rowsMax: callRows + 1, before: from })
  const shown = rows.slice(0, callRows)
  const last = shown.at(-1)
  return {
    calls: shown.map(({ callId, tool, resource, outcome, reason, madeAt, durationMs }) => ({
      ...{ callId, tool, resource, outcome, at: madeAt },
      ...(reason === null ? {} : { reason }),
      ...(durationMs === null ? {} : { durationMs }),
    })),
    ...(rows.length > callRows && last ? { before: last.callId } : {}),
  }
}
