/**
 * Where a person answers a client that asks them from elsewhere: what waits for them, each question,
 * and the clients that may not ask them any more. To approve takes a sign-in of a moment ago.
 *
 * @see [OpenID Connect CIBA Core 1.0 §8 - End-User Authentication](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.8)
 */
import { Elysia } from 'elysia'
import { AlreadyConsumed } from '../domain/event-log.ts'
import { isFresh } from '../identity/proof.ts'
import type { SignedIn } from '../identity/session.ts'
import { findMutedClients } from '../projections/muted-clients.ts'
import { stepUp } from '../protocol/authorization/authentication-context.ts'
import {
  approveQuestion,
  denyQuestion,
  givableOf,
  muteClient,
  unmuteClient,
} from '../protocol/authorization/back-channel-answer.ts'
import {
  findQuestion,
  findQuestions,
  openQuestions,
  type Question,
  questionsPath,
} from '../protocol/authorization/back-channel-question.ts'
import { alreadyGiven, digestOf } from '../protocol/authorization/offer.ts'
import { findLogoId } from '../protocol/clients/client-logo.ts'
import { type KnownClient, lookUpClient } from '../protocol/clients/known-client.ts'
import type { Services } from '../protocol/services.ts'
import {
  type BackChannelDone,
  backChannelPage,
  backChannelQuestionPage,
} from '../web/back-channel.tsx'
import { approverOf } from './approval.ts'
import { readForm } from './body.ts'
import { logosPath } from './client-logos.ts'
import { shownDetails } from './consent-details.ts'
import { shownResources } from './consent-scopes.ts'
import { csrfToken } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther } from './page-response.ts'
import { signInPath } from './return-path.ts'
import { visitorShell } from './visitor.ts'
import { purposeOf, whoDecides } from './who-decides.ts'
import { causeOf, type Here } from './who-is-here.ts'

const raw = { parse: 'none' } as const
const mutedShownMax = 200

export function backChannel(services: Services) {
  const plugin = new Elysia({ name: 'back-channel' })
  if (!services.settings.ciba.enabled) return plugin
  return plugin
    .get(questionsPath, ({ request }) => list(services, request))
    .post(questionsPath, ({ request }) => unmute(services, request), raw)
    .get(`${questionsPath}/:id`, ({ request, params: { id } }) => open(services, request, id))
    .post(
      `${questionsPath}/:id`,
      ({ request, params: { id } }) => decide(services, request, id),
      raw,
    )
}

const allDone: readonly BackChannelDone[] = ['approved', 'denied', 'muted', 'unmuted']

async function list(services: Services, request: Request): Promise<Response> {
  const here = await whoDecides(services, request)
  if (here instanceof Response) return here
  const { mark, signedIn, userId } = here
  const { keyring, reader, now } = services
  const questions = await findQuestions(services, userId)
  const muted = await findMutedClients(reader, { userId, rowsMax: mutedShownMax })
  const nameOf = async (clientId: string) =>
    (await lookUpClient(services, clientId))?.metadata.clientName ?? ''
  const done = new URL(request.url).searchParams.get('done')
  const html = backChannelPage({
    ...visitorShell(services, request, signedIn),
    csrf: csrfToken(keyring, mark.browser, purposeOf(here, 'muted')),
    done: allDone.find((each) => each === done),
    questions: await Promise.all(
      questions.map(async ({ questionId, clientId, bindingMessage, expiresAt }) => ({
        href: `${questionsPath}/${questionId}`,
        clientName: await nameOf(clientId),
        bindingMessage,
        endsInSeconds: (expiresAt - now()) / 1000,
      })),
    ),
    muted: await Promise.all(
      muted.map(async ({ clientId, mutedAt }) => ({
        clientId,
        clientName: await nameOf(clientId),
        mutedAt,
      })),
    ),
  })
  return pageResponse(html, { cookies: [mark.setCookie] })
}

async function unmute(services: Services, request: Request): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const here = await whoDecides(services, request, questionsPath)
  if (here instanceof Response) return here
  const { mark, userId } = here
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(here, 'muted') })) {
    return errorResponse(services, request, { text: 'formRefused', status: 403 })
  }
  const clientId = form.get('client') ?? ''
  const { correlationId } = causeOf(here)
  await unmuteClient(services, { userId, clientId, correlationId })
  return done('unmuted')
}

/** What was decided, told once on the list. */
function done(what: BackChannelDone): Response {
  return seeOther(`${questionsPath}?done=${what}`)
}

async function open(services: Services, request: Request, questionId: string): Promise<Response> {
  const here = await whoDecides(services, request)
  if (here instanceof Response) return here
  const question = await findQuestion(services, { userId: here.userId, questionId })
  return question ? show(services, here, question) : over(services, request)
}

/** Unknown, another's, answered, too late: to whoever asks they are one. */
function over(services: Services, request: Request): Response {
  return errorResponse(services, request, { text: 'requestExpired', status: 404 })
}

async function show(services: Services, here: Here, question: Question): Promise<Response> {
  const { request, mark, signedIn, userId } = here
  const { settings, keyring, now } = services
  const { questionId, bindingMessage, expiresAt } = question
  const client = await lookUpClient(services, question.clientId)
  const access = givableOf(services, question, signedIn.user)
  const already = client ? await alreadyGiven(services, { client, userId }) : []
  const known = shownResources(settings, { access, already }, undefined)
  if (!client || !known || known.length === 0) {
    return errorResponse(services, request, { text: 'unknownClient', status: 400 })
  }
  const details = question.authorizationDetails ?? []
  const offer = { access, already, details, detailsBefore: [] }
  const logoId = await findLogoId(services, client)
  const { clientId, metadata, registeredVia, registeredAt } = client
  const html = backChannelQuestionPage({
    ...visitorShell(services, request, signedIn),
    action: `${questionsPath}/${questionId}`,
    csrf: csrfToken(keyring, mark.browser, purposeOf(here, questionId)),
    shown: shownOf(services, question, { client, signedIn }),
    bindingMessage,
    endsInSeconds: (expiresAt - now()) / 1000,
    client: {
      name: metadata.clientName,
      uri: metadata.clientUri,
      logo: logoId && `${logosPath}/${logoId}`,
      registeredVia,
      ...(registeredVia === 'document' ? { host: new URL(clientId).host } : { registeredAt }),
    },
    resources: known.map(({ shown }) => shown),
    details: shownDetails(settings, offer, () => undefined),
    accessTtlSeconds: Math.max(...known.map(({ resource }) => resource.accessTokenTtlSeconds)),
    refreshTtlSeconds: Math.max(...known.map(({ resource }) => resource.refreshTokenTtlSeconds)),
  })
  return pageResponse(html, { cookies: [mark.setCookie] })
}

/** What the page shows, in short; the question itself never changes. */
function shownOf(
  services: Services,
  question: Question,
  { client, signedIn }: { client: KnownClient | undefined; signedIn: SignedIn },
): string {
  const details = question.authorizationDetails ?? []
  return digestOf({ access: givableOf(services, question, signedIn.user), details }, client)
}

async function decide(services: Services, request: Request, questionId: string): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const page = `${questionsPath}/${questionId}`
  const here = await whoDecides(services, request, page)
  if (here instanceof Response) return here
  const { mark, signedIn, userId } = here
  const decision = form.get('decision')
  const purpose = purposeOf(here, questionId)
  if (!isOwnForm(services, { request, form }, { mark, purpose })) {
    return errorResponse(services, request, { text: 'formRefused', status: 403 })
  }
  const question = await findQuestion(services, { userId, questionId })
  if (!question) return over(services, request)
  if (decision === 'deny') {
    return (await denyQuestion(services, question)) ? done('denied') : over(services, request)
  }
  if (decision === 'mute') {
    const { clientId } = question
    await muteClient(services, { userId, clientId, correlationId: causeOf(here).correlationId })
    return done('muted')
  }
  if (decision !== 'approve') {
    return errorResponse(services, request, { text: 'formRefused', status: 400 })
  }
  const client = await lookUpClient(services, question.clientId)
  // What may be given, or who asks, is not what was read: it is shown anew.
  const shown = shownOf(services, question, { client, signedIn })
  if (shown !== form.get('shown')) return show(services, here, question)
  return approve(services, here, question)
}

async function approve(services: Services, here: Here, question: Question): Promise<Response> {
  const { request, signedIn } = here
  const proof = await whatIsProved(services, signedIn, question)
  if (proof === 'sign in') {
    return seeOther(signInPath(`${questionsPath}/${question.questionId}`))
  }
  if (proof === 'unmet') {
    return errorResponse(services, request, { text: 'proofMissing', status: 403 })
  }
  const { correlationId } = causeOf(here)
  const approver = approverOf(signedIn)
  try {
    const approved = await approveQuestion(services, question, { approver, correlationId })
    return approved
      ? done('approved')
      : errorResponse(services, request, { text: 'unknownClient', status: 400 })
  } catch (error) {
    if (!(error instanceof AlreadyConsumed)) throw error
    return over(services, request)
  }
}

/** Somebody at an open browser is not yet the person who is asked. */
async function whatIsProved(services: Services, { user, session }: SignedIn, question: Question) {
  const { freshSeconds } = services.settings.approvals
  const { maxAgeSeconds = freshSeconds } = question
  const withinSeconds = Math.min(freshSeconds, maxAgeSeconds)
  if (!(await isFresh(services, user, { ...session, withinSeconds }))) return 'sign in'
  return stepUp(services, question, { ...session, userId: user.userId })
}

/** How many apps wait for this person, where apps may ask at all. */
export async function askersOf(
  services: Services,
  userId: string,
): Promise<{ waiting: number } | undefined> {
  if (!services.settings.ciba.enabled) return undefined
  return { waiting: (await openQuestions(services, userId)).length }
}
