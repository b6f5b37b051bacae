/** Questions that people decide before something is paid or done: where, how long, how many. */
import { Type } from '@sinclair/typebox'
import { amountPattern } from '../domain/amount.ts'
import { flag, group, hour, minute, seconds, whole } from './schema.ts'

const channel = Type.Union([Type.Literal('web'), Type.Literal('telegram')])

export const approvalsSchema = group({
  channels: Type.Array(channel, {
    minItems: 1,
    uniqueItems: true,
    default: ['web', 'telegram'],
    description:
      'Where people decide: on the page (`web`), and by a button of the bot where their account has a Telegram identity (`telegram`)',
  }),
  freshSeconds: whole(
    { from: 10, to: 60 * minute },
    {
      default: 2 * minute,
      description:
        'How long after a sign-in a person can decide on the page; afterwards they prove anew who they are',
    },
  ),
  mail: Type.Optional(
    flag({
      defaultText: 'whether mail goes out',
      description: 'Whether people are told by mail that something waits for them',
    }),
  ),
  expirySeconds: seconds({
    default: hour,
    description: 'How long a call of a tool waits to be approved',
  }),
  useSeconds: seconds({
    default: 10 * minute,
    description: 'How long a call that was approved may be made',
  }),
  openPerPersonMax: whole(
    { from: 1, to: 10_000 },
    { default: 100, description: 'Most calls that may wait for the approval of one person' },
  ),
  openPerClientMax: whole(
    { from: 1, to: 10_000 },
    { default: 20, description: 'Most of them that one client may have asked for' },
  ),
  standingLimit: Type.Record(
    Type.String({ pattern: '^[A-Z]{3}$' }),
    Type.String({ pattern: amountPattern }),
    {
      additionalProperties: false,
      maxProperties: 50,
      default: {},
      description:
        'Up to how much people may approve ahead for one tool within an hour, by currency: `{ EUR = "100" }`; none unless it is named',
    },
  ),
})
