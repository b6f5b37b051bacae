/**
 * What can be told about a person, and which scope asks for it.
 *
 * @see [OpenID Connect Core 1.0 §5.1 - Standard Claims](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)
 * @see [OpenID Connect Core 1.0 §5.4 - Requesting Claims using Scope Values](https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims)
 */
import type { RequestedClaims } from '../../domain/grant-events.ts'
import { findUser, type User } from '../../projections/users.ts'
import type { Services } from '../services.ts'

const claimsOfScope: Readonly<Record<string, readonly string[]>> = {
  profile: ['name', 'updated_at'],
  email: ['email', 'email_verified'],
  permissions: ['permissions'],
}

export const personClaimNames = Object.values(claimsOfScope).flat()

/** The scopes that would ask for these claims: what the person is shown. */
export function scopesForClaims(claims: RequestedClaims | undefined): string[] {
  const names = [...(claims?.idToken ?? []), ...(claims?.userinfo ?? [])]
  return Object.keys(claimsOfScope).filter((scope) =>
    claimsOfScope[scope]?.some((name) => names.includes(name)),
  )
}

/** @param asked scopes, and claims that were asked for one by one */
export async function personClaims(
  { reader }: Pick<Services, 'reader'>,
  userId: string,
  asked: { readonly scopes: readonly string[]; readonly names: readonly string[] },
): Promise<Record<string, unknown>> {
  const user = await findUser(reader, userId)
  if (!user) return {}
  const wanted = new Set([
    ...asked.scopes.flatMap((scope) => claimsOfScope[scope] ?? []),
    ...asked.names,
  ])
  const all = Object.entries(claimsOf(user))
  return Object.fromEntries(all.filter(([name, value]) => wanted.has(name) && value !== undefined))
}

function claimsOf(user: User): Record<string, unknown> {
  const { name, email, emailVerifiedAt, permissions, updatedAt } = user
  return {
    name: name || undefined,
    updated_at: Math.floor(updatedAt / 1000),
    email: email || undefined,
    email_verified: email ? emailVerifiedAt !== null : undefined,
    permissions,
  }
}
