/**
 * An agent answers for the person in front of a browser: the browser's page, the agent's answer,
 * and the question whether it has come. No code leaves by any of them but in the redirect of the
 * browser that asked, after its page has shown which agent it is.
 *
 * @see [RFC 8628 §5.4 - Remote Phishing](https://www.rfc-editor.org/rfc/rfc8628.html#section-5.4)
 */
import { Elysia, NotFoundError } from 'elysia'
import { required } from '../agents/agent-fields.ts'
import { approveAsAgent, requireAnswerable } from '../agents/answer-request.ts'
import {
  findSignIn,
  openToAgents,
  recordAnswer,
  recordOutcome,
  type SignInRequest,
  statusOf,
} from '../agents/sign-in-request.ts'
import { AlreadyConsumed } from '../domain/event-log.ts'
import {
  type AuthorizationRequest,
  findAuthorizationRequest,
} from '../protocol/authorization/authorization-request.ts'
import { deny } from '../protocol/authorization/consent.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { findKnownAgent, type KnownAgent } from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { agentSignInPage } from '../web/agent-sign-in.tsx'
import { agentWaitScript } from '../web/agent-wait-script.ts'
import { redirectHostOf } from '../web/safe-href.ts'
import { authenticated } from './agent-api.ts'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken } from './cookies.ts'
import { jsonResponse } from './errors.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther, shellOf } from './page-response.ts'
import type { RequestLimiter } from './rate-limit.ts'

const path = '/sign-in/agent'
const answerPath = '/api/agent/authenticate'
const raw = { parse: 'none' } as const

export function agentSignIn(services: Services, limiter: RequestLimiter) {
  const plugin = new Elysia({ name: 'agent-sign-in' })
  if (!services.settings.agents.enabled) return plugin
  return plugin
    .get(path, ({ request }) => show(services, request))
    .post(path, ({ request }) => decide(services, request), raw)
    .post(answerPath, ({ request }) => receiveAnswer(services, limiter, request), raw)
    .get('/api/check-status', ({ request }) => tellStatus(services, request))
    .get(agentWaitScript.path, () => {
      return new Response(agentWaitScript.body, { headers: agentWaitScript.headers })
    })
}

interface Opened {
  readonly mark: BrowserMark
  readonly asked: AuthorizationRequest
  readonly token: string
  readonly found: SignInRequest
  /** The agent that has answered, while it is what it was then. */
  readonly agent: KnownAgent | undefined
}

async function open(
  services: Services,
  request: Request,
  requestId: string,
): Promise<Opened | undefined> {
  const mark = browserOf(services.settings, request)
  const asked = await findAuthorizationRequest(services, requestId, mark.browser)
  if (!asked) return undefined
  const { token, found } = await openToAgents(services, asked)
  const { answer } = found
  const known = answer && (await findKnownAgent(services, answer.handle))
  const isSame = known?.agentId === answer?.agentId && known?.secretId === answer?.secretId
  return { mark, asked, token, found, agent: isSame ? known : undefined }
}

async function show(services: Services, request: Request): Promise<Response> {
  const requestId = new URL(request.url).searchParams.get('request') ?? ''
  const opened = await open(services, request, requestId)
  if (!opened) return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  const { mark, asked, token, found, agent } = opened
  const client = await lookUpClient(services, asked.clientId)
  const isWaiting = statusOf(services, { found, asked }) === 'pending'
  const html = agentSignInPage({
    ...shellOf(services, request, asked.uiLocales),
    clientName: client?.metadata.clientName ?? '',
    redirectHost: redirectHostOf(asked.redirectUri),
    otherWay: `/sign-in?request=${requestId}`,
    here: `${path}?request=${requestId}`,
    ...(isWaiting ? { waiting: { token, endpoint: services.settings.apiUrl + answerPath } } : {}),
    ...(agent ? { answered: answeredBy(services, { mark, asked, agent }) } : {}),
  })
  const { redirectUri } = asked
  const script = { runsScript: isWaiting, asksServer: isWaiting }
  return pageResponse(html, { redirectUri, ...script, cookies: [mark.setCookie] })
}

function answeredBy(
  services: Services,
  { mark, asked, agent }: { mark: BrowserMark; asked: AuthorizationRequest; agent: KnownAgent },
) {
  const { handle, modelName, ownerName, ownerId } = agent
  return {
    agent: { handle, modelName, ownerName, confirmed: ownerId !== undefined },
    action: path,
    hidden: {
      csrf: csrfToken(services.keyring, mark.browser, purposeOf(asked, agent)),
      request_id: asked.requestId,
    },
  }
}

/** A form goes on as the very agent that its page showed. */
function purposeOf({ requestId }: AuthorizationRequest, { agentId, ownerId }: KnownAgent): string {
  return `agent ${requestId} ${agentId} ${ownerId ?? ''}`
}

async function decide(services: Services, request: Request): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const opened = await open(services, request, form.get('request_id') ?? '')
  if (!opened) return errorResponse(services, request, { text: 'requestExpired', status: 400 })
  const { mark, asked, token, found, agent } = opened
  const again = `${path}?request=${asked.requestId}`
  if (!agent || !found.answer) return seeOther(again)
  const purpose = purposeOf(asked, agent)
  if (!isOwnForm(services, { request, form }, { mark, purpose })) {
    return errorResponse(services, request, { text: 'formRefused', status: 403 })
  }
  const goesOn = form.get('decision') === 'continue'
  const given = { answer: found.answer, correlationId: contextOf(request).requestId }
  try {
    const location = goesOn ? await approveAsAgent(services, asked, given) : undefined
    const outcome = location === undefined ? 'error' : 'completed'
    await recordOutcome(services, token, { found, outcome })
    return seeOther(location ?? (await deny(services, asked)))
  } catch (error) {
    if (error instanceof AlreadyConsumed) {
      return errorResponse(services, request, { text: 'requestExpired', status: 400 })
    }
    if (error instanceof OAuthError && error.code === 'invalid_redirect_uri') {
      return errorResponse(services, request, { text: 'redirectMismatch', status: 400 })
    }
    throw error
  }
}

/** @throws {OAuthError} invalid_client (401), invalid_grant, access_denied, consent_required */
async function receiveAnswer(
  services: Services,
  limiter: RequestLimiter,
  request: Request,
): Promise<Response> {
  const { body, ...agent } = await authenticated(services, limiter, request)
  const token = required(body, 'request_id')
  const signIn = await findSignIn(services, token)
  if (!signIn?.asked || statusOf(services, signIn) !== 'pending') throw unknownRequest()
  const { found, asked } = signIn
  const expected = body.client_id
  if (expected !== undefined && expected !== asked.clientId) {
    throw new OAuthError('access_denied', 'The request is another client’s')
  }
  await requireAnswerable(services, asked, agent)
  const { agentId, handle, secretId } = agent
  const answer = { agentId, handle, secretId, at: services.now() }
  if (!(await recordAnswer(services, token, { found, answer }))) throw unknownRequest()
  const client = await lookUpClient(services, asked.clientId)
  return jsonResponse({
    status: 'authenticated',
    client_id: asked.clientId,
    client_name: client?.metadata.clientName,
    redirect_uri: asked.redirectUri,
    scope: [...new Set(asked.access.flatMap(({ scopes }) => scopes))].join(' '),
    resource: asked.access.map(({ resource }) => resource),
  })
}

function unknownRequest(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'The request_id is not known, has expired, or was answered',
  )
}

/** Another browser than the one that the request belongs to finds nothing here. */
async function tellStatus(services: Services, request: Request): Promise<Response> {
  const token = new URL(request.url).searchParams.get('request_id') ?? ''
  const signIn = await findSignIn(services, token)
  const { browser } = browserOf(services.settings, request)
  if (signIn?.found.browser !== browser) throw new NotFoundError()
  const status = statusOf(services, signIn)
  const { answer } = signIn.found
  return jsonResponse({
    status,
    ...(status === 'authenticated' && answer ? { agent_id: answer.handle } : {}),
    expires_at: new Date(signIn.found.endsAt).toISOString(),
  })
}
