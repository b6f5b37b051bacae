/** Who may become a client, how, and for how long. */
import { Type } from '@sinclair/typebox'
import { day, flag, group, oneOf, seconds } from './schema.ts'

/** Ways in which a registered client can prove who it is; `none` is a client that has no secret. */
export const registrableAuthMethods = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'self_signed_tls_client_auth',
] as const

/** Whom the certificates of others name is for an operator to say. */
export const clientAuthMethods = [...registrableAuthMethods, 'tls_client_auth'] as const

export const registrationSchema = group({
  open: flag({
    default: true,
    description: 'Whether anyone may register a client (RFC 7591)',
  }),
  provisionalSeconds: seconds({
    default: 7 * day,
    description: 'How long a registration stays that nobody has consented to',
  }),
  hibernateAfterSeconds: seconds({
    default: 90 * day,
    description:
      'After how long without a grant or a consent a registered client is kept in the log alone, until it comes back',
  }),
  tokenEndpointAuthMethods: Type.Array(
    oneOf(registrableAuthMethods, { description: 'One way to authenticate' }),
    {
      minItems: 1,
      maxItems: registrableAuthMethods.length,
      default: [...registrableAuthMethods],
      description:
        'How registered clients may authenticate, as far as the server can check it; the metadata names the same',
    },
  ),
  defaultTokenEndpointAuthMethod: oneOf(registrableAuthMethods, {
    default: 'client_secret_basic',
    description: 'What a registration gets that names no method, or one that is not in that list',
  }),
  privateSchemes: flag({
    default: true,
    description: 'Whether redirect URIs may have a scheme of their own, such as `cursor://…`',
  }),
  scopeIsLimit: flag({
    default: false,
    description:
      'Whether the scope that a client registered is the most it can get; an operator’s own clients are always held to theirs',
  }),
  unknownScope: oneOf(['drop', 'refuse'], {
    default: 'drop',
    description: 'What becomes of a scope in a registration that no resource offers',
  }),
})
