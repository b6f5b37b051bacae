/** Opaque tokens and two coarse scopes for agents that book: what Onegent's documents describe. */
import type { GivenSettings } from '../settings.ts'
import { onegentTools } from './onegent-tools.ts'

export const onegent: GivenSettings = {
  brand: 'Onegent',
  grantTypes: ['authorization_code', 'refresh_token'],
  // Workers are the operator's own, and nothing that its documents speak of.
  operatorGrantTypes: ['client_credentials'],
  codeTtlSeconds: 600,
  accessTokenTtlSeconds: 3600,
  refreshTokenTtlSeconds: 2_592_000,
  refreshGraceSeconds: 0,
  grantMaxAgeSeconds: 0,
  revokeCascade: false,
  requireRedirectUriAtToken: true,
  clientIdPrefix: 'dcr',
  tokenPrefix: 'ogk',
  identityScopes: [],
  auditByToken: false,
  connectedAppsByToken: false,
  apiTokens: { manageByToken: false },
  registration: {
    tokenEndpointAuthMethods: ['client_secret_basic', 'client_secret_post'],
    defaultTokenEndpointAuthMethod: 'client_secret_basic',
    privateSchemes: false,
    unknownScope: 'drop',
    scopeIsLimit: true,
  },
  brands: ['Onegent', 'Anthropic', 'OpenAI', 'Apple', 'Google', 'Microsoft'],
  unknownScope: 'drop',
  metadata: {
    endpoints: '/oauth',
    members: [
      ...['issuer', 'authorization_endpoint', 'token_endpoint', 'revocation_endpoint'],
      ...['registration_endpoint', 'scopes_supported', 'response_types_supported'],
      ...['grant_types_supported', 'code_challenge_methods_supported'],
      ...['token_endpoint_auth_methods_supported'],
      'authorization_response_iss_parameter_supported',
    ],
    resourceMembers: [
      ...['resource', 'authorization_servers', 'scopes_supported', 'bearer_methods_supported'],
    ],
  },
  errors: { field: 'message' },
  realm: 'onegent-mcp',
  jobs: { cancelledAs: 'error' },
  approvals: { channels: ['web'] },
  mcp: { jsonReplies: true, toolsList: 'whole' },
  tools: [...onegentTools],
  resources: [
    {
      resource: '/api/mcp',
      name: 'Onegent',
      defaultScopes: ['book', 'read'],
      scopes: {
        book: 'Book restaurants, hotels, flights and activities for you',
        read: 'See your bookings and what happened to them',
      },
    },
  ],
}
