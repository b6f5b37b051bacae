/**
 * Which tools a request calls, read before anything runs: one that lacks a scope for any of them is
 * refused as a whole, with every scope that it takes (a batch of 2025-03-26 too).
 *
 * @see [MCP 2026-07-28 - Authorization](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 */
import { readRequestBody } from '@modelcontextprotocol/server'
import type { Resource } from '../config/resource-settings.ts'
import { schemaCheck } from '../config/schema-check.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { requireScopes } from '../protocol/tokens/bearer.ts'
import { type CallFacts, recordRefused } from '../protocol/tool-call-record.ts'
import { factsOf } from './endpoint-tool.ts'
import type { JsonObject } from './standard-schema.ts'
import { type Call, mayCall, type Tool } from './tool.ts'

/** All of a batch are carried out at once, and count as one request. */
const messagesMax = 50

interface Asked {
  readonly resource: Resource
  readonly tools: readonly Tool[]
}

/** @throws {OAuthError} insufficient_scope (403), invalid_request (400) for a batch that is too long */
export async function requireScopesOfTools(
  request: Request,
  call: Call,
  { resource, tools }: Asked,
): Promise<void> {
  if (request.method !== 'POST') return
  const { services, token } = call
  const calls = await callsIn(request.clone(), services.settings.limits.bodyBytesMax)
  const called = tools.filter(({ tool }) => calls.some(({ name }) => name === tool.name))
  const refused = called.filter((tool) => !mayCall(tool, token))
  if (refused.length === 0) return
  await recordRefused(services, recordable(call, refused, calls), 'scope_missing')
  const scopes = [...new Set(called.map(({ tool }) => tool.scope))]
  const asked = refused.map(({ tool }) => `The tool ${tool.name}`).join(', ')
  requireScopes(services, token, { resources: [resource], scopes, asked })
}

interface AskedCall {
  readonly name?: unknown
  readonly arguments?: unknown
}

/** What an endpoint would have been asked; arguments that do not fit would have gone nowhere. */
function recordable(
  { token, correlationId }: Call,
  refused: readonly Tool[],
  calls: readonly AskedCall[],
): CallFacts[] {
  return calls.flatMap(({ name, arguments: given = {} }) => {
    const tool = refused.find((each) => each.tool.name === name)?.tool
    if (tool?.http === undefined) return []
    if (schemaCheck(tool.inputSchema)(given) !== undefined) return []
    return factsOf({ token, correlationId, tool, given: given as JsonObject })
  })
}

/** None in a body that cannot be read: the SDK refuses that in its own words. */
async function callsIn(request: Request, bytesMax: number): Promise<AskedCall[]> {
  const body = await readRequestBody(request, bytesMax)
  if (body.tooLarge) return []
  let messages: unknown
  try {
    messages = JSON.parse(body.text)
  } catch {
    return []
  }
  const all = [messages].flat()
  if (all.length > messagesMax) {
    const words = `A request may hold at most ${messagesMax} messages`
    throw new OAuthError('invalid_request', words)
  }
  return all.flatMap((message) => {
    const { method, params } = (message ?? {}) as { method?: unknown; params?: AskedCall }
    return method === 'tools/call' ? [{ name: params?.name, arguments: params?.arguments }] : []
  })
}
