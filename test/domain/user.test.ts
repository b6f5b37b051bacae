/** What can happen to a person's account, and what cannot. */
import { sha256 } from '../../src/domain/keyring.ts'
import { type UserRegistration, userDecider } from '../../src/domain/user.ts'
import {
  IdentityLinked,
  IdentityUnlinked,
  identitiesMax,
  UserAdminSet,
  UserDeleted,
  UserDisabled,
  UserEmailChanged,
  UserEmailVerified,
  UserEnabled,
  UserGroupsSet,
  UserPasswordChanged,
  UserPermissionsSet,
  UserRegistered,
  UserRenamed,
} from '../../src/domain/user-events.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const registration: UserRegistration = {
  userId: 'usr_1',
  emailKey: sha256('ada@example.com'),
  email: 'ada@example.com',
  emailVerified: false,
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
const setPassword = { kind: 'set password', passwordSecretId: 'sec_2', now: 4000 } as const
const disable = { kind: 'disable', reason: 'left the company', now: 2000 } as const
const enable = { kind: 'enable', now: 3000 } as const
const newAddress = {
  emailKey: sha256('lovelace@example.com'),
  email: 'lovelace@example.com',
  emailVerified: true,
}
const changeEmail = { kind: 'change e-mail', ...newAddress, now: 5000 } as const
const verifyEmail = {
  kind: 'verify e-mail',
  emailKey: sha256('ada@example.com'),
  now: 6000,
} as const
const rename = { kind: 'rename', name: 'Ada Lovelace', now: 7000 } as const
const remove = { kind: 'delete', now: 8000 } as const
const changed = UserEmailChanged({ userId: 'usr_1', ...newAddress, at: 5000 })
const verified = UserEmailVerified({ userId: 'usr_1', emailKey: verifyEmail.emailKey, at: 6000 })
const deleted = UserDeleted({ userId: 'usr_1', at: 8000 })
const google = {
  identityKey: sha256('https://accounts.google.com 1'),
  upstream: 'google',
  upstreamSubject: '1',
  label: 'ada@gmail.example',
}
const github = {
  identityKey: sha256('https://github.com 2'),
  upstream: 'github',
  upstreamSubject: '2',
  label: 'ada',
}
const link = { kind: 'link identity', ...google, now: 9000 } as const
const linkedGoogle = IdentityLinked({ userId: 'usr_1', ...google, at: 9000 })
const linkedGithub = IdentityLinked({ userId: 'usr_1', ...github, at: 9500 })
const ways = {
  byPassword: true,
  byMail: true,
  byPasskey: true,
  upstreams: ['google', 'github'],
}
const unlinkGoogle = {
  kind: 'unlink identity',
  identityKey: google.identityKey,
  ways,
  passkeys: 0,
  now: 10_000,
} as const
const unlinkedGoogle = IdentityUnlinked({
  userId: 'usr_1',
  identityKey: google.identityKey,
  at: 10_000,
})
const { passwordSecretId: _, ...withoutPassword } = facts
const registeredElsewhere = UserRegistered({ ...withoutPassword, at })
const commands = [setPassword, changeEmail, verifyEmail, rename, disable, enable, remove]

describe('a person nobody has heard of', () => {
  test('can be registered', () => {
    given(userDecider).when(register).records(registered)
  })

  test('can be registered as an admin', () => {
    given(userDecider)
      .when({ kind: 'register', registration: { ...registration, admin: true } })
      .records(UserRegistered({ ...facts, admin: true, at }))
  })

  test('can be registered without an address and a password', () => {
    const { email: _, emailKey: __, passwordSecretId: ___, ...bare } = registration
    const { now: ____, ...bareFacts } = bare
    given(userDecider)
      .when({ kind: 'register', registration: bare })
      .records(UserRegistered({ ...bareFacts, at }))
  })

  for (const command of commands) {
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
      .when(setPassword)
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

  for (const command of [setPassword, changeEmail, verifyEmail, rename]) {
    test(`cannot ${command.kind}`, () => {
      given(userDecider, registered, disabled).when(command).refuses('user_disabled')
    })
  }

  test('can be deleted', () => {
    given(userDecider, registered, disabled).when(remove).records(deleted)
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
    emailVerified: false,
    emailKey: sha256('ada@example.com'),
    passwordSecretId: 'sec_2',
    groups: [],
    identities: [],
  })
})

describe('the address of a person', () => {
  test('is another one once that is proved', () => {
    given(userDecider, registered).when(changeEmail).records(changed)
  })

  test('is no news when it is the same', () => {
    given(userDecider, registered, changed).when(changeEmail).refuses('email_unchanged')
  })

  test('can be proved, once', () => {
    given(userDecider, registered).when(verifyEmail).records(verified)
    given(userDecider, registered, verified).when(verifyEmail).records()
  })

  test('is not proved by what was sent to the one before', () => {
    given(userDecider, registered, changed).when(verifyEmail).refuses('email_changed')
  })

  test('is not proved any more when it was changed without a proof', () => {
    const unproved = UserEmailChanged({
      userId: 'usr_1',
      ...newAddress,
      emailVerified: false,
      at: 7000,
    })
    expect(fold(userDecider, [registered, verified, unproved])).toMatchObject({
      emailVerified: false,
      emailKey: newAddress.emailKey,
    })
  })
})

test('a person is called otherwise from now on', () => {
  given(userDecider, registered)
    .when(rename)
    .records(UserRenamed({ userId: 'usr_1', name: 'Ada Lovelace', at: 7000 }))
})

describe('a deleted person', () => {
  test('was an active one', () => {
    given(userDecider, registered).when(remove).records(deleted)
  })

  for (const command of commands) {
    test(`cannot ${command.kind}`, () => {
      given(userDecider, registered, deleted).when(command).refuses('user_deleted')
    })
  }

  test('does not come back under the same id', () => {
    given(userDecider, registered, deleted).when(register).refuses('user_exists')
  })

  test('leaves nothing in the state but the id', () => {
    const state = fold(userDecider, [registered, deleted])
    expect(state).toEqual({ status: 'deleted', userId: 'usr_1' })
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

describe('administration', () => {
  const command = (admin: boolean) => ({ kind: 'set admin', admin, now: 5000 }) as const
  const changed = (admin: boolean) => UserAdminSet({ userId: facts.userId, admin, at: 5000 })
  const other = !facts.admin

  test('is given and taken, and what is so already is no event', () => {
    given(userDecider, registered).when(command(other)).records(changed(other))
    given(userDecider, registered, changed(other)).when(command(other)).records()
    given(userDecider, registered, changed(other)).when(command(!other)).records(changed(!other))
  })

  test('is nothing that somebody unknown can have', () => {
    given(userDecider).when(command(true)).refuses('user_unknown')
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

describe('an identity with another service', () => {
  test('can be linked once', () => {
    given(userDecider, registered).when(link).records(linkedGoogle)
    given(userDecider, registered, linkedGoogle).when(link).refuses('identity_linked')
    given(userDecider, registered, linkedGoogle, unlinkedGoogle).when(link).records(linkedGoogle)
  })

  test('is one of so many', () => {
    const many = Array.from({ length: identitiesMax }, (_, index) =>
      IdentityLinked({ userId: 'usr_1', ...github, identityKey: sha256(String(index)), at: 9000 }),
    )
    given(userDecider, registered, ...many)
      .when(link)
      .refuses('identities_too_many')
  })

  test('can be unlinked where there is a password', () => {
    given(userDecider, registered, linkedGoogle).when(unlinkGoogle).records(unlinkedGoogle)
    given(userDecider, registered).when(unlinkGoogle).refuses('identity_unknown')
  })

  test('can be unlinked where there is another one, if that can be used', () => {
    const both = [registeredElsewhere, linkedGoogle, linkedGithub]
    given(userDecider, ...both)
      .when(unlinkGoogle)
      .records(unlinkedGoogle)
    given(userDecider, ...both)
      .when({ ...unlinkGoogle, ways: { ...ways, upstreams: ['google'] } })
      .refuses('last_way_in')
  })

  test('cannot be unlinked where it is the last way in', () => {
    given(userDecider, registeredElsewhere, linkedGoogle).when(unlinkGoogle).refuses('last_way_in')
  })

  test('can be unlinked where mail is another way in', () => {
    const proved = UserRegistered({ ...withoutPassword, emailVerified: true, at })
    given(userDecider, proved, linkedGoogle).when(unlinkGoogle).records(unlinkedGoogle)
    given(userDecider, proved, linkedGoogle)
      .when({ ...unlinkGoogle, ways: { ...ways, byMail: false } })
      .refuses('last_way_in')
  })

  test('can be unlinked where there is a passkey, if passkeys open anything', () => {
    const only = given(userDecider, registeredElsewhere, linkedGoogle)
    only.when({ ...unlinkGoogle, passkeys: 1 }).records(unlinkedGoogle)
    only
      .when({ ...unlinkGoogle, passkeys: 1, ways: { ...ways, byPasskey: false } })
      .refuses('last_way_in')
  })

  test('stays where the password opens nothing: without an address, or switched off', () => {
    const { email: _, emailKey: __, ...withoutAddress } = facts
    given(userDecider, UserRegistered({ ...withoutAddress, at }), linkedGoogle)
      .when(unlinkGoogle)
      .refuses('last_way_in')
    given(userDecider, registered, linkedGoogle)
      .when({ ...unlinkGoogle, ways: { ...ways, byPassword: false, byMail: false } })
      .refuses('last_way_in')
  })

  test('is out of reach while the account is disabled', () => {
    given(userDecider, registered, disabled).when(link).refuses('user_disabled')
    given(userDecider, registered, linkedGoogle, disabled)
      .when(unlinkGoogle)
      .refuses('user_disabled')
  })
})
