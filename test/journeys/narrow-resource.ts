/** The server's own MCP endpoint, where a client that asks for nothing may only read. */
import type { GivenSettings } from '../../src/config/settings.ts'

type GivenResource = NonNullable<GivenSettings['resources']>[number]

export function narrowResource(port: number): GivenResource {
  return {
    resource: `http://localhost:${port}/api/mcp`,
    name: 'Jobs',
    defaultScopes: ['read'],
    scopes: { book: 'Start jobs for you', read: 'See your jobs' },
  }
}
