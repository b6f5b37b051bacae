/** What holds for every client, however it became one. */
import { Type } from '@sinclair/typebox'
import { flag, text } from './schema.ts'

export const clientSettings = {
  redirectPatterns: Type.Array(Type.String({ format: 'redirect-pattern' }), {
    maxItems: 100,
    default: [],
    description:
      'Redirect URIs that count as registered for every known client: exact ones, `{id}` for one segment of the path, `http://localhost:*/*` for any port and path of this machine',
  }),
  brands: Type.Array(Type.String({ minLength: 2, maxLength: 60 }), {
    maxItems: 1000,
    default: [],
    description:
      'Names that no client may register under: alone or within its own, look-alike letters too',
  }),
  tokenEndpointAudience: flag({
    default: true,
    description:
      'Whether a client assertion may name the token endpoint as its audience, as ChatGPT does; else the issuer alone (FAPI 2.0)',
  }),
  supportContact: Type.Optional(
    text({ maxLength: 200, description: 'Where somebody turns who may use such a name after all' }),
  ),
}
