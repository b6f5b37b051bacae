/**
 * Signing in with a passkey. It names its person, so nobody types an address; a passkey that
 * nobody has, a wrong signature and a disabled account get the same answer.
 *
 * @see [WebAuthn Level 3 §7.2 - Verifying an Authentication Assertion](https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion)
 * @see [RFC 8176 §2 - Authentication Method Reference Values](https://www.rfc-editor.org/rfc/rfc8176.html#section-2)
 */
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { findPasskey, type Passkey } from '../projections/authenticators.ts'
import { findUser, type User } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { isOpenChallenge, newChallenge, useChallenge } from './passkey-challenge.ts'
import { type PasskeyUse, parsedCredential, passkeyUseKind } from './passkeys.ts'
import { passkeyHost } from './ways-in.ts'

const purpose = 'sign-in'
const keptMs = 10 * 365 * 24 * 3600 * 1000

/** What the browser is asked for; undefined where there can be no passkeys. */
export function passkeyRequestOptions(services: Services, browser: string) {
  const rpId = passkeyHost(services.settings)
  if (rpId === undefined) return undefined
  const challenge = newChallenge(services, { browser, purpose })
  return { rpId, challenge, userVerification: 'required', allowCredentials: [] }
}

export interface ProvedByPasskey {
  readonly user: User
  readonly amr: string[]
}

/** @returns undefined when it proves nothing; which of the reasons it was, is for our log */
export async function signInWithPasskey(
  services: Services,
  { credential, browser }: { credential: string; browser: string },
): Promise<ProvedByPasskey | undefined> {
  const response = parsedCredential<AuthenticationResponseJSON>(credential)
  if (typeof response?.id !== 'string') return undefined
  const passkey = await findPasskey(services.reader, response.id)
  const user = passkey && (await findUser(services.reader, passkey.userId))
  if (!passkey || user?.status !== 'active' || !isHandleOf(passkey, response)) {
    services.observations.count('failed-sign-ins')
    return undefined
  }
  if (!(await isSignedBy(services, passkey, { response, browser }))) {
    services.observations.count('failed-sign-ins')
    return undefined
  }
  return { user, amr: amrOf(passkey) }
}

/** §7.2 step 6: whom the authenticator means is whom the passkey was made for. */
function isHandleOf({ userId }: Passkey, { response }: AuthenticationResponseJSON): boolean {
  const handle = response?.userHandle
  return typeof handle === 'string' && Buffer.from(handle, 'base64url').toString() === userId
}

async function isSignedBy(
  services: Services,
  { credentialId: id, publicKeyCose }: Passkey,
  { response, browser }: { response: AuthenticationResponseJSON; browser: string },
): Promise<boolean> {
  const { settings, expiring, now, logger } = services
  const use = (await expiring.get(passkeyUseKind, id)) as PasskeyUse | undefined
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  let challenge = ''
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (text) => {
        challenge = text
        return isOpenChallenge(services, text, { browser, purpose })
      },
      expectedOrigin: new URL(settings.issuer).origin,
      expectedRPID: passkeyHost(settings) ?? '',
      // A counter that does not grow is a copy's; many authenticators count nothing and say 0.
      credential: {
        id,
        publicKey: Uint8Array.from(Buffer.from(publicKeyCose, 'base64url')),
        counter: use?.counter ?? 0,
      },
      requireUserVerification: true,
    })
    if (!verified || !(await useChallenge(services, challenge))) return false
    const body: PasskeyUse = { counter: authenticationInfo.newCounter, usedAt: now() }
    await expiring.put({ kind: passkeyUseKind, id, body, expiresAt: now() + keptMs })
    return true
  } catch (error) {
    logger.info({ cause: String(error) }, 'a passkey was refused')
    return false
  }
}

/**
 * A key and, as the authenticator must know its person, a second factor with it. One that may be
 * copied to other devices is not called hardware.
 */
function amrOf({ synced }: Passkey): string[] {
  return [synced ? 'swk' : 'hwk', 'user', 'mfa']
}
