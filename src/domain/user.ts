/**
 * A person with an account. The stream holds what is rare: hot facts (sessions, last sign-in)
 * live elsewhere, because every rotation of every token of this person guards on this stream.
 */
import { accept, type Decider, refuse } from './decider.ts'
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
  type UserEvent,
  UserGroupsSet,
  UserPasswordChanged,
  UserPermissionsSet,
  UserRegistered,
  UserRenamed,
} from './user-events.ts'
import { hasWayIn, type WaysOffered } from './way-in.ts'

// State

export type UserState =
  | { readonly status: 'unknown' }
  | { readonly status: 'deleted'; readonly userId: string }
  | LivingUser

export interface LivingUser {
  readonly status: 'active' | 'disabled'
  readonly userId: string
  readonly admin: boolean
  readonly groups: readonly string[]
  readonly emailVerified: boolean
  readonly emailKey?: string
  readonly passwordSecretId?: string
  readonly identities: readonly LinkedIdentity[]
}

/** An account with another service by which the person may sign in. */
interface LinkedIdentity {
  readonly identityKey: string
  readonly upstream: string
}

function evolve(state: UserState, event: UserEvent): UserState {
  if (event.type === 'UserRegistered') {
    const { userId, admin, emailVerified, emailKey, passwordSecretId } = event.payload
    return {
      status: 'active',
      ...{ userId, admin, groups: [], emailVerified, identities: [] },
      ...(emailKey === undefined ? {} : { emailKey }),
      ...(passwordSecretId === undefined ? {} : { passwordSecretId }),
    }
  }
  if (state.status === 'unknown' || state.status === 'deleted') return state
  switch (event.type) {
    case 'UserPasswordChanged':
      return { ...state, passwordSecretId: event.payload.passwordSecretId }
    case 'UserEmailChanged': {
      const { emailKey, emailVerified } = event.payload
      return { ...state, emailKey, emailVerified }
    }
    case 'UserEmailVerified':
      return { ...state, emailVerified: true }
    case 'UserRenamed':
    case 'UserPermissionsSet':
      return state
    case 'UserDisabled':
      return { ...state, status: 'disabled' }
    case 'UserEnabled':
      return { ...state, status: 'active' }
    case 'UserAdminSet':
      return { ...state, admin: event.payload.admin }
    case 'UserGroupsSet':
      return { ...state, groups: event.payload.groups }
    case 'IdentityLinked': {
      const { identityKey, upstream } = event.payload
      return { ...state, identities: [...state.identities, { identityKey, upstream }] }
    }
    case 'IdentityUnlinked': {
      const isOther = (each: LinkedIdentity) => each.identityKey !== event.payload.identityKey
      return { ...state, identities: state.identities.filter(isOther) }
    }
    case 'UserDeleted':
      return { status: 'deleted', userId: state.userId }
    default:
      return event satisfies never
  }
}

// Commands

export type UserCommand =
  | { readonly kind: 'register'; readonly registration: UserRegistration }
  | { readonly kind: 'set password'; readonly passwordSecretId: string; readonly now: number }
  | ({ readonly kind: 'change e-mail'; readonly now: number } & NewEmail)
  | { readonly kind: 'verify e-mail'; readonly emailKey: string; readonly now: number }
  | { readonly kind: 'rename'; readonly name: string; readonly now: number }
  | ({ readonly kind: 'link identity'; readonly now: number } & NewIdentity)
  | {
      readonly kind: 'unlink identity'
      readonly identityKey: string
      /** What else the person could sign in by. */
      readonly ways: WaysOffered
      readonly passkeys: number
      readonly now: number
    }
  | { readonly kind: 'disable'; readonly reason: string; readonly now: number }
  | { readonly kind: 'enable'; readonly now: number }
  | { readonly kind: 'set admin'; readonly admin: boolean; readonly now: number }
  | { readonly kind: 'set groups'; readonly groups: readonly string[]; readonly now: number }
  | { readonly kind: 'set permissions'; readonly permissions: string[]; readonly now: number }
  | { readonly kind: 'delete'; readonly now: number }

export interface NewEmail {
  readonly emailKey: string
  readonly email: string
  readonly emailVerified: boolean
}

export interface NewIdentity {
  readonly identityKey: string
  readonly upstream: string
  readonly upstreamSubject: string
  readonly label: string
}

export interface UserRegistration extends Partial<Omit<NewEmail, 'emailVerified'>> {
  readonly userId: string
  readonly emailVerified: boolean
  readonly name: string
  readonly admin: boolean
  readonly passwordSecretId?: string
  readonly now: number
}

export type UserRefusal =
  | 'user_exists'
  | 'user_unknown'
  | 'user_deleted'
  | 'user_disabled'
  | 'user_already_disabled'
  | 'user_not_disabled'
  | 'email_unchanged'
  | 'email_changed'
  | 'identity_linked'
  | 'identities_too_many'
  | 'identity_unknown'
  | 'last_way_in'

function decide(command: UserCommand, state: UserState) {
  if (command.kind === 'register') {
    if (state.status !== 'unknown') return refuse<UserRefusal>('user_exists')
    const { now: at, ...registration } = command.registration
    return accept(UserRegistered({ ...registration, at }))
  }
  if (state.status === 'unknown') return refuse<UserRefusal>('user_unknown')
  if (state.status === 'deleted') return refuse<UserRefusal>('user_deleted')
  const { userId, status } = state
  const at = command.now
  switch (command.kind) {
    case 'disable':
      if (status === 'disabled') return refuse<UserRefusal>('user_already_disabled')
      return accept(UserDisabled({ userId, reason: command.reason, at }))
    case 'enable':
      if (status === 'active') return refuse<UserRefusal>('user_not_disabled')
      return accept(UserEnabled({ userId, at }))
    case 'set admin': {
      const { admin } = command
      return admin === state.admin
        ? accept<UserEvent>()
        : accept(UserAdminSet({ userId, admin, at }))
    }
    case 'set groups': {
      const groups = [...new Set(command.groups)].sort()
      const isSame = groups.join(' ') === state.groups.join(' ')
      return isSame ? accept<UserEvent>() : accept(UserGroupsSet({ userId, groups, at }))
    }
    case 'set permissions':
      return accept(UserPermissionsSet({ userId, permissions: command.permissions, at }))
    case 'delete':
      return accept(UserDeleted({ userId, at }))
    default:
      if (status === 'disabled') return refuse<UserRefusal>('user_disabled')
      return decideOwn(command, state)
  }
}

/** What people do with their own accounts, and so nobody while an account is disabled. */
function decideOwn(
  command: Exclude<
    UserCommand,
    {
      kind:
        | 'register'
        | 'disable'
        | 'enable'
        | 'set admin'
        | 'set groups'
        | 'set permissions'
        | 'delete'
    }
  >,
  state: LivingUser,
) {
  const { userId } = state
  const at = command.now
  switch (command.kind) {
    case 'set password':
      return accept(UserPasswordChanged({ userId, passwordSecretId: command.passwordSecretId, at }))
    case 'change e-mail': {
      const { emailKey, email, emailVerified } = command
      if (state.emailKey === emailKey) return refuse<UserRefusal>('email_unchanged')
      return accept(UserEmailChanged({ userId, emailKey, email, emailVerified, at }))
    }
    case 'verify e-mail': {
      const { emailKey } = command
      if (state.emailKey !== emailKey) return refuse<UserRefusal>('email_changed')
      return state.emailVerified
        ? accept<UserEvent>()
        : accept(UserEmailVerified({ userId, emailKey, at }))
    }
    case 'rename':
      return accept(UserRenamed({ userId, name: command.name, at }))
    case 'link identity': {
      const { kind: _, now: __, ...identity } = command
      if (isLinked(state, identity.identityKey)) return refuse<UserRefusal>('identity_linked')
      if (state.identities.length >= identitiesMax) {
        return refuse<UserRefusal>('identities_too_many')
      }
      return accept(IdentityLinked({ userId, ...identity, at }))
    }
    case 'unlink identity': {
      const { identityKey, passkeys, ways } = command
      if (!isLinked(state, identityKey)) return refuse<UserRefusal>('identity_unknown')
      const identities = state.identities.filter((other) => other.identityKey !== identityKey)
      if (!hasWayIn({ ...state, identities }, passkeys, ways)) {
        return refuse<UserRefusal>('last_way_in')
      }
      return accept(IdentityUnlinked({ userId, identityKey, at }))
    }
    default:
      return command satisfies never
  }
}

function isLinked({ identities }: LivingUser, identityKey: string): boolean {
  return identities.some((identity) => identity.identityKey === identityKey)
}

export const userDecider: Decider<UserCommand, UserState, UserEvent, UserRefusal> = {
  noun: 'user',
  stateSchema: 4,
  initial: { status: 'unknown' },
  evolve,
  decide,
}
