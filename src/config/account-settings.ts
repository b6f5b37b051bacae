/** Who may have an account, and how long a browser stays signed in. */
import { day, oneOf, seconds } from './schema.ts'

export const accountSettings = {
  signUp: oneOf(['off', 'invitation', 'open'], {
    default: 'off',
    description: 'Who may make an account: nobody, who is invited, or everybody with an address',
  }),
  sessionTtlSeconds: seconds({
    default: 7 * day,
    description: 'How long a sign-in lasts at most',
  }),
  sessionIdleSeconds: seconds({
    from: 0,
    default: day,
    description: 'How long a sign-in lasts that nobody uses; 0 for as long as any',
  }),
}
