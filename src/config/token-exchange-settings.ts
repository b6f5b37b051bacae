/** Who may hand on what a token gives (RFC 8693), and through how many hands. */
import { Type } from '@sinclair/typebox'
import { group, text, whole } from './schema.ts'

export const tokenExchangeSchema = group({
  allowedClients: Type.Array(text({ description: 'A client id' }), {
    maxItems: 1000,
    default: [],
    description:
      'Clients that may exchange tokens, beside those that an operator added with that grant type',
  }),
  depthMax: whole(
    { from: 1, to: 10 },
    { default: 3, description: 'Through how many clients a token may be handed on' },
  ),
})
