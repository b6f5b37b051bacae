/** The tools of the servers elsewhere, as an operator looks at them, and the approval of one. */
import type { Cause } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { gatewayToolDecider } from '../domain/gateway-tool.ts'
import {
  findGatewayToolById,
  type GatewayTool,
  isApproved,
  listGatewayTools,
} from '../projections/gateway-tools.ts'
import type { Services } from '../protocol/services.ts'
import { type DefinitionChange, definitionChanges } from './definition-changes.ts'

const toolsMax = 5000

export interface ReviewedTool {
  readonly toolId: string
  readonly resource: string
  readonly tool: string
  readonly state: 'trusted' | 'changed' | 'waiting'
  /** Of the definition that was seen last: what an approval is for. */
  readonly definitionHash: string
  readonly seenAt: number
  /** What would be approved. */
  readonly changes: readonly DefinitionChange[]
}

export async function listTools({ reader }: Pick<Services, 'reader'>): Promise<ReviewedTool[]> {
  return (await listGatewayTools(reader, toolsMax)).map(reviewed)
}

export async function findTool(
  { reader }: Pick<Services, 'reader'>,
  toolId: string,
): Promise<ReviewedTool | undefined> {
  const tool = await findGatewayToolById(reader, toolId)
  return tool && reviewed(tool)
}

function reviewed(tool: GatewayTool): ReviewedTool {
  const { toolId, resource, seenHash, seenAt, seenDefinition, approvedDefinition } = tool
  const state = isApproved(tool) ? 'trusted' : approvedDefinition === null ? 'waiting' : 'changed'
  const changes = definitionChanges(approvedDefinition, seenDefinition)
  return { toolId, resource, tool: tool.tool, state, definitionHash: seenHash, seenAt, changes }
}

/** @param asked names the definition that was looked at; another is not approved by it */
export async function approveTool(
  { log, now }: Pick<Services, 'log' | 'now'>,
  asked: { readonly toolId: string; readonly definitionHash: string; readonly reason: string },
  cause: Cause,
) {
  const { toolId, definitionHash, reason } = asked
  return execute(log, cause, (work) =>
    work.decide(gatewayToolDecider, toolId, {
      kind: 'approve',
      definitionHash,
      reason,
      now: now(),
    }),
  )
}
