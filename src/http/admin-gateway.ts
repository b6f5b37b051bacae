/** MCP servers elsewhere, for the administrators: what there is, and the approval of a tool. */
import { approveTool, findTool, listTools } from '../gateway/tool-review.ts'
import { gatewayPage } from '../web/admin-gateway.tsx'
import { type AdminAction, reasonProblem } from './admin-action.ts'
import { type AdminVisit, pageOrNothing } from './admin-gate.ts'

export async function showGateway(visit: AdminVisit): Promise<Response> {
  const { services, shell } = visit
  const tools = await listTools(services)
  const upstreams = services.settings.resources.flatMap(({ name, resource, scopes, upstream }) =>
    upstream === undefined
      ? []
      : {
          name,
          resource,
          url: upstream.url,
          scopes: Object.keys(scopes),
          tools: tools.filter((tool) => tool.resource === resource),
        },
  )
  return pageOrNothing(visit, gatewayPage({ ...shell, upstreams }))
}

export const gatewayActions = {
  'approve-tool': {
    section: 'gateway',
    fields: ['reason'],
    find: async (services, id) => {
      const tool = await findTool(services, id)
      if (!tool || tool.state === 'trusted') return undefined
      const { changes, definitionHash } = tool
      return { id, name: tool.tool, back: '/admin/gateway', seen: definitionHash, changes }
    },
    run: async (services, { subject, value, cause }) => {
      const reason = value('reason')
      const problem = reasonProblem(reason)
      if (problem) return { problem }
      const { id: toolId, seen: definitionHash = '' } = subject
      const { outcome } = await approveTool(services, { toolId, definitionHash, reason }, cause)
      return outcome === 'accepted' ? { goTo: subject.back } : { problem: 'expired' }
    },
  },
} satisfies Record<string, AdminAction>
