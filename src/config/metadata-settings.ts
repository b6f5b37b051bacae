/** What the metadata documents say, where an operator wants less or something else. */
import { Type } from '@sinclair/typebox'
import { group, oneOf } from './schema.ts'

/** Below each of these every OAuth endpoint answers; `/` is the root. */
export const endpointPaths = ['/oauth', '/oauth2', '/'] as const

/** Without these no client gets anywhere (RFC 8414 §2, RFC 7636). */
export const neededMembers = [
  ...['issuer', 'authorization_endpoint', 'token_endpoint'],
  ...['response_types_supported', 'code_challenge_methods_supported'],
] as const

function members(description: string) {
  const name = Type.String({ pattern: '^[a-z_]{1,100}$' })
  return Type.Array(name, { maxItems: 100, default: [], description })
}

export const metadataSchema = group({
  endpoints: oneOf(endpointPaths, {
    default: '/oauth',
    description: 'Below which path the endpoints stand that the metadata names; all of them answer',
  }),
  openidEndpoints: oneOf(endpointPaths, {
    defaultText: '`metadata.endpoints`',
    description: 'The same for `/.well-known/openid-configuration`',
  }),
  members: members(
    'What `/.well-known/oauth-authorization-server` shows, by the names of its members; all when empty',
  ),
  resourceMembers: members(
    'What `/.well-known/oauth-protected-resource` shows, by the names of its members; all when empty',
  ),
})

/** `/oauth` → `/oauth`, `/` → nothing: what a path of an endpoint begins with. */
export function prefixOf(path: (typeof endpointPaths)[number]): string {
  return path === '/' ? '' : path
}
