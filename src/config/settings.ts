/**
 * Every setting of the server: its type, default, limits and meaning, said once. The types that
 * the code uses, the messages that an operator reads, `grantlog settings` and the table in docs/settings.md
 * are all made from this schema.
 *
 * In code names are camelCase. In `grantlog.toml` they are snake_case, and in the environment
 * `GRANTLOG_` with the path in capitals: `registration.provisionalSeconds` here is
 * `registration.provisional_seconds` there, and `GRANTLOG_REGISTRATION_PROVISIONAL_SECONDS`.
 */
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { accountSettings } from './account-settings.ts'
import { agentsSchema } from './agent-settings.ts'
import { apiTokensSchema } from './api-token-settings.ts'
import { approvalsSchema } from './approval-settings.ts'
import { authorizationDetailTypesSetting } from './authorization-detail-settings.ts'
import { botSchema } from './bot-settings.ts'
import { clientIdDocumentsSchema } from './client-id-document-settings.ts'
import { clientSettings } from './client-settings.ts'
import { consentSchema } from './consent-settings.ts'
import { defaultTools } from './default-tools.ts'
import { awaySettings } from './device-settings.ts'
import { errorsSchema } from './error-settings.ts'
import { frontSettings } from './front-settings.ts'
import { grantTypesSetting, operatorGrantTypesSetting } from './grant-type-settings.ts'
import { httpSettings } from './http-settings.ts'
import { jobsSchema } from './job-settings.ts'
import { keysSchema } from './key-settings.ts'
import { limitsSchema } from './limit-settings.ts'
import { mailSchema } from './mail-settings.ts'
import { metadataSchema } from './metadata-settings.ts'
import { openidSettings } from './openid-settings.ts'
import { outboundSchema } from './outbound-settings.ts'
import { possessionSettings } from './possession-settings.ts'
import { rateLimitsSchema } from './rate-limit-settings.ts'
import { registrationSchema } from './registration-settings.ts'
import { type Resource, resourceSchema } from './resource-settings.ts'
import { day, flag, hour, minute, oneOf, seconds, text, whole } from './schema.ts'
import { scopeSettings } from './scope-settings.ts'
import { signInSchema } from './sign-in-settings.ts'
import { tokenExchangeSchema } from './token-exchange-settings.ts'
import { completeTool, toolsSetting } from './tool-settings.ts'
import { trustedIssuersSetting } from './trusted-issuer-settings.ts'
import { upstreamDefaults, upstreamSchema } from './upstream-settings.ts'
import { verifyRouteSchema } from './verify-settings.ts'

/** Whoever checks a JWT offline learns of a revocation at its expiry, so that comes early. */
const jwtTtlSeconds = 5 * minute

export const settingsSchema = Type.Object(
  {
    port: whole({ from: 0, to: 65_535 }, { default: 8484, description: 'Port to listen on' }),
    host: text({ default: '127.0.0.1', description: 'Address to listen on' }),
    issuer: text({
      format: 'base-url',
      defaultText: '`http://localhost:<port>`',
      description: 'The public URL of this server, which clients compare byte for byte',
    }),
    apiUrl: text({
      format: 'base-url',
      defaultText: 'the issuer',
      description: "The public URL of the API, where its host is not the issuer's",
    }),
    ...frontSettings,
    brand: text({
      maxLength: 60,
      default: 'Grantlog',
      description: 'The name that people see on the pages',
    }),
    databaseUrl: text({
      format: 'database-url',
      defaultText: '`file:<data_dir>/grantlog.db`',
      description: 'A file, or a libSQL server (`http://…`, `libsql://…`)',
    }),
    databaseAuthToken: Type.Optional(
      text({ secret: true, description: 'The token that the libSQL server asks for' }),
    ),
    dataDir: text({
      default: './data',
      description: 'Folder for the embedded database, the generated secret and the control socket',
    }),
    secret: Type.Optional(
      text({
        secret: true,
        defaultText: 'made once, kept in `<data_dir>/secret`',
        description: 'The master secret; `2:new,1:old` while an old one is still needed',
      }),
    ),
    adminEmail: Type.Optional(
      text({ format: 'e-mail', description: 'The first admin, made at start if there is none' }),
    ),
    adminPassword: Type.Optional(
      text({ secret: true, minLength: 8, description: "The first admin's password" }),
    ),
    trustedProxies: Type.Array(Type.String({ format: 'address-range' }), {
      maxItems: 100,
      default: [],
      description: 'Addresses or ranges whose `X-Forwarded-*` headers are believed',
    }),
    ...httpSettings,
    metadata: metadataSchema,
    errors: errorsSchema,
    ...scopeSettings,
    codeTtlSeconds: seconds({
      default: 10 * minute,
      description: 'How long an authorization code can be redeemed',
    }),
    pushedRequestTtlSeconds: whole(
      { from: 5, to: 10 * minute },
      { default: minute, description: 'How long a pushed authorization request can be used' },
    ),
    requirePushedAuthorizationRequests: flag({
      default: false,
      description: 'Whether authorization requests that were not pushed (RFC 9126) are refused',
    }),
    requireRedirectUriAtToken: flag({
      default: false,
      description: 'Whether a code is redeemed only with the redirect URI that it was asked with',
    }),
    requireSignedRequestObject: flag({
      default: false,
      description:
        'Whether authorization requests that the client has not signed (RFC 9101) are refused',
    }),
    accessTokenTtlSeconds: seconds({
      default: hour,
      description: 'How long an access token lives',
    }),
    refreshTokenTtlSeconds: seconds({
      default: 30 * day,
      description: 'How long a refresh token lives',
    }),
    grantMaxAgeSeconds: seconds({
      from: 0,
      default: 365 * day,
      description: 'When a grant ends however often it is refreshed; 0 for never',
    }),
    refreshGraceSeconds: whole(
      { from: 0, to: 300 },
      {
        default: 10,
        description:
          'How long a repeated refresh gets the same successor; 0 ends the grant on any second use',
      },
    ),
    revokeCascade: flag({
      default: true,
      description: 'Whether revoking one token of a grant ends all of it',
    }),
    tokenPrefix: text({
      pattern: '^[a-z][a-z0-9]{0,15}$',
      default: 'glt',
      description: 'How tokens begin, for secret scanners: `<prefix>_at_…`',
    }),
    clientIdPrefix: text({
      pattern: '^[a-z][a-z0-9]{0,15}$',
      default: 'dcr',
      description: 'How the ids of registered clients begin',
    }),
    apiTokens: apiTokensSchema,
    agents: agentsSchema,
    grantTypes: grantTypesSetting,
    operatorGrantTypes: operatorGrantTypesSetting,
    registration: registrationSchema,
    ...clientSettings,
    consent: consentSchema,
    ...possessionSettings,
    ...awaySettings,
    tokenExchange: tokenExchangeSchema,
    authorizationDetailTypes: authorizationDetailTypesSetting,
    trustedIssuers: trustedIssuersSetting,
    approvals: approvalsSchema,
    jobs: jobsSchema,
    keys: keysSchema,
    ...openidSettings,
    ...accountSettings,
    mail: mailSchema,
    upstreams: Type.Array(upstreamSchema, {
      maxItems: 20,
      default: [],
      description: 'Other services by which people may sign in; in the file only',
    }),
    bot: botSchema,
    signIn: signInSchema,
    logLevel: oneOf(['debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      description: 'The least serious log lines to write',
    }),
    limits: limitsSchema,
    clientIdDocuments: clientIdDocumentsSchema,
    outbound: outboundSchema,
    rateLimits: rateLimitsSchema,
    realm: Type.Optional(
      text({
        maxLength: 100,
        pattern: '^[\\x20\\x21\\x23-\\x5B\\x5D-\\x7E]+$',
        description: 'The `realm` that challenges for a bearer token begin with',
      }),
    ),
    resources: Type.Array(resourceSchema, {
      minItems: 1,
      maxItems: 100,
      defaultText: "the server's own `<api_url>/api/mcp`",
      description: 'The protected resources that tokens are issued for; in the file only',
    }),
    tools: toolsSetting,
    verify: Type.Array(verifyRouteSchema, {
      maxItems: 1000,
      default: [],
      description:
        'What `/api/verify` answers a reverse proxy; the first route that fits decides, and what none fits is refused',
    }),
  },
  { additionalProperties: false },
)

export type Settings = Static<typeof settingsSchema>

type Given<T> = T extends readonly (infer Item)[]
  ? Given<Item>[]
  : T extends object
    ? { [K in keyof T]?: Given<T[K]> }
    : T

/** Settings as somebody gives them: only those that differ from the defaults. */
export type GivenSettings = Given<Settings>

/** Puts the defaults in the place of everything not given. What was given is not checked. */
export function completeSettings(given: GivenSettings): Settings {
  const settings = Value.Default(settingsSchema, Value.Clone(given)) as Settings
  settings.issuer ??= `http://localhost:${settings.port}`
  settings.apiUrl ??= settings.issuer
  settings.databaseUrl ??= `file:${settings.dataDir}/grantlog.db`
  if (typeof settings.mail === 'object') settings.mail.from ??= senderOf(settings.issuer)
  settings.resources ??= [ownResource(settings.apiUrl)]
  if (typeof settings.apiTokens === 'object') {
    settings.apiTokens.prefix ??= `${settings.tokenPrefix}_live`
  }
  for (const route of Array.isArray(settings.verify) ? settings.verify : []) {
    if (typeof route === 'object' && route !== null)
      route.resource = absolute(route.resource, settings)
  }
  if (typeof settings.metadata === 'object') {
    settings.metadata.openidEndpoints ??= settings.metadata.endpoints
  }
  for (const upstream of Array.isArray(settings.upstreams) ? settings.upstreams : []) {
    const { issuer, scopes } = upstreamDefaults[upstream?.kind] ?? {}
    if (issuer !== undefined) upstream.issuer ??= issuer
    if (scopes !== undefined) upstream.scopes ??= [...scopes]
  }
  for (const resource of Array.isArray(settings.resources) ? settings.resources : []) {
    if (typeof resource !== 'object' || resource === null) continue
    resource.resource = absolute(resource.resource, settings)
    resource.accessTokenTtlSeconds ??=
      resource.accessTokenFormat === 'jwt'
        ? Math.min(jwtTtlSeconds, settings.accessTokenTtlSeconds)
        : settings.accessTokenTtlSeconds
    resource.refreshTokenTtlSeconds ??= settings.refreshTokenTtlSeconds
    resource.defaultScopes ??= Object.keys(resource.scopes ?? {})
  }
  completeTools(settings)
  return settings
}

/** The settings of a server that was told nothing, with what a test wants otherwise. */
export function defaultSettings(overrides: GivenSettings = {}): Settings {
  return completeSettings(overrides)
}

/** Those that nobody declared are copied: each server completes its own. */
function completeTools(settings: Settings): void {
  settings.tools ??= Value.Default(toolsSetting, structuredClone(defaultTools)) as Settings['tools']
  for (const tool of Array.isArray(settings.tools) ? settings.tools : []) {
    if (typeof tool !== 'object' || tool === null) continue
    tool.resource = absolute(tool.resource, settings)
    completeTool(tool)
  }
}

function senderOf(issuer: string): string {
  return `no-reply@${URL.parse(issuer)?.hostname ?? 'localhost'}`
}

/** `/mcp` is the one below `api_url`. */
function absolute(identifier: string, { apiUrl }: Settings): string {
  const isBelow = typeof identifier === 'string' && /^\/[^/]/.test(identifier)
  return isBelow ? apiUrl + identifier : identifier
}

function ownResource(apiUrl: string): Resource {
  return Value.Default(resourceSchema, {
    resource: `${apiUrl}/api/mcp`,
    name: 'Jobs',
    defaultScopes: ['book', 'read'],
    scopes: {
      book: 'Start jobs for you, such as bookings',
      read: 'See the jobs that were started for you, and what happened to them',
    },
  }) as Resource
}
