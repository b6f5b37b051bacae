/** A virtual authenticator in Chromium: a phone or a security key that always says yes. */
import type { CDPSession, Page } from 'playwright-core'

export interface VirtualAuthenticator {
  readonly session: CDPSession
  readonly id: string
  /** Whether the person passes its check (finger, face, PIN) from now on. */
  verifies(isVerified: boolean): Promise<void>
  /** The credentials that it holds, with their private keys. */
  credentials(): Promise<readonly HeldCredential[]>
  /** Puts a credential in: one of another authenticator makes this one its copy. */
  add(credential: HeldCredential): Promise<void>
}

type HeldCredential = Awaited<ReturnType<typeof credentialsIn>>['credentials'][number]

function credentialsIn(session: CDPSession, authenticatorId: string) {
  return session.send('WebAuthn.getCredentials', { authenticatorId })
}

export async function plugIn(page: Page): Promise<VirtualAuthenticator> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId: id } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    session,
    id,
    verifies: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified })
    },
    credentials: async () => (await credentialsIn(session, id)).credentials,
    add: async (credential) => {
      await session.send('WebAuthn.addCredential', { authenticatorId: id, credential })
    },
  }
}
