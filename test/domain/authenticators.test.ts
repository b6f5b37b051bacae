/** What a person proves with beside a password: passkeys, codes of an app, recovery codes. */
import {
  authenticatorsDecider,
  PasskeyAdded,
  PasskeyRemoved,
  passkeysMax,
  RecoveryCodesMade,
  RecoveryCodeUsed,
  SecondFactorReset,
  TotpDisabled,
  TotpEnabled,
} from '../../src/domain/authenticators.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const userId = 'usr_1'
const at = 1000
const who = { userId, now: at }

function passkey(credentialId = 'credential-1') {
  const keys = { publicKeyCose: 'cose', transports: ['internal'], synced: true }
  return { userId, credentialId, ...keys, name: 'Phone' }
}

const added = PasskeyAdded({ ...passkey(), at })
const codeKeys = [sha256('one'), sha256('two')]
const enabled = [
  TotpEnabled({ userId, totpSecretId: 'otp_1', at }),
  RecoveryCodesMade({ userId, codeKeys, at }),
]

describe('passkeys', () => {
  test('are added, each once', () => {
    const add = { kind: 'add passkey', now: at, ...passkey() } as const
    given(authenticatorsDecider).when(add).records(added)
    given(authenticatorsDecider, added).when(add).refuses('passkey_exists')
  })

  test('are not endless', () => {
    const full = Array.from({ length: passkeysMax }, (_, n) =>
      PasskeyAdded({ ...passkey(`credential-${n}`), at }),
    )
    given(authenticatorsDecider, ...full)
      .when({ kind: 'add passkey', now: at, ...passkey('one-more') })
      .refuses('passkeys_too_many')
  })

  test('are removed, the last one only where there is another way in', () => {
    const removal = { kind: 'remove passkey', ...who, credentialId: 'credential-1' } as const
    const removed = PasskeyRemoved({ userId, credentialId: 'credential-1', at })
    given(authenticatorsDecider, added)
      .when({ ...removal, otherWayIn: true })
      .records(removed)
    given(authenticatorsDecider, added)
      .when({ ...removal, otherWayIn: false })
      .refuses('last_way_in')
    given(authenticatorsDecider, added, PasskeyAdded({ ...passkey('another'), at }))
      .when({ ...removal, otherWayIn: false })
      .records(removed)
    given(authenticatorsDecider, added, removed)
      .when({ ...removal, otherWayIn: true })
      .refuses('passkey_unknown')
  })
})

describe('codes of an app', () => {
  test('are turned on once, together with recovery codes', () => {
    const enable = { kind: 'enable totp', ...who, totpSecretId: 'otp_1', codeKeys } as const
    given(authenticatorsDecider)
      .when(enable)
      .records(...enabled)
    given(authenticatorsDecider, ...enabled)
      .when(enable)
      .refuses('totp_enabled')
  })

  test('are turned off with the recovery codes', () => {
    const off = TotpDisabled({ userId, at })
    given(authenticatorsDecider, ...enabled)
      .when({ kind: 'disable totp', ...who })
      .records(off)
    given(authenticatorsDecider)
      .when({ kind: 'disable totp', ...who })
      .refuses('totp_not_enabled')
    expect(fold(authenticatorsDecider, [added, ...enabled, off])).toEqual({
      passkeys: ['credential-1'],
      codeKeys: [],
    })
  })
})

describe('a recovery code', () => {
  const [codeKey = ''] = codeKeys
  const use = { kind: 'use recovery code', ...who, codeKey } as const

  test('is used once', () => {
    const used = RecoveryCodeUsed({ userId, codeKey, at })
    given(authenticatorsDecider, ...enabled)
      .when(use)
      .records(used)
    given(authenticatorsDecider, ...enabled, used)
      .when(use)
      .refuses('recovery_code_unknown')
  })

  test('ends when others are made', () => {
    const renewed = RecoveryCodesMade({ userId, codeKeys: [sha256('three')], at })
    given(authenticatorsDecider, ...enabled)
      .when({ kind: 'renew recovery codes', ...who, codeKeys: [sha256('three')] })
      .records(renewed)
    given(authenticatorsDecider, ...enabled, renewed)
      .when(use)
      .refuses('recovery_code_unknown')
  })

  test('is of no use where codes are off', () => {
    given(authenticatorsDecider).when(use).refuses('totp_not_enabled')
    given(authenticatorsDecider)
      .when({ kind: 'renew recovery codes', ...who, codeKeys })
      .refuses('totp_not_enabled')
  })
})

describe('what an operator resets', () => {
  const reset = { kind: 'reset', ...who, reason: 'Lost the phone', otherWayIn: true } as const
  const done = SecondFactorReset({ userId, reason: reset.reason, at })

  test('is all of it, with the reason, and all can be set up anew', () => {
    given(authenticatorsDecider, added, ...enabled)
      .when(reset)
      .records(done)
    given(authenticatorsDecider, ...enabled)
      .when(reset)
      .records(done)
    const anew = fold(authenticatorsDecider, [added, ...enabled, done])
    expect(anew).toEqual({ passkeys: [], codeKeys: [] })
    const again = { kind: 'enable totp', ...who, totpSecretId: 'otp_2', codeKeys } as const
    given(authenticatorsDecider, ...enabled, done)
      .when(again)
      .records(
        TotpEnabled({ userId, totpSecretId: 'otp_2', at }),
        RecoveryCodesMade({ userId, codeKeys, at }),
      )
  })

  test('must be there, and must not be the only way in', () => {
    given(authenticatorsDecider).when(reset).refuses('second_factor_none')
    given(authenticatorsDecider, ...enabled, done)
      .when(reset)
      .refuses('second_factor_none')
    const only = { ...reset, otherWayIn: false }
    given(authenticatorsDecider, added).when(only).refuses('last_way_in')
    // An app opens nothing by itself, so without it nobody is locked out.
    given(authenticatorsDecider, ...enabled)
      .when(only)
      .records(done)
  })
})
