/** What the parts of the gateway know: of the server elsewhere, and of who asks it now. */
import type { GatewayUpstream } from '../config/gateway-settings.ts'
import type { Resource } from '../config/resource-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import type { BoundTo } from './bound-id.ts'
import type { OpenStreams } from './open-streams.ts'
import type { ToolDefinitions } from './tool-definitions.ts'

/** One server elsewhere; made once. */
export interface Gate {
  readonly services: Services
  readonly resource: Resource
  readonly upstream: GatewayUpstream
  readonly definitions: ToolDefinitions
  readonly streams: OpenStreams
  /** For the credentials `bearer` and `header`. */
  readonly secret: string | undefined
}

/** One request whose token was found good for the resource. */
export interface Visit {
  readonly gate: Gate
  readonly token: LiveToken
  /** As it was presented. It goes nowhere. */
  readonly tokenText: string
  readonly correlationId: string
  /** As the server elsewhere calls it. */
  readonly session: string | undefined
  /** The event after which a stream goes on, as the server elsewhere calls it. */
  readonly lastEvent: string | undefined
  readonly protocolVersion: string | undefined
  /** The client has gone. */
  readonly signal: AbortSignal
}

/** What ids of the server elsewhere are bound to: another person or client has others. */
export function boundTo(
  { gate, token }: Pick<Visit, 'gate' | 'token'>,
  what: BoundTo['what'],
): BoundTo {
  const { sub, clientId } = token
  return { resource: gate.resource.resource, sub, clientId, what }
}
