/** How mail leaves the server, and how long what it brings can be used. */
import { Type } from '@sinclair/typebox'
import { day, group, minute, seconds, text } from './schema.ts'

export const mailSchema = group({
  url: Type.Optional(
    text({
      secret: true,
      format: 'smtp-url',
      description:
        'The SMTP server: `smtps://user:password@host`, or `smtp://…` with STARTTLS; without it mail is shown in the terminal',
    }),
  ),
  from: text({
    maxLength: 320,
    format: 'e-mail',
    defaultText: "`no-reply@<issuer's host>`",
    description: 'The address that mail comes from',
  }),
  linkTtlSeconds: seconds({
    default: 15 * minute,
    description: 'How long a link in a mail can be used',
  }),
  invitationTtlSeconds: seconds({
    default: 7 * day,
    description: 'How long an invitation can be used',
  }),
})
