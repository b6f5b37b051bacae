/** How the small forms about an account are shown, and told from forged ones. */
import { findSession, type SignedIn } from '../identity/session.ts'
import type { Services } from '../protocol/services.ts'
import { type StepKind, type StepPageData, type StepProblem, stepPage } from '../web/step.tsx'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken, readCookie } from './cookies.ts'
import { isOwnForm, pageResponse, shellOf } from './page-response.ts'

export interface Step {
  readonly services: Services
  readonly request: Request
  readonly mark: BrowserMark
  readonly signedIn: SignedIn | undefined
}

export async function stepOf(services: Services, request: Request): Promise<Step> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  return { services, request, mark, signedIn }
}

type Shown = Pick<StepPageData, 'about' | 'ends' | 'fields' | 'hidden' | 'visitor'> & {
  readonly problem?: StepProblem | undefined
}

/** The form that posts to the path it was asked at. */
export function showStep(step: Step, kind: StepKind, shown: Shown = {}): Response {
  const { services, request, mark, signedIn } = step
  const html = stepPage({
    ...shellOf(services, request),
    kind,
    action: new URL(request.url).pathname,
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(step, kind)),
    isSignedIn: signedIn !== undefined,
    ...shown,
  })
  const { problem } = shown
  const status = problem === undefined ? 200 : problem === 'too_many_attempts' ? 429 : 400
  return pageResponse(html, { status, cookies: [mark.setCookie] })
}

/** What was filled in, and whether it was in our own form. */
export async function readStep(
  step: Step,
  kind: StepKind,
): Promise<{ form: URLSearchParams; isOwn: boolean }> {
  const { services, request, mark } = step
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const purpose = purposeOf(step, kind)
  return { form, isOwn: isOwnForm(services, { request, form }, { mark, purpose }) }
}

/** A form belongs to the session that it was shown in. */
function purposeOf({ signedIn }: Step, kind: StepKind): string {
  return `${kind} ${signedIn?.session.sessionId ?? ''}`
}
