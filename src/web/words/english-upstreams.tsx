/** What pages say, in English, about signing in by another service. */
import type { ComponentChildren } from 'preact'

export const englishUpstreams = {
  or: 'or',
  continueWith: (service: ComponentChildren) => <>Continue with {service}</>,
  onward: {
    title: (service: string) => `On to ${service}`,
    heading: (service: ComponentChildren) => <>On to {service}</>,
    text: (host: ComponentChildren) => (
      <>You sign in at {host} and come back here. If nothing happens, go on by hand.</>
    ),
    go: 'Go on',
  },
  identities: {
    title: 'Other ways to sign in',
    none: 'No account with another service is linked.',
    linked: (at: ComponentChildren) => <>linked {at}</>,
    link: (service: ComponentChildren) => <>Link {service}</>,
    unlink: 'Unlink',
    unlinkWhich: (service: string, label: string) => `Unlink ${service} ${label}`,
  },
  telegram: {
    signInTitle: 'Sign in with Telegram',
    signInAs: (who: ComponentChildren) => <>Sign in as {who}?</>,
    signIn: 'Sign in',
    linkTitle: 'Link Telegram',
    linkAs: (who: ComponentChildren) => <>Link {who} to your account?</>,
    link: 'Link',
    warning: 'If you did not just ask for this in Telegram, close this page.',
  },
  problems: {
    upstream_expired: 'Signing in there took too long, or was answered already. Please try again.',
    upstream_denied: 'You did not allow it there. Try again, or choose another way.',
    upstream_failed:
      'The other service did not prove who you are. Try again in a moment, or choose another way.',
    identity_unknown:
      'That account is not linked with any account here. Sign in another way first, then link it on your account page.',
    identity_email_taken:
      'An account here already has that email address. Sign in to it another way first, then link the two on your account page.',
    identity_of_another: 'That account is linked with another account here.',
    identities_too_many: 'No more accounts can be linked. Unlink one first.',
    account_disabled: 'This account is disabled. Ask the people who run this server.',
    last_way_in:
      'This is the only way to sign in to your account. Add a passkey, a password with a confirmed address, or another service first.',
    expired_form: 'This page was open for too long. Please try again.',
  },
}
