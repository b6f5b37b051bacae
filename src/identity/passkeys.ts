/**
 * A person's passkeys: adding one, taking one away. The authenticator must know the person (by a
 * finger, a face or a PIN), so that a passkey is two factors in one; what made it is not asked.
 *
 * @see [WebAuthn Level 3 §7.1 - Registering a New Credential](https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential)
 */
import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import { type AuthenticatorRefusal, authenticatorsDecider } from '../domain/authenticators.ts'
import { type Cause, KeyTaken } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { userDecider } from '../domain/user.ts'
import { hasWayIn } from '../domain/way-in.ts'
import { findPasskeysOf, type Passkey } from '../projections/authenticators.ts'
import type { User } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { isOpenChallenge, newChallenge, useChallenge } from './passkey-challenge.ts'
import { passkeyHost, waysOffered } from './ways-in.ts'

const nameCharactersMax = 60
const credentialCharactersMax = 16 * 1024
const ES256 = -7
const EdDSA = -8
const RS256 = -257

/** What the browser is asked to make; undefined where there can be no passkeys. */
export async function newPasskeyOptions(services: Services, user: User, browser: string) {
  const { settings, reader } = services
  const id = passkeyHost(settings)
  if (id === undefined) return undefined
  const present = await findPasskeysOf(reader, user.userId)
  return {
    rp: { id, name: settings.brand },
    user: {
      id: Buffer.from(user.userId).toString('base64url'),
      name: user.email ?? user.name ?? user.userId,
      displayName: user.name || user.email || user.userId,
    },
    challenge: newChallenge(services, { browser, purpose: purposeOf(user) }),
    pubKeyCredParams: [EdDSA, ES256, RS256].map((alg) => ({ type: 'public-key', alg })),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    excludeCredentials: present.map(({ credentialId, transports }) => ({
      ...{ type: 'public-key', id: credentialId, transports },
    })),
    attestation: 'none',
  }
}

export type PasskeyProblem = Exclude<AuthenticatorRefusal, 'second_factor_none'> | 'passkey_refused'

export type PasskeyResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: PasskeyProblem }

interface Offered {
  readonly browser: string
  /** JSON, as the browser gave it. */
  readonly credential: string
  readonly name: string
}

export async function addPasskey(
  services: Services,
  { userId }: User,
  { browser, credential, name, ...cause }: Offered & Cause,
): Promise<PasskeyResult> {
  const made = await verified(services, { browser, credential, purpose: purposeOf({ userId }) })
  if (!made) return { outcome: 'refused', reason: 'passkey_refused' }
  const now = services.now()
  const label = name.trim().slice(0, nameCharactersMax)
  const passkey = { ...made, userId, name: label, now }
  try {
    const outcome = await execute<string>(services.log, cause, async (work) => {
      const person = await work.read(userDecider, userId)
      if (person.status !== 'active') return work.reject('passkey_refused')
      return work.decide(authenticatorsDecider, userId, { kind: 'add passkey', ...passkey })
    })
    return resultOf(outcome)
  } catch (error) {
    // Somebody else has a credential of this id: it is theirs.
    if (error instanceof KeyTaken) return { outcome: 'refused', reason: 'passkey_refused' }
    throw error
  }
}

async function verified(
  services: Services,
  { credential, ...use }: { browser: string; credential: string; purpose: string },
) {
  const { settings } = services
  const response = parsedCredential<RegistrationResponseJSON>(credential)
  const id = passkeyHost(settings)
  if (!response || id === undefined) return undefined
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  let challenge = ''
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: (text) => {
        challenge = text
        return isOpenChallenge(services, text, use)
      },
      expectedOrigin: new URL(settings.issuer).origin,
      expectedRPID: id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [EdDSA, ES256, RS256],
    })
    if (!registrationInfo || !(await useChallenge(services, challenge))) return undefined
    const { credential: made, credentialDeviceType } = registrationInfo
    return {
      credentialId: made.id,
      publicKeyCose: Buffer.from(made.publicKey).toString('base64url'),
      transports: transportsOf(made.transports),
      synced: credentialDeviceType === 'multiDevice',
    }
  } catch (error) {
    services.logger.info({ cause: String(error) }, 'a passkey was refused')
    return undefined
  }
}

/** The browser's JSON, or undefined for anything else; the verification reads it closely. */
export function parsedCredential<T>(text: string): T | undefined {
  if (text.length > credentialCharactersMax) return undefined
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** They come from the browser, and go back to it: short words only. */
function transportsOf(transports: unknown): string[] {
  if (!Array.isArray(transports)) return []
  return transports.filter((each) => /^[a-z-]{1,20}$/.test(String(each))).slice(0, 10)
}

export async function removePasskey(
  services: Services,
  { userId }: User,
  { credentialId, ...cause }: { credentialId: string } & Cause,
): Promise<PasskeyResult> {
  const now = services.now()
  const outcome = await execute<string>(services.log, cause, async (work) => {
    const person = await work.read(userDecider, userId)
    if (person.status !== 'active') return work.reject('passkey_unknown')
    const otherWayIn = hasWayIn(person, 0, waysOffered(services))
    const which = { userId, credentialId, otherWayIn, now }
    return work.decide(authenticatorsDecider, userId, { kind: 'remove passkey', ...which })
  })
  if (outcome.outcome === 'accepted') await services.expiring.remove(passkeyUseKind, credentialId)
  return resultOf(outcome)
}

function resultOf(outcome: { outcome: string; reason?: string }): PasskeyResult {
  if (outcome.outcome === 'accepted') return { outcome: 'accepted' }
  return { outcome: 'refused', reason: outcome.reason as PasskeyProblem }
}

function purposeOf({ userId }: Pick<User, 'userId'>): string {
  return `add ${userId}`
}

/** When a passkey was last used and how often, as it says itself: observed, and not in the log. */
export const passkeyUseKind = 'passkey-use'

export interface PasskeyUse {
  readonly counter: number
  readonly usedAt: number
}

/** Newest last; with the time of the last use, where there was one. */
export async function listPasskeys(
  { reader, expiring }: Pick<Services, 'reader' | 'expiring'>,
  userId: string,
): Promise<(Passkey & { usedAt: number | undefined })[]> {
  const all = await findPasskeysOf(reader, userId)
  return Promise.all(
    all
      .toSorted((a, b) => a.addedAt - b.addedAt)
      .map(async (passkey) => {
        const use = await expiring.get(passkeyUseKind, passkey.credentialId)
        return { ...passkey, usedAt: (use as PasskeyUse | undefined)?.usedAt }
      }),
  )
}
