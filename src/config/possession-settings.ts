/** How clients show that they hold a key, so that a stolen token is of no use: DPoP and mutual TLS. */
import { Type } from '@sinclair/typebox'
import { flag, group, hour, minute, text, whole } from './schema.ts'

export const possessionSettings = {
  requireSenderConstrainedTokens: flag({
    default: false,
    description: 'Whether every access token must be bound to a key (DPoP) or a certificate',
  }),
  dpop: group({
    proofMaxAgeSeconds: whole(
      { from: 5, to: hour },
      { default: minute, description: 'How old a DPoP proof may be; it counts once' },
    ),
    requireNonce: flag({
      default: false,
      description: 'Whether a DPoP proof must carry a nonce that this server gave',
    }),
  }),
  mtls: group({
    certificateHeader: Type.Optional(
      text({
        pattern: '^[A-Za-z0-9-]{1,64}$',
        description:
          'The header in which a trusted proxy names the certificate of the client, such as `Client-Cert`; none: no mutual TLS',
      }),
    ),
    verifiedHeader: Type.Optional(
      text({
        pattern: '^[A-Za-z0-9-]{1,64}$',
        description:
          'The header in which that proxy says whether it verified the certificate (`$ssl_client_verify` of nginx). With it clients may use `tls_client_auth`: every authority in the list of the proxy (`ssl_client_certificate`) then decides who is which client',
      }),
    ),
    verifiedValue: text({
      default: 'SUCCESS',
      minLength: 1,
      maxLength: 64,
      description: 'What stands in that header when the certificate is good, and at no other time',
    }),
    apiUrl: Type.Optional(
      text({
        format: 'base-url',
        description: 'The public URL at which the proxy asks for certificates, if it is another',
      }),
    ),
  }),
}
