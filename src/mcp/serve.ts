/**
 * The MCP endpoint: for clients of 2026-07-28 and, statelessly, of the revisions of 2025. Each
 * resource that tools were declared for has one, at its own address.
 *
 * Named steps before the SDK sees a request: may the page ask, is the token good, is it for this
 * resource, does it have the scopes of the tools that are called.
 *
 * @see [MCP 2026-07-28 - Authorization](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 * @see [RFC 8707 §2 - Resource Parameter](https://www.rfc-editor.org/rfc/rfc8707.html#section-2)
 */

import { type AuthInfo, createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { NotFoundError } from 'elysia'
import packageJson from '../../package.json' with { type: 'json' }
import type { Resource } from '../config/resource-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { requireOrigin } from '../protocol/page-origin.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import { findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { requireToken } from '../protocol/tokens/bearer.ts'
import { requireScopesOfTools } from './called-tools.ts'
import { jsonReply, wantsJsonReply } from './json-reply.ts'
import { type Call, registerTool, type Tool } from './tool.ts'
import { toolsOf } from './tools.ts'

/** Streams that wait for changes; no tool comes or goes while a server runs, so few are needed. */
const subscriptionsMax = 100

interface Served {
  readonly call: Call
  readonly tools: readonly Tool[]
}

/** Answers what is asked at the endpoint with this path below `/api/mcp`. */
export function serving(services: Services) {
  const { settings, logger } = services
  const served = new WeakMap<AuthInfo, Served>()
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const found = authInfo && served.get(authInfo)
      if (!found) throw new Error('Cannot serve MCP: the request came past the token check')
      return serverFor(found)
    },
    {
      legacy: 'stateless',
      maxRequestBodySize: settings.limits.bodyBytesMax,
      maxSubscriptions: subscriptionsMax,
      onerror: ({ message }) => logger.info({ cause: message }, 'MCP request refused'),
    },
  )
  const toolsAt = new Map(
    settings.resources.map((resource) => [resource.resource, toolsOf(settings, resource)]),
  )

  async function serve(request: Request, path: string): Promise<Response> {
    const resource = findResource(settings, `${settings.apiUrl}/api/mcp${path}`)
    const tools = toolsAt.get(resource?.resource ?? '') ?? []
    if (!resource || (path !== '' && tools.length === 0)) throw new NotFoundError()
    requireOrigin(settings, request)
    const presented = presentedBy(settings, request)
    const token = await requireToken(services, presented, {
      resources: [resource],
      apiTokensAs: 'mcp',
    })
    const asJson = await wantsJsonReply(settings, request)
    const { requestId: correlationId } = contextOf(request)
    const call = { services, token, correlationId, streams: !asJson }
    await requireScopesOfTools(request, call, { resource, tools })
    const authInfo = authInfoOf(token, resource)
    served.set(authInfo, { call, tools })
    const { bodyBytesMax } = settings.limits
    return asJson
      ? jsonReply(serverFor({ call, tools }), request, { authInfo, bodyBytesMax })
      : handler.fetch(request, { authInfo })
  }

  return serve
}

function serverFor({ call, tools }: Served): McpServer {
  const { brand } = call.services.settings
  const info = { name: 'grantlog', title: brand, version: packageJson.version }
  const server = new McpServer(info, { capabilities: { tools: { listChanged: false } } })
  for (const tool of tools) registerTool(server, tool, call)
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
