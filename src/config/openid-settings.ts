/** What others are told about people. */
import { Type } from '@sinclair/typebox'
import { oneOf } from './schema.ts'

export const openidSettings = {
  subjectType: oneOf(['public', 'pairwise'], {
    default: 'public',
    description:
      'Whether a person has one id towards everybody, or another one in each sector; to change it changes every id',
  }),
  userinfoMinimalPaths: Type.Array(Type.String({ pattern: '^/[!-~]{0,200}$' }), {
    maxItems: 20,
    default: [],
    description: 'Paths of userinfo that tell `sub` and `email` alone, such as `/userinfo`',
  }),
}
