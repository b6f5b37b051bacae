/**
 * Ten codes for the day when the app that shows codes is lost, each good once. They are shown when
 * they are made and never again: what is kept is an HMAC of each.
 */
import { randomBytes } from 'node:crypto'
import { recoveryCodeCount } from '../domain/authenticators.ts'
import type { Keyring } from '../domain/keyring.ts'

/** 32 of them, and none that is easily taken for another. */
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const lettersPerCode = 10

export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const code = [...randomBytes(lettersPerCode)].map((byte) => letters[byte % 32]).join('')
    return `${code.slice(0, 5)}-${code.slice(5)}`
  })
}

/** As it was made, from what somebody typed; undefined for what cannot be one. */
function typedRecoveryCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '')
  const isOne = code.length === lettersPerCode && [...code].every((each) => letters.includes(each))
  return isOne ? code : undefined
}

export function recoveryCodeKey(
  keyring: Keyring,
  { userId, code }: { userId: string; code: string },
  version = keyring.current,
): string {
  return keyring.mac('recovery-code', [userId, code.replace('-', '')], version)
}

/** What the typed code may be kept as: one HMAC for each version of the master secret. */
export function possibleCodeKeys(
  keyring: Keyring,
  { userId, typed }: { userId: string; typed: string },
): string[] {
  const code = typedRecoveryCode(typed)
  if (code === undefined) return []
  return keyring.versions.map((version) => recoveryCodeKey(keyring, { userId, code }, version))
}
