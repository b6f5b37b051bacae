/** An API with a page host before it: what Aigon's document describes. */
import type { GivenSettings } from '../settings.ts'

export const aigon: GivenSettings = {
  brand: 'Aigon',
  grantTypes: ['authorization_code', 'refresh_token'],
  codeTtlSeconds: 600,
  accessTokenTtlSeconds: 3600,
  refreshTokenTtlSeconds: 2_592_000,
  refreshGraceSeconds: 0,
  grantMaxAgeSeconds: 0,
  tokenPrefix: 'aigon',
  identityScopes: [],
  auditByToken: false,
  connectedAppsByToken: false,
  apiTokens: {
    acceptedOn: ['rest'],
    manageByToken: false,
    perAccount: 1,
    reshow: true,
    defaultLifetimeSeconds: 0,
  },
  bot: { address: 'https://t.me/aigon_auth_bot', signUp: true },
  healthRequiresToken: true,
  registration: { tokenEndpointAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'] },
  metadata: { endpoints: '/oauth' },
  resources: [
    {
      resource: '/mcp',
      name: 'Aigon',
      defaultScopes: ['account'],
      scopes: { account: 'Use your account' },
    },
  ],
}
