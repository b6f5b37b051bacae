/**
 * What a person may give.
 *
 * @see [RFC 6749 §3.3 - Access Token Scope](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.3)
 */
import type { Resource } from '../../src/config/resource-settings.ts'
import { defaultSettings, type GivenSettings } from '../../src/config/settings.ts'
import { isRestricted, type Person, scopesOfPerson } from '../../src/protocol/who-may.ts'
import { describe, expect, test } from '../support/test.ts'

type Given = NonNullable<GivenSettings['resources']>[number]

function resourceWith(rules: Given): Resource {
  const scopes = { read: 'Read', write: 'Write', 'audit:read': 'Audit' }
  const resources = [{ resource: 'https://api.example.com', name: 'API', scopes, ...rules }]
  const [resource] = defaultSettings({ resources }).resources
  if (!resource) throw new Error('Cannot test: no resource')
  return resource
}

const ada: Person = {
  email: 'Ada@Example.com',
  emailVerifiedAt: 1,
  admin: false,
  groups: ['staff'],
}
const mayUse = (rules: Given, person: Person = ada) =>
  scopesOfPerson(resourceWith(rules), ['read'], person).length > 0

describe('a resource', () => {
  test('is for everybody where no list names anyone', () => {
    expect(mayUse({})).toBe(true)
    expect(isRestricted(resourceWith({}), ['read', 'openid'])).toBe(false)
  })

  test('is for those of an address, a domain or a group that is named', () => {
    expect(mayUse({ allowedUsers: ['ada@example.com'] })).toBe(true)
    expect(mayUse({ allowedUsers: ['ADA@EXAMPLE.COM'] })).toBe(true)
    expect(mayUse({ allowedDomains: ['Example.com'] })).toBe(true)
    expect(mayUse({ allowedGroups: ['staff'] })).toBe(true)
    expect(mayUse({ allowedUsers: ['eve@example.com'], allowedGroups: ['staff'] })).toBe(true)
  })

  test('is for nobody else: not for one whose address only looks like a named one', () => {
    expect(mayUse({ allowedUsers: ['eve@example.com'] })).toBe(false)
    expect(mayUse({ allowedDomains: ['ample.com'] })).toBe(false)
    expect(mayUse({ allowedDomains: ['com'] })).toBe(false)
    expect(mayUse({ allowedGroups: ['staf', 'Staff', 'staff2'] })).toBe(false)
    const sub = { ...ada, email: 'ada@example.com.evil.example' }
    expect(mayUse({ allowedDomains: ['example.com'] }, sub)).toBe(false)
    const below = { ...ada, email: 'ada@mail.example.com' }
    expect(mayUse({ allowedDomains: ['example.com'] }, below)).toBe(false)
  })

  test('is not for somebody whose address was erased, where addresses decide', () => {
    const unproved = { ...ada, emailVerifiedAt: null }
    expect(mayUse({ allowedUsers: ['ada@example.com'] }, unproved)).toBe(false)
    expect(mayUse({ allowedDomains: ['example.com'] }, unproved)).toBe(false)
    const erased = { ...ada, email: null }
    expect(mayUse({ allowedDomains: ['example.com'] }, erased)).toBe(false)
    expect(mayUse({ allowedUsers: ['ada@example.com'] }, erased)).toBe(false)
    expect(mayUse({ allowedGroups: ['staff'] }, erased)).toBe(true)
  })
})

describe('a scope', () => {
  const whoMay = { write: ['editors', '@trusted.example', 'eve@example.com'] }
  const given = (person: Partial<Person>, rules: Given = { whoMay }) =>
    scopesOfPerson(resourceWith(rules), ['read', 'write', 'openid'], { ...ada, ...person })

  test('that is restricted is left out for whoever may not give it', () => {
    expect(given({})).toEqual(['read', 'openid'])
    expect(given({ groups: ['editors'] })).toEqual(['read', 'write', 'openid'])
    expect(given({ email: 'x@trusted.example' })).toEqual(['read', 'write', 'openid'])
    expect(given({ email: 'Eve@example.com' })).toEqual(['read', 'write', 'openid'])
  })

  test('does not help whoever may not use the resource', () => {
    expect(given({ groups: ['editors'] }, { whoMay, allowedGroups: ['staff'] })).toEqual([])
  })

  test('that nobody may give is given by nobody', () => {
    expect(given({ admin: true }, { whoMay: { write: [] } })).toEqual(['read', 'openid'])
  })

  test('may be for administrators', () => {
    const rules = { whoMay: { write: ['admin'] } }
    expect(given({}, rules)).not.toContain('write')
    expect(given({ admin: true }, rules)).toContain('write')
  })

  test('for the audit is an administrator’s, whatever the settings say', () => {
    const resource = resourceWith({ whoMay: { 'audit:read': ['staff'] } })
    expect(scopesOfPerson(resource, ['audit:read'], ada)).toEqual([])
    expect(scopesOfPerson(resource, ['audit:read'], { ...ada, admin: true })).toEqual([
      'audit:read',
    ])
  })
})
