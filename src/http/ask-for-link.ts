/** Pages that ask for an address and send a link there: to sign in, for a password, to sign up. */
import { Elysia } from 'elysia'
import { askForLink, type LinkRequest } from '../identity/ask-for-link.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { type DoneKind, donePage, type StepKind } from '../web/step.tsx'
import { errorResponse, pageResponse, seeOther, shellOf } from './page-response.ts'
import { afterwards, type Errand, errandFields, errandIn, signInFor } from './return-path.ts'
import { readStep, type Step, showStep, stepOf } from './step-form.ts'

interface Asking {
  readonly kind: StepKind
  readonly purpose: LinkRequest['purpose']
}

const signIn: Asking = { kind: 'askSignIn', purpose: 'sign-in' }
const reset: Asking = { kind: 'askReset', purpose: 'reset' }
const signUp: Asking = { kind: 'askSignUp', purpose: 'sign-up' }
const raw = { parse: 'none' } as const

export function linkRequests(services: Services) {
  const { settings } = services
  const plugin = new Elysia({ name: 'link-requests' })
  plugin.get('/done/:what', ({ request, params }) => done(services, request, params.what))
  if (!services.mail.isReady) return plugin
  plugin
    .get('/sign-in/email', ({ request }) => show(services, request, signIn))
    .post('/sign-in/email', ({ request }) => send(services, request, signIn), raw)
    .get('/password/forgotten', ({ request }) => show(services, request, reset))
    .post('/password/forgotten', ({ request }) => send(services, request, reset), raw)
  if (settings.signUp === 'open') {
    plugin
      .get('/sign-up', ({ request }) => show(services, request, signUp))
      .post('/sign-up', ({ request }) => send(services, request, signUp), raw)
  }
  return plugin
}

async function show(services: Services, request: Request, asking: Asking): Promise<Response> {
  const step = await stepOf(services, request)
  return form(step, asking, { errand: errandIn(new URL(request.url).searchParams) })
}

function form(
  step: Step,
  { kind }: Asking,
  shown: {
    email?: string
    errand: Errand
    problem?: 'email_invalid' | 'too_many_attempts' | 'expired'
  },
): Response {
  const { words } = shellOf(step.services, step.request)
  const { email, errand, problem } = shown
  const field = {
    name: 'email',
    label: words.fields.email,
    type: 'email',
    autocomplete: 'username',
    value: email,
    focused: true,
    wrong: problem === 'email_invalid',
  } as const
  return showStep(step, kind, { fields: [field], hidden: errandFields(errand), problem })
}

async function send(services: Services, request: Request, asking: Asking): Promise<Response> {
  const step = await stepOf(services, request)
  const { form: fields, isOwn } = await readStep(step, asking.kind)
  const email = fields.get('email') ?? ''
  const errand = errandIn(fields)
  if (!isOwn) return form(step, asking, { email, errand, problem: 'expired' })
  const result = await askForLink(services, {
    purpose: asking.purpose,
    email,
    address: contextOf(request).remoteAddress,
    language: shellOf(services, request).words.language,
    browser: step.mark.browser,
    next: afterwards(errand),
  })
  if (result.outcome === 'refused') {
    return form(step, asking, { email, errand, problem: result.reason })
  }
  return seeOther('/done/mail-sent')
}

const doneKinds: Readonly<Record<string, DoneKind>> = {
  'mail-sent': 'mailSent',
  'password-set': 'passwordSet',
  'email-confirmed': 'emailConfirmed',
  'account-deleted': 'accountDeleted',
}

/** Whoever has come by a link goes on to what they wanted before, by signing in if they must. */
async function done(services: Services, request: Request, what: string): Promise<Response> {
  const kind = Object.hasOwn(doneKinds, what) ? doneKinds[what] : undefined
  if (!kind) return errorResponse(services, request, { text: 'notFound', status: 404 })
  const errand = errandIn(new URL(request.url).searchParams)
  const { signedIn } = await stepOf(services, request)
  const onward = signedIn && kind !== 'mailSent' ? afterwards(errand) : undefined
  const signIn = signInFor(errand)
  return pageResponse(donePage({ ...shellOf(services, request), kind, signIn, onward }))
}
