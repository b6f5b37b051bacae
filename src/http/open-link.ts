/**
 * Pages that a link in a mail opens. Opening one does nothing: programs open what mail says before
 * people do. The button on it does.
 */
import { Elysia } from 'elysia'
import { AlreadyConsumed } from '../domain/event-log.ts'
import { confirmEmail } from '../identity/confirm-email.ts'
import { startHalf } from '../identity/half-sign-in.ts'
import { entryOf, findLink, type LinkPurpose, type MailLink } from '../identity/mail-link.ts'
import { nextProof } from '../identity/proof.ts'
import { registerUser } from '../identity/register-user.ts'
import { type Browser, startSession } from '../identity/session.ts'
import { setPassword } from '../identity/set-password.ts'
import { findUser, type User } from '../projections/users.ts'
import { findAuthorizationRequest } from '../protocol/authorization/authorization-request.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import type { TextFieldProps } from '../web/form.tsx'
import { donePage, type StepKind, type StepProblem } from '../web/step.tsx'
import { writeCookie } from './cookies.ts'
import { changedBy } from './own-change.ts'
import { errorResponse, pageResponse, seeOther, shellOf } from './page-response.ts'
import { donePath, errandOf, signInPath } from './return-path.ts'
import { readStep, type Step, showStep, stepOf } from './step-form.ts'

/** RFC 8176 has no name for a mailbox; a link that works once is a password that works once. */
const amr = ['otp']

interface Opened {
  readonly token: string
  readonly link: MailLink
}

interface Way {
  readonly kind: StepKind
  readonly purposes: readonly LinkPurpose[]
  readonly fields?: readonly ('name' | 'password')[]
  act(step: Step, opened: Opened, form: URLSearchParams): Promise<Response | StepProblem>
}

const ways: Readonly<Record<string, Way>> = {
  '/sign-in/confirm': { kind: 'signIn', purposes: ['sign-in'], act: signIn },
  '/password/new': { kind: 'reset', purposes: ['reset'], fields: ['password'], act: reset },
  '/email/confirm': { kind: 'confirmEmail', purposes: ['confirm', 'change'], act: confirm },
  '/sign-up/confirm': {
    kind: 'signUp',
    purposes: ['sign-up'],
    fields: ['name', 'password'],
    act: signUp,
  },
}

export function mailLinks(services: Services) {
  const plugin = new Elysia({ name: 'mail-links' })
  for (const [path, way] of Object.entries(ways)) {
    plugin
      .get(path, ({ request }) => open(services, request, way))
      .post(path, ({ request }) => use(services, request, way), { parse: 'none' })
  }
  return plugin
}

async function open(services: Services, request: Request, way: Way): Promise<Response> {
  const token = new URL(request.url).searchParams.get('token') ?? ''
  const step = await stepOf(services, request)
  return (await refusal(step, way, token)) ?? show(step, way, { token })
}

async function use(services: Services, request: Request, way: Way): Promise<Response> {
  const step = await stepOf(services, request)
  const { form, isOwn } = await readStep(step, way.kind)
  const token = form.get('token') ?? ''
  const refused = await refusal(step, way, token)
  if (refused) return refused
  if (!isOwn) return show(step, way, { token, problem: 'expired' })
  const link = await findLink(services, token, way.purposes)
  if (!link) return used(step)
  try {
    const result = await way.act(step, { token, link }, form)
    return result instanceof Response ? result : show(step, way, { token, problem: result, form })
  } catch (error) {
    if (error instanceof AlreadyConsumed) return used(step)
    throw error
  }
}

/** A page that says why the link opens nothing here. */
async function refusal(step: Step, way: Way, token: string): Promise<Response | undefined> {
  const { services, request, mark } = step
  const link = await findLink(services, token, way.purposes)
  if (!link) return used(step)
  if (link.browser === undefined || link.browser === mark.browser) return undefined
  const html = donePage({ ...shellOf(services, request), kind: 'otherBrowser' })
  return pageResponse(html, { status: 400 })
}

function used({ services, request }: Step): Response {
  return errorResponse(services, request, { text: 'mailLinkUsed', status: 400 })
}

async function show(
  step: Step,
  way: Way,
  { token, problem, form }: { token: string; problem?: StepProblem; form?: URLSearchParams },
): Promise<Response> {
  const { services, request } = step
  const link = await findLink(services, token, way.purposes)
  const { fields: labels } = shellOf(services, request).words
  const isWrong = problem?.startsWith('password') ?? false
  const fields: Record<'name' | 'password', TextFieldProps> = {
    name: {
      name: 'name',
      label: labels.name,
      type: 'text',
      autocomplete: 'name',
      value: form?.get('name') ?? undefined,
    },
    password: {
      name: 'password',
      label: labels.password,
      type: 'password',
      autocomplete: 'new-password',
      hint: labels.passwordHint,
      focused: isWrong,
      wrong: isWrong,
    },
  }
  const hidden = { token }
  const shown = (way.fields ?? []).map((field) => fields[field])
  return showStep(step, way.kind, { hidden, problem, about: link?.email, fields: shown })
}

async function signIn(step: Step, opened: Opened): Promise<Response> {
  const { services } = step
  const user = await findUser(services.reader, opened.link.userId ?? '')
  if (!user) return used(step)
  const onward = opened.link.next ?? '/account'
  const further = await nextProof(services, user, amr)
  if (further === 'passkey') return seeOther(signInPath(onward))
  if (further !== 'none') return halfWay(step, opened, { user, further, onward })
  const token = await startSession(services, user, browserIn(step, opened))
  return token ? signedIn(step, token, onward) : used(step)
}

/** The link is used up by going on; what it proved is not forgotten, but is not enough. */
async function halfWay(
  step: Step,
  { token, link }: Opened,
  { user, further, onward }: { user: User; further: 'code' | 'enrolment'; onward: string },
): Promise<Response> {
  const { services, mark } = step
  const { kind, id } = entryOf(token)
  if (user.emailKey !== link.emailKey) return used(step)
  if ((await services.expiring.take(kind, id)) === undefined) return used(step)
  const { browser, setCookie } = mark
  const half = await startHalf(services, { userId: user.userId, amr, browser, onward })
  return seeOther(`/sign-in/${further}?step=${half}`, [setCookie])
}

function browserIn({ services, request, signedIn: previous }: Step, by?: Opened): Browser {
  const { requestId: correlationId, remoteAddress: address } = contextOf(request)
  const userAgent = request.headers.get('user-agent') ?? ''
  return {
    userAgent,
    address,
    language: shellOf(services, request).words.language,
    correlationId,
    previous,
    amr: by ? amr : ['pwd'],
    ...(by ? { by } : {}),
  }
}

function signedIn({ services: { settings } }: Step, token: string, next: string): Response {
  const maxAgeSeconds = settings.sessionTtlSeconds
  return seeOther(next, [writeCookie(settings, 'session', { value: token, maxAgeSeconds })])
}

async function reset(step: Step, by: Opened, form: URLSearchParams) {
  const { services, request } = step
  const result = await setPassword(services, {
    userId: by.link.userId ?? '',
    password: form.get('password') ?? '',
    changedBy: changedBy(services, request),
    correlationId: contextOf(request).requestId,
    by,
  })
  if (result.outcome === 'accepted') return doneAt(step, '/done/password-set', by.link)
  return result.reason === 'link_used' ? used(step) : result.reason
}

async function confirm(step: Step, opened: Opened) {
  const { services, request } = step
  const result = await confirmEmail(services, {
    ...opened,
    changedBy: changedBy(services, request),
    correlationId: contextOf(request).requestId,
  })
  if (result.outcome === 'accepted') return doneAt(step, '/done/email-confirmed', opened.link)
  return result.reason === 'link_used' ? used(step) : result.reason
}

/** Invited or not: the link is the leave, and it is only given where the settings allow it. */
async function signUp(step: Step, { token, link }: Opened, form: URLSearchParams) {
  const { services } = step
  if (services.settings.signUp === 'off') return used(step)
  const result = await registerUser(services, {
    email: link.email,
    name: form.get('name') ?? '',
    password: form.get('password') ?? '',
    admin: false,
    actor: 'system:sign-up',
    consumes: entryOf(token),
  })
  if (result.outcome === 'refused')
    return result.reason === 'link_used' ? used(step) : result.reason
  const user = await findUser(services.reader, result.userId)
  const session = user && (await startSession(services, user, browserIn(step)))
  return session ? signedIn(step, session, await onwardIn(step, link)) : seeOther('/sign-in')
}

/** What has been done, and the way on to what the person wanted before. */
async function doneAt(step: Step, path: string, link: MailLink): Promise<Response> {
  const onward = await onwardIn(step, link)
  return seeOther(onward === '/account' ? path : donePath(path, errandOf(onward)))
}

/** A request of a client waits in one browser, and the link may have been opened in another. */
async function onwardIn({ services, mark }: Step, { next = '/account' }: MailLink) {
  const { request } = errandOf(next)
  if (request === undefined) return next
  const waiting = await findAuthorizationRequest(services, request, mark.browser)
  return waiting ? next : '/account'
}
