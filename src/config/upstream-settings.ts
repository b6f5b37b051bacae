/** The other services by which people may sign in. */
import { type Static, Type } from '@sinclair/typebox'
import { scopeName } from './resource-settings.ts'
import { flag, oneOf, text } from './schema.ts'

export const upstreamSchema = Type.Object(
  {
    id: text({
      pattern: '^[a-z][a-z0-9-]{0,31}$',
      description:
        'How the redirect URI ends that the service is told: `<issuer>/sign-in/from/<id>`',
    }),
    name: text({ maxLength: 60, description: 'What people see: "Continue with <name>"' }),
    kind: oneOf(['oidc', 'github', 'telegram_oidc', 'telegram_widget'], {
      default: 'oidc',
      description:
        "`oidc` for every OpenID provider; `telegram_widget` for links that Telegram's widget and bots sign, which has no button on the page",
    }),
    issuer: text({
      pattern:
        '^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]{1,5})?(/|$))[^?#\\s]*$',
      defaultText: '`https://github.com` or `https://oauth.telegram.org`; `oidc` needs one',
      description: 'Its issuer, byte for byte; for GitHub Enterprise the URL of the server',
    }),
    clientId: text({ maxLength: 500, description: 'What the service calls this server' }),
    clientSecret: Type.Optional(
      text({
        secret: true,
        maxLength: 1000,
        description: "The secret for that; for `telegram_widget` the bot's token",
      }),
    ),
    scopes: Type.Array(scopeName, {
      maxItems: 20,
      defaultText: '`openid profile email`, or what the kind needs',
      description: 'What to ask the service for',
    }),
    signUp: Type.Optional(
      flag({
        defaultText: 'whether `sign_up` is `open`',
        description: 'Whether somebody whom nobody here knows gets an account by it',
      }),
    ),
    trustEmail: flag({
      default: false,
      description:
        'Whether an address that the service calls verified becomes that of a new account',
    }),
    trustAmr: flag({
      default: false,
      description: 'Whether clients are told how the person signed in there (`amr`); else `fed`',
    }),
  },
  { additionalProperties: false },
)

export type Upstream = Static<typeof upstreamSchema>

const oidcScopes = ['openid', 'profile', 'email']

/** By kind, where an operator need not say it. */
export const upstreamDefaults: Record<
  Upstream['kind'],
  { readonly issuer?: string; readonly scopes: readonly string[] }
> = {
  oidc: { scopes: oidcScopes },
  github: { issuer: 'https://github.com', scopes: ['read:user', 'user:email'] },
  telegram_oidc: { issuer: 'https://oauth.telegram.org', scopes: ['openid', 'profile'] },
  telegram_widget: { issuer: 'https://oauth.telegram.org', scopes: [] },
}
