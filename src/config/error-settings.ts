/** How refusals look where the standards leave it open, or where older clients expect it. */
import { Type } from '@sinclair/typebox'
import { group, oneOf, text } from './schema.ts'

export const errorsSchema = group({
  field: oneOf(['message', 'error_description'], {
    default: 'message',
    description: 'What the sentence of an error is called away from the OAuth endpoints',
  }),
  unauthorizedGrantPaths: Type.Array(text({ pattern: '^/', description: 'A path' }), {
    maxItems: 10,
    default: [],
    description:
      'Token endpoints, such as `/oauth2/token`, that answer `invalid_grant` with 401 in the place of 400',
  }),
})
