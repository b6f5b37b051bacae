/**
 * Issuers whose word counts here: a company's identity provider that says for whom a client may
 * act, or a platform that says which workload it runs.
 */
import { type Static, Type } from '@sinclair/typebox'
import { oneOf, text } from './schema.ts'

const link = Type.Object(
  {
    subject: text({ maxLength: 500, description: 'What the issuer calls them (`sub`)' }),
    email: text({ format: 'e-mail', description: 'What they sign in with here' }),
  },
  { additionalProperties: false },
)

const workload = Type.Object(
  {
    subject: text({ maxLength: 500, description: 'What the platform calls it (`sub`), whole' }),
    clientId: text({ maxLength: 500, description: 'The client that it is here' }),
  },
  { additionalProperties: false },
)

const issuer = Type.Object(
  {
    issuer: text({ pattern: '^https?://\\S{1,500}$', description: 'As its tokens say it (`iss`)' }),
    kinds: Type.Array(oneOf(['id_jag', 'workload'], { description: 'One kind' }), {
      minItems: 1,
      maxItems: 2,
      description:
        'What it is believed about: `id_jag` for whom a client may act, `workload` which client a program is',
    }),
    jwksUri: Type.Optional(
      text({ pattern: '^https://', description: 'Where it publishes its keys' }),
    ),
    jwks: Type.Optional(
      text({ maxLength: 65_536, description: 'Its keys themselves, a JWK set as JSON text' }),
    ),
    workloads: Type.Array(workload, {
      maxItems: 1000,
      default: [],
      description: 'Which programs are which clients',
    }),
    audience: Type.Optional(
      text({
        maxLength: 500,
        defaultText: '`issuer`',
        description: 'What tokens of workloads say in `aud`',
      }),
    ),
    people: Type.Array(link, {
      maxItems: 10_000,
      default: [],
      description: 'Whom it means, person by person',
    }),
    emailDomains: Type.Array(text({ pattern: '^[a-z0-9.-]{1,253}$', description: 'A domain' }), {
      maxItems: 100,
      default: [],
      description: 'Domains of which it knows the addresses: one that it verified finds the person',
    }),
  },
  { additionalProperties: false },
)

export type TrustedIssuer = Static<typeof issuer>

export const trustedIssuersSetting = Type.Array(issuer, {
  maxItems: 100,
  default: [],
  description: 'Issuers whose assertions give tokens (RFC 7523); in the file only',
})

/** What the schema cannot say of one of them. */
export function trustedIssuerProblem({ jwks, jwksUri }: TrustedIssuer): string | undefined {
  if ((jwks === undefined) === (jwksUri === undefined))
    return 'needs jwks or jwks_uri, and not both'
  if (jwks === undefined) return undefined
  try {
    const { keys } = JSON.parse(jwks) as { keys?: unknown }
    return Array.isArray(keys) && keys.length > 0 ? undefined : 'has a jwks without keys'
  } catch {
    return 'has a jwks that is not JSON'
  }
}
