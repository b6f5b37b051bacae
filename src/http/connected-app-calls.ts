/** What was called by a connection on MCP servers elsewhere, for its person. */
import { findCallsOfGrant } from '../projections/gateway-calls.ts'
import { findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import type { ShownCall } from '../web/tool-calls.tsx'

const callsShown = 15

/** @param grantId of a grant that was found to be the person's own */
export async function newestCalls(
  { reader, settings }: Pick<Services, 'reader' | 'settings'>,
  grantId: string,
): Promise<ShownCall[]> {
  const calls = await findCallsOfGrant(reader, { grantId, rowsMax: callsShown })
  return calls.map(({ callId, tool, resource, outcome, reason, madeAt, durationMs }) => ({
    ...{ callId, tool, outcome, madeAt },
    at: findResource(settings, resource)?.name ?? resource,
    reason: reason ?? undefined,
    durationMs: durationMs ?? undefined,
  }))
}
