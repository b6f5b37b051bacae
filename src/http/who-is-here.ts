/** A page of a person's own: whoever is not signed in does that first, and comes back. */
import { findSession, type SignedIn } from '../identity/session.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { type BrowserMark, browserOf, readCookie } from './cookies.ts'
import { signInFirst } from './return-path.ts'

/** A signed-in person at one browser. */
export interface Here {
  readonly request: Request
  readonly mark: BrowserMark
  readonly signedIn: SignedIn
  readonly userId: string
}

/** @param page where the form stands, for what is no page itself */
export async function whoIsHere(
  services: Services,
  request: Request,
  page?: string,
): Promise<Here | Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  if (!signedIn) return signInFirst(request, page)
  return { request, mark, signedIn, userId: signedIn.user.userId }
}

/** Of what the person does here. */
export function causeOf({ request, userId }: Here) {
  return { actor: `user:${userId}`, correlationId: contextOf(request).requestId }
}
