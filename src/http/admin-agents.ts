/** What an administrator sees of agents, and ends. */
import { endAgent } from '../agents/operator-agents.ts'
import { findAgent } from '../projections/agents.ts'
import { type ListAsked, listAgents } from '../projections/lists.ts'
import { agentsPage } from '../web/admin-agents.tsx'
import { type AdminAction, reasonProblem } from './admin-action.ts'
import type { AdminVisit } from './admin-gate.ts'
import { showList } from './admin-lists.ts'
import { agent, person } from './admin-search.ts'

export function showAgents(visit: AdminVisit): Promise<Response> {
  const { reader } = visit.services
  const find = (asked: ListAsked) => listAgents(reader, asked)
  return showList(visit, { find, page: agentsPage, inFull: [agent, person] })
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
