/** How people prove who they are here, and when once is not enough. */
import { Type } from '@sinclair/typebox'
import { group, minute, oneOf, whole } from './schema.ts'

export const signInMethods = ['password', 'passkey'] as const

export const signInSchema = group({
  methods: Type.Array(oneOf(signInMethods, { description: 'One way' }), {
    minItems: 1,
    uniqueItems: true,
    default: [...signInMethods],
    description:
      'How people sign in. Passkeys need an issuer whose host is a name: an IP address has none',
  }),
  freshSeconds: whole(
    { from: minute, to: 1440 * minute },
    {
      default: 10 * minute,
      description:
        'How long after a sign-in the ways to sign in can be changed without another; afterwards the person proves anew who they are',
    },
  ),
  requireSecondFactor: oneOf(['nobody', 'admins', 'everybody'], {
    default: 'nobody',
    description:
      'Who must have a passkey or a code beside the password; a session that was started without one counts for nothing',
  }),
})
