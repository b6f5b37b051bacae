/** The protected resources that tokens are issued for, as an operator describes them. */
import { type Static, Type } from '@sinclair/typebox'
import { contextClasses } from './context-classes.ts'
import { gatewayUpstreamSchema } from './gateway-settings.ts'
import { flag, oneOf, seconds, text } from './schema.ts'

/** RFC 6749 §3.3: what a scope may be spelled with. */
export const scopeName = Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,128}$' })

/** A group of people; never with an `@`, so that it cannot be taken for an address. */
export const groupName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' })

const domainPattern = '^[A-Za-z0-9.-]{1,253}$'
const whoPattern = Type.String({
  pattern: '^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63}|@[A-Za-z0-9.-]{1,253}|[^\\s@]+@[^\\s@]+)$',
})

export const resourceSchema = Type.Object(
  {
    resource: text({
      format: 'resource-id',
      description:
        'The identifier that clients send (RFC 8707); one that begins with `/` stands below `api_url`',
    }),
    name: text({ maxLength: 200, description: 'What people see when they are asked to consent' }),
    accessTokenFormat: oneOf(['opaque', 'jwt'], {
      default: 'opaque',
      description: 'Opaque tokens end at once when revoked; JWTs can be checked offline',
    }),
    accessTokenSigningAlg: oneOf(['ES256', 'EdDSA'], {
      default: 'ES256',
      description: 'What a JWT access token is signed with',
    }),
    dpopRequired: flag({
      default: false,
      description: 'Whether access tokens for it must be bound to a key by DPoP',
    }),
    accessTokenTtlSeconds: seconds({
      defaultText: '`access_token_ttl_seconds`, and at most 300 for a JWT',
      description: 'How long an access token for this resource lives',
    }),
    refreshTokenTtlSeconds: seconds({
      defaultText: '`refresh_token_ttl_seconds`',
      description: 'How long a refresh token for this resource lives',
    }),
    defaultScopes: Type.Array(scopeName, {
      maxItems: 100,
      defaultText: 'all of its scopes',
      description: 'What a client gets that asks for no scope',
    }),
    allowedUsers: Type.Array(text({ format: 'e-mail', description: 'An address' }), {
      maxItems: 10_000,
      default: [],
      description: 'E-mail addresses of those who may use it; everybody where no list names anyone',
    }),
    allowedDomains: Type.Array(text({ pattern: domainPattern, description: 'A domain' }), {
      maxItems: 1000,
      default: [],
      description: 'Domains of the e-mail addresses of those who may use it, without the `@`',
    }),
    allowedGroups: Type.Array(groupName, {
      maxItems: 1000,
      default: [],
      description: 'Groups of those who may use it; administrators are in `admin`',
    }),
    whoMay: Type.Record(scopeName, Type.Array(whoPattern, { maxItems: 1000 }), {
      additionalProperties: false,
      maxProperties: 100,
      default: {},
      description:
        'For single scopes who may give them: a list of addresses, `@domain`s and groups',
    }),
    introspectionClients: Type.Array(text({ description: 'A client id' }), {
      maxItems: 100,
      default: [],
      description:
        'The clients that may introspect (RFC 7662) every access token for this resource',
    }),
    clientCredentialsScopes: Type.Array(scopeName, {
      maxItems: 100,
      default: [],
      description:
        'What any confidential client that registered for `client_credentials` may get for itself. A client that an operator added may have the scopes of its registration without this',
    }),
    requiredScopes: Type.Array(scopeName, {
      maxItems: 100,
      default: [],
      description: 'Scopes without which a request for this resource is refused',
    }),
    acrValues: Type.Array(oneOf(contextClasses, { description: 'One class' }), {
      maxItems: contextClasses.length,
      default: [],
      description:
        'How well a person must have proved who they are, one of these (RFC 9470): `https://refeds.org/profile/mfa` (two factors), `phr` (a passkey). Tokens that nobody signed in for are then refused',
    }),
    maxAgeSeconds: seconds({
      from: 0,
      default: 0,
      description:
        'For how long after a person signed in their tokens are good for it; 0 is for ever',
    }),
    risk: Type.Record(scopeName, oneOf(['high'], { description: 'How risky it is' }), {
      additionalProperties: false,
      maxProperties: 100,
      default: {},
      description: 'Scopes that people see apart when they are asked: `{ "book" = "high" }`',
    }),
    scopes: Type.Record(scopeName, Type.String({ minLength: 1, maxLength: 500 }), {
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 100,
      description: 'Each scope with the sentence that people see',
    }),
    upstream: Type.Optional(gatewayUpstreamSchema),
  },
  { additionalProperties: false },
)

export type Resource = Static<typeof resourceSchema>
