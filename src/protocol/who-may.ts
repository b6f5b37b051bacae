/**
 * What a person may give of what a client asks for: the operator says for each resource who may
 * use it at all, and for single scopes who may give those. Asked at the consent and again at each
 * issue of tokens, so that whoever leaves a group gives no more.
 *
 * @see [RFC 6749 §3.3 - Access Token Scope](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.3)
 */
import type { Resource } from '../config/resource-settings.ts'
import type { Access } from '../domain/access.ts'
import { auditScope, workScope } from './resources.ts'

/** What the rules are about; as the projection of accounts has it. */
export interface Person {
  /** Null once it was erased; it then fits no rule. */
  readonly email: string | null
  /** Null while nobody has proved whose the address is; it then fits no rule. */
  readonly emailVerifiedAt: number | null
  readonly admin: boolean
  readonly groups: readonly string[]
}

/** Administrators are in this group, and nobody can be put into it. */
export const adminGroup = 'admin'

/** The audit is an administrator's to share, wherever it is offered; work is nobody's to give. */
const always: Readonly<Record<string, readonly string[]>> = {
  [auditScope]: [adminGroup],
  [workScope]: [],
}

/** Whether anything of what is asked depends on who it is. */
export function isRestricted(resource: Resource, scopes: readonly string[]): boolean {
  return usersOf(resource).length > 0 || scopes.some((scope) => ruleOf(resource, scope))
}

/** The scopes among these that this person may give there; none where they may not use it. */
export function scopesOfPerson(
  resource: Resource,
  scopes: readonly string[],
  person: Person | undefined,
): string[] {
  const users = usersOf(resource)
  if (users.length > 0 && !isAmong(person, users)) return []
  return scopes.filter((scope) => {
    const rule = ruleOf(resource, scope)
    return rule === undefined || isAmong(person, rule)
  })
}

/** The same for all that is asked; resources of which nothing is left are left out. */
export function accessOfPerson(
  access: readonly Access[],
  person: Person,
  resourceOf: (identifier: string) => Resource | undefined,
): Access[] {
  return access.flatMap(({ resource, scopes }) => {
    const found = resourceOf(resource)
    const given = found ? scopesOfPerson(found, scopes, person) : scopes
    return given.length > 0 ? [{ resource, scopes: given }] : []
  })
}

/** Who may use the resource, in the one spelling that rules have. */
function usersOf({ allowedUsers, allowedDomains, allowedGroups }: Resource): string[] {
  return [...allowedUsers, ...allowedDomains.map((domain) => `@${domain}`), ...allowedGroups]
}

function ruleOf({ whoMay }: Resource, scope: string): readonly string[] | undefined {
  if (Object.hasOwn(always, scope)) return always[scope]
  return Object.hasOwn(whoMay, scope) ? whoMay[scope] : undefined
}

/** Each entry is an e-mail address, `@` and a domain, or a group. */
function isAmong(person: Person | undefined, entries: readonly string[]): boolean {
  if (!person) return false
  const proved = person.emailVerifiedAt === null ? null : person.email
  const email = proved?.trim().normalize('NFKC').toLowerCase() ?? ''
  const domain = email.slice(email.lastIndexOf('@'))
  const groups = person.admin ? [...person.groups, adminGroup] : person.groups
  return entries.some((entry) => {
    if (!entry.includes('@')) return groups.includes(entry)
    return email !== '' && (entry.startsWith('@') ? domain : email) === entry.toLowerCase()
  })
}
