/**
 * What people do with their own accounts. Each form belongs to the session it was shown in; what
 * could take an account away from its person asks for the password or a fresh sign-in.
 */
import { Elysia } from 'elysia'
import { execute } from '../domain/execute.ts'
import { userDecider } from '../domain/user.ts'
import { askToChange, askToConfirm } from '../identity/confirm-email.ts'
import { deleteAccount } from '../identity/delete-account.ts'
import { putLetter } from '../identity/outbox.ts'
import { signInWithPassword } from '../identity/password-sign-in.ts'
import { isFresh } from '../identity/proof.ts'
import { nameCharactersMax } from '../identity/register-user.ts'
import { endSessionsOf, type SignedIn } from '../identity/session.ts'
import { setPassword } from '../identity/set-password.ts'
import { countConnectedApps } from '../projections/connections.ts'
import { countSessions } from '../projections/sessions.ts'
import { hasOtherAdmin } from '../projections/users.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { numberOrMore } from '../web/count.ts'
import type { TextFieldProps } from '../web/form.tsx'
import type { StepKind, StepProblem } from '../web/step.tsx'
import { readForm } from './body.ts'
import { browserOf, writeCookie } from './cookies.ts'
import { changedBy } from './own-change.ts'
import { isOwnForm, seeOther, shellOf } from './page-response.ts'
import { errandFields, errandIn, ownPage, signInFirst } from './return-path.ts'
import { readStep, type Step, showStep, stepOf } from './step-form.ts'
import { visitorShell } from './visitor.ts'

/** A step of somebody who is signed in. */
interface OwnStep extends Step {
  readonly signedIn: SignedIn
}

interface Way {
  readonly kind: StepKind
  readonly sendsMail?: true
  /** Whether an older sign-in is not enough for it. */
  needsFresh(own: OwnStep): boolean
  fields?(own: OwnStep, problem: StepProblem | undefined): TextFieldProps[]
  about?(own: OwnStep): string | undefined
  ends?(own: OwnStep): Promise<string[]>
  act(own: OwnStep, form: URLSearchParams): Promise<Response | StepProblem>
}

const accountWays: Readonly<Record<string, Way>> = {
  '/account/name': { kind: 'rename', needsFresh: () => false, fields: nameField, act: rename },
  '/account/email': {
    kind: 'changeEmail',
    sendsMail: true,
    needsFresh: () => true,
    about: ({ signedIn }) => signedIn.user.email ?? undefined,
    fields: newEmailField,
    act: changeEmail,
  },
  '/account/email/confirm': {
    kind: 'verifyEmail',
    sendsMail: true,
    needsFresh: () => false,
    about: ({ signedIn }) => signedIn.user.email ?? undefined,
    act: verifyEmail,
  },
  '/account/password': {
    kind: 'changePassword',
    needsFresh: () => true,
    fields: passwordFields,
    act: changePassword,
  },
  '/account/delete': {
    kind: 'deleteAccount',
    needsFresh: () => true,
    ends: whatEnds,
    act: remove,
  },
}

export function accountSteps(services: Services) {
  const plugin = new Elysia({ name: 'account-steps' })
  const raw = { parse: 'none' } as const
  for (const [path, way] of Object.entries(accountWays)) {
    if (way.sendsMail && !services.mail.isReady) continue
    plugin
      .get(path, async ({ request }) => {
        const own = await ownStep(services, request, way)
        if (own instanceof Response) return own
        return show(own, way, { given: new URL(request.url).searchParams })
      })
      .post(path, ({ request }) => submit(services, request, way), raw)
  }
  return plugin.post('/account/sessions', ({ request }) => endSessions(services, request), raw)
}

async function ownStep(services: Services, request: Request, way: Way) {
  const step = await stepOf(services, request)
  const { signedIn } = step
  if (!signedIn) return signInFirst(request)
  const own = { ...step, signedIn }
  if (!way.needsFresh(own) || (await isFresh(services, signedIn.user, signedIn.session))) return own
  return signInFirst(request)
}

async function show(
  own: OwnStep,
  way: Way,
  { given, problem }: { given: URLSearchParams; problem?: StepProblem },
): Promise<Response> {
  const ends = await way.ends?.(own)
  const { visitor } = visitorShell(own.services, own.request, own.signedIn)
  return showStep(own, way.kind, {
    visitor,
    about: way.about?.(own),
    hidden: errandFields({ next: errandIn(given).next }),
    ...(ends ? { ends } : {}),
    fields: way.fields?.(own, problem) ?? [],
    problem,
  })
}

async function submit(services: Services, request: Request, way: Way): Promise<Response> {
  const own = await ownStep(services, request, way)
  if (own instanceof Response) return own
  const { form, isOwn } = await readStep(own, way.kind)
  const result = isOwn ? await way.act(own, form) : 'expired'
  return result instanceof Response ? result : show(own, way, { given: form, problem: result })
}

function wordsOf({ services, request }: Step) {
  return shellOf(services, request).words
}

function causeOf({ request, signedIn }: OwnStep) {
  return { actor: `user:${signedIn.user.userId}`, correlationId: contextOf(request).requestId }
}

function nameField(own: OwnStep): TextFieldProps[] {
  const { label, value } = { label: wordsOf(own).fields.name, value: own.signedIn.user.name ?? '' }
  return [{ name: 'name', label, type: 'text', autocomplete: 'name', value }]
}

async function rename(own: OwnStep, form: URLSearchParams): Promise<Response> {
  const { log, now } = own.services
  const name = [...(form.get('name') ?? '').trim()].slice(0, nameCharactersMax).join('')
  await execute<string>(log, causeOf(own), (work) =>
    work.decide(userDecider, own.signedIn.user.userId, { kind: 'rename', name, now: now() }),
  )
  return seeOther('/account')
}

function newEmailField(own: OwnStep, problem: StepProblem | undefined): TextFieldProps[] {
  const label = wordsOf(own).stepParts.newEmail
  const wrong = problem === 'email_invalid'
  return [{ name: 'email', label, type: 'email', autocomplete: 'email', focused: true, wrong }]
}

function askingOf(own: OwnStep) {
  const address = contextOf(own.request).remoteAddress
  return { user: own.signedIn.user, address, language: wordsOf(own).language }
}

async function changeEmail(own: OwnStep, form: URLSearchParams) {
  const asked = { ...askingOf(own), newEmail: form.get('email') ?? '' }
  const result = await askToChange(own.services, asked)
  return result.outcome === 'accepted' ? seeOther('/done/mail-sent') : result.reason
}

async function verifyEmail(own: OwnStep, form: URLSearchParams) {
  const next = ownPage(form.get('next'))
  const asked = { ...askingOf(own), ...(next === undefined ? {} : { next }) }
  const result = await askToConfirm(own.services, asked)
  return result.outcome === 'accepted' ? seeOther('/done/mail-sent') : result.reason
}

function hasPassword({ signedIn: { user } }: OwnStep): boolean {
  return user.passwordSecretId !== null && user.email !== null
}

function passwordFields(own: OwnStep, problem: StepProblem | undefined): TextFieldProps[] {
  const { stepParts, fields } = wordsOf(own)
  const isWrong = problem?.startsWith('password') ?? false
  const current: TextFieldProps = {
    name: 'current',
    label: stepParts.currentPassword,
    type: 'password',
    autocomplete: 'current-password',
    focused: problem === 'wrong_credentials',
    wrong: problem === 'wrong_credentials',
  }
  const next: TextFieldProps = {
    name: 'password',
    label: stepParts.newPassword,
    type: 'password',
    autocomplete: 'new-password',
    hint: fields.passwordHint,
    focused: isWrong,
    wrong: isWrong,
  }
  return hasPassword(own) ? [current, next] : [next]
}

async function changePassword(own: OwnStep, form: URLSearchParams) {
  const { services, request, signedIn } = own
  const { requestId: correlationId, remoteAddress: address } = contextOf(request)
  const { userId, email } = signedIn.user
  if (hasPassword(own)) {
    const password = form.get('current') ?? ''
    const attempt = { email: email ?? '', password, address, correlationId }
    const proof = await signInWithPassword(services, attempt)
    if (proof.outcome === 'refused') return proof.reason
  }
  const result = await setPassword(services, {
    userId,
    password: form.get('password') ?? '',
    changedBy: changedBy(services, request),
    correlationId,
    keptSessionId: signedIn.session.sessionId,
  })
  if (result.outcome === 'accepted') return seeOther('/account')
  return result.reason === 'link_used' ? 'expired' : result.reason
}

async function whatEnds(own: OwnStep): Promise<string[]> {
  const { reader } = own.services
  const { userId, email, name } = own.signedIn.user
  const { sessionsEnd, appsEnd } = wordsOf(own).stepParts
  const words = wordsOf(own)
  const sessions = await countSessions(reader, userId)
  const apps = await countConnectedApps(reader, userId)
  const who = email ?? name
  return [
    ...(who ? [who] : []),
    sessionsEnd(numberOrMore(words, sessions)),
    appsEnd(numberOrMore(words, apps)),
  ]
}

async function remove(own: OwnStep): Promise<Response | StepProblem> {
  const { services, signedIn } = own
  const { userId, email, admin } = signedIn.user
  if (admin && !(await hasOtherAdmin(services.reader, userId))) return 'last_admin'
  await deleteAccount(services, userId, causeOf(own))
  if (email) {
    const { language } = wordsOf(own)
    await putLetter(services, { to: email, kind: 'accountDeleted', language })
  }
  const gone = writeCookie(services.settings, 'session', { value: '', maxAgeSeconds: 0 })
  return seeOther('/done/account-deleted', [gone])
}

export function sessionsPurpose({ session }: SignedIn): string {
  return `sessions ${session.sessionId}`
}

async function endSessions(services: Services, request: Request): Promise<Response> {
  const { signedIn } = await stepOf(services, request)
  if (!signedIn) return signInFirst(request, '/account')
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const mark = browserOf(services.settings, request)
  const purpose = sessionsPurpose(signedIn)
  if (isOwnForm(services, { request, form }, { mark, purpose })) {
    const correlationId = contextOf(request).requestId
    const which = form.get('session') ?? ''
    await endSessionsOf(services, signedIn, { which, correlationId })
  }
  return seeOther('/account')
}
