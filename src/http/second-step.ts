/**
 * Between the first proof and the session: a code from the person's app, or setting up such an app
 * where the server wants a second factor and the person has none.
 */
import { Elysia } from 'elysia'
import type { Cause } from '../domain/event-log.ts'
import { tellOfChange } from '../identity/account-letters.ts'
import { findHalf, finishHalf, type HalfSignIn } from '../identity/half-sign-in.ts'
import { nextProof } from '../identity/proof.ts'
import { checkCode, enableTotp } from '../identity/second-factor.ts'
import type { User } from '../projections/users.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { recoveryCodesPage } from '../web/enrolment.tsx'
import { secondStepPage } from '../web/second-step.tsx'
import type { SecurityProblem } from '../web/security-problem.ts'
import { beginSession } from './begin-session.ts'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken } from './cookies.ts'
import { enrolmentResponse } from './enrolment.ts'
import { changedBy } from './own-change.ts'
import { isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import { signInPath } from './return-path.ts'

const raw = { parse: 'none' } as const

export function secondStep(services: Services) {
  return new Elysia({ name: 'second-step' })
    .get('/sign-in/code', ({ request }) => open(services, request, showCode))
    .post('/sign-in/code', ({ request }) => take(services, request, { act: readCode }), raw)
    .get('/sign-in/enrolment', ({ request }) => open(services, request, showEnrolment))
    .post('/sign-in/enrolment', ({ request }) => take(services, request, { act: enrol }), raw)
}

interface Step {
  readonly id: string
  readonly half: HalfSignIn
  readonly user: User
  readonly mark: BrowserMark
}

interface Trouble {
  readonly problem?: SecurityProblem
  readonly retryAfterSeconds?: number
}

type Show = (
  services: Services,
  request: Request,
  shown: { readonly step: Step; readonly nonce?: string | null } & Trouble,
) => Response

async function open(services: Services, request: Request, show: Show): Promise<Response> {
  const id = new URL(request.url).searchParams.get('step') ?? ''
  const step = await findStep(services, request, id)
  return step ? show(services, request, { step }) : seeOther('/sign-in')
}

async function findStep(
  services: Services,
  request: Request,
  id: string,
): Promise<Step | undefined> {
  const mark = browserOf(services.settings, request)
  const found = await findHalf(services, id, mark.browser)
  return found && { id, mark, ...found }
}

interface Taken {
  readonly step: Step
  readonly form: URLSearchParams
}

type Act = (services: Services, request: Request, taken: Taken) => Promise<Response>

async function take(
  services: Services,
  request: Request,
  { act }: { act: Act },
): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const step = await findStep(services, request, form.get('step') ?? '')
  return step ? act(services, request, { step, form }) : seeOther('/sign-in')
}

function purposeOf({ id }: Step): string {
  return `second-step ${id}`
}

function causeOf({ user }: Step, request: Request): Cause {
  return { actor: `user:${user.userId}`, correlationId: contextOf(request).requestId }
}

const showCode: Show = (services, request, { step, ...trouble }) => {
  const html = secondStepPage({
    ...shellOf(services, request),
    action: '/sign-in/code',
    csrf: csrfToken(services.keyring, step.mark.browser, purposeOf(step)),
    hidden: { step: step.id },
    otherWay: signInPath(step.half.onward),
    ...trouble,
  })
  return pageResponse(html, pageOptions(step, trouble))
}

const showEnrolment: Show = (services, request, { step, nonce, ...trouble }) =>
  enrolmentResponse(services, {
    shell: shellOf(services, request),
    user: step.user,
    action: '/sign-in/enrolment',
    csrf: csrfToken(services.keyring, step.mark.browser, purposeOf(step)),
    hidden: { step: step.id },
    required: true,
    nonce: nonce ?? null,
    page: pageOptions(step, trouble),
    ...trouble,
  })

/** A client may have opened the window in which all of this happens. */
function pageOptions({ half }: Step, { problem }: Trouble) {
  const openedByClient = half.onward.startsWith('/consent')
  if (problem === undefined) return { openedByClient }
  return { openedByClient, status: problem === 'too_many_attempts' ? 429 : 400 }
}

const readCode: Act = async (services, request, { step, form }) => {
  const { mark, user } = step
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(step) })) {
    return showCode(services, request, { step, problem: 'expired' })
  }
  const code = form.get('code') ?? ''
  const result = await checkCode(services, { userId: user.userId, code }, causeOf(step, request))
  if (result.outcome === 'refused') {
    const { outcome: _, reason: problem, ...retry } = result
    return showCode(services, request, { step, problem, ...retry })
  }
  const cookie = await finish(services, request, step)
  const { onward } = step.half
  return cookie === undefined ? seeOther(signInPath(onward)) : seeOther(onward, [cookie])
}

const enrol: Act = async (services, request, { step, form }) => {
  const { mark, user, half } = step
  const nonce = form.get('nonce')
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(step) })) {
    return showEnrolment(services, request, { step, nonce, problem: 'expired' })
  }
  // Whoever has got a second factor meanwhile has to show that one.
  const anew = seeOther(signInPath(half.onward))
  if ((await nextProof(services, user, half.amr)) !== 'enrolment') return anew
  const asked = { userId: user.userId, nonce: nonce ?? '', code: form.get('code') ?? '' }
  const result = await enableTotp(services, asked, causeOf(step, request))
  if (result.outcome === 'refused') {
    const { outcome: _, reason: problem, ...retry } = result
    return showEnrolment(services, request, { step, nonce, problem, ...retry })
  }
  const cookie = await finish(services, request, step)
  if (cookie === undefined) return anew
  const by = changedBy(services, request)
  await tellOfChange(services, { person: user, change: 'codesOn', by })
  const { codes } = result
  const html = recoveryCodesPage({ ...shellOf(services, request), codes, onward: half.onward })
  return pageResponse(html, { ...pageOptions(step, {}), cookies: [cookie] })
}

/** The cookie of the session, once. */
async function finish(
  services: Services,
  request: Request,
  { id, user, half }: Step,
): Promise<string | undefined> {
  if (!(await finishHalf(services, id))) return undefined
  return beginSession(services, request, { user, amr: [...half.amr, 'otp', 'mfa'] })
}
