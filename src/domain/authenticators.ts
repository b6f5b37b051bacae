/**
 * What a person proves with beside a password: passkeys, an app that shows codes, and the recovery
 * codes for the day when that app is lost. A stream of its own, because every rotation of every
 * token guards on the person's.
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, hashed, open } from './event.ts'

export const passkeysMax = 20
export const recoveryCodeCount = 10

const userId = open(Type.String())
const at = open(Type.Integer())

// Events

export const PasskeyAdded = defineEvent('PasskeyAdded', {
  version: 1,
  subject: 'userId',
  payload: {
    userId,
    credentialId: open(Type.String()),
    /** Base64url. */
    publicKeyCose: open(Type.String()),
    transports: open(Type.Array(Type.String())),
    /** Whether it may be copied to other devices of the person; otherwise one device holds it. */
    synced: open(Type.Boolean()),
    name: Type.String(),
    at,
  },
})

export const PasskeyRemoved = defineEvent('PasskeyRemoved', {
  version: 1,
  payload: { userId, credentialId: open(Type.String()), at },
})

/** From now on signing in takes a code beside the password. The seed is in `secrets`. */
export const TotpEnabled = defineEvent('TotpEnabled', {
  version: 1,
  payload: { userId, totpSecretId: open(Type.String()), at },
})

export const TotpDisabled = defineEvent('TotpDisabled', {
  version: 1,
  payload: { userId, at },
})

/** All of them: earlier ones end. HMACs, for a code is short enough to try all. */
export const RecoveryCodesMade = defineEvent('RecoveryCodesMade', {
  version: 1,
  payload: { userId, codeKeys: open(Type.Array(hashed(), { maxItems: recoveryCodeCount })), at },
})

export const RecoveryCodeUsed = defineEvent('RecoveryCodeUsed', {
  version: 1,
  payload: { userId, codeKey: hashed(), at },
})

/** An operator took all of it away, for somebody who has lost it. */
export const SecondFactorReset = defineEvent('SecondFactorReset', {
  version: 1,
  subject: 'userId',
  payload: { userId, reason: Type.String(), at },
})

export const authenticatorEventTypes = [
  PasskeyAdded,
  PasskeyRemoved,
  TotpEnabled,
  TotpDisabled,
  RecoveryCodesMade,
  RecoveryCodeUsed,
  SecondFactorReset,
]

export type AuthenticatorEvent = EventOf<(typeof authenticatorEventTypes)[number]>

// State

export interface AuthenticatorsState {
  /** Ids of credentials. */
  readonly passkeys: readonly string[]
  readonly totpSecretId?: string
  /** Of the recovery codes that have not been used. */
  readonly codeKeys: readonly string[]
}

const none: AuthenticatorsState = { passkeys: [], codeKeys: [] }

function evolve(state: AuthenticatorsState, event: AuthenticatorEvent): AuthenticatorsState {
  switch (event.type) {
    case 'PasskeyAdded':
      return { ...state, passkeys: [...state.passkeys, event.payload.credentialId] }
    case 'PasskeyRemoved': {
      const { credentialId } = event.payload
      return { ...state, passkeys: state.passkeys.filter((id) => id !== credentialId) }
    }
    case 'TotpEnabled':
      return { ...state, totpSecretId: event.payload.totpSecretId }
    case 'TotpDisabled':
      return { passkeys: state.passkeys, codeKeys: [] }
    case 'RecoveryCodesMade':
      return { ...state, codeKeys: event.payload.codeKeys }
    case 'RecoveryCodeUsed': {
      const { codeKey } = event.payload
      return { ...state, codeKeys: state.codeKeys.filter((key) => key !== codeKey) }
    }
    case 'SecondFactorReset':
      return none
    default:
      return event satisfies never
  }
}

// Commands

export type AuthenticatorCommand = { readonly userId: string; readonly now: number } & (
  | ({ readonly kind: 'add passkey' } & NewPasskey)
  | {
      readonly kind: 'remove passkey'
      readonly credentialId: string
      /** Whether the person can sign in without any passkey. */
      readonly otherWayIn: boolean
    }
  | {
      readonly kind: 'enable totp'
      readonly totpSecretId: string
      readonly codeKeys: readonly string[]
    }
  | { readonly kind: 'disable totp' }
  | { readonly kind: 'renew recovery codes'; readonly codeKeys: readonly string[] }
  | { readonly kind: 'use recovery code'; readonly codeKey: string }
  | {
      readonly kind: 'reset'
      /** In words. */
      readonly reason: string
      /** Whether the person can sign in without any passkey. */
      readonly otherWayIn: boolean
    }
)

export interface NewPasskey {
  readonly credentialId: string
  readonly publicKeyCose: string
  readonly transports: string[]
  readonly synced: boolean
  readonly name: string
}

export type AuthenticatorRefusal =
  | 'passkey_exists'
  | 'passkeys_too_many'
  | 'passkey_unknown'
  | 'last_way_in'
  | 'totp_enabled'
  | 'totp_not_enabled'
  | 'recovery_code_unknown'
  | 'second_factor_none'

function decide(command: AuthenticatorCommand, state: AuthenticatorsState) {
  const { userId, now: at } = command
  switch (command.kind) {
    case 'add passkey': {
      const { kind: _, now: __, ...passkey } = command
      if (state.passkeys.includes(command.credentialId)) {
        return refuse<AuthenticatorRefusal>('passkey_exists')
      }
      if (state.passkeys.length >= passkeysMax) {
        return refuse<AuthenticatorRefusal>('passkeys_too_many')
      }
      return accept(PasskeyAdded({ ...passkey, at }))
    }
    case 'remove passkey': {
      const { credentialId, otherWayIn } = command
      if (!state.passkeys.includes(credentialId)) {
        return refuse<AuthenticatorRefusal>('passkey_unknown')
      }
      if (state.passkeys.length === 1 && !otherWayIn) {
        return refuse<AuthenticatorRefusal>('last_way_in')
      }
      return accept(PasskeyRemoved({ userId, credentialId, at }))
    }
    case 'enable totp': {
      const { totpSecretId, codeKeys } = command
      if (state.totpSecretId !== undefined) return refuse<AuthenticatorRefusal>('totp_enabled')
      return accept<AuthenticatorEvent>(
        TotpEnabled({ userId, totpSecretId, at }),
        RecoveryCodesMade({ userId, codeKeys: [...codeKeys], at }),
      )
    }
    case 'reset': {
      const hasPasskeys = state.passkeys.length > 0
      if (!hasPasskeys && state.totpSecretId === undefined) {
        return refuse<AuthenticatorRefusal>('second_factor_none')
      }
      if (hasPasskeys && !command.otherWayIn) return refuse<AuthenticatorRefusal>('last_way_in')
      return accept(SecondFactorReset({ userId, reason: command.reason, at }))
    }
    default:
      return decideWithTotp(command, state)
  }
}

/** What nobody can do who has no app that shows codes. */
function decideWithTotp(
  command: Extract<
    AuthenticatorCommand,
    { kind: 'disable totp' | 'renew recovery codes' | 'use recovery code' }
  >,
  state: AuthenticatorsState,
) {
  const { userId, now: at } = command
  if (state.totpSecretId === undefined) return refuse<AuthenticatorRefusal>('totp_not_enabled')
  switch (command.kind) {
    case 'disable totp':
      return accept(TotpDisabled({ userId, at }))
    case 'renew recovery codes':
      return accept(RecoveryCodesMade({ userId, codeKeys: [...command.codeKeys], at }))
    case 'use recovery code': {
      const { codeKey } = command
      if (!state.codeKeys.includes(codeKey)) {
        return refuse<AuthenticatorRefusal>('recovery_code_unknown')
      }
      return accept(RecoveryCodeUsed({ userId, codeKey, at }))
    }
    default:
      return command satisfies never
  }
}

export const authenticatorsDecider: Decider<
  AuthenticatorCommand,
  AuthenticatorsState,
  AuthenticatorEvent,
  AuthenticatorRefusal
> = {
  noun: 'authenticators',
  stateSchema: 1,
  initial: none,
  evolve,
  decide,
}
