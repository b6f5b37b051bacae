/** What this server itself may ask of others, when a client names a URL. */
import { Type } from '@sinclair/typebox'
import { group, text, whole } from './schema.ts'

export const outboundSchema = group({
  allowedHosts: Type.Array(Type.String({ format: 'host' }), {
    maxItems: 100,
    default: [],
    description:
      'Hosts (`host` or `host:port`) that may be asked though they are private or not on port 443; plain http on loopback alone',
  }),
  caFile: Type.Optional(
    text({ description: 'PEM file of authorities to believe beside the public ones' }),
  ),
  requestsPerHostMax: whole(
    { from: 1, to: 100_000 },
    {
      default: 10,
      description:
        'Most requests to one host in a minute; those for clients with a consent count apart',
    },
  ),
  requestsMax: whole(
    { from: 1, to: 100_000 },
    { default: 100, description: 'Most requests to all hosts in a minute' },
  ),
})
