/**
 * The way to the first administrator when none was named in the settings: a link that works once,
 * for 30 minutes, printed to the terminal and nowhere else.
 */
import { sha256 } from '../domain/keyring.ts'
import { hasAdmin } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { hasTokenShape, newToken } from '../protocol/tokens/token-text.ts'
import { registerUser } from './register-user.ts'

export const setupLinkKind = 'setup-link'
export const setupLinkTtlSeconds = 30 * 60

/** True while there is no administrator and this link has not been used. */
export async function isSetupLink(services: Services, token: string): Promise<boolean> {
  if (!hasTokenShape(token, 'setup')) return false
  const entry = await services.expiring.get(setupLinkKind, sha256(token))
  return entry !== undefined && !(await hasAdmin(services.reader))
}

/** Makes the administrator that the settings name, or gives a link to make one; neither if there is one. */
export async function ensureAdmin(services: Services): Promise<{ setupLink?: string }> {
  const { settings, reader, expiring, now } = services
  if (await hasAdmin(reader)) return {}
  const { adminEmail: email, adminPassword: password } = settings
  if (email !== undefined && password !== undefined) {
    const admin = { email, password, name: '', admin: true, actor: 'system:setup' }
    const result = await registerUser(services, admin)
    if (result.outcome === 'accepted') return {}
    throw new Error(`Cannot make the first admin: ${result.reason.replaceAll('_', ' ')}`)
  }
  const token = newToken(settings.tokenPrefix, 'setup')
  const expiresAt = now() + setupLinkTtlSeconds * 1000
  await expiring.put({ kind: setupLinkKind, id: sha256(token), body: {}, expiresAt })
  return { setupLink: `${settings.issuer}/setup?token=${token}` }
}
