/**
 * Step-up: pages that decide something important about an account want a person who proved a short
 * while ago who they are, with every factor that they have. Whoever did not is sent to sign in
 * once more and comes back; that the same person comes back is checked there.
 */
import { isFresh } from '../identity/proof.ts'
import { findSession, type SignedIn } from '../identity/session.ts'
import type { Services } from '../protocol/services.ts'
import { readCookie } from './cookies.ts'
import { seeOther } from './page-response.ts'
import { signInPath } from './return-path.ts'

/**
 * @param next the page to come back to, one that `ownPage` knows
 * @returns who is signed in, or where to send the browser
 */
export async function requireFresh(
  services: Services,
  request: Request,
  next: string,
): Promise<SignedIn | Response> {
  const token = readCookie(services.settings, request, 'session')
  const signedIn = await findSession(services, token)
  const isGood = signedIn && (await isFresh(services, signedIn.user, signedIn.session))
  if (isGood) return signedIn
  return seeOther(signInPath(next))
}
