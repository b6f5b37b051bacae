/**
 * The MCP endpoint: for clients of 2026-07-28 and, statelessly, of the revisions of 2025.
 *
 * Named steps before the SDK sees a request: may the page ask, is the token good, is it for this
 * resource. The SDK then says which tools a message calls, before it runs any; a scope that is
 * missing makes the whole request a 403 (a batch of 2025-03-26 too).
 *
 * @see [MCP 2026-07-28 - Authorization](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 * @see [RFC 8707 §2 - Resource Parameter](https://www.rfc-editor.org/rfc/rfc8707.html#section-2)
 */

import { type AuthInfo, createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { Elysia, NotFoundError } from 'elysia'
import packageJson from '../../package.json' with { type: 'json' }
import type { Resource } from '../config/resource-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import { findResource } from '../protocol/resources.ts'

import type { Services } from '../protocol/services.ts'
import { requireScopes, requireToken } from '../protocol/tokens/bearer.ts'
import { jsonReply, wantsJsonReply } from './json-reply.ts'
import { requireOrigin } from './origin.ts'
import type { Call } from './tool.ts'
import { tools } from './tools.ts'

/** Streams that wait for changes; nothing here changes, so few are needed. */
const subscriptionsMax = 100

export function mcp(services: Services) {
  const { settings, logger } = services
  const calls = new WeakMap<AuthInfo, Call>()
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const call = authInfo && calls.get(authInfo)
      if (!call) throw new Error('Cannot serve MCP: the request came past the token check')
      return serverFor(call)
    },
    {
      legacy: 'stateless',
      maxRequestBodySize: settings.limits.bodyBytesMax,
      maxSubscriptions: subscriptionsMax,
      onerror: ({ message }) => logger.info({ cause: message }, 'MCP request refused'),
    },
  )
  return new Elysia({ name: 'mcp' }).all(
    '/api/mcp',
    async ({ request }) => {
      const resource = findResource(settings, `${settings.apiUrl}/api/mcp`)
      if (!resource) throw new NotFoundError()
      requireOrigin(settings, request)
      const presented = presentedBy(settings, request)
      const token = await requireToken(services, presented, {
        resources: [resource],
        apiTokensAs: 'mcp',
      })
      const { requestId: correlationId } = contextOf(request)
      const missingScopes = new Map<string, string>()
      const authInfo = authInfoOf(token, resource)
      const call = { services, token, correlationId, missingScopes }
      calls.set(authInfo, call)
      const { bodyBytesMax } = settings.limits
      const response = (await wantsJsonReply(settings, request))
        ? await jsonReply(serverFor(call), request, { authInfo, bodyBytesMax })
        : await handler.fetch(request, { authInfo })
      // The SDK has refused already; this refusal is in our words, with a request id and a log line.
      if (missingScopes.size > 0) await response.body?.cancel()
      const asked = [...missingScopes.keys()].map((tool) => `The tool ${tool}`).join(', ')
      const scopes = [...new Set(missingScopes.values())]
      requireScopes(services, token, { resources: [resource], scopes, asked })
      return response
    },
    { parse: 'none' },
  )
}

function serverFor(call: Call): McpServer {
  const { brand } = call.services.settings
  const server = new McpServer({ name: 'grantlog', title: brand, version: packageJson.version })
  for (const tool of tools) tool.register(server, call)
  return server
}

/** The SDK asks for the token's text and passes it on to tools, none of which needs it. */
function authInfoOf({ clientId, scopes, expiresAt }: LiveToken, resource: Resource): AuthInfo {
  return {
    token: '',
    clientId,
    scopes,
    ...(Number.isFinite(expiresAt) ? { expiresAt: Math.floor(expiresAt / 1000) } : {}),
    resource: new URL(resource.resource),
  }
}
