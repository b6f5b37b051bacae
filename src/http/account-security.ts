/**
 * How a person signs in, and changing it. All of it wants a fresh sign-in: whoever finds a browser
 * open must not be able to make themselves at home in the account.
 */
import { Elysia } from 'elysia'
import type { Cause } from '../domain/event-log.ts'
import { type AccountChange, tellOfChange } from '../identity/account-letters.ts'
import { addPasskey, listPasskeys, newPasskeyOptions, removePasskey } from '../identity/passkeys.ts'
import { disableTotp, enableTotp, renewRecoveryCodes } from '../identity/second-factor.ts'
import type { SignedIn } from '../identity/session.ts'
import { countRecoveryCodes, findTotp } from '../projections/authenticators.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { securityPage } from '../web/account-security.tsx'
import { recoveryCodesPage } from '../web/enrolment.tsx'
import type { SecurityProblem } from '../web/security-problem.ts'
import { beginSession } from './begin-session.ts'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken } from './cookies.ts'
import { enrolmentResponse } from './enrolment.ts'
import { requireFresh } from './fresh-session.ts'
import { changedBy } from './own-change.ts'
import { isOwnForm, pageResponse, seeOther } from './page-response.ts'
import { visitorShell } from './visitor.ts'

const page = '/account/security'
const codesPage = `${page}/codes`

export function accountSecurity(services: Services) {
  const plugin = new Elysia({ name: 'account-security' })
    .get(page, ({ request }) => open(services, request, { next: page, act: show }))
    .get(codesPage, ({ request }) => open(services, request, { next: codesPage, act: showCodes }))
  for (const [name, act] of Object.entries(actions)) {
    const path = `${page}/${name}`
    plugin.post(path, ({ request }) => change(services, request, act), { parse: 'none' })
  }
  return plugin
}

interface Here {
  readonly request: Request
  readonly mark: BrowserMark
  readonly signedIn: SignedIn
}

interface Trouble {
  readonly problem?: SecurityProblem
  readonly retryAfterSeconds?: number
}

async function open(
  services: Services,
  request: Request,
  { next, act }: { next: string; act: (services: Services, here: Here) => Promise<Response> },
): Promise<Response> {
  const signedIn = await requireFresh(services, request, next)
  if (signedIn instanceof Response) return signedIn
  return act(services, { request, signedIn, mark: browserOf(services.settings, request) })
}

type Change = Here & { readonly form: URLSearchParams; readonly cause: Cause }

type Act = (services: Services, change: Change) => Promise<Response>

async function change(services: Services, request: Request, act: Act): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  return open(services, request, {
    next: page,
    act: (_, here) => {
      const { mark, signedIn } = here
      if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(signedIn) })) {
        return show(services, here, { problem: 'expired' })
      }
      const actor = `user:${signedIn.user.userId}`
      const cause = { actor, correlationId: contextOf(request).requestId }
      return act(services, { ...here, form, cause })
    },
  })
}

function purposeOf({ session }: SignedIn): string {
  return `security ${session.sessionId}`
}

async function show(services: Services, here: Here, trouble: Trouble = {}): Promise<Response> {
  const { request, mark, signedIn } = here
  const { user } = signedIn
  const totp = await findTotp(services.reader, user.userId)
  const passkeys = await listPasskeys(services, user.userId)
  const newPasskey = await newPasskeyOptions(services, user, mark.browser)
  const html = securityPage({
    ...visitorShell(services, request, signedIn),
    ...trouble,
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(signedIn)),
    passkeys: passkeys.map(({ name, ...passkey }) => ({ ...passkey, name: name ?? '' })),
    newPasskey,
    totp: totp && {
      enabledAt: totp.enabledAt,
      recoveryCodesLeft: await countRecoveryCodes(services.reader, user.userId),
    },
  })
  return pageResponse(html, {
    status: trouble.problem === undefined ? 200 : 400,
    runsScript: newPasskey !== undefined,
    cookies: [mark.setCookie],
  })
}

async function showCodes(
  services: Services,
  { request, mark, signedIn }: Here,
  { nonce = null, ...trouble }: Trouble & { nonce?: string | null } = {},
): Promise<Response> {
  const { user } = signedIn
  if (await findTotp(services.reader, user.userId)) return seeOther(page)
  const status = trouble.problem === undefined ? 200 : 400
  return enrolmentResponse(services, {
    shell: visitorShell(services, request, signedIn),
    user,
    action: codesPage,
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(signedIn)),
    hidden: {},
    required: false,
    nonce,
    page: { status, cookies: [mark.setCookie] },
    ...trouble,
  })
}

const actions: Readonly<Record<string, Act>> = {
  passkeys: async (services, { form, cause, ...here }) => {
    const { mark, signedIn } = here
    const [credential, name] = [form.get('credential') ?? '', form.get('name') ?? '']
    const { browser } = mark
    const offered = { browser, credential, name, ...cause }
    const result = await addPasskey(services, signedIn.user, offered)
    if (result.outcome === 'accepted') return changed(services, here, 'passkeyAdded')
    return show(services, here, { problem: result.reason })
  },
  'remove-passkey': async (services, { form, cause, ...here }) => {
    const credentialId = form.get('credential_id') ?? ''
    const result = await removePasskey(services, here.signedIn.user, { credentialId, ...cause })
    if (result.outcome === 'accepted') return changed(services, here, 'passkeyRemoved')
    return show(services, here, { problem: result.reason })
  },
  codes: async (services, { form, cause, ...here }) => {
    const { userId } = here.signedIn.user
    const nonce = form.get('nonce')
    const asked = { userId, nonce: nonce ?? '', code: form.get('code') ?? '' }
    const result = await enableTotp(services, asked, cause)
    if (result.outcome === 'accepted') {
      await changed(services, here, 'codesOn')
      return recoveryCodes(services, here, {
        codes: result.codes,
        cookie: await strengthen(services, here),
      })
    }
    const { outcome: _, reason: problem, ...retry } = result
    return showCodes(services, here, { nonce, problem, ...retry })
  },
  'turn-off-codes': async (services, { cause, ...here }) => {
    const isOff = await disableTotp(services, here.signedIn.user.userId, cause)
    return isOff
      ? changed(services, here, 'codesOff')
      : show(services, here, { problem: 'totp_not_enabled' })
  },
  'recovery-codes': async (services, { cause, ...here }) => {
    const codes = await renewRecoveryCodes(services, here.signedIn.user.userId, cause)
    if (!codes) return show(services, here, { problem: 'totp_not_enabled' })
    await changed(services, here, 'recoveryCodesMade')
    return recoveryCodes(services, here, { codes })
  },
}

/** The person is told by mail too: somebody else may have done it in their name. */
async function changed(
  services: Services,
  { request, signedIn }: Here,
  change: AccountChange,
): Promise<Response> {
  const by = changedBy(services, request)
  await tellOfChange(services, { person: signedIn.user, change, by })
  return seeOther(page)
}

/** Not after a redirect: what is shown once is kept nowhere to be shown again. */
async function recoveryCodes(
  services: Services,
  { request, signedIn }: Here,
  { codes, cookie }: { codes: readonly string[]; cookie?: string | undefined },
): Promise<Response> {
  const html = recoveryCodesPage({
    ...visitorShell(services, request, signedIn),
    codes,
    onward: page,
  })
  return pageResponse(html, { cookies: [cookie] })
}

/**
 * The session was fresh, and a code beside it is the second proof: asking at once for what was
 * shown a moment ago would prove nothing more.
 */
function strengthen(services: Services, { request, signedIn }: Here): Promise<string | undefined> {
  const { user, session } = signedIn
  const { authenticatedAt } = session
  const amr = [...new Set([...session.amr, 'otp', 'mfa'])]
  return beginSession(services, request, { user, amr, authenticatedAt })
}
