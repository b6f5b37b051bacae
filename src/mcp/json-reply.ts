/**
 * For programs of 2025 that read one JSON document where the revision lets a server choose between
 * that and an event stream: a server and a transport that live for one request.
 *
 * @see [MCP 2025-06-18 - Streamable HTTP, Sending Messages to the Server](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports)
 */
import {
  type AuthInfo,
  isLegacyRequest,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import type { Settings } from '../config/settings.ts'

/** Whether this request is answered here rather than by the handler for everybody. */
export function wantsJsonReply({ mcp, limits }: Settings, request: Request): Promise<boolean> {
  if (!mcp.jsonReplies || request.method !== 'POST') return Promise.resolve(false)
  return isLegacyRequest(request, undefined, { maxRequestBodySize: limits.bodyBytesMax })
}

export async function jsonReply(
  server: McpServer,
  request: Request,
  { authInfo, bodyBytesMax }: { authInfo: AuthInfo; bodyBytesMax: number },
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: true,
    maxRequestBodySize: bodyBytesMax,
  })
  await server.connect(transport)
  try {
    return await transport.handleRequest(request, { authInfo })
  } finally {
    await server.close()
  }
}
