/**
 * The second factor beside a password: a code from an app, or a recovery code in its place. Each
 * counts once; whoever guesses waits, longer after each further failure.
 *
 * @see [RFC 6238 §5.2 - Validation and Time-Step Size](https://www.rfc-editor.org/rfc/rfc6238.html#section-5.2)
 */
import { type AuthenticatorRefusal, authenticatorsDecider } from '../domain/authenticators.ts'
import type { Cause } from '../domain/event-log.ts'
import { execute, type Outcome, type Verdict, type Work } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { userDecider } from '../domain/user.ts'
import { findTotp } from '../projections/authenticators.ts'
import type { User } from '../projections/users.ts'
import { Brake } from '../protocol/brake.ts'
import type { Services } from '../protocol/services.ts'
import { inTurn } from './in-turn.ts'
import { newRecoveryCodes, possibleCodeKeys, recoveryCodeKey } from './recovery-codes.ts'
import { otpauthUri, stepOfCode, totpSeedBytes, totpStepSeconds } from './totp.ts'

export type CodeResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: 'wrong_code' }
  | {
      readonly outcome: 'refused'
      readonly reason: 'too_many_attempts'
      readonly retryAfterSeconds: number
    }

const wrongCode = { outcome: 'refused', reason: 'wrong_code' } as const

/** Whether this person may pass, by this code. */
export function checkCode(
  services: Services,
  { userId, code }: { userId: string; code: string },
  cause: Cause,
): Promise<CodeResult> {
  return braked(services, userId, async () => {
    const digits = code.replace(/\s/g, '')
    return /^\d{6}$/.test(digits)
      ? isCodeOfNow(services, userId, digits)
      : usesRecoveryCode(services, { userId, typed: code.slice(0, 40) }, cause)
  })
}

async function braked(
  services: Services,
  userId: string,
  isRight: () => Promise<boolean>,
): Promise<CodeResult> {
  const { signInFailuresMax: allowed, signInWindowSeconds } = services.settings.limits
  const brake = new Brake(services, { kind: 'second-factor', windowSeconds: signInWindowSeconds })
  return inTurn(`second-factor ${userId}`, async () => {
    const retryAfterSeconds = await brake.secondsLeft([userId])
    if (retryAfterSeconds > 0) {
      return { outcome: 'refused', reason: 'too_many_attempts', retryAfterSeconds }
    }
    if (await isRight()) {
      await brake.forget(userId)
      return { outcome: 'accepted' }
    }
    services.observations.count('failed-second-factors')
    await brake.fail(userId, { allowed })
    return wrongCode
  })
}

async function isCodeOfNow(services: Services, userId: string, code: string): Promise<boolean> {
  const totp = await findTotp(services.reader, userId)
  const seed = totp && (await services.secrets.read(totp.totpSecretId))
  if (!seed) return false
  const step = stepOfCode(seed, code, services.now())
  return step !== undefined && isFirstUse(services, totp.totpSecretId, step)
}

/** A code that was read over a shoulder is of no use after its owner has typed it. */
async function isFirstUse(services: Services, seedId: string, step: number): Promise<boolean> {
  const ttlSeconds = 4 * totpStepSeconds
  return (await services.expiring.count('totp-step', `${seedId} ${step}`, ttlSeconds)) === 1
}

async function usesRecoveryCode(
  services: Services,
  { userId, typed }: { userId: string; typed: string },
  cause: Cause,
): Promise<boolean> {
  const possible = possibleCodeKeys(services.keyring, { userId, typed })
  if (possible.length === 0) return false
  const now = services.now()
  const { outcome } = await execute<string>(services.log, cause, async (work) => {
    const { codeKeys } = await work.read(authenticatorsDecider, userId)
    const codeKey = possible.find((each) => codeKeys.includes(each))
    if (codeKey === undefined) return work.reject('recovery_code_unknown')
    const use = { kind: 'use recovery code', userId, codeKey, now } as const
    return work.decide(authenticatorsDecider, userId, use)
  })
  return outcome === 'accepted'
}

/**
 * The seed that a page offers. It follows from the page's nonce, so that nothing has to be kept
 * for a person who goes away; it is kept once they show a code made with it.
 */
function offeredSeed({ keyring }: Pick<Services, 'keyring'>, userId: string, nonce: string) {
  return Buffer.from(keyring.mac('totp', [userId, nonce]), 'base64url').subarray(0, totpSeedBytes)
}

/** What the app has to be told, for the QR code and for typing. */
export function totpOffer(
  services: Services,
  { userId, email, name }: Pick<User, 'userId' | 'email' | 'name'>,
  nonce: string,
): { seed: Uint8Array; uri: string } {
  const seed = offeredSeed(services, userId, nonce)
  const account = email ?? name ?? userId
  return { seed, uri: otpauthUri(seed, { brand: services.settings.brand, account }) }
}

export type EnableResult =
  | { readonly outcome: 'accepted'; readonly codes: string[] }
  | Exclude<CodeResult, { outcome: 'accepted' }>
  | { readonly outcome: 'refused'; readonly reason: 'totp_enabled' }

/** From now on signing in takes a code; the recovery codes are given here and never again. */
export async function enableTotp(
  services: Services,
  { userId, nonce, code }: { userId: string; nonce: string; code: string },
  cause: Cause,
): Promise<EnableResult> {
  const seed = offeredSeed(services, userId, nonce)
  const totpSecretId = newId('otp')
  const digits = code.replace(/\s/g, '')
  const checked = await braked(services, userId, async () => {
    const step = stepOfCode(seed, digits, services.now())
    return step !== undefined && isFirstUse(services, totpSecretId, step)
  })
  if (checked.outcome === 'refused') return checked
  const codes = newRecoveryCodes()
  const command = { totpSecretId, codeKeys: keysOf(services, userId, codes), now: services.now() }
  const outcome = await onOwn(services, { userId, cause }, (work) => {
    work.keepSecret(totpSecretId, seed)
    return work.decide(authenticatorsDecider, userId, { kind: 'enable totp', userId, ...command })
  })
  if (outcome.outcome === 'refused') return { outcome: 'refused', reason: 'totp_enabled' }
  return { outcome: 'accepted', codes }
}

export async function disableTotp(
  services: Services,
  userId: string,
  cause: Cause,
): Promise<boolean> {
  const now = services.now()
  const { outcome } = await onOwn(services, { userId, cause }, async (work) => {
    const { totpSecretId } = await work.read(authenticatorsDecider, userId)
    if (totpSecretId !== undefined) work.forgetSecret(totpSecretId)
    return work.decide(authenticatorsDecider, userId, { kind: 'disable totp', userId, now })
  })
  return outcome === 'accepted'
}

/** Ten new ones in the place of all earlier ones; undefined where there is no app to lose. */
export async function renewRecoveryCodes(
  services: Services,
  userId: string,
  cause: Cause,
): Promise<string[] | undefined> {
  const codes = newRecoveryCodes()
  const command = { userId, codeKeys: keysOf(services, userId, codes), now: services.now() }
  const { outcome } = await onOwn(services, { userId, cause }, (work) =>
    work.decide(authenticatorsDecider, userId, { kind: 'renew recovery codes', ...command }),
  )
  return outcome === 'accepted' ? codes : undefined
}

function keysOf({ keyring }: Services, userId: string, codes: readonly string[]): string[] {
  return codes.map((code) => recoveryCodeKey(keyring, { userId, code }))
}

type OwnRefusal = AuthenticatorRefusal | 'user_not_active'

function onOwn(
  services: Services,
  { userId, cause }: { userId: string; cause: Cause },
  act: (work: Work) => Promise<Verdict<AuthenticatorRefusal>>,
): Promise<Outcome<OwnRefusal>> {
  return execute<OwnRefusal>(services.log, cause, async (work) => {
    const person = await work.read(userDecider, userId)
    return person.status === 'active' ? act(work) : work.reject('user_not_active')
  })
}
