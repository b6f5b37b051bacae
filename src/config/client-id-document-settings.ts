/** Clients that are known by a document at their id, which is a URL. */
import { Type } from '@sinclair/typebox'
import { flag, group, oneOf, text } from './schema.ts'

export const clientIdDocumentsSchema = group({
  enabled: flag({
    default: true,
    description: 'Whether a client may be known by the metadata document at its id, a URL',
  }),
  wellKnown: Type.Array(oneOf(['claude.ai'], { description: 'A document that is built in' }), {
    maxItems: 1,
    default: ['claude.ai'],
    description: 'Documents that are used as they are built in, because their sites refuse servers',
  }),
  pinned: Type.Array(
    Type.Object(
      {
        url: text({ pattern: '^https://', description: 'The id of the client' }),
        document: text({
          maxLength: 5120,
          description: 'Its document as JSON text, used as it stands here and never fetched',
        }),
      },
      { additionalProperties: false },
    ),
    {
      maxItems: 100,
      default: [],
      description: 'Documents that are pinned; in the file only',
    },
  ),
})
