/**
 * OpenID Connect for agents and people: what the two documents of Auth Agent describe, side by
 * side. Version 1 stands below `/oauth2`, version 2 at the root.
 */
import type { GivenSettings } from '../settings.ts'

export const authAgent: GivenSettings = {
  port: 8787,
  brand: 'Auth Agent',
  grantTypes: ['authorization_code', 'refresh_token'],
  codeTtlSeconds: 600,
  accessTokenTtlSeconds: 3600,
  refreshTokenTtlSeconds: 2_592_000,
  refreshGraceSeconds: 0,
  grantMaxAgeSeconds: 0,
  pathPrefixes: ['/v1'],
  auditByToken: false,
  connectedAppsByToken: false,
  apiTokens: { enabled: false },
  agents: {
    enabled: true,
    unconfirmed: 'identity',
    secretHash: 'bcrypt',
    secretCharactersMin: 8,
    envelope: true,
  },
  unknownScope: 'refuse',
  registration: {
    tokenEndpointAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    privateSchemes: false,
  },
  userinfoMinimalPaths: ['/userinfo'],
  corsOrigins: ['*'],
  corsHeaders: ['Content-Type', 'Authorization'],
  metadata: { endpoints: '/', openidEndpoints: '/oauth2' },
  errors: { field: 'error_description', unauthorizedGrantPaths: ['/oauth2/token'] },
  rateLimits: {
    registration: { requests: 5, perSeconds: 3600 },
    failedAuthentication: { requests: 10, perSeconds: 60 },
    refresh: { requests: 60, perSeconds: 3600 },
    api: { requests: 1000, perSeconds: 3600 },
    paths: ['/oauth2/', '/api/register-agent', '/api/agent-auth', '/api/agents/'],
  },
  resources: [
    {
      resource: '/api',
      name: 'Auth Agent',
      accessTokenFormat: 'jwt',
      accessTokenTtlSeconds: 3600,
      defaultScopes: ['openid'],
      requiredScopes: ['openid'],
      scopes: {
        openid: 'Know that it is you',
        profile: 'See your name, and which agent acts for you',
        email: 'See your e-mail address',
        permissions: 'See what you are permitted to do',
      },
    },
  ],
}
