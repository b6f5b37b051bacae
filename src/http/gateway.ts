/**
 * The MCP servers elsewhere that stand behind this one, each at the path of its resource. Before
 * anything of a request is read: may the page ask, is the token good, is it for this resource, does
 * it have what every request needs.
 *
 * @see [MCP 2026-07-28 - Authorization](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 * @see [RFC 9728 §5 - Use of WWW-Authenticate for Protected Resource Metadata](https://www.rfc-editor.org/rfc/rfc9728.html#section-5)
 */
import process from 'node:process'
import { Elysia } from 'elysia'
import { gatewayPath } from '../config/gateway-settings.ts'
import { openGate, receive } from '../gateway/gate.ts'
import { baseScopes } from '../gateway/judge.ts'
import type { Gate } from '../gateway/visit.ts'
import { requireOrigin } from '../protocol/page-origin.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { findAccessToken } from '../protocol/tokens/access-token.ts'
import { findApiToken } from '../protocol/tokens/api-token-use.ts'
import { presentedToken, requireScopes, requireToken } from '../protocol/tokens/bearer.ts'
import { readJsonText } from './body.ts'
import { errorJson } from './errors.ts'

const methods = ['POST', 'GET', 'DELETE']

/** @throws {Error} when the environment does not have a secret that the settings name */
export function gateway(services: Services) {
  const { settings } = services
  const app = new Elysia({ name: 'gateway' })
  for (const resource of settings.resources) {
    const path = gatewayPath(settings, resource.resource)
    if (resource.upstream === undefined || path === undefined) continue
    const { upstream } = resource
    const gate = openGate(services, { resource, upstream, env: process.env })
    app.all(path, ({ request }) => answer(gate, request), { parse: 'none' })
  }
  return app
}

async function answer(gate: Gate, request: Request): Promise<Response> {
  const { services, resource, upstream } = gate
  if (!methods.includes(request.method)) {
    const allow = [...methods].sort().join(', ')
    const error = { error: 'method_not_allowed', message: `This path takes ${allow}` } as const
    return errorJson(services, request, { ...error, headers: { allow } })
  }
  requireOrigin(services.settings, request)
  const resources: [typeof resource] = [resource]
  const presented = presentedBy(services.settings, request)
  const token = await requireToken(services, presented, { resources, apiTokensAs: 'mcp' })
  requireScopes(services, token, { resources, scopes: baseScopes(gate) })
  const tokenText = presentedToken(presented.authorization)?.token ?? ''
  const text = request.method === 'POST' ? await readJsonText(request, upstream.bodyBytesMax) : ''
  const arrival = {
    request,
    token,
    tokenText,
    correlationId: contextOf(request).requestId,
    isStillGood: async () => {
      const found =
        (await findApiToken(services, tokenText, 'mcp')) ??
        (await findAccessToken(services, tokenText))
      return found !== undefined
    },
  }
  return receive(gate, arrival, text)
}
