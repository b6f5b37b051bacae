/** Who answers a question: a person who is signed in at this browser, and never a token. */
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import type { ApprovalProblem } from '../web/approval.tsx'
import { type Here, whoIsHere } from './who-is-here.ts'

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
  return whoIsHere(services, request, page)
}

export function purposeOf({ signedIn }: Here, of: string): string {
  return `approvals ${signedIn.session.sessionId} ${of}`
}

/** A form that counts for nothing, or one that came to something that has changed. */
export function statusFor(problem: ApprovalProblem | undefined): number {
  if (problem === undefined) return 200
  return problem === 'expired_form' ? 400 : 409
}
