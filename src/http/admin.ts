/** `/admin`: the pages of the people who run this server. Each shows, or asks before it does. */
import { Elysia } from 'elysia'
import type { Services } from '../protocol/services.ts'
import type { AdminActionName } from '../web/words/english-admin-actions.ts'
import { accessActions } from './admin-access-actions.ts'
import { type AdminAction, ask, perform } from './admin-action.ts'
import { agentActions, showAgents } from './admin-agents.ts'
import { clientActions } from './admin-client-actions.ts'
import { forAdmins } from './admin-gate.ts'
import { gatewayActions, showGateway } from './admin-gateway.ts'
import { showClients, showGrants, showSessions, showTokens, showUsers } from './admin-lists.ts'
import {
  showKeys,
  showOneClient,
  showOneGrant,
  showOneUser,
  showOverview,
  showSettings,
} from './admin-pages.ts'
import { userActions } from './admin-user-actions.ts'

const actions: Readonly<Record<AdminActionName, AdminAction>> = {
  ...clientActions,
  ...userActions,
  ...accessActions,
  ...agentActions,
  ...gatewayActions,
}

const pages = {
  '/admin': showOverview,
  '/admin/clients': showClients,
  '/admin/client': showOneClient,
  '/admin/users': showUsers,
  '/admin/user': showOneUser,
  '/admin/grants': showGrants,
  '/admin/grant': showOneGrant,
  '/admin/tokens': showTokens,
  '/admin/sessions': showSessions,
  '/admin/agents': showAgents,
  '/admin/gateway': showGateway,
  '/admin/keys': showKeys,
  '/admin/settings': showSettings,
} as const

export function admin(services: Services) {
  const app = new Elysia({ name: 'admin' })
  for (const [path, show] of Object.entries(pages)) app.get(path, forAdmins(services, show))
  for (const [name, action] of Object.entries(actions) as [AdminActionName, AdminAction][]) {
    app.get(
      `/admin/do/${name}`,
      forAdmins(services, (visit) => ask(visit, { name, action })),
    )
    app.post(
      `/admin/do/${name}`,
      forAdmins(services, (visit) => perform(visit, { name, action })),
      { parse: 'none' },
    )
  }
  return app
}
