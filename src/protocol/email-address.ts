/**
 * An e-mail address as the key of an account: normalized, then HMACed, so that the log and the
 * tables can be searched by it without holding it.
 *
 * @see [OpenID Connect Core 1.0 §5.1 - Standard Claims](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)
 */
import type { Keyring } from '../domain/keyring.ts'
import { findUserByEmailKey, type User } from '../projections/users.ts'
import type { Services } from './services.ts'

export const emailCharactersMax = 320

/** The address as accounts are compared by it, or undefined when it is none. */
export function normalizeEmail(email: string): string | undefined {
  const trimmed = email.trim().normalize('NFKC').toLowerCase()
  const valid = /^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\.]+(\.[^\s@<>"(),:;[\]\\.]+)*$/.test(
    trimmed,
  )
  return valid && trimmed.length <= emailCharactersMax ? trimmed : undefined
}

export function emailKey(keyring: Keyring, email: string, version?: number): string {
  return keyring.mac('lookup', ['email', email], version)
}

/** The account of a normalized address, under whichever version of the secret it was made. */
export async function findUserByEmail(
  { keyring, reader }: Pick<Services, 'keyring' | 'reader'>,
  email: string,
): Promise<User | undefined> {
  for (const version of keyring.versions) {
    const user = await findUserByEmailKey(reader, emailKey(keyring, email, version))
    if (user) return user
  }
  return undefined
}

/** A person, named by either. */
export type Whose = { readonly email: string } | { readonly userId: string }

export async function userIdOf(
  services: Pick<Services, 'reader' | 'keyring'>,
  whose: Whose,
): Promise<string | undefined> {
  if ('userId' in whose) return whose.userId
  const address = normalizeEmail(whose.email)
  return address === undefined ? undefined : (await findUserByEmail(services, address))?.userId
}
