/**
 * Whether the person has approved a call: the one place where approvals plug in. It is asked after
 * the scopes and the tool's definition were found good, and before anything is written or sent. A
 * call that has to wait is answered as a tool does that fails, so that the model reads where the
 * person decides; what programs want of it stands in `_meta`.
 */
import { type CallApproval, requireApproval, wordsForCall } from '../approvals/call-approval.ts'
import type { GatewayUpstream } from '../config/gateway-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { needsApproval } from './rules.ts'

const metaName = 'dev.grantlog/approval'

export interface ToApprove {
  readonly upstream: GatewayUpstream
  readonly token: LiveToken
  readonly tool: string
  readonly scope: string
  /** Canonical JSON. */
  readonly given: string
  readonly correlationId: string
}

export type ApprovalAnswer =
  | { readonly outcome: 'not_needed' | 'approved' }
  /** @property result what the client gets in the place of the tool's own */
  | { readonly outcome: 'waiting'; readonly result: Readonly<Record<string, unknown>> }

export async function approvalFor(
  services: Services,
  { upstream, token, ...call }: ToApprove,
): Promise<ApprovalAnswer> {
  if (!needsApproval(upstream, call.tool)) return { outcome: 'not_needed' }
  const answer = await requireApproval(services, token, call)
  if (answer.outcome === 'approved') return { outcome: 'approved' }
  return { outcome: 'waiting', result: resultOf(call.tool, answer) }
}

function resultOf(tool: string, answer: Exclude<CallApproval, { outcome: 'approved' }>) {
  const result = { content: [{ type: 'text', text: wordsForCall(tool, answer) }], isError: true }
  if (answer.outcome === 'refused') return result
  const { outcome: status, approvalId: id, url } = answer
  return { ...result, _meta: { [metaName]: { id, status, url } } }
}
