/**
 * Jobs that need their person at another site: the way there, and that the job may go on, or shall
 * not. Nothing is given by it, so a session is enough.
 */
import { Elysia } from 'elysia'
import { resumeJob } from '../jobs/answer-job.ts'
import { cancelJob } from '../jobs/cancel-job.ts'
import { findJobView } from '../jobs/job-view.ts'
import type { Services } from '../protocol/services.ts'
import { type ApprovalProblem, approvalsPath } from '../web/approval.tsx'
import { waitingJobPage } from '../web/waiting-job.tsx'
import { jobsPath, shownClient } from './approval-view.ts'
import { readForm } from './body.ts'
import { csrfToken } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther } from './page-response.ts'
import { visitorShell } from './visitor.ts'
import { purposeOf, statusFor, whoDecides } from './who-decides.ts'
import { causeOf, type Here } from './who-is-here.ts'

const raw = { parse: 'none' } as const
const answerCharactersMax = 1000

export function waitingJobs(services: Services) {
  return new Elysia({ name: 'waiting-jobs' })
    .get(`${jobsPath}/:id`, ({ request, params: { id } }) => open(services, request, id))
    .post(`${jobsPath}/:id`, ({ request, params: { id } }) => answer(services, request, id), raw)
}

async function open(services: Services, request: Request, id: string): Promise<Response> {
  const here = await whoDecides(services, request)
  return here instanceof Response ? here : show(services, here, { id })
}

async function show(
  services: Services,
  here: Here,
  { id, problem }: { id: string; problem?: ApprovalProblem },
): Promise<Response> {
  const { request, mark, userId, signedIn } = here
  const found = await findJobView(services.log, id)
  if (found?.state.userId !== userId) {
    return errorResponse(services, request, { text: 'notFound', status: 404 })
  }
  const { state, view } = found
  const { pause } = view
  // A payment has a page of its own; what has gone on has none.
  if (view.approval_id !== null) return seeOther(`${approvalsPath}/${view.approval_id}`)
  if (pause === null || (state.status !== 'captcha' && state.status !== 'needs_login')) {
    return seeOther(approvalsPath)
  }
  const html = waitingJobPage({
    ...visitorShell(services, request, signedIn),
    action: `${jobsPath}/${id}`,
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(here, id)),
    client: await shownClient(services, state),
    tool: state.tool,
    pause: state.status,
    note: pause.note ?? '',
    url: pause.url ?? '',
    shownHash: state.shownHash ?? '',
    expiresAt: state.expiresAt,
    now: services.now(),
    problem,
  })
  return pageResponse(html, { status: statusFor(problem), cookies: [mark.setCookie] })
}

async function answer(services: Services, request: Request, id: string): Promise<Response> {
  const here = await whoDecides(services, request, `${jobsPath}/${id}`)
  if (here instanceof Response) return here
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const { mark, userId } = here
  const found = await findJobView(services.log, id)
  if (found?.state.userId !== userId) {
    return errorResponse(services, request, { text: 'notFound', status: 404 })
  }
  const choice = form.get('decision')
  const isChoice = choice === 'resume' || choice === 'cancel'
  const purpose = purposeOf(here, id)
  if (!isOwnForm(services, { request, form }, { mark, purpose }) || !isChoice) {
    return show(services, here, { id, problem: 'expired_form' })
  }
  const cause = causeOf(here)
  if (choice === 'cancel') {
    await cancelJob(services, { jobId: id, reason: 'cancelled_by_user' }, cause)
    return seeOther(`${approvalsPath}?done=cancelled`)
  }
  const text = form.get('answer')?.trim().slice(0, answerCharactersMax)
  const said = { jobId: id, shownHash: form.get('shown') ?? '', ...(text ? { answer: text } : {}) }
  const resumed = await resumeJob(services, said, cause)
  if (resumed.outcome === 'accepted') return seeOther(`${approvalsPath}?done=resumed`)
  return show(services, here, { id, problem: 'shown_differs' })
}
