/** How the server stands on the network, beside its addresses. */
import { Type } from '@sinclair/typebox'
import { flag, group, oneOf, text, whole } from './schema.ts'

/** Where the server's own endpoints stand: none of these can be a prefix before all of them. */
export const ownPaths = [
  ...['/api', '/assets', '/audit', '/consent', '/device', '/developers', '/docs'],
  ...['/oauth', '/oauth2', '/.well-known'],
] as const

export const httpSettings = {
  corsOrigins: Type.Array(Type.String({ format: 'origin' }), {
    maxItems: 1000,
    default: ['*'],
    description: 'Origins whose pages may call the OAuth endpoints; cookies never go along',
  }),
  corsHeaders: Type.Array(text({ pattern: '^[A-Za-z0-9-]+$', description: 'A header' }), {
    maxItems: 100,
    default: [],
    description: 'The request headers that such pages may send; any when empty',
  }),
  pathPrefixes: Type.Array(text({ pattern: '^(/[A-Za-z0-9._-]+)+$', description: 'A path' }), {
    maxItems: 10,
    default: [],
    description: 'Paths, such as `/v1`, below which everything stands a second time',
  }),
  healthRequiresToken: flag({
    default: false,
    description: 'Whether `/health` wants an access token; `/healthz` and `/readyz` never do',
  }),
  mcp: group({
    jsonReplies: flag({
      default: false,
      description: 'Whether MCP clients of 2025 get JSON in the place of an event stream',
    }),
    progressSeconds: whole(
      { from: 0, to: 300 },
      {
        default: 0,
        description:
          'How long a call that starts a job may stay open to tell how the job goes on, where the client asks for progress; 0 answers at once',
      },
    ),
    toolsList: oneOf(['whole', 'granted'], {
      default: 'whole',
      description:
        'Whether `tools/list` names every tool of the resource, or those that the token has the scope for',
    }),
  }),
}
