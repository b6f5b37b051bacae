/** What a person is asked, and how long an answer counts. */
import { day, group, seconds } from './schema.ts'

export const consentSchema = group({
  rememberSeconds: seconds({
    from: 0,
    default: 90 * day,
    description:
      'How long a consent to a client whose identity is assured answers for the person when it asks for no more; 0 asks each time',
  }),
})
