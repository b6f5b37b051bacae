/** A knowledge graph that assistants read: what Along's document describes. */
import type { GivenSettings } from '../settings.ts'

export const along: GivenSettings = {
  brand: 'Along',
  grantTypes: ['authorization_code', 'refresh_token'],
  codeTtlSeconds: 600,
  accessTokenTtlSeconds: 3600,
  refreshTokenTtlSeconds: 7_776_000,
  refreshGraceSeconds: 0,
  grantMaxAgeSeconds: 0,
  identityScopes: [],
  auditByToken: false,
  connectedAppsByToken: false,
  apiTokens: { enabled: false },
  redirectPatterns: [
    'https://claude.ai/api/mcp/auth_callback',
    'https://chatgpt.com/connector_platform_oauth_redirect',
    'https://chatgpt.com/connector/oauth/{id}',
    'http://localhost:*/*',
  ],
  registration: { tokenEndpointAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'] },
  metadata: { endpoints: '/oauth' },
  resources: [
    {
      resource: '/mcp/v1',
      name: 'Along',
      defaultScopes: ['vault:read'],
      scopes: {
        'vault:read': 'Read what your Safe knows',
        'vault:write': 'Add to what your Safe knows',
      },
    },
  ],
  verify: [{ path: '/mcp/v1', resource: '/mcp/v1', scopes: ['vault:read'] }],
}
