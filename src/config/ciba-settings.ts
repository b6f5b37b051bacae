/** Clients that ask a person who is elsewhere (OpenID Connect CIBA): off unless an operator wants it. */
import { Type } from '@sinclair/typebox'
import { flag, group, hour, minute, whole } from './schema.ts'

export const cibaSchema = group({
  enabled: flag({
    default: false,
    description:
      'Whether clients may ask people who are not at a browser (OpenID Connect CIBA); only those whose registration has the grant type',
  }),
  openRegistration: flag({
    default: false,
    description:
      'Whether clients may give themselves that grant type; otherwise an operator has to add them',
  }),
  tellUnknownTo: Type.Array(Type.String({ minLength: 1, maxLength: 512 }), {
    maxItems: 1000,
    default: [],
    description:
      'Ids of clients that are told when nobody has an address or id; the others get a request that nobody answers',
  }),
  requestTtlSeconds: whole(
    { from: 30, to: hour },
    { default: 5 * minute, description: 'How long a question waits where the client says nothing' },
  ),
  requestTtlMaxSeconds: whole(
    { from: 30, to: hour },
    { default: 10 * minute, description: 'How long a question waits at most' },
  ),
  intervalSeconds: whole(
    { from: 1, to: minute },
    { default: 5, description: 'How often a client may ask for the answer at first' },
  ),
  openPerPersonMax: whole(
    { from: 1, to: 100 },
    { default: 3, description: 'Most questions that may wait for one person' },
  ),
  perPersonHourMax: whole(
    { from: 1, to: 10_000 },
    { default: 20, description: 'Most questions that one person is asked in an hour' },
  ),
})
