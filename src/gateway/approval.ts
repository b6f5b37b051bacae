/**
 * Whether the person has approved a call. The one place where approvals plug in: it is asked after
 * the scopes and the tool's definition were found good, and before anything is written or sent.
 */
import type { GatewayUpstream } from '../config/gateway-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { needsApproval } from './rules.ts'

export interface ToApprove {
  readonly upstream: GatewayUpstream
  readonly token: LiveToken
  readonly tool: string
  /** Canonical JSON. */
  readonly given: string
}

export type ApprovalAnswer =
  | { readonly outcome: 'not_needed' | 'approved' }
  /** @property words for the client */
  | { readonly outcome: 'refused'; readonly words: string }

export async function approvalFor(_: Services, call: ToApprove): Promise<ApprovalAnswer> {
  if (!needsApproval(call.upstream, call.tool)) return { outcome: 'not_needed' }
  const words = `The tool ${call.tool} needs the person's approval for each call, and this server cannot ask for it yet`
  return { outcome: 'refused', words }
}
