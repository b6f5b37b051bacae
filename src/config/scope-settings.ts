/** Which scopes there are beside those of the resources, and what becomes of others. */
import { Type } from '@sinclair/typebox'
import { flag, oneOf } from './schema.ts'

/** Scopes of the person rather than of a resource (OpenID Connect Core §5.4). */
export const knownIdentityScopes = ['openid', 'profile', 'email', 'permissions'] as const

export const scopeSettings = {
  identityScopes: Type.Array(oneOf(knownIdentityScopes, { description: 'A scope' }), {
    maxItems: knownIdentityScopes.length,
    default: [...knownIdentityScopes],
    description:
      'The scopes of OpenID Connect that every resource offers; without `openid` the server is no OpenID provider',
  }),
  auditByToken: flag({
    default: true,
    description: 'Whether tokens of scope `audit:read`, for `<api_url>/audit`, may read the audit',
  }),
  connectedAppsByToken: flag({
    default: true,
    description:
      'Whether tokens of scope `apps:manage`, for `<api_url>/api/connected-apps`, may see, narrow and revoke what their person gave',
  }),
  unknownScope: oneOf(['drop', 'refuse'], {
    default: 'drop',
    description: 'What becomes of a scope in an authorization request that no resource offers',
  }),
}
