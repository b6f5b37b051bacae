/**
 * The MCP endpoint: for clients of 2026-07-28 and, statelessly, of the revisions of 2025. Each
 * resource that tools were declared for has one, at its own address.
 *
 * What answers, and with it the SDK, is loaded with the first request: it would be a quarter of what
 * a start takes, and a server whose clients ask elsewhere never needs it.
 *
 * @see [MCP 2026-07-28 - Authorization](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 */
import { Elysia } from 'elysia'
import type { Services } from '../protocol/services.ts'

export function mcp(services: Services) {
  let loading: Promise<(request: Request, path: string) => Promise<Response>> | undefined
  async function serve(request: Request, path = ''): Promise<Response> {
    loading ??= import('./serve.ts').then(({ serving }) => serving(services))
    return (await loading)(request, path)
  }
  return new Elysia({ name: 'mcp' })
    .all('/api/mcp', ({ request }) => serve(request), { parse: 'none' })
    .all('/api/mcp/*', ({ request, params }) => serve(request, `/${params['*']}`), {
      parse: 'none',
    })
}
