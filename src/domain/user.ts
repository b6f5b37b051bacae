/**
 * A person with an account. The stream holds what is rare: hot facts (sessions, last sign-in)
 * live elsewhere, because every rotation of every token of this person guards on this stream.
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

export const groupsMax = 100

// Events

export const UserRegistered = defineEvent('UserRegistered', {
  version: 1,
  subject: 'userId',
  payload: {
    userId: open(Type.String()),
    /** HMAC of the normalized address: unique, and useless without the server's secret. */
    emailKey: hashed(),
    email: Type.String(),
    name: Type.String(),
    admin: open(Type.Boolean()),
    passwordSecretId: open(Type.String()),
    at: open(Type.Integer()),
  },
})

export const UserPasswordChanged = defineEvent('UserPasswordChanged', {
  version: 1,
  payload: {
    userId: open(Type.String()),
    passwordSecretId: open(Type.String()),
    at: open(Type.Integer()),
  },
})

export const UserDisabled = defineEvent('UserDisabled', {
  version: 1,
  subject: 'userId',
  payload: {
    userId: open(Type.String()),
    reason: Type.String(),
    at: open(Type.Integer()),
  },
})

export const UserEnabled = defineEvent('UserEnabled', {
  version: 1,
  payload: { userId: open(Type.String()), at: open(Type.Integer()) },
})

/** All groups that the person is in from now on; they decide what the person may give. */
export const UserGroupsSet = defineEvent('UserGroupsSet', {
  version: 1,
  payload: {
    userId: open(Type.String()),
    groups: open(Type.Array(Type.String({ maxLength: 64 }), { maxItems: groupsMax })),
    at: open(Type.Integer()),
  },
})

/** All of them, as they are from now on. */
export const UserPermissionsSet = defineEvent('UserPermissionsSet', {
  version: 1,
  payload: {
    userId: open(Type.String()),
    permissions: open(Type.Array(Type.String())),
    at: open(Type.Integer()),
  },
})

export const userEventTypes = [
  UserRegistered,
  UserPasswordChanged,
  UserDisabled,
  UserEnabled,
  UserGroupsSet,
  UserPermissionsSet,
]

export type UserEvent = EventOf<
  | typeof UserRegistered
  | typeof UserPasswordChanged
  | typeof UserDisabled
  | typeof UserEnabled
  | typeof UserGroupsSet
  | typeof UserPermissionsSet
>

// State

export type UserState =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'disabled'
      readonly userId: string
      readonly admin: boolean
      readonly passwordSecretId: string
      readonly groups: readonly string[]
    }

function evolve(state: UserState, event: UserEvent): UserState {
  switch (event.type) {
    case 'UserRegistered': {
      const { userId, admin, passwordSecretId } = event.payload
      return { status: 'active', userId, admin, passwordSecretId, groups: [] }
    }
    case 'UserPasswordChanged':
      if (state.status === 'unknown') return state
      return { ...state, passwordSecretId: event.payload.passwordSecretId }
    case 'UserPermissionsSet':
      return state
    case 'UserDisabled':
      return state.status === 'unknown' ? state : { ...state, status: 'disabled' }
    case 'UserEnabled':
      return state.status === 'unknown' ? state : { ...state, status: 'active' }
    case 'UserGroupsSet':
      return state.status === 'unknown' ? state : { ...state, groups: event.payload.groups }
    default:
      return event satisfies never
  }
}

// Commands

export type UserCommand =
  | { readonly kind: 'register'; readonly registration: UserRegistration }
  | { readonly kind: 'change password'; readonly passwordSecretId: string; readonly now: number }
  | { readonly kind: 'disable'; readonly reason: string; readonly now: number }
  | { readonly kind: 'enable'; readonly now: number }
  | { readonly kind: 'set groups'; readonly groups: readonly string[]; readonly now: number }
  | { readonly kind: 'set permissions'; readonly permissions: string[]; readonly now: number }

export interface UserRegistration {
  readonly userId: string
  readonly emailKey: string
  readonly email: string
  readonly name: string
  readonly admin: boolean
  readonly passwordSecretId: string
  readonly now: number
}

export type UserRefusal =
  | 'user_exists'
  | 'user_unknown'
  | 'user_disabled'
  | 'user_already_disabled'
  | 'user_not_disabled'

function decide(command: UserCommand, state: UserState) {
  if (command.kind === 'register') {
    if (state.status !== 'unknown') return refuse<UserRefusal>('user_exists')
    const { now: at, ...registration } = command.registration
    return accept(UserRegistered({ ...registration, at }))
  }
  if (state.status === 'unknown') return refuse<UserRefusal>('user_unknown')
  const { userId, status } = state
  const at = command.now
  switch (command.kind) {
    case 'change password':
      if (status === 'disabled') return refuse<UserRefusal>('user_disabled')
      return accept(UserPasswordChanged({ userId, passwordSecretId: command.passwordSecretId, at }))
    case 'disable':
      if (status === 'disabled') return refuse<UserRefusal>('user_already_disabled')
      return accept(UserDisabled({ userId, reason: command.reason, at }))
    case 'set permissions':
      return accept(UserPermissionsSet({ userId, permissions: command.permissions, at }))
    case 'enable':
      if (status === 'active') return refuse<UserRefusal>('user_not_disabled')
      return accept(UserEnabled({ userId, at }))
    case 'set groups': {
      const groups = [...new Set(command.groups)].sort()
      const isSame = groups.join(' ') === state.groups.join(' ')
      return isSame ? accept<UserEvent>() : accept(UserGroupsSet({ userId, groups, at }))
    }
    default:
      return command satisfies never
  }
}

export const userDecider: Decider<UserCommand, UserState, UserEvent, UserRefusal> = {
  noun: 'user',
  stateSchema: 2,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
