/** What can happen to a person's account, and what cannot. */
import { sha256 } from '../../src/domain/keyring.ts'
import {
  UserDisabled,
  UserEnabled,
  UserGroupsSet,
  UserPasswordChanged,
  UserPermissionsSet,
  UserRegistered,
  type UserRegistration,
  userDecider,
} from '../../src/domain/user.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const registration: UserRegistration = {
  userId: 'usr_1',
  emailKey: sha256('ada@example.com'),
  email: 'ada@example.com',
  name: 'Ada',
  admin: false,
  passwordSecretId: 'sec_1',
  now: 1000,
}
const { now: at, ...facts } = registration
const registered = UserRegistered({ ...facts, at })
const disabled = UserDisabled({ userId: 'usr_1', reason: 'left the company', at: 2000 })
const enabled = UserEnabled({ userId: 'usr_1', at: 3000 })

const register = { kind: 'register', registration } as const
const changePassword = { kind: 'change password', passwordSecretId: 'sec_2', now: 4000 } as const
const disable = { kind: 'disable', reason: 'left the company', now: 2000 } as const
const enable = { kind: 'enable', now: 3000 } as const

describe('a person nobody has heard of', () => {
  test('can be registered', () => {
    given(userDecider).when(register).records(registered)
  })

  test('can be registered as an admin', () => {
    given(userDecider)
      .when({ kind: 'register', registration: { ...registration, admin: true } })
      .records(UserRegistered({ ...facts, admin: true, at }))
  })

  for (const command of [changePassword, disable, enable]) {
    test(`cannot ${command.kind}`, () => {
      given(userDecider).when(command).refuses('user_unknown')
    })
  }
})

describe('an active person', () => {
  test('cannot be registered again', () => {
    given(userDecider, registered).when(register).refuses('user_exists')
  })

  test('can change the password, which is named and never written', () => {
    given(userDecider, registered)
      .when(changePassword)
      .records(UserPasswordChanged({ userId: 'usr_1', passwordSecretId: 'sec_2', at: 4000 }))
  })

  test('can be disabled, and the reason is kept', () => {
    given(userDecider, registered).when(disable).records(disabled)
  })

  test('cannot be enabled, being so already', () => {
    given(userDecider, registered).when(enable).refuses('user_not_disabled')
  })
})

describe('a disabled person', () => {
  test('cannot be registered again', () => {
    given(userDecider, registered, disabled).when(register).refuses('user_exists')
  })

  test('cannot change the password', () => {
    given(userDecider, registered, disabled).when(changePassword).refuses('user_disabled')
  })

  test('cannot be disabled twice', () => {
    given(userDecider, registered, disabled).when(disable).refuses('user_already_disabled')
  })

  test('can be enabled', () => {
    given(userDecider, registered, disabled).when(enable).records(enabled)
  })

  test('is active again once enabled', () => {
    given(userDecider, registered, disabled, enabled).when(disable).records(disabled)
  })
})

test('the state names the password that counts now, and no address or name', () => {
  const changed = UserPasswordChanged({ userId: 'usr_1', passwordSecretId: 'sec_2', at: 4000 })
  expect(fold(userDecider, [registered, changed])).toEqual({
    status: 'active',
    userId: 'usr_1',
    admin: false,
    passwordSecretId: 'sec_2',
    groups: [],
  })
})

describe('the groups of a person', () => {
  const groupsOf = (groups: string[], at: number) => UserGroupsSet({ userId: 'usr_1', groups, at })
  const set = (...groups: string[]) => ({ kind: 'set groups', groups, now: 5000 }) as const

  test('are written down in order, each once', () => {
    given(userDecider, registered)
      .when(set('staff', 'editors', 'staff'))
      .records(groupsOf(['editors', 'staff'], 5000))
  })

  test('are all of them: one that is not named is left', () => {
    given(userDecider, registered, groupsOf(['editors', 'staff'], 4000))
      .when(set('staff'))
      .records(groupsOf(['staff'], 5000))
    given(userDecider, registered, groupsOf(['staff'], 4000))
      .when(set())
      .records(groupsOf([], 5000))
  })

  test('are no news when they are the same', () => {
    given(userDecider, registered, groupsOf(['a', 'b'], 4000))
      .when(set('b', 'a'))
      .records()
  })

  test('stay while the account is disabled, and can be set then too', () => {
    given(userDecider, registered, groupsOf(['a'], 1500), disabled)
      .when(set('b'))
      .records(groupsOf(['b'], 5000))
  })

  test('are nobody’s before there is somebody', () => {
    given(userDecider).when(set('a')).refuses('user_unknown')
  })
})

describe('permissions', () => {
  const permissions = ['reports:read']
  const set = { kind: 'set permissions', permissions, now: 5000 } as const
  const recorded = UserPermissionsSet({ userId: 'usr_1', permissions, at: 5000 })

  test('can be set, and set anew', () => {
    given(userDecider, registered, recorded).when(set).records(recorded)
  })

  test('can be set for somebody who is disabled', () => {
    given(userDecider, registered, disabled).when(set).records(recorded)
  })

  test('are nobody’s before there is a person', () => {
    given(userDecider).when(set).refuses('user_unknown')
  })
})
