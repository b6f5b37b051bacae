/**
 * Where a person answers a device: signs in, types the code that it shows, and decides. Each wrong
 * code counts against the session and the address that it came from; both then wait, longer each
 * time.
 *
 * @see [RFC 8628 §5.1 - User Code Brute Forcing](https://www.rfc-editor.org/rfc/rfc8628.html#section-5.1)
 */
import { Elysia } from 'elysia'
import { AlreadyConsumed } from '../domain/event-log.ts'
import { sha256 } from '../domain/keyring.ts'
import { findSession, type SignedIn } from '../identity/session.ts'
import { stepUp } from '../protocol/authorization/authentication-context.ts'
import { mustSignIn } from '../protocol/authorization/authentication-request.ts'
import { type OptionsOf, readOptions } from '../protocol/authorization/choice-options.ts'
import {
  approveDevice,
  type DeviceOffer,
  denyDevice,
  offerTo,
} from '../protocol/authorization/device-answer.ts'
import { type DeviceRequest, findDeviceRequest } from '../protocol/authorization/device-request.ts'
import { alreadyGiven, digestOf, type Offer } from '../protocol/authorization/offer.ts'
import { shownUserCode, typedUserCode } from '../protocol/authorization/user-code.ts'
import { Brake } from '../protocol/brake.ts'
import { findLogoId } from '../protocol/clients/client-logo.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { contextOf, networkOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import {
  type DeviceCodePageData,
  deviceCodePage,
  deviceConsentPage,
  deviceDonePage,
} from '../web/device.tsx'
import { approverOf } from './approval.ts'
import { readForm } from './body.ts'
import { logosPath } from './client-logos.ts'
import { chosenDetails, shownDetails } from './consent-details.ts'
import { chosenOffer, detailsGiven, shownResources } from './consent-scopes.ts'
import { type BrowserMark, browserOf, csrfToken, readCookie } from './cookies.ts'
import { leaveCsrf } from './logout.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import { signInPath } from './return-path.ts'
import { codeIn, devicePath } from './user-code-in.ts'

const raw = { parse: 'none' } as const

export function device(services: Services) {
  return new Elysia({ name: 'device' })
    .get('/device', ({ request }) => open(services, request))
    .post('/device', ({ request }) => readCode(services, request), raw)
    .post('/device/decision', ({ request }) => decide(services, request), raw)
}

/** A signed-in person at one browser. */
interface Here {
  readonly request: Request
  readonly mark: BrowserMark
  readonly signedIn: SignedIn
}

async function whoIsHere(
  services: Services,
  request: Request,
  typed: string | null,
): Promise<Here | Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  return signedIn ? { request, mark, signedIn } : seeOther(signInPath(devicePath(typed)))
}

async function open(services: Services, request: Request): Promise<Response> {
  const typed = new URL(request.url).searchParams.get('user_code')
  const here = await whoIsHere(services, request, typed)
  // A link may bring the code along; the person still compares it with what the device shows.
  return here instanceof Response ? here : codeForm(services, here, { userCode: codeIn(typed) })
}

type Shown = Pick<DeviceCodePageData, 'userCode' | 'problem' | 'retryAfterSeconds'>

function codeForm(services: Services, { request, mark, signedIn }: Here, shown: Shown): Response {
  const html = deviceCodePage({
    ...shellOf(services, request),
    action: '/device',
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(signedIn)),
    ...shown,
    userCode: shown.userCode || undefined,
  })
  const { problem } = shown
  const status = problem === undefined ? 200 : problem === 'too_many_attempts' ? 429 : 400
  return pageResponse(html, { status, cookies: [mark.setCookie] })
}

function purposeOf({ session }: SignedIn, request?: DeviceRequest): string {
  return `device ${session.sessionId} ${request?.deviceHash ?? ''}`
}

async function readCode(services: Services, request: Request): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const here = await whoIsHere(services, request, form.get('user_code'))
  if (here instanceof Response) return here
  const { mark, signedIn } = here
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(signedIn) })) {
    return codeForm(services, here, { problem: 'expired' })
  }
  const found = await findQuestion(services, here, form.get('user_code') ?? '')
  return found instanceof Response ? found : showQuestion(services, here, found)
}

interface Found {
  readonly asked: DeviceRequest
  readonly userCode: string
}

/** The request of this code, or the form again; a wrong code makes the next one wait. */
async function findRequest(
  services: Services,
  here: Here,
  typed: string,
): Promise<Found | Response> {
  const { guessesMax: allowed, guessWindowSeconds: windowSeconds } = services.settings.device
  const brake = new Brake(services, { kind: 'user-code', windowSeconds })
  const network = networkOf(contextOf(here.request).remoteAddress)
  const keys = [`session ${here.signedIn.session.sessionId}`, `address ${network}`].map(sha256)
  const wait = await brake.secondsLeft(keys)
  if (wait > 0) {
    return codeForm(services, here, { problem: 'too_many_attempts', retryAfterSeconds: wait })
  }
  const code = typedUserCode(typed)
  const asked = code === undefined ? undefined : await findDeviceRequest(services, code)
  if (code !== undefined && asked) return { asked, userCode: shownUserCode(code) }
  for (const key of keys) await brake.fail(key, { allowed })
  return codeForm(services, here, { problem: 'wrong_code' })
}

/** The request, once the person has proved who they are as well as what it is for demands. */
async function findQuestion(
  services: Services,
  here: Here,
  typed: string,
): Promise<Found | Response> {
  const found = await findRequest(services, here, typed)
  if (found instanceof Response) return found
  const { asked, userCode } = found
  const { session, user } = here.signedIn
  const context = mustSignIn({ ...asked, prompt: [] }, session)
    ? 'sign in'
    : await stepUp(services, asked, { ...session, userId: user.userId })
  if (context === 'sign in') return seeOther(signInPath(devicePath(userCode)))
  return context === 'unmet' ? codeForm(services, here, { userCode, problem: 'too_weak' }) : found
}

async function showQuestion(services: Services, here: Here, found: Found): Promise<Response> {
  const { request, mark, signedIn } = here
  const { asked, userCode } = found
  const { user } = signedIn
  const client = await lookUpClient(services, asked.clientId)
  const offer = offerTo(services, asked, user)
  const already = client ? await alreadyGiven(services, { client, userId: user.userId }) : []
  const described = describeAccess(services, { ...offer, already })
  const optionsOf = await optionsFor(services, here, { asked, offer })
  if (!client || !described) {
    return errorResponse(services, request, { text: 'unknownClient', status: 400 })
  }
  const { clientId, metadata, registeredVia, registeredAt } = client
  const logoId = await findLogoId(services, client)
  const html = deviceConsentPage({
    ...shellOf(services, request),
    action: '/device/decision',
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(signedIn, asked)),
    userCode,
    shown: digestOf(offer, client),
    client: {
      name: metadata.clientName,
      uri: metadata.clientUri,
      logo: logoId && `${logosPath}/${logoId}`,
      registeredVia,
      ...(registeredVia === 'document' ? { host: new URL(clientId).host } : { registeredAt }),
    },
    account: { email: user.email ?? '', name: user.name ?? undefined },
    switchAccount: { action: '/switch-account', csrf: leaveCsrf(services, mark, signedIn) },
    ...described,
    details: shownDetails(services.settings, { ...offer, already, detailsBefore: [] }, optionsOf),
    again: devicePath(userCode),
  })
  return pageResponse(html, { cookies: [mark.setCookie] })
}

/** Undefined when nothing is left that this person can give, or a resource is not served any more. */
function describeAccess({ settings }: Services, offered: Pick<Offer, 'access' | 'already'>) {
  const known = shownResources(settings, offered, {})
  if (!known || known.length === 0) return undefined
  return {
    resources: known.map(({ shown }) => shown),
    accessTtlSeconds: Math.max(...known.map(({ resource }) => resource.accessTokenTtlSeconds)),
    refreshTtlSeconds: Math.max(...known.map(({ resource }) => resource.refreshTokenTtlSeconds)),
  }
}

/** What there is to choose from now: asked for the page, and again for the answer. */
function optionsFor(
  services: Services,
  { signedIn }: Here,
  { asked, offer }: { asked: DeviceRequest; offer: DeviceOffer },
): Promise<OptionsOf> {
  const chooser = { clientId: asked.clientId, userId: signedIn.user.userId }
  return readOptions(services, offer.details, chooser)
}

async function decide(services: Services, request: Request): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const here = await whoIsHere(services, request, form.get('user_code'))
  if (here instanceof Response) return here
  const { mark, signedIn } = here
  const found = await findQuestion(services, here, form.get('user_code') ?? '')
  if (found instanceof Response) return found
  const purpose = purposeOf(signedIn, found.asked)
  const decision = form.get('decision')
  const isDecision = decision === 'approve' || decision === 'deny'
  if (!isDecision || !isOwnForm(services, { request, form }, { mark, purpose })) {
    return errorResponse(services, request, { text: 'formRefused', status: isDecision ? 403 : 400 })
  }
  if (decision === 'deny') return deny(services, here, found.asked)
  const given = await givenIn(services, here, { found, form })
  if (given === 'outdated') return showQuestion(services, here, found)
  // To give nothing of it is to deny it.
  if (given === 'nothing') return deny(services, here, found.asked)
  return approve(services, here, { asked: found.asked, given })
}

async function deny(services: Services, { request }: Here, asked: DeviceRequest) {
  await denyDevice(services, asked)
  return done(services, request, false)
}

/** `outdated`: what may be given, who asks, or what there is to choose is not what was read. */
async function givenIn(
  services: Services,
  here: Here,
  { found: { asked }, form }: { found: Found; form: URLSearchParams },
): Promise<DeviceOffer | 'outdated' | 'nothing'> {
  const { settings } = services
  const { user } = here.signedIn
  const client = await lookUpClient(services, asked.clientId)
  const offer = offerTo(services, asked, user)
  if (!client || digestOf(offer, client) !== form.get('shown')) return 'outdated'
  const already = await alreadyGiven(services, { client, userId: user.userId })
  const whole: Offer = { ...offer, already, detailsBefore: [] }
  const optionsOf = await optionsFor(services, here, { asked, offer })
  const details = chosenDetails(settings, whole, { form, optionsOf })
  if (!details) return 'outdated'
  const chosen = chosenOffer(settings, whole, { form, asked: {} })
  if (!chosen) return 'nothing'
  return { access: chosen.access, details: detailsGiven(settings, details, chosen) }
}

async function approve(
  services: Services,
  here: Here,
  { asked, given }: { asked: DeviceRequest; given: DeviceOffer },
): Promise<Response> {
  const { request, signedIn } = here
  const approver = approverOf(signedIn)
  const correlationId = contextOf(request).requestId
  try {
    const approved = await approveDevice(services, asked, { approver, given, correlationId })
    if (approved) return done(services, request, true)
    return errorResponse(services, request, { text: 'unknownClient', status: 400 })
  } catch (error) {
    if (!(error instanceof AlreadyConsumed)) throw error
    return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  }
}

function done(services: Services, request: Request, approved: boolean): Response {
  return pageResponse(deviceDonePage({ ...shellOf(services, request), approved }))
}
