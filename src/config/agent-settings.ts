/** Programs that sign in by themselves, and what they get. */
import { day, flag, group, hour, oneOf, seconds, whole } from './schema.ts'

export const agentsSchema = group({
  enabled: flag({
    default: false,
    description: 'Whether agents may register here and sign in by themselves',
  }),
  unconfirmed: oneOf(['nothing', 'identity'], {
    default: 'nothing',
    description:
      'What clients get of an agent that the owner it names has not confirmed: nothing, or who the agent says that it is',
  }),
  unconfirmedGrantsPerDay: whole(
    { from: 1, to: 10_000 },
    {
      default: 20,
      description: 'How often in a day an agent that nobody confirmed may sign in to clients',
    },
  ),
  registrationTtlSeconds: seconds({
    default: 7 * day,
    description: 'How long a registration waits for its owner or a first use before it is gone',
  }),
  tokenTtlSeconds: seconds({
    default: hour,
    description: 'How long an agent’s token for its own profile lives',
  }),
  secretHash: oneOf(['argon2id', 'bcrypt'], {
    default: 'argon2id',
    description: 'How agents’ secrets are kept; those that are kept otherwise already stay good',
  }),
  secretCharactersMin: whole(
    { from: 8, to: 72 },
    { default: 16, description: 'How long an agent’s secret must be' },
  ),
  envelope: flag({
    default: false,
    description: 'Whether answers of the agents’ own endpoints stand in `{ success, data }`',
  }),
})
