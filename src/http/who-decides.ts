/** Who answers a question: a person who is signed in at this browser, and never a token. */
import { findSession, type SignedIn } from '../identity/session.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import type { ApprovalProblem } from '../web/approval.tsx'
import { type BrowserMark, browserOf, readCookie } from './cookies.ts'
import { signInFirst } from './return-path.ts'

/** A signed-in person at one browser. */
export interface Here {
  readonly request: Request
  readonly mark: BrowserMark
  readonly signedIn: SignedIn
  readonly userId: string
}

/**
 * @param page where the form stands, for what is no page itself
 * @throws {OAuthError} access_denied for a token: nobody decides by one
 */
export async function whoDecides(
  services: Services,
  request: Request,
  page?: string,
): Promise<Here | Response> {
  if (request.headers.has('authorization')) {
    throw new OAuthError('access_denied', 'No token decides this; the person does, on this page')
  }
  const { settings } = services
  const mark = browserOf(settings, request)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  if (!signedIn) return signInFirst(request, page)
  return { request, mark, signedIn, userId: signedIn.user.userId }
}

export function purposeOf({ signedIn }: Here, of: string): string {
  return `approvals ${signedIn.session.sessionId} ${of}`
}

export function causeOf({ request, userId }: Here) {
  return { actor: `user:${userId}`, correlationId: contextOf(request).requestId }
}

/** A form that counts for nothing, or one that came to something that has changed. */
export function statusFor(problem: ApprovalProblem | undefined): number {
  if (problem === undefined) return 200
  return problem === 'expired_form' ? 400 : 409
}
