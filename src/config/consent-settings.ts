/** What a person is asked, and how long an answer counts. */
import { day, group, oneOf, seconds } from './schema.ts'

export const consentSchema = group({
  scopes: oneOf(['all', 'choice'], {
    default: 'all',
    description:
      'Whether people give all that is asked for or nothing, or may leave out scopes that the resource does not require',
  }),
  rememberSeconds: seconds({
    from: 0,
    default: 90 * day,
    description:
      'How long a consent to a client whose identity is assured answers for the person when it asks for no more; 0 asks each time',
  }),
})
