/** What whoever runs the server does to agents: to end one, also one that nobody has confirmed yet. */
import { agentDecider } from '../domain/agent.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { permissionsProblem } from '../identity/permissions.ts'
import { type Agent, findAgentByHandle } from '../projections/agents.ts'
import type { ListKey } from '../projections/listing.ts'
import { listAgents } from '../projections/lists.ts'
import { findWaiting } from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { revokeAgent } from './change-agent.ts'

const rowsMax = 1000

/** Those that the log knows, the newest first. */
export async function findAgents(
  { reader }: Pick<Services, 'reader'>,
  search: string,
): Promise<readonly Agent[]> {
  const found: Agent[] = []
  let after: ListKey | undefined
  do {
    const page = await listAgents(reader, { search, after, rowsMax: rowsMax - found.length })
    found.push(...page.rows)
    after = page.next
  } while (after && found.length < rowsMax)
  return found
}

/** Sets all that the scope `permissions` tells of it. */
export async function setAgentPermissions(
  services: Services,
  handle: string,
  { permissions, cause }: { permissions: readonly string[]; cause: Cause },
): Promise<'agent_unknown' | ReturnType<typeof permissionsProblem>> {
  const problem = permissionsProblem(permissions)
  if (problem) return problem
  const row = await findAgentByHandle(services.reader, handle)
  if (!row) return 'agent_unknown'
  const now = services.now()
  const { outcome } = await execute<string>(services.log, cause, (work) => {
    const all = [...new Set(permissions)]
    return work.decide(agentDecider, row.agentId, {
      kind: 'set permissions',
      permissions: all,
      now,
    })
  })
  return outcome === 'accepted' ? undefined : 'agent_unknown'
}

/** @returns false when there is none of this name, or it has ended */
export async function endAgent(
  services: Services,
  handle: string,
  { why, cause }: { why: string; cause: Cause },
): Promise<boolean> {
  const row = await findAgentByHandle(services.reader, handle)
  const waiting = row ? undefined : await findWaiting(services, handle)
  const agent = row ?? (waiting && { ...waiting, waiting })
  if (!agent || row?.status === 'revoked') return false
  try {
    await revokeAgent(services, agent, { reason: 'revoked_by_admin', why, cause })
    return true
  } catch (error) {
    // Somebody else was faster.
    if (error instanceof OAuthError) return false
    throw error
  }
}
