/**
 * The pages on which a person decides what is paid and done for them. Whoever answers has proved a
 * short while ago who they are, in this browser, and names exactly what they were shown; no token
 * opens any of it. A form that comes twice, late, or after somebody else answered changes nothing.
 *
 * @see [RFC 9700 §4.7 - Cross-Site Request Forgery](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7)
 */
import { Elysia } from 'elysia'
import { type FoundApproval, readApproval } from '../approvals/read.ts'
import { shownParameters } from '../approvals/shown.ts'
import { endStanding, standingLimitFor } from '../approvals/standing.ts'
import { isFresh } from '../identity/proof.ts'
import type { SignedIn } from '../identity/session.ts'
import { type DecisionRefusal, decideApproval, endApprovals } from '../jobs/decide-approval.ts'
import { countApprovals } from '../projections/approvals.ts'
import type { Services } from '../protocol/services.ts'
import { type ApprovalProblem, approvalPage, approvalsPath } from '../web/approval.tsx'
import { type ApprovalsDone, approvalsPage } from '../web/approvals.tsx'
import {
  listedApprovals,
  listedJobs,
  listedStanding,
  shownClient,
  stateOf,
} from './approval-view.ts'
import { approvalsApi } from './approvals-api.ts'
import { askersOf } from './back-channel.ts'
import { readForm } from './body.ts'
import { csrfToken } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther } from './page-response.ts'
import { signInPath } from './return-path.ts'
import { visitorShell } from './visitor.ts'
import { waitingJobs } from './waiting-jobs.ts'
import { purposeOf, statusFor, whoDecides } from './who-decides.ts'
import { causeOf, type Here } from './who-is-here.ts'

const raw = { parse: 'none' } as const
const rowsPerPage = 20
const reasonCharactersMax = 1000
const dones: readonly ApprovalsDone[] = ['approved', 'denied', 'resumed', 'cancelled', 'ended']

export function approvals(services: Services) {
  const standing = `${approvalsPath}/standing/:id/end`
  return new Elysia({ name: 'approvals' })
    .use(approvalsApi(services))
    .use(waitingJobs(services))
    .get(approvalsPath, ({ request }) => list(services, request))
    .get(`${approvalsPath}/:id`, ({ request, params: { id } }) => open(services, request, id))
    .post(
      `${approvalsPath}/:id`,
      ({ request, params: { id } }) => decide(services, request, id),
      raw,
    )
    .post(standing, ({ request, params: { id } }) => endAhead(services, request, id), raw)
}

async function list(services: Services, request: Request): Promise<Response> {
  const here = await whoDecides(services, request)
  if (here instanceof Response) return here
  const { userId, mark, signedIn } = here
  await endApprovals(services, userId)
  const { searchParams } = new URL(request.url)
  const pages = Math.max(
    1,
    Math.ceil((await countApprovals(services.reader, userId)) / rowsPerPage),
  )
  const asked = Number(searchParams.get('page') ?? 1)
  const page = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), pages) : 1
  const offset = (page - 1) * rowsPerPage
  const rows = await listedApprovals(services, { userId, offset, rowsMax: rowsPerPage })
  const waiting = page === 1 ? await listedJobs(services, userId) : []
  const html = approvalsPage({
    ...visitorShell(services, request, signedIn),
    approvals: [...waiting, ...rows],
    standing: page === 1 ? await listedStanding(services, userId) : [],
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(here, 'ahead')),
    page,
    pages,
    now: services.now(),
    askers: await askersOf(services, userId),
    done: dones.find((done) => done === searchParams.get('done')),
  })
  return pageResponse(html, { cookies: [mark.setCookie] })
}

async function open(services: Services, request: Request, id: string): Promise<Response> {
  const here = await whoDecides(services, request)
  return here instanceof Response ? here : show(services, here, { id })
}

async function show(
  services: Services,
  here: Here,
  { id: approvalId, problem }: { id: string; problem?: ApprovalProblem },
): Promise<Response> {
  const { request, mark, signedIn, userId } = here
  await endApprovals(services, userId)
  const found = await readApproval(services, { approvalId, userId })
  if (!found) return errorResponse(services, request, { text: 'notFound', status: 404 })
  const { approval } = found
  const html = approvalPage({
    ...visitorShell(services, request, signedIn),
    ...(await shownQuestion(services, found)),
    action: `${approvalsPath}/${approvalId}`,
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(here, approvalId)),
    shownHash: approval.shownHash,
    isFresh: await hasJustSignedIn(services, signedIn),
    isHere: services.settings.approvals.channels.includes('web'),
    problem,
  })
  return pageResponse(html, { status: statusFor(problem), cookies: [mark.setCookie] })
}

async function shownQuestion(services: Services, found: FoundApproval) {
  const { approval, shown, decision, voided, askedAt } = found
  const { note, payment } = shown ?? {}
  return {
    client: await shownClient(services, approval),
    question: shown && {
      kind: shown.kind,
      tool: shown.tool,
      note,
      payment,
      parameters: shownParameters(shown),
    },
    state: stateOf(services, found),
    voided,
    decision,
    askedAt,
    expiresAt: approval.expiresAt,
    now: services.now(),
    standing: shown && standingLimitFor(services, shown),
  }
}

function hasJustSignedIn(services: Services, { user, session }: SignedIn): Promise<boolean> {
  const { authenticatedAt, amr } = session
  const withinSeconds = services.settings.approvals.freshSeconds
  return isFresh(services, user, { authenticatedAt, amr, withinSeconds })
}

async function decide(services: Services, request: Request, id: string): Promise<Response> {
  const page = `${approvalsPath}/${id}`
  const here = await whoDecides(services, request, page)
  if (here instanceof Response) return here
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const { mark, signedIn, userId } = here
  const purpose = purposeOf(here, id)
  const choice = form.get('decision')
  const isChoice = choice === 'approve' || choice === 'deny'
  if (!isOwnForm(services, { request, form }, { mark, purpose }) || !isChoice) {
    return show(services, here, { id, problem: 'expired_form' })
  }
  if (!services.settings.approvals.channels.includes('web')) return seeOther(page)
  if (!(await hasJustSignedIn(services, signedIn))) return seeOther(signInPath(page))
  const { sessionId, amr, authenticatedAt: authTime } = signedIn.session
  const reason = form.get('reason')?.trim().slice(0, reasonCharactersMax)
  const decided = await decideApproval(
    services,
    {
      approvalId: id,
      by: { userId, channel: 'web', sessionId, amr, authTime },
      choice,
      shownHash: form.get('shown') ?? '',
      standing: form.get('standing') === 'yes',
      ...(choice === 'deny' && reason ? { reason } : {}),
    },
    causeOf(here),
  )
  if (decided.outcome === 'recorded') {
    return seeOther(`${approvalsPath}?done=${choice === 'approve' ? 'approved' : 'denied'}`)
  }
  return show(services, here, { id, problem: problemOf(decided.reason) })
}

function problemOf(reason: DecisionRefusal): ApprovalProblem {
  switch (reason) {
    case 'approval_expired':
    case 'approval_voided':
    case 'shown_differs':
    case 'job_over':
      return reason
    default:
      return 'approval_decided'
  }
}

async function endAhead(services: Services, request: Request, id: string): Promise<Response> {
  const here = await whoDecides(services, request, approvalsPath)
  if (here instanceof Response) return here
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const { mark, userId } = here
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(here, 'ahead') })) {
    return errorResponse(services, request, { text: 'formRefused', status: 403 })
  }
  await endStanding(services, { standingId: id, userId }, causeOf(here))
  return seeOther(`${approvalsPath}?done=ended`)
}
