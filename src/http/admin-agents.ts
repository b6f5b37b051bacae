/** What an administrator sees of agents, and ends. */
import { endAgent } from '../agents/operator-agents.ts'
import { findAgent } from '../projections/agents.ts'
import { listAgents } from '../projections/lists.ts'
import { agentsPage } from '../web/admin-agents.tsx'
import { type AdminAction, reasonProblem } from './admin-action.ts'
import type { AdminVisit } from './admin-gate.ts'
import { showList } from './admin-lists.ts'

export function showAgents(visit: AdminVisit): Promise<Response> {
  return showList(visit, (asked) => listAgents(visit.services.reader, asked), agentsPage)
}

export const agentActions = {
  'revoke-agent': {
    section: 'agents',
    fields: ['reason'],
    find: async ({ reader }, id) => {
      const agent = await findAgent(reader, id)
      return agent && { id, name: agent.handle, back: '/admin/agents' }
    },
    run: async (services, { subject, value, cause }) => {
      const why = value('reason')
      const problem = reasonProblem(why)
      if (problem) return { problem }
      await endAgent(services, subject.name ?? '', { why, cause })
      return { goTo: subject.back }
    },
  },
} satisfies Record<string, AdminAction>
