/** How often anything may be asked for. Off where `requests` is 0. */
import { Type } from '@sinclair/typebox'
import { group, hour, minute, seconds, text, whole } from './schema.ts'

function limit(what: string, { requests, perSeconds }: { requests: number; perSeconds: number }) {
  return group({
    requests: whole(
      { from: 0, to: 1_000_000_000 },
      { default: requests, description: `How many ${what}; 0 for no limit` },
    ),
    perSeconds: seconds({ default: perSeconds, description: 'In how many seconds that is' }),
  })
}

export const rateLimitsSchema = group({
  registration: limit('clients may be registered from one address', {
    requests: 600,
    perSeconds: hour,
  }),
  failedAuthentication: limit('times a client may fail to prove who it is, from one address', {
    requests: 60,
    perSeconds: minute,
  }),
  refresh: limit('refresh tokens one client may redeem', { requests: 6000, perSeconds: hour }),
  api: limit('calls of the API one account may make, or one address without a token', {
    requests: 0,
    perSeconds: hour,
  }),
  leakReports: limit('reports of leaked tokens may come from one address', {
    requests: 60,
    perSeconds: minute,
  }),
  paths: Type.Array(text({ pattern: '^/', description: 'A path' }), {
    maxItems: 100,
    default: [],
    description: 'How the paths begin that the limits are for; all of them when empty',
  }),
})
