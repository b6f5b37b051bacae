/** Who may become a client, and for how long. */
import { day, flag, group, seconds } from './schema.ts'

export const registrationSchema = group({
  open: flag({
    default: true,
    description: 'Whether anyone may register a client (RFC 7591)',
  }),
  provisionalSeconds: seconds({
    default: 7 * day,
    description: 'How long a registration stays that nobody has consented to',
  }),
})
