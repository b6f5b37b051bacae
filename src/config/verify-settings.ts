/** What a reverse proxy asks about (`/api/verify`): which requests need which scopes. */
import { type Static, Type } from '@sinclair/typebox'
import { scopeName } from './resource-settings.ts'
import { text } from './schema.ts'

export const verifyRouteSchema = Type.Object(
  {
    host: Type.Optional(
      text({
        pattern: '^[a-z0-9.-]+(:[0-9]+)?$',
        defaultText: 'any',
        description: 'The host that was asked, in small letters; a port only where it matters',
      }),
    ),
    path: text({
      pattern: '^/[^%?#;\\\\\\s]*$',
      default: '/',
      description: 'How the path begins: `/a` is for `/a` and `/a/b`, not for `/ab`',
    }),
    methods: Type.Array(Type.String({ pattern: '^[A-Z]+$' }), {
      maxItems: 20,
      default: [],
      description: 'The methods that the route is for; all of them when empty',
    }),
    resource: text({
      format: 'resource-id',
      description: 'The resource that the token must be for',
    }),
    scopes: Type.Array(scopeName, {
      maxItems: 100,
      default: [],
      description: 'The scopes that the token must have, every one',
    }),
  },
  { additionalProperties: false },
)

export type VerifyRoute = Static<typeof verifyRouteSchema>
