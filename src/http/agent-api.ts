/**
 * What agents ask for themselves: to be registered, a token for their own profile, that profile,
 * another secret, and their end. In an envelope where the operator wants it so.
 *
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 */
import { Elysia, NotFoundError } from 'elysia'
import { authenticateAgent, hasSecret } from '../agents/agent-credentials.ts'
import { objectOf, readProfileChange, readSecret, required } from '../agents/agent-fields.ts'
import { changeProfile, ownCause, revokeAgent, rotateSecret } from '../agents/change-agent.ts'
import { agentsPage } from '../agents/owner-letter.ts'
import { registerAgent } from '../agents/register-agent.ts'
import { isAgentId } from '../domain/agent.ts'
import { findAgentOfId, type KnownAgent } from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import { allResources } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { isAgentToken, issueAgentToken, requireAgentToken } from '../protocol/tokens/agent-token.ts'
import { requireToken } from '../protocol/tokens/bearer.ts'
import { wordsFor } from '../web/words/words.ts'
import { readJson } from './body.ts'
import { jsonResponse } from './errors.ts'
import type { RequestLimiter } from './rate-limit.ts'

const raw = { parse: 'none' } as const

export function agentApi(services: Services, limiter: RequestLimiter) {
  const plugin = new Elysia({ name: 'agent-api' })
  if (!services.settings.agents.enabled) return plugin
  return plugin
    .post('/api/register-agent', ({ request }) => register(services, request), raw)
    .post('/api/agent-auth', ({ request }) => authenticate(services, limiter, request), raw)
    .get('/api/agents/profile', ({ request }) => show(services, request))
    .put('/api/agents/profile', ({ request }) => change(services, request), raw)
    .delete('/api/agents/profile', ({ request }) => end(services, request), raw)
    .put('/api/agents/secret', ({ request }) => replaceSecret(services, limiter, request), raw)
}

async function register(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const body = await readJson(request, settings.limits.bodyBytesMax)
  const { language } = wordsFor({ acceptLanguage: request.headers.get('accept-language') })
  const agent = await registerAgent(services, { body, language })
  const data = {
    ...profileOf(agent),
    expires_at: agent.waiting && new Date(agent.waiting.expiresAt).toISOString(),
    confirm_uri: settings.issuer + agentsPage,
  }
  return answer(services, data, 201)
}

async function authenticate(
  services: Services,
  limiter: RequestLimiter,
  request: Request,
): Promise<Response> {
  const agent = await authenticated(services, limiter, request)
  const { token, expiresInSeconds } = await issueAgentToken(services, agent)
  return answer(services, {
    access_token: token,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    agent: profileOf(agent),
  })
}

/** The agent whose credentials the body holds, and the body. */
export async function authenticated(
  services: Services,
  limiter: RequestLimiter,
  request: Request,
): Promise<KnownAgent & { readonly body: Readonly<Record<string, unknown>> }> {
  const body = objectOf(await readJson(request, services.settings.limits.bodyBytesMax))
  const { remoteAddress: address } = contextOf(request)
  const claimed = String(body.agent_id ?? '')
  const agent = await limiter.attemptAs(request, claimed, () =>
    authenticateAgent(services, { body, address }),
  )
  return { ...agent, body }
}

/** For the agent itself, and for a client that it has given `profile`. */
async function show(services: Services, request: Request): Promise<Response> {
  const { settings } = services
  const presented = presentedBy(settings, request)
  if (isAgentToken(presented) || presented.authorization === undefined) {
    return answer(services, profileOf(await requireAgentToken(services, presented)))
  }
  const [first, ...more] = allResources(settings)
  if (!first) throw new NotFoundError()
  const needed = { resources: [first, ...more], scopes: ['openid', 'profile'] } as const
  const token = await requireToken(services, presented, needed)
  const agent = isAgentId(token.sub) ? await findAgentOfId(services, token.sub) : undefined
  if (!agent) throw new OAuthError('access_denied', 'This needs a token that is about an agent')
  const { owner_email: email, owner_confirmed: confirmed, ...profile } = profileOf(agent)
  const mayKnow = token.scopes.includes('email')
  return answer(services, {
    ...profile,
    ...(mayKnow && { owner_email: email }),
    owner_confirmed: confirmed,
  })
}

async function change(services: Services, request: Request): Promise<Response> {
  const agent = await requireAgentToken(services, presentedBy(services.settings, request))
  const body = await readJson(request, services.settings.limits.bodyBytesMax)
  const wanted = { change: readProfileChange(body), correlationId: contextOf(request).requestId }
  return answer(services, profileOf(await changeProfile(services, agent, wanted)))
}

async function end(services: Services, request: Request): Promise<Response> {
  const agent = await requireAgentToken(services, presentedBy(services.settings, request))
  const cause = ownCause(agent, contextOf(request).requestId)
  await revokeAgent(services, agent, { reason: 'revoked_by_agent', cause })
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
}

/** A token alone is not enough: whoever stole one would keep the agent. */
async function replaceSecret(
  services: Services,
  limiter: RequestLimiter,
  request: Request,
): Promise<Response> {
  const { body, ...agent } = await authenticated(services, limiter, request)
  const secret = readSecret(services.settings, body, 'new_agent_secret')
  if (secret === required(body, 'agent_secret') || (await hasSecret(services, agent, secret))) {
    throw new OAuthError('invalid_request', 'new_agent_secret must be another one')
  }
  await rotateSecret(services, agent, {
    secret,
    cause: ownCause(agent, contextOf(request).requestId),
  })
  return answer(services, profileOf(agent))
}

/** What an agent is told of itself: never its secret. */
export function profileOf(agent: KnownAgent) {
  return {
    id: agent.agentId,
    agent_id: agent.handle,
    model_name: agent.modelName,
    owner_name: agent.ownerName,
    owner_email: agent.ownerEmail,
    owner_confirmed: agent.ownerId !== undefined,
    registered_at: new Date(agent.registeredAt).toISOString(),
  }
}

function answer({ settings }: Services, data: object, status = 200): Response {
  return jsonResponse(settings.agents.envelope ? { success: true, data } : data, { status })
}
