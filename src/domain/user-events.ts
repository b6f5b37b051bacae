/**
 * What can happen to a person's account. An account need have neither an e-mail address nor a
 * password: whoever signs in by another service may have none of both.
 */
import { Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

export const groupsMax = 100
export const identitiesMax = 20

const userId = open(Type.String())
const at = open(Type.Integer())

export const UserRegistered = defineEvent('UserRegistered', {
  version: 1,
  subject: 'userId',
  payload: {
    userId,
    /** HMAC of the normalized address: unique, and useless without the server's secret. */
    emailKey: Type.Optional(hashed()),
    email: Type.Optional(Type.String()),
    /** Whether the person proved that the address is theirs, or an operator says so. */
    emailVerified: open(Type.Boolean()),
    name: Type.String(),
    admin: open(Type.Boolean()),
    passwordSecretId: Type.Optional(open(Type.String())),
    at,
  },
})

/** The account's first password, or another one. */
export const UserPasswordChanged = defineEvent('UserPasswordChanged', {
  version: 1,
  payload: { userId, passwordSecretId: open(Type.String()), at },
})

/** The account's first address, or another one. */
export const UserEmailChanged = defineEvent('UserEmailChanged', {
  version: 1,
  subject: 'userId',
  payload: {
    userId,
    emailKey: hashed(),
    email: Type.String(),
    emailVerified: open(Type.Boolean()),
    at,
  },
})

/** The person read what was sent to this address. */
export const UserEmailVerified = defineEvent('UserEmailVerified', {
  version: 1,
  payload: { userId, emailKey: hashed(), at },
})

export const UserRenamed = defineEvent('UserRenamed', {
  version: 1,
  subject: 'userId',
  payload: { userId, name: Type.String(), at },
})

export const UserDisabled = defineEvent('UserDisabled', {
  version: 1,
  subject: 'userId',
  payload: { userId, reason: Type.String(), at },
})

export const UserEnabled = defineEvent('UserEnabled', {
  version: 1,
  payload: { userId, at },
})

/** Whether the person may administer this server from now on. */
export const UserAdminSet = defineEvent('UserAdminSet', {
  version: 1,
  payload: { userId, admin: open(Type.Boolean()), at },
})

/** All groups that the person is in from now on; they decide what the person may give. */
export const UserGroupsSet = defineEvent('UserGroupsSet', {
  version: 1,
  payload: {
    userId,
    groups: open(Type.Array(Type.String({ maxLength: 64 }), { maxItems: groupsMax })),
    at,
  },
})

/** All of them, as they are from now on. */
export const UserPermissionsSet = defineEvent('UserPermissionsSet', {
  version: 1,
  payload: { userId, permissions: open(Type.Array(Type.String())), at },
})

/**
 * From now on the person may sign in by an account that they have with another service, which is
 * called an upstream here. `upstream` is its id in the settings.
 */
export const IdentityLinked = defineEvent('IdentityLinked', {
  version: 1,
  subject: 'userId',
  payload: {
    userId,
    /** HMAC of issuer and subject: unique, and useless without the server's secret. */
    identityKey: hashed(),
    upstream: open(Type.String()),
    /** What the other service calls the person. */
    upstreamSubject: Type.String(),
    /** What people know that account by: an address or a name. */
    label: Type.String(),
    at,
  },
})

export const IdentityUnlinked = defineEvent('IdentityUnlinked', {
  version: 1,
  payload: { userId, identityKey: hashed(), at },
})

/** The end: the address is free again, and nothing that is sealed for the person can be read. */
export const UserDeleted = defineEvent('UserDeleted', {
  version: 1,
  payload: { userId, at },
})

export const userEventTypes = [
  UserRegistered,
  UserPasswordChanged,
  UserEmailChanged,
  UserEmailVerified,
  UserRenamed,
  UserDisabled,
  UserEnabled,
  UserAdminSet,
  UserGroupsSet,
  UserPermissionsSet,
  IdentityLinked,
  IdentityUnlinked,
  UserDeleted,
]

export type UserEvent = EventOf<(typeof userEventTypes)[number]>
