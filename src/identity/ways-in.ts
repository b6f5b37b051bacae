/** By which ways people can sign in here, as the settings are now. */
import { isIP } from 'node:net'
import type { Settings } from '../config/settings.ts'
import type { WaysOffered } from '../domain/way-in.ts'
import type { Services } from '../protocol/services.ts'

export function waysOffered({ settings, mail }: Pick<Services, 'settings' | 'mail'>): WaysOffered {
  return {
    byPassword: settings.signIn.methods.includes('password'),
    byMail: mail.isReady,
    byPasskey: passkeyHost(settings) !== undefined,
    upstreams: settings.upstreams.map(({ id }) => id),
  }
}

/** The name that passkeys belong to, or undefined where there can be none. */
export function passkeyHost({ issuer, signIn }: Settings): string | undefined {
  const { hostname } = new URL(issuer)
  const isName = isIP(hostname.replace(/^\[|\]$/g, '')) === 0
  return isName && signIn.methods.includes('passkey') ? hostname : undefined
}
